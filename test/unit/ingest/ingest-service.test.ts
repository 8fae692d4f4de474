import { beforeEach, expect, test } from "vitest";
import type { Point } from "../../../contracts/api.ts";
import { type Reading, toColumns } from "../../../contracts/reading.ts";
import { type Ack, uplinkTopic } from "../../../contracts/uplink.ts";
import { IngestService } from "../../../server/ingest/ingest-service.ts";
import type { UplinkTransport } from "../../../server/ingest/uplink-transport.ts";
import { AppError } from "../../../server/platform/errors.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { settableClock, smallSite, worldSource } from "../../helpers/small-world.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const POINT = "t1:temperature";
const clock = settableClock();
const reading = (value: Reading["value"], more: Partial<Reading> = {}): Reading => ({
	point: POINT,
	ts: clock.time,
	receivedAt: clock.time,
	value,
	quality: "good",
	...more,
});
const batch = (seq: number, readings: Reading[], events: unknown[] = []) => ({ seq, readings: toColumns(readings), events });
const door = (seq: number, state = "open") => ({
	type: "door",
	device: "c1",
	ts: clock.time + seq,
	receivedAt: clock.time + seq + 1,
	seq,
	door: "main",
	state,
});

/** The sinks note in which order they were called; `fail` makes one fail, `hold` keeps it from resolving. */
function setUp() {
	const calls: { sink: string; what: unknown; late?: boolean }[] = [];
	const fail = new Map<string, Error>();
	const holds = new Map<string, Promise<void>>();
	const known = new Map<string, Point>();
	const published: { topic: string; payload: string; retain: boolean }[] = [];
	const transport: UplinkTransport = {
		start: async (_handler, opened) => opened(),
		stop: async () => {},
		publish: (topic, payload, { retain }) => void published.push({ topic, payload, retain }),
		state: () => ({ connected: true, detail: "" }),
		load: () => ({ bytes: 0, held: 0 }),
	};
	const sink = async (name: string, what: unknown, late?: boolean) => {
		calls.push({ sink: name, what, ...(late === undefined ? {} : { late }) });
		await holds.get(name);
		const error = fail.get(name);
		if (error) throw error;
	};
	const world = worldSource();
	const note = (name: string) => (what: unknown) => void calls.push({ sink: name, what });
	const ingest = new IngestService({
		transport,
		world,
		live: {
			tick: () => 0,
			update: (readings, late) => {
				calls.push({ sink: "live", what: readings, late });
				return 0;
			},
			get: (point) => known.get(point),
		},
		alarms: { evaluate: (readings, late) => sink("alarms", readings, late) },
		history: { append: (id, readings) => sink("history", { seq: id.seq, readings }) },
		access: { record: (events, late) => sink("access", events, late) },
		devices: { heartbeat: note("devices.heartbeat"), status: note("devices.status") },
		agents: { heartbeat: note("agents.heartbeat"), status: note("agents.status"), heardReadings: () => {} },
		quarantine: { add: note("quarantine") },
		clock,
		logger: silentLogger(),
		patience: 20,
	});
	const send = (batches: unknown[], { agent = "a", late = false, outbox = "o" } = {}) =>
		ingest.handle({ agent, topic: "envelope", payload: Buffer.from(JSON.stringify({ outbox, late, batches })) });
	const acks = () => published.filter(({ topic }) => topic === uplinkTopic("a", "ack")).map(({ payload }): Ack => JSON.parse(payload));
	const acked = (count: number) =>
		waitFor(`${count} batches in acks`, () => (acks().flatMap(({ stored }) => stored).length >= count ? acks() : undefined));
	const of = (name: string) => calls.filter((call) => call.sink === name);
	return { ingest, calls, of, fail, holds, known, published, send, acks, acked, world };
}
let it: ReturnType<typeof setUp>;
beforeEach(() => {
	it = setUp();
});
/** A turn of the event loop after which an ack would have been sent. */
const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

test("live view and alarms come first, then the stores, then one acknowledgement for all", async () => {
	await it.send([batch(1, [reading(20)]), batch(2, [reading(21)], [door(1)])]);
	expect(it.calls.map(({ sink }) => sink)).toEqual(["live", "alarms", "history", "history", "access"]);
	expect(await it.acked(2)).toEqual([{ outbox: "o", stored: [1, 2], refused: [] }]);
	expect(it.ingest.stats()).toMatchObject({ batches: 2, readings: 3, events: 1, duplicates: 0, failed: 0, inWork: 0 });
});

test("acknowledgements of one turn of the loop go out as one", async () => {
	await Promise.all([it.send([batch(1, [reading(20)])]), it.send([batch(2, [reading(21)])])]);
	expect(await it.acked(2)).toHaveLength(1);
});

