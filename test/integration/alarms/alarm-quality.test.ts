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
