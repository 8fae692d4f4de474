import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import type { Heartbeat } from "../../../contracts/uplink.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { Metrics } from "../../../server/platform/metrics.ts";
import { Agents } from "../../../server/site/agents.ts";
import { Devices } from "../../../server/site/devices.ts";
import { LivePoints } from "../../../server/site/live-points.ts";
import { Quarantine } from "../../../server/site/quarantine.ts";
import { siteMetrics } from "../../../server/site/site-metrics.ts";
import { siteMigrations } from "../../../server/site/site-migrations.ts";
import { siteRoutes } from "../../../server/site/site-routes.ts";
import { siteView } from "../../../server/site/site-view.ts";
import { type TestDatabase, testDatabase } from "../../helpers/postgres.ts";
import { recordingRealtime, settableClock, worldSource } from "../../helpers/small-world.ts";
import { waitFor } from "../../helpers/wait-for.ts";

let records: TestDatabase;
const stops: (() => Promise<void>)[] = [];
beforeEach(async () => {
	records = await testDatabase(siteMigrations);
});
afterEach(async () => {
	for (const stop of stops.splice(0)) await stop();
	await records.drop();
});

/** The live world as one run of a server has it. */
async function run(time = 1_769_000_000_000) {
	const [world, clock, realtime, logger] = [worldSource(), settableClock(time), recordingRealtime(), silentLogger()];
	const agents = new Agents({ world, database: records.database, realtime, clock, logger });
	const devices = new Devices({ world, agents, database: records.database, logger });
	const quarantine = new Quarantine({ database: records.database, world, logger });
	const points = new LivePoints({ world, clock, realtime, logger, history: { latest: async () => new Map() } });
	await agents.start();
	await devices.start();
	await points.start();
	quarantine.start();
	const stop = async () => {
		for (const part of [points, quarantine, devices, agents]) await part.stop();
	};
	stops.push(stop);
	const site = { ...world, view: () => siteView(world.current(), [], clock.time) };
	const routes = siteRoutes({ site, points, devices, agents, quarantine });
	/** Asks a route as the HTTP edge does, and checks the answer by its schema. */
	const ask = async (path: string, params: object = {}, query: object = {}): Promise<unknown> => {
		const route = routes.find((one) => one.path === path);
		if (!route || typeof route.response === "string") throw new Error(`no route ${path}`);
		return route.response.parse(await route.handle({ params: route.params?.parse(params), query: (route.query ?? z.object({})).parse(query) }));
	};
	return { world, clock, realtime, agents, devices, quarantine, points, ask, stop };
}

const heartbeat = (more: Partial<Heartbeat> = {}): Heartbeat => ({
	sentAt: 1,
	startedAt: 1,
	devicesVersion: null,
	outbox: { batches: 3, bytes: 400, oldest: 1_768_999_999_000 },
	dropped: 2,
	rejectedUnknown: 1,
	devices: [],
	quarantine: [],
	...more,
});
const counters = (device: string, accepted: number) => ({
	device,
	accepted,
	rejected: 4,
	sequenceGaps: 1,
	clockSkewMs: -250.5,
	lastSeen: 1_768_999_999_500,
	status: "online" as const,
});
const refused = (device: string, receivedAt: number, topic = `watchroom/${device}/temperature`) => ({
	device,
	topic,
	receivedAt,
	reason: "not-json" as const,
	detail: "expected JSON",
	payload: "{\u0000\uD800",
	size: 3,
});

test("counters survive a restart of the server, and a restart of the agent adds to them", async () => {
	const first = await run();
	first.agents.heartbeat("a", heartbeat());
	first.devices.heartbeat("a", heartbeat({ devices: [counters("t1", 10), counters("nobody", 5)] }));
	expect(await first.ask("/api/v1/devices/{id}", { id: "t1" })).toMatchObject({
		status: "online",
		accepted: 10,
		rejected: 4,
		sequenceGaps: 1,
		clockSkewMs: -250.5,
	});
	await first.stop();
	const second = await run();
	expect(await second.ask("/api/v1/devices/{id}", { id: "t1" })).toMatchObject({
		status: "unknown",
		accepted: 10,
		lastSeen: "2026-01-21T12:53:19.500Z",
	});
	second.agents.heartbeat("a", heartbeat({ startedAt: 2 }));
	second.devices.heartbeat("a", heartbeat({ startedAt: 2, devices: [counters("t1", 5)] }));
	expect(await second.ask("/api/v1/devices/{id}", { id: "t1" })).toMatchObject({ status: "online", accepted: 15, rejected: 8 });
	await expect(second.ask("/api/v1/devices/{id}", { id: "nobody" })).rejects.toMatchObject({ code: "not-found", status: 404 });
});