test("a batch that comes again is acknowledged again and not worked on again", async () => {
	await it.send([batch(1, [reading(20)])]);
	await it.send([batch(1, [reading(20)])]);
	await it.acked(2);
	expect(it.of("history")).toHaveLength(1);
	expect(it.ingest.stats()).toMatchObject({ batches: 1, duplicates: 1, readings: 1 });
});

test("the same number from another outbox or agent is another batch", async () => {
	await it.send([batch(1, [reading(20)])]);
	await it.send([batch(1, [reading(20)])], { outbox: "p" });
	await it.send([batch(1, [reading(20)])], { agent: "b" });
	expect(it.of("history")).toHaveLength(3);
});

test("a batch that comes again while it is in work is acknowledged once, when that work is done", async () => {
	let release = () => {};
	it.holds.set("history", new Promise((resolve) => (release = resolve)));
	const first = it.send([batch(1, [reading(20)])]);
	const second = it.send([batch(1, [reading(20)])]);
	await turn();
	expect(it.acks()).toEqual([]);
	release();
	await Promise.all([first, second]);
	expect(it.of("history")).toHaveLength(1);
	expect(await it.acked(1)).toEqual([{ outbox: "o", stored: [1], refused: [] }]);
});

test.each(["alarms", "history", "access"])(
	"while %s doesn't answer the connection doesn't stand still, the live view goes on, and all is acknowledged in the end",
	async (sink) => {
		let release = () => {};
		it.holds.set(sink, new Promise((resolve) => (release = resolve)));
		for (let seq = 1; seq <= 3; seq++) await it.send([batch(seq, [reading(20 + seq)], [door(seq)])]);
		expect(it.of("live")).toHaveLength(3);
		expect(it.acks()).toEqual([]);
		expect(it.ingest.stats()).toMatchObject({ inWork: 3, failed: 0 });
		release();
		expect((await it.acked(3)).flatMap(({ stored }) => stored)).toEqual([1, 2, 3]);
		expect(it.ingest.stats().inWork).toBe(0);
	},
);

test.each(["alarms", "history", "access"])(
	"while %s fails nothing is acknowledged, the live view goes on, and the batch is taken when it comes again",
	async (sink) => {
		it.fail.set(sink, new AppError(`${sink}-unavailable`, 503, "away"));
		await it.send([batch(1, [reading(20)], [door(1)])]);
		await turn();
		expect(it.acks()).toEqual([]);
		expect(it.of("live")).toHaveLength(1);
		expect(it.ingest.stats()).toMatchObject({ failed: 1, batches: 0 });
		it.fail.clear();
		await it.send([batch(1, [reading(20)], [door(1)])]);
		expect(await it.acked(1)).toEqual([{ outbox: "o", stored: [1], refused: [] }]);
		expect(it.of(sink)).toHaveLength(2);
	},
);

test("a store that throws at once is like one that rejects", async () => {
	it.fail.set("history", new TypeError("bug"));
	await it.send([batch(1, [reading(20)])]);
	await turn();
	expect(it.acks()).toEqual([]);
	expect(it.ingest.stats()).toMatchObject({ failed: 1, malformed: 0 });
});

test("what can never be stored is refused with the reason", async () => {
	it.fail.set("access", new AppError("no-such-door", 422, "There is no door."));
	await it.send([batch(1, [], [door(1)]), { seq: 2, readings: { points: [] }, events: [] }]);
	await waitFor("two refusals", () => it.acks().flatMap(({ refused }) => refused).length === 2);
	expect(it.acks().flatMap(({ refused }) => refused)).toEqual(
		expect.arrayContaining([
			{ seq: 1, reason: "no-such-door: There is no door." },
			{ seq: 2, reason: expect.stringContaining("base") },
		]),
	);
	expect(it.ingest.stats().refused).toBe(2);
});

test("readings of points that the site doesn't know, or with a value of another type, are dropped, counted and acknowledged", async () => {
	await it.send([batch(1, [reading(20), reading(1, { point: "gone:x" }), reading("hot"), reading(true, { point: "t1:smoke" })])]);
	await it.acked(1);
	expect(it.of("history")[0]?.what).toEqual({ seq: 1, readings: [reading(20), reading(true, { point: "t1:smoke" })] });
	expect(it.ingest.stats()).toMatchObject({ readings: 2, unknownPoints: 2 });
});

test("a door event is also a reading of the door's point", async () => {
	await it.send([batch(1, [], [door(7, "forced")])]);
	const expected = { point: "c1:main", value: "forced", ts: clock.time + 7, receivedAt: clock.time + 8, quality: "good" };
	for (const sink of ["live", "alarms"]) expect(it.of(sink)[0]?.what).toEqual([expected]);
	expect(it.of("history")[0]?.what).toEqual({ seq: 1, readings: [expected] });
});

