import { afterEach, beforeEach, expect, test } from "vitest";
import { accessCountRuleSchema } from "../../../contracts/rules.ts";
import type { UplinkAccessEvent, UplinkDoorEvent } from "../../../contracts/uplink.ts";
import { accessMigrations } from "../../../server/access/access-migrations.ts";
import { AccessService } from "../../../server/access/access-service.ts";
import { AccessMonitor } from "../../../server/access/monitor/access-monitor.ts";
import { countedBetween } from "../../../server/access/monitor/count-replay.ts";
import { monitorMigrations } from "../../../server/access/monitor/monitor-migrations.ts";
import type { OwnReport } from "../../../server/alarms/own-alarm.ts";
import type { AccessCount } from "../../../server/alarms/rules/rule-selection.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { actorWith, recordedActs } from "../../helpers/actors.ts";
import { type TestDatabase, testDatabase } from "../../helpers/postgres.ts";
import { registerOf } from "../../helpers/register.ts";
import { recordingRealtime, settableClock, smallSite, worldSource } from "../../helpers/small-world.ts";

const T0 = Date.parse("2026-11-23T09:00:00Z");
const card = { format: "H10301", facility: 12, number: 3456 };
const site = {
	...smallSite(),
	holders: [
		{ id: "ann", name: "Ann Lee", role: "employee", card, zones: ["hall"] },
		{ id: "vic", name: "Vic", role: "visitor", card: { ...card, number: 9 }, zones: ["hall"] },
	],
};
const world = worldSource(site);
const register = registerOf(world.current().site);
const clock = settableClock(T0);
const everything = { limit: 500, after: null };

let db: TestDatabase;
let realtime: ReturnType<typeof recordingRealtime>;
let access: AccessService;
let reports: OwnReport[];
let counts: readonly AccessCount[] = [];
let counted: string[][] = [];
let failing = false;

function monitorOf(): AccessMonitor {
	return new AccessMonitor({
		database: db.database,
		register: () => register,
		site: () => "s",
		uncertain: () => ["main"],
		counts: { accessCounts: () => counts, reportCounted: async (rule, report) => void counted.push([rule, report.subject, report.message]) },
		report: async (report) => {
			if (failing) throw new Error("the alarms are away");
			reports.push(report);
		},
		realtime,
		audit: recordedActs().audit,
		clock,
		logger: silentLogger(),
		every: null,
	});
}
const swipe = (seq: number, more: Partial<UplinkAccessEvent> = {}): UplinkAccessEvent => ({
	type: "access",
	device: "r1",
	ts: T0 + seq * 1000,
	receivedAt: T0 + seq * 1000,
	seq,
	door: "main",
	direction: "in",
	method: "card",
	card,
	fingerprint: null,
	result: "granted",
	reason: "granted",
	...more,
});
const door = (seq: number, state: UplinkDoorEvent["state"]): UplinkDoorEvent => ({
	type: "door",
	device: "c1",
	ts: T0 + seq * 1000,
	receivedAt: T0 + seq * 1000,
	seq,
	door: "main",
	state,
});
const duress = (seq: number) => swipe(seq, { reason: "duress" });
const kinds = async (monitor: AccessMonitor) => (await monitor.findings({}, everything)).items.map(({ kind }) => kind).sort();

beforeEach(async () => {
	db = await testDatabase({ ...accessMigrations, ...monitorMigrations });
	realtime = recordingRealtime();
	reports = [];
	counts = [];
	counted = [];
	failing = false;
	clock.time = T0 + 60_000;
	access = new AccessService({ world, database: db.database, realtime, clock, register: () => register });
	await access.start();
});
afterEach(() => db.drop());

