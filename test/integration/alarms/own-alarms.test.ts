import { afterEach, beforeEach, expect, test } from "vitest";
import type { Alarm } from "../../../contracts/api.ts";
import { pointIdSchema } from "../../../contracts/identifiers.ts";
import { AlarmService } from "../../../server/alarms/alarm-service.ts";
import { alarmsMigrations } from "../../../server/alarms/alarms-migrations.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { actorWith, recordedActs } from "../../helpers/actors.ts";
import { type TestDatabase, testDatabase } from "../../helpers/postgres.ts";
import { recordingRealtime, settableClock, smallSite, worldSource } from "../../helpers/small-world.ts";

const T0 = 1_769_000_000_000;
let db: TestDatabase;
let alarms: AlarmService;
let realtime: ReturnType<typeof recordingRealtime>;
const world = worldSource();

async function start(): Promise<void> {
	realtime = recordingRealtime();
	alarms = new AlarmService({
		...recordedActs(),
		world,
		database: db.database,
		realtime,
		clock: settableClock(T0),
		logger: silentLogger(),
		tickEvery: null,
	});
	await alarms.start();
}
const open = async () => (await alarms.list({ open: true }, { limit: 100, after: null })).items;
const offline = (active: boolean, seconds = 0) =>
	alarms.report({ rule: "agent-offline", subject: "a", active, at: T0 + seconds * 1000, message: "Agent A is offline" });

beforeEach(async () => {
	db = await testDatabase(alarmsMigrations);
	await start();
});
afterEach(async () => {
	await alarms.stop();
	await db.drop();
});

test("a condition of the server itself is one alarm of the site, committed before it is published, however often it is reported", async () => {
	await Promise.all([offline(true), offline(true)]);
	await offline(true, 5);
	const [alarm, ...more] = await open();
	expect(more).toEqual([]);
	expect(alarm).toMatchObject({
		rule: "agent-offline",
		point: "watchroom:a",
		location: "s",
		priority: "critical",
		state: "unacknowledged",
		active: true,
		occurrences: 1,
		message: "Agent A is offline",
	});
	expect(pointIdSchema.safeParse(alarm?.point).success).toBe(true);
	expect(realtime.events.map(({ event, payload }) => [event, (payload as Alarm).id])).toEqual([["alarm", alarm?.id]]);
});

test("it is acknowledged and returns like any other, and comes again as a new occurrence", async () => {
	await offline(true);
	const [alarm] = await open();
	await alarms.acknowledge(alarm?.id ?? "", { comment: "on it" }, actorWith(["alarms.acknowledge"]));
	await offline(false, 10);
	expect(await open()).toEqual([]);
	await offline(true, 20);
	expect((await open())[0]).toMatchObject({ id: alarm?.id, occurrences: 2, state: "unacknowledged", acknowledgedBy: null });
});

test("what only happens returns at once and waits for an acknowledgement", async () => {
	const report = { rule: "high-risk-operation", subject: "change-1", active: true, at: T0, message: "Ada gave Bob the role of an auditor" } as const;
	await alarms.report(report);
	await alarms.report({ ...report, at: T0 + 1000 });
	expect(await open()).toMatchObject([{ state: "returned-unacknowledged", active: false, occurrences: 2 }]);
});

test("a site's rule on access events is an alarm at the door with the rule's own words, and none once the rule is gone", async () => {
	const rule = {
		id: "busy",
		name: "Busy door",
		kind: "access-count",
		on: { pointKind: "door-state" },
		per: "door",
		result: "granted",
		count: 50,
		within: "5min",
		priority: "low",
		cause: "A move",
		consequence: "Nobody looks",
		action: "Look",
	};
	world.change({ ...smallSite(), rules: [rule] });
	expect(alarms.rules()).toMatchObject([{ rule: { id: "busy" }, points: 1 }]);
	expect(alarms.accessCounts()).toMatchObject([{ rule: { id: "busy", within: 300_000 }, doors: new Set(["main"]) }]);
	const report = { subject: "main", at: T0, message: "Main: 50 times granted within 5 min" };
	await alarms.reportCounted("busy", report);
	world.change(smallSite());
	await alarms.reportCounted("busy", { ...report, at: T0 + 1000 });
	const said = { rule: "busy", ruleName: "Busy door", point: "watchroom:main", state: "returned-unacknowledged", cause: "A move", action: "Look" };
	expect(await open()).toMatchObject([{ ...said, occurrences: 1, responseTimeMs: null }]);
});

test("it outlives a restart and a reload of the site, which do not end it", async () => {
	await offline(true);
	await alarms.stop();
	await start();
	world.change({ ...smallSite(), name: "Smaller" });
	await offline(true, 60);
	expect(await open()).toMatchObject([{ occurrences: 1, active: true }]);
});

test("a subject that is no id is refused, and so is a report after the stop", async () => {
	await expect(alarms.report({ rule: "ledger-fork", subject: "a b", active: true, at: T0, message: "" })).rejects.toThrow(/subject/);
	await alarms.stop();
	await expect(offline(true)).rejects.toMatchObject({ code: "alarms-stopped" });
});