test("late batches are marked late everywhere and don't count as lag", async () => {
	await it.send([batch(1, [reading(20, { ts: clock.time - 60_000 })], [door(1)])], { late: true });
	await it.send([batch(2, [reading(20, { ts: clock.time - 40 })])]);
	expect(it.calls.filter(({ late }) => late !== undefined).map(({ sink, late }) => [sink, late])).toEqual([
		["live", true],
		["alarms", true],
		["access", true],
		["live", false],
		["alarms", false],
	]);
	expect(it.ingest.stats().lastLagMs.get("a")).toBe(40);
	expect(it.ingest.stats().lateReadings).toBe(2);
});

test("status events reach the devices and no store, and are acknowledged", async () => {
	const status = { type: "status", device: "t1", ts: 1, receivedAt: 2, status: "offline" };
	await it.send([{ seq: 1, readings: null, events: [status] }]);
	await it.acked(1);
	expect(it.calls).toEqual([{ sink: "devices.status", what: [status] }]);
});

test("a snapshot goes to the live view as of its own times, to the alarms as news, and is not stored", async () => {
	const payload = Buffer.from(JSON.stringify({ readings: toColumns([reading(20)]), status: [{ device: "t1", status: "online", ts: 5 }] }));
	await it.ingest.handle({ agent: "a", topic: "snapshot", payload });
	expect(it.calls.map(({ sink, late }) => [sink, late])).toEqual([
		["devices.status", undefined],
		["live", true],
		["alarms", false],
	]);
	await turn();
	expect(it.acks()).toEqual([]);
});

test("a heartbeat reaches agents, devices and quarantine; a last will the agents", async () => {
	const heartbeat = {
		sentAt: 1,
		startedAt: 1,
		devicesVersion: null,
		outbox: { batches: 0, bytes: 0, oldest: null },
		dropped: 0,
		rejectedUnknown: 0,
		devices: [],
		quarantine: [],
	};
	await it.ingest.handle({ agent: "a", topic: "heartbeat", payload: Buffer.from(JSON.stringify(heartbeat)) });
	await it.ingest.handle({ agent: "a", topic: "status", payload: Buffer.from("offline") });
	expect(it.calls.map(({ sink }) => sink)).toEqual(["agents.heartbeat", "devices.heartbeat", "quarantine", "agents.status"]);
});

test("an agent that the site doesn't name keeps its data: nothing is taken, nothing acknowledged", async () => {
	await it.send([batch(1, [reading(20)])], { agent: "stranger" });
	await turn();
	expect(it.calls).toEqual([]);
	expect(it.published).toEqual([]);
	expect(it.ingest.stats().unknownAgents).toBe(1);
});

test.each(["envelope", "snapshot", "heartbeat"] as const)("a %s that can't be read is counted and disturbs nothing", async (topic) => {
	await it.ingest.handle({ agent: "a", topic, payload: Buffer.from("\u0000{") });
	await it.ingest.handle({ agent: "a", topic, payload: Buffer.from("{}") });
	expect(it.ingest.stats()).toMatchObject({ malformed: 2, inWork: 0 });
});

test("every agent is given its device list, retained, and again only when its content changes", async () => {
	await it.ingest.start();
	expect(it.published.map(({ topic, retain }) => [topic, retain])).toEqual([
		[uplinkTopic("a", "devices"), true],
		[uplinkTopic("b", "devices"), true],
	]);
	const list = JSON.parse(it.published[0]?.payload ?? "");
	expect(
		list.devices.map(({ id, doors, points }: { id: string; doors: string[]; points: { point: string }[] }) => [
			id,
			doors,
			points.map(({ point }) => point),
		]),
	).toEqual([
		["c1", ["main"], []],
		["r1", ["main"], []],
		["t1", [], ["temperature", "smoke"]],
	]);
	it.world.change({ ...smallSite(), name: "Another name" });
	expect(it.published).toHaveLength(2);
	it.world.change({ ...smallSite(), doors: [], agents: [{ id: "a", name: "A" }] });
	expect(it.published).toHaveLength(3);
	expect(JSON.parse(it.published[2]?.payload ?? "").version).not.toBe(list.version);
});

test("after stop nothing more is taken", async () => {
	await it.ingest.stop();
	await it.send([batch(1, [reading(20)])]);
	expect(it.calls).toEqual([]);
});

test("a contact that says again that its door is open leaves the door held; opened anew it is open", async () => {
	it.known.set("c1:main", { value: "held", ts: new Date(clock.time).toISOString() } as Point);
	await it.send([batch(1, [], [door(1), door(2, "closed"), door(3)])]);
	expect(it.of("live").flatMap(({ what }) => (what as Reading[]).map(({ value }) => value))).toEqual(["held", "closed", "open"]);
});

test("what comes late from before its door was held is as it was", async () => {
	it.known.set("c1:main", { value: "held", ts: new Date(clock.time + 60_000).toISOString() } as Point);
	await it.send([batch(1, [], [door(1)])], { late: true });
	expect(it.of("live")).toMatchObject([{ what: [{ value: "open" }] }]);
});
