/** A door that stands open for longer than its time is held, whoever reports its contact (ACC-2). */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Reading } from "../../../contracts/reading.ts";
import type { UplinkDoorEvent } from "../../../contracts/uplink.ts";
import { accessMigrations } from "../../../server/access/access-migrations.ts";
import { AccessService } from "../../../server/access/access-service.ts";
import type { Hearing } from "../../../server/access/door-standing.ts";
import { HeldDoors } from "../../../server/access/held-doors.ts";
import { AccessMonitor } from "../../../server/access/monitor/access-monitor.ts";
import { monitorMigrations } from "../../../server/access/monitor/monitor-migrations.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { recordedActs } from "../../helpers/actors.ts";
import { type TestDatabase, testDatabase } from "../../helpers/postgres.ts";
import { registerOf } from "../../helpers/register.ts";
import { recordingRealtime, settableClock, smallSite, worldSource } from "../../helpers/small-world.ts";

const S = 1000;
const T0 = Date.parse("2026-11-23T09:00:00Z");
const base = smallSite();
const world = worldSource({ ...base, doors: base.doors.map((door) => ({ ...door, heldOpenAfter: "8s" })) });
const register = registerOf(world.current().site);
const clock = settableClock(T0);

let db: TestDatabase;
let access: AccessService;
let monitor: AccessMonitor;
let held: HeldDoors;
let readings: Reading[];
let hearing: Hearing;
let failing: boolean;
let seq = 0;

/** A start of the server. */
async function start(): Promise<void> {
	const realtime = recordingRealtime();
	access = new AccessService({ world, database: db.database, realtime, clock, register: () => register });
	monitor = new AccessMonitor({
		database: db.database,
		register: () => register,
		site: () => "s",
		uncertain: () => [],
		counts: { accessCounts: () => [], reportCounted: async () => undefined },
		report: async () => undefined,
		realtime,
		audit: recordedActs().audit,
		clock,
		logger: silentLogger(),
		every: null,
	});
	held = new HeldDoors({
		world,
		access,
		live: { update: () => 0 },
		alarms: { evaluate: async (of) => void readings.push(...of) },
		history: {
			append: async () => {
				if (failing) throw new Error("the history is away");
			},
		},
		hearing: () => hearing,
		clock,
	});
	await access.start();
}
/** So many seconds after the beginning, everything looks. */
async function at(seconds: number): Promise<void> {
	clock.time = T0 + seconds * S;
	await held.look();
	await monitor.look();
}
async function says(state: UplinkDoorEvent["state"], seconds: number, { late = false } = {}): Promise<void> {
	const ts = T0 + seconds * S;
	clock.time = Math.max(clock.time, ts);
	await access.record([{ type: "door", device: "c1", ts, receivedAt: ts, seq: ++seq, door: "main", state }], late);
	await at((clock.time - T0) / S);
}
const findings = async () =>
	(await monitor.findings({ kind: "held" }, { limit: 100, after: null })).items.map(({ at: when }) => Date.parse(when) - T0);
const state = () => access.doors()[0]?.state;

beforeEach(async () => {
	db = await testDatabase({ ...accessMigrations, ...monitorMigrations });
	readings = [];
	hearing = { heard: true, toldUntil: null };
	failing = false;
	clock.time = T0;
	await start();
});
afterEach(() => db.drop());

test("state, point and finding say it once for each opening, and closed ends it", async () => {
	await says("open", 0);
	await at(7.9);
	expect([state(), await findings(), readings]).toEqual(["open", [], []]);
	await at(8);
	await at(9);
	await says("open", 10);
	await at(11);
	expect([state(), await findings()]).toEqual(["held", [8 * S]]);
	expect(readings).toEqual([{ point: "c1:main", value: "held", ts: T0 + 8 * S, receivedAt: T0 + 8 * S, quality: "good" }]);
	await says("closed", 12);
	await at(30);
	expect(state()).toBe("closed");
	await says("open", 40);
	await at(48);
	expect(await findings()).toEqual([48 * S, 8 * S]);
});

test("a controller that says it too, after or before, adds no finding", async () => {
	await says("open", 0);
	await at(8);
	await says("held", 1200);
	expect([state(), await findings()]).toEqual(["held", [8 * S]]);
	await says("closed", 1300);
	await says("open", 1400);
	await says("held", 1405);
	await at(1420);
	expect(await findings()).toEqual([1405 * S, 8 * S]);
});

test("a restart neither forgets an opening nor tells of it twice, and waits for what the agent has kept meanwhile", async () => {
	await says("open", 0);
	await start();
	await at(20);
	expect(await findings(), "it may have been closed meanwhile").toEqual([]);
	hearing = { heard: true, toldUntil: T0 + 20 * S };
	await at(21);
	expect([state(), await findings()]).toEqual(["held", [8 * S]]);
	await says("open", 25);
	await start();
	await at(40);
	expect([state(), await findings(), readings.length]).toEqual(["held", [8 * S], 1]);
});

test("an opening that comes late and is over by then is none", async () => {
	clock.time = T0 + 600 * S;
	await says("open", 0, { late: true });
	await says("closed", 60, { late: true });
	hearing = { heard: true, toldUntil: T0 + 600 * S };
	await at(620);
	expect([state(), await findings(), readings]).toEqual(["closed", [], []]);
});

test("a store that is away loses nothing: it is said again", async () => {
	await says("open", 0);
	failing = true;
	await expect(at(8)).rejects.toThrow("away");
	failing = false;
	await at(9);
	expect([state(), await findings()]).toEqual(["held", [8 * S]]);
});

test("what it says itself is no gap in anybody's numbers", async () => {
	for (const time of [0, 100, 200]) {
		await says("open", time);
		await at(time + 8);
		await says("closed", time + 9);
	}
	expect(access.stats()).toMatchObject({ doorEvents: 9, gaps: 0, conflicts: 0 });
});
