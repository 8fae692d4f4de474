import { afterEach, beforeEach, expect, test } from "vitest";
import type { Alarm } from "../../../contracts/api.ts";
import type { Reading } from "../../../contracts/reading.ts";
import { AlarmService } from "../../../server/alarms/alarm-service.ts";
import { alarmsMigrations } from "../../../server/alarms/alarms-migrations.ts";
import type { Database } from "../../../server/platform/database/database.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { actorWith, recordedActs } from "../../helpers/actors.ts";
import { type TestDatabase, testDatabase } from "../../helpers/postgres.ts";
import { recordingRealtime, settableClock, smallSite, worldSource } from "../../helpers/small-world.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const ann = actorWith(["alarms.acknowledge"]);
const bob = actorWith(["alarms.acknowledge"], { id: "u2", username: "bob" });

const T0 = 1_769_000_000_000;
const POINT = "t1:temperature";
const hot = { id: "hot", name: "Hot", kind: "limit", level: "high", limit: 32, deadband: 1, on: { pointKind: "temperature" }, priority: "high" };
const site = (rules: object[] = [hot]) => ({ ...smallSite(), rules });
const at = (seconds: number, value: number, quality: Reading["quality"] = "good"): Reading => {
	const ts = T0 + seconds * 1000;
	return { point: POINT, ts, receivedAt: ts, value, quality };
};

let db: TestDatabase;
let breakable: Database & { broken: boolean };
let world: ReturnType<typeof worldSource>;
let realtime: ReturnType<typeof recordingRealtime>;
let clock: ReturnType<typeof settableClock>;
let alarms: AlarmService;

async function start(database: Database = breakable): Promise<AlarmService> {
	const service = new AlarmService({ ...recordedActs(), world, database, realtime, clock, logger: silentLogger(), tickEvery: null });
	await service.start();
	return service;
}
async function restart() {
	await alarms.stop();
	alarms = await start();
}
const all = async () => (await alarms.list({}, { limit: 100, after: null })).items;
const only = async () => {
	const [alarm, ...more] = await all();
	if (!alarm || more.length > 0) throw new Error(`expected one alarm, found ${more.length + (alarm ? 1 : 0)}`);
	return alarm;
};
const story = async () => {
	const { items } = await alarms.transitionsOfPoint(POINT, { from: 0, to: T0 * 2 }, { limit: 500, after: null });
	return items.map(({ kind, at: time, late }) => `${late ? "late " : ""}${kind} ${(Date.parse(time) - T0) / 1000}`);
};
const published = () => realtime.events.map(({ payload }) => (payload as Alarm).state);

beforeEach(async () => {
	db = await testDatabase(alarmsMigrations);
	const { database } = db;
	breakable = {
		broken: false,
		tables: () => {
			if (breakable.broken) throw new Error("cut");
			return database.tables();
		},
		transaction: (work) => (breakable.broken ? Promise.reject(new Error("cut")) : database.transaction(work)),
	};
	world = worldSource(site());
	realtime = recordingRealtime();
	clock = settableClock(T0);
	alarms = await start();
});
afterEach(async () => {
	await alarms.stop();
	await db.drop();
});

test("a reading beyond the limit raises one alarm, committed before it is published, with what the rule says", async () => {
	await alarms.evaluate([at(0, 20), at(10, 33.4), at(20, 34)], false);
	expect(await only()).toMatchObject({
		rule: "hot",
		point: POINT,
		location: "s/hall/R1",
		priority: "high",
		state: "unacknowledged",
		active: true,
		acknowledged: false,
		occurrences: 1,
		value: 33.4,
		unit: "°C",
		message: "t1 temperature 33.4 °C above 32 °C",
	});
	expect(published()).toEqual(["unacknowledged"]);
	expect(await story()).toEqual(["raised 10"]);
});

