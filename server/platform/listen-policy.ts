/** Where the server may listen: plain text stays on this machine unless somebody says otherwise in so many words. */
import { hostname } from "node:os";
import { LOCAL_HOSTS } from "./http/local-only.ts";

/** True for addresses that nobody else can reach: 127.0.0.0/8, ::1, localhost. */
export function isLoopback(address: string): boolean {
	return /^127(\.\d{1,3}){3}$/.test(address) || address === "::1" || address === "[::1]" || address.toLowerCase() === "localhost";
}

/** What is wrong with listening so; `null` when nothing is. */
export function listenProblem(listen: { bind: string; tls: boolean; insecure: boolean }): string | null {
	if (listen.tls || listen.insecure || isLoopback(listen.bind)) return null;
	return "listening beyond this machine takes TLS: set WATCHROOM_TLS_CERT and WATCHROOM_TLS_KEY, or WATCHROOM_TLS=own-ca (WATCHROOM_INSECURE=true does without, in plain text)";
}

/** Names in the `Host` header that the server answers to. `wanted`: those of WATCHROOM_HOSTS. */
export function answeredHosts(bind: string, wanted: readonly string[]): readonly string[] {
	const own = isLoopback(bind) ? [] : [hostname().toLowerCase(), ...(bind === "0.0.0.0" || bind === "::" ? [] : [bracketed(bind)])];
	return [...new Set([...LOCAL_HOSTS, ...own, ...wanted.map((name) => bracketed(name.toLowerCase()))])];
}

/** An IPv6 address as it stands in a Host header (RFC 3986, 3.2.2). */
function bracketed(name: string): string {
	return name.includes(":") && !name.startsWith("[") ? `[${name}]` : name;
}

/** Where a person reaches the server: this machine, or the last of the names that it answers to (see {@link answeredHosts}). */
export function publicAddress({ bind, hosts, tls, httpPort }: { bind: string; hosts: readonly string[]; tls: unknown; httpPort: number }): string {
	const host = isLoopback(bind) ? "127.0.0.1" : (hosts.at(-1) ?? bind);
	return `${tls === null ? "http" : "https"}://${host}:${httpPort}`;
}