test("an event is looked at once, however often it comes and however many servers look", async () => {
	const [one, other] = [monitorOf(), monitorOf()];
	await access.record([duress(1), duress(2)], false);
	await access.record([duress(1), duress(2)], false);
	await Promise.all([one.look(), other.look(), one.look()]);
	await other.look();
	expect(await kinds(one)).toEqual(["duress", "duress"]);
	expect(realtime.events.filter(({ event }) => event === "finding").length).toBeGreaterThanOrEqual(2);
	expect(new Set(reports.map(({ at }) => at)).size).toBe(2);
	expect(reports[0]).toMatchObject({ rule: "access-duress", subject: "main", active: true, room: "hall" });
});

test("each rule of the site that has counted so many events is told by its own name, once", async () => {
	const rule = (id: string, count: number) =>
		accessCountRuleSchema.parse({
			id,
			name: id,
			kind: "access-count",
			on: { pointKind: "door-state" },
			per: "door",
			result: "granted",
			within: "1min",
			priority: "low",
			count,
		});
	counts = [rule("busy", 2), rule("busier", 4)].map((of) => ({ rule: of, doors: new Set(["main"]) }));
	await access.record([swipe(1), swipe(2), swipe(3), swipe(4)], false);
	await monitorOf().look();
	await monitorOf().look();
	expect(counted).toEqual([
		["busy", "main", "Main: 2 times granted within 1 min"],
		["busy", "main", "Main: 4 times granted within 1 min"],
		["busier", "main", "Main: 4 times granted within 1 min"],
	]);
	expect(await kinds(monitorOf())).toEqual(["counted", "counted", "counted"]);
	const [busy] = counts;
	const replayed: unknown[] = [];
	// The first falls into the window of the second, which is the first that is looked at.
	for await (const page of countedBetween(db.database, busy as AccessCount, T0 + 2000, T0 + 60_000)) replayed.push(page);
	expect(replayed, "a replay finds the same").toEqual([
		{
			events: 4,
			told: [
				{ door: "main", at: T0 + 2000 },
				{ door: "main", at: T0 + 4000 },
			],
		},
	]);
});

test("what nobody could be told of is told after the restart", async () => {
	failing = true;
	await access.record([duress(1)], false);
	await expect(monitorOf().look()).rejects.toThrow("away");
	expect(reports).toEqual([]);
	failing = false;
	await monitorOf().look();
	expect(reports).toHaveLength(1);
	await monitorOf().look();
	expect(reports).toHaveLength(1);
});

test("late events are found and listed, and page nobody (ALM-5)", async () => {
	const monitor = monitorOf();
	await access.record([swipe(1, { direction: "out", result: "denied", reason: "denied-passback" })], true);
	await monitor.look();
	expect((await monitor.findings({ kind: "tailgating" }, everything)).items).toMatchObject([{ late: true, holder: { id: "ann", name: "Ann Lee" } }]);
	expect(reports).toEqual([]);
});

test("what is critical raises its alarm also late, once: a line that is cut hides no duress", async () => {
	const monitor = monitorOf();
	await access.record([duress(1)], true);
	await monitor.look();
	await monitor.look();
	expect(reports).toMatchObject([{ rule: "access-duress", at: T0 + 1000, message: expect.stringContaining("told late") }]);
});

test("a door that opens is judged once the grant could have come, also when it comes after the opening", async () => {
	const monitor = monitorOf();
	clock.time = T0 + 5_000;
	await access.record([door(5, "open")], false);
	await monitor.look();
	await access.record([swipe(4)], false);
	clock.time += 3_000;
	await monitor.look();
	expect(await kinds(monitor)).toEqual([]);
	await access.record([door(40, "closed"), door(50, "open")], false);
	clock.time = T0 + 54_000;
	await monitor.look();
	expect(await kinds(monitor)).toEqual(["forced"]);
	expect(reports).toMatchObject([{ rule: "access-opened-without-grant" }]);
});