test("what is acknowledged is the occurrence that was seen, alone or among several; the others say why not", async () => {
	await alarms.evaluate([at(0, 33)], false);
	const { id } = await only();
	await alarms.evaluate([at(10, 20), at(20, 35)], false);
	expect(await alarms.acknowledge(id, { occurrence: 1 }, ann).catch((error: unknown) => error)).toMatchObject({
		status: 409,
		code: "newer-occurrence",
	});
	expect(await alarms.acknowledgeMany([{ id, occurrence: 1 }], null, ann)).toEqual([{ id, code: "newer-occurrence" }]);
	expect(await only()).toMatchObject({ state: "unacknowledged" });
	const seen = { id, occurrence: 2 };
	expect(await alarms.acknowledgeMany([seen, { id: "nobody", occurrence: 1 }, seen], "all of them", ann)).toEqual([
		{ id, code: null },
		{ id: "nobody", code: "not-found" },
		{ id, code: "already-acknowledged" },
	]);
	expect(await only()).toMatchObject({ state: "acknowledged", comment: "all of them" });
});

test("a new occurrence reopens the same alarm, and an acknowledgement ends with its occurrence", async () => {
	await alarms.evaluate([at(0, 33)], false);
	const { id } = await only();
	expect(await alarms.acknowledge(id, { comment: "fan" }, ann)).toMatchObject({ state: "acknowledged", acknowledgedBy: "ann", comment: "fan" });
	await alarms.evaluate([at(10, 20)], false);
	expect(await only()).toMatchObject({ state: "normal", acknowledgedBy: "ann" });
	await alarms.evaluate([at(20, 35)], false);
	expect(await only()).toMatchObject({ id, state: "unacknowledged", occurrences: 2, acknowledgedBy: null, comment: null });
	await alarms.evaluate([at(30, 20)], false);
	expect(await only()).toMatchObject({ state: "returned-unacknowledged" });
	expect(await alarms.acknowledge(id, {}, ann)).toMatchObject({ state: "normal" });
	expect(await alarms.acknowledge(id, {}, ann).catch((error: unknown) => error)).toMatchObject({ status: 409, code: "already-acknowledged" });
	expect(await alarms.acknowledge("nobody", {}, ann).catch((error: unknown) => error)).toMatchObject({ status: 404 });
});

test("of two acknowledgements at once one succeeds", async () => {
	await alarms.evaluate([at(0, 33)], false);
	const { id } = await only();
	const results = await Promise.allSettled([alarms.acknowledge(id, {}, ann), alarms.acknowledge(id, {}, bob)]);
	expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
	expect(await only()).toMatchObject({ acknowledgedBy: "ann", version: 2 });
});

test("after a restart an active alarm that is still on goes on, and one whose first reading is normal returns", async () => {
	await alarms.evaluate([at(0, 33)], false);
	await restart();
	await alarms.evaluate([at(10, 31.5)], false);
	expect(await story()).toEqual(["raised 0"]);
	await restart();
	await alarms.evaluate([at(20, 20)], false);
	expect(await story()).toEqual(["raised 0", "returned 20"]);
});

test("readings that come again after a restart raise nothing again", async () => {
	const batch = [at(0, 20), at(10, 33), at(20, 20), at(30, 34), at(40, 20)];
	await alarms.evaluate(batch, false);
	const before = await story();
	await restart();
	await alarms.evaluate(batch, false);
	clock.time = T0 + 200_000;
	alarms.tick();
	await alarms.evaluate([at(50, 20)], false);
	expect(await story()).toEqual(before);
	expect(await only()).toMatchObject({ occurrences: 2 });
});

test("back-filled readings record occurrences that are over as late, and neither touch nor publish the live alarm", async () => {
	await alarms.evaluate([at(0, 20), at(1000, 20)], false);
	await alarms.evaluate([at(100, 20), at(110, 35), at(120, 36), at(130, 20), at(900, 40)], true);
	expect(await story()).toEqual(["late raised 110", "late returned 130"]);
	clock.time += 61_000;
	alarms.tick();
	await alarms.evaluate([], true);
	expect(await story()).toEqual(["late raised 110", "late returned 130", "late raised 900", "late returned 1000"]);
	expect(published()).toEqual([]);
	expect(await only()).toMatchObject({ state: "normal", active: false, occurrences: 0 });
	await alarms.evaluate([at(1010, 33)], false);
	expect(await only()).toMatchObject({ state: "unacknowledged", occurrences: 1 });
});

