/** Events that come after newer ones: what looks back is judged again, and what a missing event would explain waits for it (ACC-2, ALM-5). */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { UplinkAccessEvent } from "../../../contracts/uplink.ts";
import { accessMigrations } from "../../../server/access/access-migrations.ts";
import { AccessService } from "../../../server/access/access-service.ts";
import { AccessMonitor } from "../../../server/access/monitor/access-monitor.ts";
import { monitorMigrations } from "../../../server/access/monitor/monitor-migrations.ts";
import { MISSING } from "../../../server/access/monitor/rules.ts";
import type { OwnReport } from "../../../server/alarms/own-alarm.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { recordedActs } from "../../helpers/actors.ts";
import { type TestDatabase, testDatabase } from "../../helpers/postgres.ts";
import { registerOf } from "../../helpers/register.ts";
import { recordingRealtime, settableClock, smallSite, worldSource } from "../../helpers/small-world.ts";

const T0 = Date.parse("2026-11-23T09:00:00Z");
const card = { format: "H10301", facility: 12, number: 3456 };
const base = smallSite();
const readers = (device: string) => [
	{ device, direction: "in" },
	{ device, direction: "out" },
];
const [main] = base.doors;
const world = worldSource({
	...base,
	rooms: base.rooms.map((room) => ({ ...room, devices: [...room.devices, { id: "r2", kind: "card-reader" }] })),
	doors: [
		{ ...main, antiPassback: "soft", readers: readers("r1") },
		{ ...main, id: "gate", name: "Gate", antiPassback: "soft", plan: { x: 4.5, y: 40 }, readers: readers("r2") },
	],
	holders: [{ id: "ann", name: "Ann Lee", role: "employee", card, zones: ["hall"] }],
});
const register = registerOf(world.current().site);
const clock = settableClock(T0);

let db: TestDatabase;
let access: AccessService;
let monitor: AccessMonitor;
let reports: OwnReport[];
let uncertain: string[];

/** `at` in seconds. */
const swipe = (seq: number, at: number, more: Partial<UplinkAccessEvent> = {}): UplinkAccessEvent => ({
	type: "access",
	device: "r1",
	ts: T0 + at * 1000,
	receivedAt: T0 + at * 1000,
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
const denied = (seq: number, at: number) => swipe(seq, at, { result: "denied", reason: "denied-no-rights", card: { ...card, number: 1 } });
const out = { direction: "out" } as const;
const gate = { device: "r2", door: "gate" };
/** So many seconds after the beginning. */
async function comes(at: number, late: boolean, ...events: UplinkAccessEvent[]): Promise<void> {
	clock.time = T0 + at * 1000;
	await access.record(events, late);
	await monitor.look();
}
const lookAt = (at: number) => comes(at, false);
const found = async (kind: "guessing" | "impossible-travel" | "passback") =>
	(await monitor.findings({ kind }, { limit: 100, after: null })).items.map(({ at, detail }) => [(Date.parse(at) - T0) / 1000, detail] as const);
const raised = (rule: string) => reports.filter((report) => report.rule === rule);

beforeEach(async () => {
	db = await testDatabase({ ...accessMigrations, ...monitorMigrations });
	reports = [];
	uncertain = [];
	access = new AccessService({ world, database: db.database, realtime: recordingRealtime(), clock, register: () => register });
	monitor = new AccessMonitor({
		database: db.database,
		register: () => register,
		site: () => "s",
		uncertain: () => uncertain,
		counts: { accessCounts: () => [], reportCounted: async () => undefined },
		report: async (report) => {
			reports.push(report);
		},
		realtime: recordingRealtime(),
		audit: recordedActs().audit,
		clock,
		logger: silentLogger(),
		every: null,
	});
	clock.time = T0;
	await access.start();
});
afterEach(() => db.drop());

describe("what looks back is judged again", () => {
	test("guessing: a denial that comes late makes the fourth the fifth, and its alarm is raised once", async () => {
		await comes(15, false, ...[11, 12, 13, 14].map((at, n) => denied(10 + n, at)));
		expect(await found("guessing")).toEqual([]);
		await comes(40, true, denied(5, 1));
		expect(await found("guessing")).toEqual([[14, expect.stringContaining("5 denials")]]);
		await comes(50, true, denied(6, 2), denied(7, 3));
		expect(await found("guessing")).toHaveLength(1);
		expect(raised("access-guessing")).toMatchObject([{ subject: "main", message: expect.stringContaining("told late") }]);
	});

	test("guessing that was told already is not told again for a denial that comes late", async () => {
		await comes(20, false, ...[11, 12, 13, 14, 15].map((at, n) => denied(10 + n, at)));
		await comes(40, true, denied(5, 1));
		expect(raised("access-guessing")).toHaveLength(1);
	});

	test("impossible travel: the passage before comes late", async () => {
		await comes(11, false, swipe(1, 10, gate));
		await comes(30, true, swipe(1, 9));
		expect(await found("impossible-travel")).toEqual([[10, expect.stringContaining("from Main to Gate")]]);
		expect(raised("access-impossible-travel")).toHaveLength(1);
	});
});

describe("a passback is judged in the order of events, once they are in", () => {
	const again = MISSING.again / 1000;

	test("where the way out comes late, there is none and no alarm", async () => {
		await comes(1, false, swipe(1, 0));
		await comes(100, false, swipe(3, 100));
		await lookAt(110);
		expect(await found("passback")).toEqual([]);
		await comes(111, true, swipe(2, 50, out));
		await lookAt(111 + 3 * again);
		expect([await found("passback"), reports]).toEqual([[], []]);
	});

	test("where the backlog explains nothing, it is found and its alarm is raised", async () => {
		await comes(1, false, swipe(1, 0));
		await comes(100, false, swipe(3, 100));
		await comes(111, true, denied(2, 50));
		await lookAt(111 + 3 * again);
		expect(await found("passback")).toEqual([[100, expect.not.stringContaining("uncertain")]]);
		expect(raised("access-passback")).toHaveLength(1);
	});

	test("where what is missing never comes, it is listed as uncertain and raises no alarm", async () => {
		await comes(1, false, swipe(1, 0));
		await comes(100, false, swipe(3, 100));
		await lookAt(3_600);
		expect(await found("passback")).toEqual([]);
		await lookAt(3_800);
		expect(await found("passback")).toEqual([[100, expect.stringContaining("uncertain")]]);
		expect(reports).toEqual([]);
	});

	test("where another door of the zone isn't heard, it waits for that one's events", async () => {
		uncertain = ["gate"];
		await comes(1, false, swipe(1, 0));
		await comes(100, false, swipe(2, 100));
		await lookAt(110);
		expect(await found("passback")).toEqual([]);
		await comes(120, true, swipe(1, 50, { ...gate, ...out }));
		uncertain = [];
		await lookAt(120 + 3 * again);
		expect([await found("passback"), raised("access-passback")]).toEqual([[], []]);
	});

	test("where the way in before comes late from another door, the next passage is judged again", async () => {
		await comes(1, false, swipe(1, 0));
		await comes(20, false, swipe(2, 20, out));
		await comes(100, false, swipe(3, 100));
		await lookAt(110);
		expect(await found("passback")).toEqual([]);
		await comes(120, true, swipe(1, 60, gate));
		await lookAt(120 + 3 * again);
		expect(await found("passback")).toEqual([[100, expect.any(String)]]);
	});
});