test("a visitor is looked after once the escort had a minute to follow", async () => {
	const monitor = monitorOf();
	monitor.setEscorts({ escortOf: () => "ann" });
	const visitor = (seq: number) => swipe(seq, { device: "r2", card: { ...card, number: 9 } });
	clock.time = T0;
	await access.record([visitor(1), visitor(100)], false);
	await monitor.look();
	await access.record([swipe(30)], false);
	clock.time = T0 + 161_000;
	await monitor.look();
	expect((await monitor.findings({ kind: "escort-separated" }, everything)).items).toMatchObject([
		{ at: new Date(T0 + 100_000).toISOString(), holder: { id: "vic" } },
	]);
});

test("other parts of the server get each finding once, in order", async () => {
	const monitor = monitorOf();
	let woken = 0;
	monitor.onNew(() => woken++);
	await access.record([duress(1), duress(2), swipe(3, { result: "denied", reason: "denied-no-rights" })], false);
	await monitor.look();
	expect(woken).toBeGreaterThan(0);
	const [first, second, ...more] = await monitor.after(0, ["duress"], 10);
	expect(more).toEqual([]);
	expect(await monitor.after(first?.id ?? 0, ["duress"], 10)).toEqual([second]);
});

test("who is where follows the doors in order of time, whatever comes late, and can be corrected (ACC-7)", async () => {
	const monitor = monitorOf();
	await access.record([swipe(10)], false);
	await monitor.look();
	const inside = async () => (await monitor.occupancy()).zones.map(({ zone, people }) => [zone, people.map(({ holder }) => holder.id)]);
	expect(await inside()).toEqual([["hall", ["ann"]]]);
	expect((await monitor.occupancy()).uncertain).toEqual(["main"]);
	await access.record([swipe(5, { direction: "out" })], true);
	await monitor.look();
	expect(await inside()).toEqual([["hall", ["ann"]]]);
	await access.record([swipe(11, { direction: "out", result: "denied", reason: "denied-passback" })], false);
	await monitor.look();
	expect(await inside()).toEqual([["hall", ["ann"]]]);
	const guard = actorWith(["occupancy.correct"]);
	await monitor.correct("ann", null, "seen outside", guard);
	expect(await inside()).toEqual([["hall", []]]);
	await expect(monitor.correct("nobody", null, "seen outside", guard)).rejects.toMatchObject({ status: 404 });
	await expect(monitor.correct("ann", "roof", "seen there", guard)).rejects.toMatchObject({ status: 400, errors: [{ field: "room" }] });
	clock.time += 17 * 3_600_000;
	await monitor.correct("ann", "hall", "came back", guard);
	clock.time += 17 * 3_600_000;
	expect(await inside()).toEqual([["hall", []]]);
});

test("an exit by the button marks who was known to be in the room, until they are seen again (ACC-7)", async () => {
	const monitor = monitorOf();
	const button = (seq: number) => swipe(seq, { device: "c1", direction: "out", method: "exit-button", card: null, reason: "request-to-exit" });
	const exits = async () =>
		(await monitor.occupancy()).zones.flatMap(({ count, people }) => [
			count,
			...people.map(({ exit }) => exit && [Date.parse(exit.at) - T0, exit.probable]),
		]);
	await access.record([swipe(1), button(5)], false);
	await monitor.look();
	expect(await exits()).toEqual([0, [5_000, true]]);
	await access.record([button(3)], true);
	await monitor.look();
	expect(await exits()).toEqual([0, [5_000, true]]);
	await access.record([swipe(8)], false);
	await monitor.look();
	expect(await exits()).toEqual([1, null]);
	await access.record([button(7)], true);
	await monitor.look();
	expect(await exits()).toEqual([1, null]);
	await access.record([button(9)], false);
	await monitor.look();
	await monitor.correct("ann", "hall", "seen at the racks", actorWith(["occupancy.correct"]));
	expect(await exits()).toEqual([1, null]);
});

test("a correction counts also where a reader's clock is ahead of the server's", async () => {
	const monitor = monitorOf();
	await access.record([swipe(3600)], false);
	await monitor.look();
	const { zones } = await monitor.correct("ann", null, "seen outside", actorWith(["occupancy.correct"]));
	expect(zones.flatMap(({ people }) => people)).toEqual([]);
});