test("a backlog that ends in the state that the live alarm already has adds nothing", async () => {
	await alarms.evaluate([at(0, 20), at(1000, 35)], false);
	await alarms.evaluate([at(900, 33), at(990, 34)], true);
	clock.time += 61_000;
	alarms.tick();
	await alarms.evaluate([at(1010, 35)], false);
	expect(await story()).toEqual(["raised 1000"]);
});

test("an occurrence sent again after a restart doesn't run on into a new one that comes late", async () => {
	await alarms.evaluate([at(0, 33), at(30, 20)], false);
	await restart();
	await alarms.evaluate([at(30, 20)], false);
	await alarms.evaluate([at(0, 33), at(30, 20)], false);
	await restart();
	await alarms.evaluate([at(90, 20)], false);
	await alarms.evaluate([at(60, 33), at(90, 20)], true);
	clock.time += 120_000;
	alarms.tick();
	await alarms.evaluate([], false);
	expect(await story()).toEqual(["raised 0", "returned 30", "late raised 60", "late returned 90"]);
});

test("a late occurrence survives a restart in the middle of its backlog", async () => {
	await alarms.evaluate([at(0, 20), at(1000, 20)], false);
	await alarms.evaluate([at(100, 35)], true);
	await restart();
	await alarms.evaluate([at(1010, 20)], false);
	await alarms.evaluate([at(110, 20)], true);
	clock.time += 61_000;
	alarms.tick();
	await alarms.evaluate([at(1020, 20)], false);
	expect(await story()).toEqual(["late raised 100", "late returned 110"]);
});

test("while the database is down evaluation goes on, nothing is acknowledged, and everything is recorded in order afterwards", async () => {
	breakable.broken = true;
	let done = 0;
	const first = alarms.evaluate([at(0, 33)], false).then(() => done++);
	const again = alarms.evaluate([at(0, 33)], false).then(() => done++);
	const second = alarms.evaluate([at(10, 20)], false).then(() => done++);
	await waitFor("the first failure", async () => (await alarms.health.check()).status === "degraded");
	expect({ done, published: published() }).toEqual({ done: 0, published: [] });
	expect(await alarms.acknowledge("x", {}, ann).catch((error: unknown) => error)).toMatchObject({ status: 503 });
	breakable.broken = false;
	await Promise.all([first, again, second]);
	expect(await story()).toEqual(["raised 0", "returned 10"]);
	expect(published()).toEqual(["unacknowledged", "returned-unacknowledged"]);
});

test("alarms of a removed rule return, also when it was removed while the server was down; a changed rule is judged anew", async () => {
	await alarms.evaluate([at(0, 33)], false);
	world.change(site([{ ...hot, limit: 40 }]));
	await alarms.evaluate([], false);
	expect(await only()).toMatchObject({ state: "returned-unacknowledged" });
	world.change(site([hot]));
	await alarms.evaluate([], false);
	expect(await only()).toMatchObject({ state: "unacknowledged", occurrences: 2 });
	await alarms.stop();
	world.change(site([]));
	alarms = await start();
	await alarms.evaluate([], false);
	expect(await only()).toMatchObject({ state: "returned-unacknowledged" });
	const { items } = await alarms.transitions((await only()).id, { limit: 1, before: null });
	expect(items[0]).toMatchObject({ kind: "returned", comment: "rule removed", occurrence: 2 });
});

test("an alarm that goes on under a changed rule is recorded and shown with what the rule says now, without a transition", async () => {
	await alarms.evaluate([at(0, 33)], false);
	world.change(site([{ ...hot, priority: "critical", action: "Leave the hall" }]));
	await alarms.evaluate([], false);
	const said = { state: "unacknowledged", priority: "critical", action: "Leave the hall", occurrences: 1 };
	expect(await only()).toMatchObject(said);
	expect(realtime.events.at(-1)?.payload).toMatchObject(said);
	expect(await story()).toEqual(["raised 0"]);
});

