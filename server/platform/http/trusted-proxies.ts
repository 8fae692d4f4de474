/** Whose word about a request's sender counts: that of the reverse proxies named in the configuration, and nobody else's. */
import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

const family = (address: string) => (isIP(address) === 6 ? "ipv6" : "ipv4");

/** True for an address or a range (`10.0.0.0/8`, `fd00::/8`), but not for one of everybody. */
export function isProxyEntry(entry: string): boolean {
	const [address = "", prefix, more] = entry.split("/");
	if (isIP(address) === 0 || address.includes("%") || more !== undefined) return false;
	return prefix === undefined || (/^[1-9]\d{0,2}$/.test(prefix) && Number(prefix) <= (isIP(address) === 6 ? 128 : 32));
}

export class TrustedProxies {
	readonly #list = new BlockList();

	/** `entries`: see {@link isProxyEntry}; without any, `X-Forwarded-For` means nothing. */
	constructor(entries: readonly string[] = []) {
		for (const entry of entries) {
			const [address = "", prefix] = entry.split("/");
			if (prefix === undefined) this.#list.addAddress(address, family(address));
			else this.#list.addSubnet(address, Number(prefix), family(address));
		}
	}

	/**
	 * The address that a request came from: that of its connection, and as long as this is a trusted proxy's, the one that the proxy
	 * put at the end of `X-Forwarded-For`, and so on to the left. What stands further left is the sender's own word and isn't looked at;
	 * nor is what is no address. `undefined` once the connection is gone.
	 */
	clientOf({ headers, socket }: Pick<IncomingMessage, "headers" | "socket">): string | undefined {
		let client = socket.remoteAddress;
		const told = String(headers["x-forwarded-for"] ?? "").split(",");
		while (client !== undefined && this.#trusts(client)) {
			const before = told.pop()?.trim() ?? "";
			if (isIP(before) === 0) break;
			client = before;
		}
		return client;
	}

	/** An IPv4 address that is written as an IPv6 one is the same to Node's list. */
	#trusts(address: string): boolean {
		return this.#list.check(address.split("%")[0] ?? address, family(address));
	}
}
