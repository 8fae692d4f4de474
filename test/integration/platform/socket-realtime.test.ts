import { connect, createServer, type Server, type Socket as TcpSocket } from "node:net";
import { io, type Socket } from "socket.io-client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
	type LiveReading,
	type NoticeEvent,
	noticeEventSchema,
	type ReadingEvent,
	type RealtimeEvents,
	readingEventSchema,
} from "../../../contracts/realtime.ts";
import type { AccessNote } from "../../../server/platform/http/access-note.ts";
import { HttpServer } from "../../../server/platform/http/http-server.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { SocketRealtime } from "../../../server/platform/realtime/socket-realtime.ts";
import { actorWith, type KnownPeople, knownPeople } from "../../helpers/actors.ts";
import { waitFor } from "../../helpers/wait-for.ts";

let now: number;
let http: HttpServer;
let realtime: SocketRealtime;
let port: number;
let clients: Socket[];
let ended: (() => void)[];
let people: KnownPeople;
let notes: AccessNote[];

beforeEach(async () => {
	now = 1_769_000_000_000;
	clients = [];
	ended = [];
	notes = [];
	people = knownPeople({ all: actorWith(["site.read", "alarms.read", "access.read", "access.personal", "access.card-numbers"]) });
	http = new HttpServer({ port: 0, logger: silentLogger(), routes: [] });
	realtime = new SocketRealtime({
		logger: silentLogger(),
		clock: { now: () => now },
		isSite: (id) => id === "demo" || id === "other",
		validate: true,
		authenticator: people,
		note: async (note) => void notes.push(note),
	});
	realtime.start(http.server);
	port = await http.start();
});
afterEach(async () => {
	for (const client of clients) client.disconnect();
	for (const end of ended) end();
	await realtime.stop();
	await realtime.stop();
	await http.stop();
});

interface Watcher {
	socket: Socket;
	events: ReadingEvent[];
	notices: NoticeEvent[];
	/** Newest value by point. */
	values: Map<string, LiveReading[1]>;
}

async function watcher(site: string, at = port, token = "all"): Promise<Watcher> {
	const socket = io(`http://127.0.0.1:${at}`, { transports: ["websocket"], forceNew: true, auth: { token } });
	clients.push(socket);
	const watching: Watcher = { socket, events: [], notices: [], values: new Map() };
	socket.on("reading", (payload: unknown) => {
		const event = readingEventSchema.parse(payload);
		watching.events.push(event);
		for (const [point, value] of event.readings) watching.values.set(point, value);
	});
	socket.on("notice", (payload: unknown) => watching.notices.push(noticeEventSchema.parse(payload)));
	expect(await socket.emitWithAck("watch", { site })).toEqual({ ok: true });
	return watching;
}

function publish(site: string, readings: readonly [string, number][]): void {
	realtime.publish(site, "reading", { site, sentAt: now, readings: readings.map(([point, value]) => [point, value, "good", now, now]) });
}

/** A connection whose way back to the client can be stopped. */
async function stallable(): Promise<{ port: number; stall(): void; resume(): void }> {
	const down: TcpSocket[] = [];
	const all: TcpSocket[] = [];
	const proxy: Server = createServer((client) => {
		const upstream = connect(port, "127.0.0.1");
		for (const socket of [client, upstream]) socket.on("error", () => undefined);
		client.pipe(upstream);
		upstream.pipe(client);
		upstream.on("close", () => client.destroy());
		client.on("close", () => upstream.destroy());
		down.push(upstream);
		all.push(client, upstream);
	}).listen(0, "127.0.0.1");
	await waitFor("the proxy", () => proxy.listening);
	ended.push(() => {
		for (const socket of all) socket.destroy();
		proxy.close();
	});
	const address = proxy.address();
	if (address === null || typeof address === "string") throw new Error("no port");
	return {
		port: address.port,
		stall: () => {
			for (const socket of down) socket.unpipe().pause();
		},
		resume: () => {
			for (const [index, socket] of down.entries()) socket.pipe(all[index * 2] ?? socket);
		},
	};
}