test("lists page, filter and count", async () => {
	world.change(site([hot, { ...hot, id: "hotter", limit: 34, priority: "critical" }]));
	await alarms.evaluate([at(0, 33), at(10, 36)], false);
	const first = await alarms.list({ open: true }, { limit: 1, after: null });
	expect(first.items.map(({ rule }) => rule)).toEqual(["hotter"]);
	expect(first.nextCursor).not.toBeNull();
	const next = await alarms.list({ open: true }, { limit: 1, after: { raisedAt: T0 + 10_000, id: first.items[0]?.id ?? "" } });
	expect(next.items.map(({ rule }) => rule)).toEqual(["hot"]);
	expect(
		(await alarms.list({ active: true, acknowledged: false, point: POINT, priority: "critical" }, { limit: 9, after: null })).items,
	).toHaveLength(1);
	expect(alarms.stats()).toMatchObject({ open: { critical: 1, high: 1 }, transitions: { raised: 2 }, waiting: 0 });
	expect(alarms.rules().map(({ points }) => points)).toEqual([1, 1]);
});

const shelve = async (minutes: number, oneShot = false) => alarms.shelve((await only()).id, { reason: "works", minutes, oneShot }, ann);

test("a shelf runs out by a tick, the alarm is evaluated meanwhile, and it comes back as it is then", async () => {
	await alarms.evaluate([at(0, 40)], false);
	await alarms.acknowledge((await only()).id, {}, ann);
	expect(await shelve(10)).toMatchObject({ state: "shelved", active: true, acknowledged: true });
	await alarms.evaluate([at(10, 20), at(20, 41)], false);
	expect(await only()).toMatchObject({ state: "shelved", active: true, acknowledged: false, occurrences: 2, value: 41 });
	clock.time = T0 + 10 * 60_000 - 1;
	alarms.tick();
	expect(alarms.summary()).toMatchObject({ shelved: 1, priorities: { high: { unacknowledged: 0 } } });
	clock.time = T0 + 10 * 60_000;
	alarms.tick();
	await alarms.evaluate([], false);
	expect(await only()).toMatchObject({ state: "unacknowledged", shelf: null, occurrences: 2 });
	expect(alarms.summary()).toMatchObject({ shelved: 0, priorities: { high: { unacknowledged: 1 } } });
	expect((await alarms.transitions((await only()).id, { limit: 1, before: null })).items).toMatchObject([{ kind: "unshelved", by: null }]);
});

test("a shelf whose time goes by while the server is down ends at its start, at the time that was said", async () => {
	await alarms.evaluate([at(0, 40)], false);
	await shelve(10);
	await alarms.stop();
	clock.time = T0 + 3_600_000;
	alarms = await start();
	await alarms.evaluate([], false);
	expect(await only()).toMatchObject({ state: "unacknowledged", shelf: null });
	expect(await story()).toEqual(["raised 0", "shelved 0", "unshelved 600"]);
});

test("a shelf and what is out of service outlive a restart; nobody shelves what is shelved", async () => {
	await alarms.evaluate([at(0, 40)], false);
	await shelve(10, true);
	const { id } = await only();
	await alarms.act(id, { kind: "out-of-service", by: "bob", comment: "rebuilding" }, bob);
	await restart();
	expect(await only()).toMatchObject({ state: "out-of-service", shelved: true, shelf: { oneShot: true }, removal: { by: "bob" } });
	await expect(shelve(480)).rejects.toMatchObject({ status: 409, code: "already-shelved" });
	await alarms.evaluate([at(10, 20)], false);
	expect(await only()).toMatchObject({ state: "out-of-service", shelved: false, active: false });
});

test("a latched alarm clears only by a reset, which needs it acknowledged and its condition gone", async () => {
	world.change(site([{ ...hot, latching: true }]));
	const reset = async () => alarms.act((await only()).id, { kind: "reset", by: "ann", comment: null }, ann);
	await alarms.evaluate([at(0, 40)], false);
	await expect(reset()).rejects.toMatchObject({ code: "still-active" });
	await alarms.evaluate([at(10, 20)], false);
	await restart();
	expect(await only()).toMatchObject({ state: "returned-unacknowledged", latched: true });
	await expect(reset()).rejects.toMatchObject({ code: "not-acknowledged" });
	await alarms.acknowledge((await only()).id, {}, ann);
	expect(await only()).toMatchObject({ state: "acknowledged", active: false, latched: true });
	expect(await reset()).toMatchObject({ state: "normal", latched: false });
	await expect(reset()).rejects.toMatchObject({ code: "not-latched" });
});