test("an agent's state is shown and told: unknown, online, offline by last will, online, offline by silence", async () => {
	const { agents, devices, clock, realtime, ask } = await run();
	const status = async () => z.object({ status: z.string() }).parse(await ask("/api/v1/agents/{id}", { id: "a" })).status;
	expect(await status()).toBe("unknown");
	agents.heartbeat("a", heartbeat());
	devices.heartbeat("a", heartbeat({ devices: [counters("t1", 1)] }));
	agents.heardReadings("a", clock.time - 300);
	expect(await ask("/api/v1/agents/{id}", { id: "a" })).toMatchObject({
		status: "online",
		outbox: { batches: 3, bytes: 400, oldest: "2026-01-21T12:53:19.000Z" },
		dropped: 2,
		rejectedUnknown: 1,
		lagMs: 300,
	});
	agents.status("a", "offline");
	expect(await status()).toBe("offline");
	expect(await ask("/api/v1/devices/{id}", { id: "t1" })).toMatchObject({ status: "unknown" });
	agents.heartbeat("a", heartbeat());
	expect(await status()).toBe("online");
	clock.time += 10_001;
	agents.tick(clock.time);
	const told = realtime.events
		.filter(({ event }) => event === "agent")
		.map(({ payload }) => z.object({ id: z.string(), status: z.string() }).parse(payload))
		.filter(({ id }) => id === "a");
	expect(told.map((one) => one.status)).toEqual(["online", "offline", "online", "offline"]);
});

test("refused payloads are listed newest first, once each, in pages, with text that PostgreSQL can't hold made readable", async () => {
	const { quarantine, ask } = await run();
	quarantine.add("a", [refused("t1", 1000), refused("t1", 2000), refused("t1", 1000)]);
	quarantine.add("a", [refused("t1", 2000), refused("ghost", 3000)]);
	const listed = z.object({
		items: z.array(z.object({ receivedAt: z.string(), payload: z.string(), id: z.string() })),
		nextCursor: z.string().nullable(),
	});
	const of = async (query = {}) => listed.parse(await ask("/api/v1/devices/{id}/quarantine", { id: "t1" }, query));
	await waitFor("both entries", async () => (await of()).items.length === 2);
	const first = await of({ limit: "1" });
	expect(first.items.map(({ receivedAt }) => receivedAt)).toEqual(["1970-01-01T00:00:02.000Z"]);
	expect(first.items[0]?.payload).toBe("{\uFFFD\uFFFD");
	const second = await of({ limit: "1", cursor: first.nextCursor });
	expect(second).toMatchObject({ items: [{ receivedAt: "1970-01-01T00:00:01.000Z" }], nextCursor: null });
	await waitFor("all of the agent", async () => listed.parse(await ask("/api/v1/agents/{id}/quarantine", { id: "a" })).items.length === 3);
});

test("the newest 200 of each device are kept, and the newest 200 of all unknown devices of an agent together", async () => {
	const { quarantine } = await run();
	for (let round = 0; round < 5; round++) {
		quarantine.add(
			"a",
			Array.from({ length: 50 }, (_, index) => refused("t1", round * 50 + index)),
		);
		quarantine.add(
			"a",
			Array.from({ length: 50 }, (_, index) => refused(`ghost-${round}-${index}`, index)),
		);
	}
	await quarantine.stop();
	const times = (await quarantine.list({ device: "t1" }, 1000, null)).map(({ receivedAt }) => Date.parse(receivedAt));
	expect(times).toEqual(Array.from({ length: 200 }, (_, index) => 249 - index));
	const all = await quarantine.list({ agent: "a" }, 1000, null);
	const ghosts = all.filter(({ device }) => device.startsWith("ghost"));
	expect(ghosts).toHaveLength(200);
	expect(ghosts.some(({ device }) => device.startsWith("ghost-0-"))).toBe(false);
});

