/** Where a request came from, behind a reverse proxy and not: by what the audit log notes and what is counted, over real connections. */
import { io, type Socket } from "socket.io-client";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { AccessNote } from "../../../server/platform/http/access-note.ts";
import { HttpServer } from "../../../server/platform/http/http-server.ts";
import { defineRoute } from "../../../server/platform/http/route.ts";
import { TrustedProxies } from "../../../server/platform/http/trusted-proxies.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { SocketRealtime } from "../../../server/platform/realtime/socket-realtime.ts";
import { actorWith, knownPeople } from "../../helpers/actors.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
	for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/** A server that trusts these proxies; every connection of the test comes from 127.0.0.1. */
async function serverBehind(...trusted: string[]) {
	const notes: AccessNote[] = [];
	const authenticator = knownPeople({ reader: actorWith(["site.read"]) });
	const shared = {
		proxies: new TrustedProxies(trusted),
		logger: silentLogger(),
		note: async (note: AccessNote) => void notes.push(note),
		authenticator,
	};
	const route = { tag: "sites", summary: "a route", response: z.object({ ok: z.boolean() }), handle: async () => ({ ok: true }) };
	const http = new HttpServer({
		...shared,
		port: 0,
		limits: { anonymous: 2, signedIn: 100 },
		routes: [
			defineRoute({ ...route, method: "get", path: "/api/v1/open", permission: "public" }),
			defineRoute({ ...route, method: "get", path: "/api/v1/sites", permission: "site.read" }),
		],
	});
	const realtime = new SocketRealtime({ ...shared, clock: { now: Date.now }, isSite: () => true });
	realtime.start(http.server);
	const port = await http.start();
	cleanUps.push(
		() => http.stop(),
		() => realtime.stop(),
	);
	const get = (path: string, forwarded: string | null, more: Record<string, string> = {}) =>
		fetch(`http://127.0.0.1:${port}/api/v1${path}`, { headers: { ...(forwarded !== null && { "x-forwarded-for": forwarded }), ...more } });
	const noted = () => notes.map(({ actor }) => actor.address);
	return { port, get, noted };
}

const proxied = ["127.0.0.1", "10.0.0.0/8"];

describe.each<[what: string, trusted: string[], forwarded: string | null, address: string]>([
	["no proxy is trusted: a forged header changes nothing", [], "203.0.113.9", "127.0.0.1"],
	["another proxy is trusted: a forged header changes nothing", ["10.0.0.0/8"], "203.0.113.9", "127.0.0.1"],
	["the proxy says who asked", proxied, "203.0.113.9", "203.0.113.9"],
	["the proxy's word is the last one: what a client forged before it counts for nothing", proxied, "198.51.100.1, 203.0.113.9", "203.0.113.9"],
	["several proxies, each of them trusted", proxied, "198.51.100.1, 203.0.113.9, 10.1.2.3", "203.0.113.9"],
	["a client of IPv6", proxied, "2001:db8::7", "2001:db8::7"],
	["no header: the proxy itself asked", proxied, null, "127.0.0.1"],
	["what is no address counts as nothing", proxied, "203.0.113.9, <script>", "127.0.0.1"],
])("%s", (_what, trusted, forwarded, address) => {
	it("over HTTP", async () => {
		const { get, noted } = await serverBehind(...trusted);
		await get("/sites", forwarded, { authorization: "Bearer guessed" });
		expect(noted()).toEqual([address]);
	});

	it("over Socket.IO", async () => {
		const { port, noted } = await serverBehind(...trusted);
		const extraHeaders = forwarded === null ? {} : { "x-forwarded-for": forwarded };
		const socket: Socket = io(`http://127.0.0.1:${port}`, { transports: ["websocket"], forceNew: true, auth: { token: "guessed" }, extraHeaders });
		cleanUps.push(() => socket.disconnect());
		await waitFor("the refusal", () => noted().length > 0);
		expect(noted()).toEqual([address]);
	});
});

describe("requests in a minute", () => {
	const statuses = async (get: (path: string, forwarded: string) => Promise<Response>, addresses: readonly string[]) => {
		const seen: number[] = [];
		for (const address of addresses) seen.push((await get("/open", address)).status);
		return seen;
	};

	it("are counted for each client behind the proxy", async () => {
		const { get } = await serverBehind("127.0.0.1");
		expect(await statuses(get, ["203.0.113.1", "203.0.113.1", "203.0.113.1", "203.0.113.2"])).toEqual([200, 200, 429, 200]);
	});

	it("are no more for whoever forges another address each time", async () => {
		const { get } = await serverBehind();
		expect(await statuses(get, ["203.0.113.1", "203.0.113.2", "203.0.113.3"])).toEqual([200, 200, 429]);
	});
});
