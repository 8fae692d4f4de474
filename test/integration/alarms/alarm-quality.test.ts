import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AlarmEngine } from "../../../server/alarms/alarm-engine.ts";
import { AlarmStore } from "../../../server/alarms/alarm-store.ts";
import { alarmsMigrations } from "../../../server/alarms/alarms-migrations.ts";
import { QualityService } from "../../../server/alarms/quality/quality-service.ts";
import { QualityStore } from "../../../server/alarms/quality/quality-store.ts";
import { type TestDatabase, testDatabase } from "../../helpers/postgres.ts";
import { smallSite, worldOf, worldSource } from "../../helpers/small-world.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const T0 = Date.parse("2026-03-01T00:00:00Z");
const rule = {
	id: "hot",
	name: "Hot",
	kind: "limit",
	level: "high",
	limit: 32,
	on: { point: "temperature" },
	priority: "high",
	responseTime: "5min",
};
const world = worldOf({ ...smallSite(), rules: [rule] });

let db: TestDatabase;
let quality: QualityService;
let now: number;
beforeAll(async () => {
	db = await testDatabase(alarmsMigrations);
	const store = new AlarmStore(db.database, async () => undefined);
	const engine = new AlarmEngine(randomUUID);
	engine.load([], [], world, T0);
	const at = async (ts: number, value: number) =>
		await store.commit(engine.evaluate([{ point: "t1:temperature", ts, receivedAt: ts, value, quality: "good" }], ts));
	// Hot for two days; then for half a minute, twelve times within a few minutes, the last of them until now.
	await at(T0, 40);
	await at(T0 + 48 * HOUR, 20);
	for (let time = 0; time < 12; time++) {
		await at(T0 + 50 * HOUR + time * 30_000, 40);
		if (time < 11) await at(T0 + 50 * HOUR + time * 30_000 + 10_000, 20);
	}
	const [alarm] = engine.alarms.open();
	now = T0 + 51 * HOUR;
	const acknowledged = engine.act(alarm?.id ?? "", { kind: "acknowledged", by: "ann", comment: null }, now - 50 * MINUTE);
	if (typeof acknowledged === "string") throw new Error(acknowledged);
	await store.commit(acknowledged);
	quality = new QualityService({
		store: new QualityStore(db.database),
		world: worldSource({ ...smallSite(), rules: [rule] }),
		shifts: () => [{ label: "night", from: T0 + 50 * HOUR, to: T0 + 58 * HOUR }],
		clock: { now: () => now },
	});
}, 60_000);
afterAll(() => db?.drop());

const valueIn = (figures: { metric: string; value: number | null }[], metric: string) => figures.find((one) => one.metric === metric)?.value;

test("what is stored is counted: rate, flood, chattering, stale from before the window, time to acknowledge", async () => {
	const found = await quality.quality({ from: T0 + 25 * HOUR, to: T0 + 100 * HOUR }, undefined);
	expect(found).toMatchObject({ from: "2026-03-02T01:00:00.000Z", to: new Date(now).toISOString(), alarms: 12 });
	expect(found.floods).toEqual([expect.objectContaining({ alarms: 12, peak: 12 })]);
	expect(valueIn(found.figures, "stale")).toBe(1);
	expect(valueIn(found.figures, "chattering")).toBe(1);
	expect(found.offenders).toEqual([expect.objectContaining({ rule: "hot", point: "t1:temperature", count: 12, stale: true })]);
	expect(found.acknowledgement).toMatchObject({ acknowledged: 1, late: 11 });
});

test("what is raised while it is shelved counts once it comes back, a symptom once it comes forward", async () => {
	const other = await testDatabase(alarmsMigrations);
	const explains = [{ rules: "hot", where: "room" }];
	const fire = { id: "fire", name: "Fire", kind: "state", states: [true], on: { point: "smoke" }, priority: "high", explains };
	const site = { ...smallSite(), rules: [rule, fire] };
	const store = new AlarmStore(other.database, async () => undefined);
	const engine = new AlarmEngine(randomUUID);
	engine.load([], [], worldOf(site), T0);
	const say = async (minute: number, point: "temperature" | "smoke", value: number | boolean) => {
		const ts = T0 + minute * MINUTE;
		await store.commit(engine.evaluate([{ point: `t1:${point}`, ts, receivedAt: ts, value, quality: "good" }], ts));
	};
	const tick = async (minute: number) => await store.commit(engine.tick(T0 + minute * MINUTE));
	const clock = { now: () => T0 + HOUR };
	const service = new QualityService({ store: new QualityStore(other.database), world: worldSource(site), shifts: () => [], clock });
	const figures = async (from: number, to: number) => await service.quality({ from: T0 + from * MINUTE, to: T0 + to * MINUTE }, undefined);

	await say(0, "temperature", 40);
	await say(1, "temperature", 20);
	const shelf = { until: T0 + 10 * MINUTE, oneShot: false };
	const shelved = engine.act([...engine.alarms.open()][0]?.id ?? "", { kind: "shelved", by: "ann", comment: "work", shelf }, T0 + 2 * MINUTE);
	if (typeof shelved === "string") throw new Error(shelved);
	await store.commit(shelved);
	await say(3, "temperature", 40);
	await say(4, "temperature", 20);
	await say(5, "temperature", 40);
	await tick(10);
	expect(await figures(0, 10)).toMatchObject({ alarms: 1, raised: 3, folded: 0, aside: 1 });
	expect(await figures(10, 20)).toMatchObject({ alarms: 1, raised: 0 });

	await say(20, "temperature", 20);
	await say(21, "smoke", true);
	await say(22, "temperature", 40);
	expect(await figures(20, 25)).toMatchObject({ alarms: 1, raised: 2, folded: 1, aside: 0 });
	await say(25, "smoke", false);
	await tick(27);
	expect(await figures(20, 30)).toMatchObject({ alarms: 2, raised: 2, folded: 0 });
	expect(await figures(26, 30)).toMatchObject({ alarms: 1, raised: 0 });
	await other.drop();
}, 60_000);

test("of another room there is nothing", async () => {
	const found = await quality.quality({ from: T0, to: now }, "nowhere");
	expect([found.alarms, found.offenders]).toEqual([0, []]);
});

test("days are those of the site's time zone, none of them of the future", async () => {
	const days = await quality.periods({ from: T0 - 12 * HOUR, to: T0 + 100 * HOUR }, "day", undefined);
	expect(days.map(({ label, alarms, floods }) => [label, alarms, floods])).toEqual([
		["2026-03-01", 1, 0],
		["2026-03-02", 0, 0],
		["2026-03-03", 12, 1],
	]);
	expect(days.at(-1)?.to).toBe(new Date(now).toISOString());
});

test("shifts are those of the roster", async () => {
	expect(await quality.periods({ from: T0, to: now }, "shift", undefined)).toEqual([
		expect.objectContaining({ label: "night", alarms: 12, floods: 1 }),
	]);
});