test("points are filtered and paged, and a cursor that points nowhere is said to", async () => {
	const { ask, points, clock } = await run();
	points.update([{ point: "t1:temperature", ts: clock.time, receivedAt: clock.time, value: 21, quality: "good" }], false);
	const page = async (query: object) =>
		z.object({ items: z.array(z.object({ id: z.string() })), nextCursor: z.string().nullable() }).parse(await ask("/api/v1/points", {}, query));
	const ids = async (query: object) => (await page(query)).items.map(({ id }) => id);
	expect(await ids({})).toEqual(["c1:main", "t1:temperature", "t1:smoke"]);
	const first = await page({ limit: "2" });
	expect(first.items).toHaveLength(2);
	expect(await page({ limit: "2", cursor: first.nextCursor })).toMatchObject({ items: [{ id: "t1:smoke" }], nextCursor: null });
	await expect(ids({ limit: "2", cursor: first.nextCursor, kind: "smoke" })).rejects.toMatchObject({ code: "invalid-request", status: 400 });
	expect(await ids({ quality: "good" })).toEqual(["t1:temperature"]);
	expect(await ids({ rack: "R1", kind: "smoke" })).toEqual(["t1:smoke"]);
	expect(await ids({ device: "c1" })).toEqual(["c1:main"]);
	expect(await ids({ room: "nowhere" })).toEqual([]);
	await expect(ids({ cursor: "gone" })).rejects.toMatchObject({ code: "invalid-request", status: 400 });
	await expect(ids({ limit: "20001" })).rejects.toThrow();
});

test("the site, its locations, devices and agents are listed", async () => {
	const { ask } = await run();
	expect(await ask("/api/v1/sites")).toMatchObject({ items: [{ id: "s", doors: [{ id: "main", point: "c1:main" }], fileProblems: [] }] });
	expect(await ask("/api/v1/sites/{id}", { id: "s" })).toMatchObject({ racks: [{ id: "R1", name: "R1" }] });
	await expect(ask("/api/v1/sites/{id}", { id: "t" })).rejects.toMatchObject({ status: 404 });
	expect(await ask("/api/v1/locations")).toMatchObject({
		items: [
			{ id: "s/hall", type: "room" },
			{ id: "s/hall/R1", type: "rack", kind: "data-hall" },
		],
	});
	expect(await ask("/api/v1/devices", {}, { rack: "R1" })).toMatchObject({ items: [{ id: "t1", location: "s/hall/R1" }] });
	expect(await ask("/api/v1/agents")).toMatchObject({ items: [{ id: "a" }, { id: "b" }] });
});

test("a database that is away loses no counters and no refused payloads that fit the bound", async () => {
	const world = await run();
	const other = await testDatabase();
	stops.push(() => other.drop());
	const quarantine = new Quarantine({ database: other.database, world: world.world, logger: silentLogger() });
	quarantine.start();
	quarantine.add("a", [refused("t1", 1)]);
	await expect(quarantine.list({ agent: "a" }, 10, null)).rejects.toThrow();
	await other.database.migrate(siteMigrations);
	quarantine.add("a", [refused("t1", 2)]);
	await quarantine.stop();
	expect(await quarantine.list({ agent: "a" }, 10, null)).toHaveLength(2);
});

test("metrics name points, devices and agents by their state", async () => {
	const { points, devices, agents, quarantine, clock } = await run();
	points.update([{ point: "t1:temperature", ts: clock.time, receivedAt: clock.time, value: 21, quality: "good" }], false);
	agents.heartbeat("a", heartbeat());
	devices.heartbeat("a", heartbeat({ devices: [counters("t1", 10)] }));
	const metrics = new Metrics({ defaults: false });
	siteMetrics(metrics, { points, devices, agents, quarantine });
	const text = await metrics.text();
	for (const line of [
		'watchroom_points{quality="good"} 1',
		'watchroom_points{quality="stale"} 2',
		'watchroom_devices{status="online"} 1',
		"watchroom_device_rejected_total 4",
		'watchroom_agent_up{agent="a"} 1',
		'watchroom_agent_up{agent="b"} 0',
		'watchroom_agent_outbox_batches{agent="a"} 3',
	])
		expect(text).toContain(line);
});