describe("SocketRealtime", () => {
	it("answers a watch of an unknown site or of nothing with an error", async () => {
		const socket = io(`http://127.0.0.1:${port}`, { transports: ["websocket"], forceNew: true, auth: { token: "all" } });
		clients.push(socket);
		expect(await socket.emitWithAck("watch", { site: "mars" })).toEqual({ ok: false, error: "There is no site mars." });
		expect(await socket.emitWithAck("watch", null)).toEqual({ ok: false, error: "expected {site}" });
		socket.emit("watch", { site: "demo" }, "not a function");
		expect(await socket.emitWithAck("watch", { site: "demo" })).toEqual({ ok: true });
	});

	it("sends a site's events to those who watch it, until they watch another", async () => {
		const demo = await watcher("demo");
		const other = await watcher("other");
		publish("demo", [["a:t", 1]]);
		publish("other", [["b:t", 2]]);
		await waitFor("both", () => demo.values.size > 0 && other.values.size > 0);
		expect([[...demo.values], [...other.values]]).toEqual([[["a:t", 1]], [["b:t", 2]]]);
		await demo.socket.emitWithAck("watch", { site: "other" });
		publish("demo", [["a:t", 3]]);
		publish("other", [["b:t", 4]]);
		await waitFor("the other site's", () => demo.values.get("b:t") === 4);
		expect(demo.values.get("a:t")).toBe(1);
	});

	it("puts readings together by point: at most four events a second, the newest value of each, nothing twice", async () => {
		const { events, values } = await watcher("demo");
		const start = performance.now();
		let sent = 0;
		while (events.length < 5) {
			publish("demo", [["a:t", ++sent]]);
			if (sent % 10 === 0) publish("demo", [["b:t", sent]]);
			await new Promise(setImmediate);
		}
		const most = Math.ceil((performance.now() - start) / 250) + 1;
		expect(events.length).toBeLessThanOrEqual(most);
		for (const { readings } of events) expect(new Set(readings.map(([point]) => point)).size).toBe(readings.length);
		await waitFor("the last value", () => values.get("a:t") === sent);
		const count = events.length;
		publish("demo", [["c:t", 1]]);
		await waitFor("one more event", () => events.length > count);
		expect(events.at(-1)?.readings.map(([point]) => point)).toEqual(["c:t"]);
	});

	it("sends a heartbeat to every page that watches", async () => {
		const { notices } = await watcher("demo");
		await waitFor("two heartbeats", () => notices.filter((notice) => notice.kind === "heartbeat").length >= 2);
	});

	it("holds a stalled page back alone, and tells it to reload when it is back after more than five seconds", { timeout: 180_000 }, async () => {
		const way = await stallable();
		const slow = await watcher("demo", way.port);
		const fast = await watcher("demo");
		const many = Array.from({ length: 20_000 }, (_, index): [string, number] => [`device-with-a-long-name-${index}:temperature`, index]);
		way.stall();
		await waitFor(
			"the slow page to be given up",
			() => {
				publish("demo", many);
				now += 300;
				return realtime.state().cuts === 1;
			},
			60_000,
			100,
		);
		const seen = slow.values.get("last:t");
		publish("demo", [["last:t", 1]]);
		await waitFor("the fast page", () => fast.values.get("last:t") === 1);
		way.resume();
		await waitFor("the reload", () => slow.notices.some((notice) => notice.kind === "reload"));
		publish("demo", [["after:t", 2]]);
		await waitFor("what came after", () => slow.values.get("after:t") === 2);
		expect([seen, slow.values.get("last:t"), fast.notices.some((notice) => notice.kind === "reload")]).toEqual([undefined, undefined, false]);
	});

	it.each([
		["another origin", { Origin: "http://evil.example" }],
		["another host", { Host: "evil.example" }],
	])("lets no page of %s in", async (_what, extraHeaders) => {
		const socket = io(`http://127.0.0.1:${port}`, { transports: ["websocket"], forceNew: true, reconnection: false, extraHeaders });
		clients.push(socket);
		await new Promise((resolve) => socket.once("connect_error", resolve));
		expect(socket.connected).toBe(false);
	});

	it("closes a connection that says more than a site's name", async () => {
		const { socket } = await watcher("demo");
		const closed = new Promise((resolve) => socket.once("disconnect", resolve));
		socket.emit("watch", { site: "x".repeat(10_000) });
		await closed;
		socket.disconnect();
	});

	it("refuses a payload against its schema where it is asked to check", async () => {
		expect(() => realtime.publish("demo", "notice", { kind: "heartbeat", at: Number.NaN, text: "" })).toThrow();
	});

	it("takes events before the start and after the stop without a word", async () => {
		await realtime.stop();
		publish("demo", [["a:t", 1]]);
		expect(realtime.state()).toEqual({ clients: 0, cuts: 0 });
	});

	const accessEvent: RealtimeEvents["access"] = {
		id: "1",
		device: "door-1",
		seq: 1,
		door: "main",
		doorName: "Main",
		direction: "in",
		method: "card",
		result: "granted",
		reason: "granted",
		holder: { id: "ada", name: "Ada Byron" },
		card: "H10301 12-3456",
		verdict: "granted" as const,
		late: false,
		ts: "2026-11-23T08:00:00.000Z",
		receivedAt: "2026-11-23T08:00:00.000Z",
	};
	const accessOf = async (token: string) => {
		const { socket } = await watcher("demo", port, token);
		const seen: RealtimeEvents["access"][] = [];
		socket.on("access", (payload: RealtimeEvents["access"]) => seen.push(payload));
		return seen;
	};

	it.each([
		["nothing", {}, "not-signed-in", 0],
		["an unknown token", { token: "nobody" }, "invalid-token", 1],
	])("refuses a connection that brings %s, and audits one that pretends", async (_what, auth, code, audited) => {
		const socket = io(`http://127.0.0.1:${port}`, { transports: ["websocket"], forceNew: true, reconnection: false, auth });
		clients.push(socket);
		const error = await new Promise<{ data?: { code: string } }>((resolve) => socket.once("connect_error", (found) => resolve(found as never)));
		expect(error.data?.code).toBe(code);
		expect(notes).toHaveLength(audited);
		expect(socket.connected).toBe(false);
	});

	it("masks an event's personal fields by the rights of each who gets it", async () => {
		people.people.set("names", actorWith(["access.read", "access.personal"]));
		people.people.set("cards", actorWith(["access.read", "access.card-numbers"]));
		people.people.set("neither", actorWith(["access.read"]));
		people.people.set("elsewhere", actorWith([], { permissions: new Map([["access.read", new Set(["other"])]]) }));
		const [all, names, cards, neither, elsewhere] = [
			await accessOf("all"),
			await accessOf("names"),
			await accessOf("cards"),
			await accessOf("neither"),
			await accessOf("elsewhere"),
		];
		realtime.publish("demo", "access", accessEvent);
		await waitFor("all of them", () => [all, names, cards, neither].every((seen) => seen.length === 1));
		const ada = { id: "ada", name: "Ada Byron" };
		const hidden = { id: "•••", name: "•••" };
		expect([all, names, cards, neither].map(([seen]) => [seen?.holder, seen?.card])).toEqual([
			[ada, "H10301 12-3456"],
			[ada, "H10301 12-**56"],
			[hidden, "H10301 12-3456"],
			[hidden, "H10301 12-**56"],
		]);
		expect(elsewhere).toEqual([]);
	});

	it("sends what the new rights allow as soon as they change, and tells to fetch anew", async () => {
		const { socket, values, notices } = await watcher("demo");
		const access: unknown[] = [];
		socket.on("access", (payload) => access.push(payload));
		publish("demo", [["a:t", 1]]);
		await waitFor("a reading", () => values.get("a:t") === 1);
		people.people.set("all", actorWith(["access.read"]));
		people.change("u1");
		publish("demo", [["a:t", 2]]);
		await waitFor("the reload", () => notices.some(({ kind }) => kind === "reload"));
		publish("demo", [["a:t", 3]]);
		realtime.publish("demo", "access", accessEvent);
		await waitFor("a masked event", () => access.length === 1);
		expect([values.get("a:t"), access]).toEqual([1, [{ ...accessEvent, holder: { id: "•••", name: "•••" }, card: "H10301 12-**56" }]]);
	});

	it("disconnects whose session ended, and nobody else", async () => {
		people.people.set("other", actorWith(["site.read"], { id: "u2", credential: "t2" }));
		const [one, other] = [await watcher("demo"), await watcher("demo", port, "other")];
		const gone = new Promise((resolve) => one.socket.once("disconnect", resolve));
		people.people.delete("all");
		people.change("u1", "t1");
		await gone;
		publish("demo", [["a:t", 5]]);
		await waitFor("the other one's reading", () => other.values.get("a:t") === 5);
		one.socket.disconnect();
		expect([one.values.size, other.socket.connected]).toEqual([0, true]);
	});
});
