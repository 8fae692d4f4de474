import { describe, expect, test } from "vitest";
import { ownPointOf } from "../../../server/alarms/own-alarm.ts";
import {
	agentConditions,
	clockConditions,
	forkConditions,
	type Held,
	highRiskReport,
	historyCondition,
	lapseConditions,
	look,
	type OwnCondition,
	reviewConditions,
	rosterConditions,
} from "../../../server/alarms/own-conditions.ts";

const T0 = 1_769_000_000_000;
const at = (seconds: number) => new Date(T0 + seconds * 1000).toISOString();
const MB = 1024 * 1024;

describe("an agent", () => {
	test.each([
		["is online", "online", at(1), 2, false],
		["was heard and is lost", "offline", at(1), 20, true],
		["can't be told of yet", "unknown", null, 5, null],
		["has not been heard since the start: its minute of grace runs", "offline", at(-3600), 59, null],
		["has not been heard since the start, and its grace is over", "offline", at(-3600), 60, true],
		["has never been heard, and its grace is over", "offline", null, 60, true],
	] as const)("%s", (_rule, status, lastSeen, now, holds) => {
		expect(agentConditions([{ id: "a", name: "A", status, lastSeen }], T0, T0 + now * 1000)[0]?.holds).toBe(holds);
	});
});

test.each([
	["has not been heard since the start", undefined, null],
	["saw one history only", null, false],
	["was shown another history", "size 9 again, with another root", true],
])("the fork of a witness that %s", (_rule, fork, holds) => {
	const [condition] = forkConditions([{ id: "a", name: "A" }], () => fork);
	expect(condition).toMatchObject({ rule: "ledger-fork", subject: "a", holds, message: expect.stringContaining(fork ?? "A") });
});

test("a review of the audit log is overdue once its day is over", () => {
	const unsigned = [{ id: "2026-01", dueAt: T0 }];
	expect(reviewConditions(unsigned, T0)[0]?.holds).toBe(false);
	expect(reviewConditions(unsigned, T0 + 1)[0]).toMatchObject({ subject: "2026-01", holds: true, message: expect.stringContaining("2026-01-21") });
});

test("a zone's notice holds while grants to it lapse soon, and says when the first does", () => {
	const zones = [
		{ zone: "hall", name: "Hall", count: 3, first: T0 },
		{ zone: "roof", name: "Roof", count: 0, first: Number.POSITIVE_INFINITY },
	];
	expect(lapseConditions(zones)).toMatchObject([
		{ rule: "grants-lapsing", subject: "hall", holds: true, message: "Hall: 3 grants lapse, the first on 2026-01-21" },
		{ rule: "grants-lapsing", subject: "roof", holds: false },
	]);
});

test("a gap in the roster is told in the site's time zone, as it is now: the one that is on, or the next", () => {
	const NOON = Date.parse("2026-11-27T04:00:00Z");
	const HOURS = 3_600_000;
	const gap = (from: number, until: number) => ({ place: "first", from: NOON + from * HOURS, until: NOON + until * HOURS });
	const said = (...gaps: ReturnType<typeof gap>[]) => {
		const roster = { places: ["first"], gaps, nobody: false };
		const [first] = rosterConditions(roster, { now: NOON, timeZone: "Asia/Shanghai" });
		return first?.holds ? [first.message, first.ofNow] : null;
	};
	expect(said()).toBeNull();
	expect(said(gap(20, 24))).toEqual(["Nobody is on duty as first from 28 Nov, 08:00 GMT+8", true]);
	expect(said(gap(-1, 2), gap(20, 24))).toEqual([
		"Nobody is on duty as first now, until 27 Nov, 14:00 GMT+8, and at 1 more time within 30 days",
		true,
	]);
});

test("a line of high risk is told with what was done and by whom", () => {
	const line = { operation: "account.reset", username: "ada", at: T0 };
	expect(highRiskReport(line)).toEqual({
		rule: "high-risk-operation",
		subject: "account.reset",
		active: true,
		at: T0,
		message: "account.reset by ada",
	});
	expect(ownPointOf(highRiskReport({ ...line, operation: "x".repeat(80) }).subject)).toBe(`watchroom:${"x".repeat(64)}`);
});

describe("a device's clock", () => {
	const device = { id: "t1", name: "T1", status: "online" as const, lastSeen: at(0), clockSkewMs: 0, room: "hall", rack: null };
	test.each([
		["within the limit", {}, 60_000, false, false],
		["beyond the limit, ahead", {}, 60_001, false, true],
		["beyond the limit, behind", {}, -60_001, false, true],
		["an active alarm needs more than just the limit to return", {}, -50_000, true, true],
		["an active alarm returns well below the limit", {}, 44_000, true, false],
		["nothing known", {}, null, true, null],
		["nothing known now: its agent isn't heard", { status: "unknown" as const }, 90_000, false, null],
	] as const)("%s", (_rule, change, clockSkewMs, active, holds) => {
		expect(clockConditions([{ ...device, ...change, clockSkewMs }], () => active)[0]?.holds).toBe(holds);
	});

	test("the message says by how much, and which way", () => {
		expect(clockConditions([{ ...device, clockSkewMs: -75_400 }], () => false)[0]?.message).toBe("The clock of T1 is 75 s behind");
	});
});

test.each([
	["well", "ok", 0, false, false],
	["the store is away", "degraded", MB, false, true],
	["the spool is more than half full", "ok", 51 * MB, false, true],
	["it returns only below 40 %", "ok", 45 * MB, true, true],
	["and then it does", "ok", 39 * MB, true, false],
] as const)("the history: %s", (_rule, status, spoolBytes, active, holds) => {
	expect(historyCondition({ status, spoolBytes }, 100 * MB, active).holds).toBe(holds);
});

describe("a delay", () => {
	const condition = (holds: boolean | null, sample?: number): OwnCondition => ({
		rule: "device-clock-skew",
		subject: "t1",
		holds,
		onDelay: 60,
		offDelay: 30,
		message: "",
		...(sample !== undefined && { sample }),
	});
	/** What is said after each look at (time, condition). */
	const said = (...looks: [number, OwnCondition][]) => {
		let held: Held = { active: false, differs: null };
		return looks.map(([now, each]) => {
			held = look(held, each, now);
			return held.active;
		});
	};
	test("must run out before anything is said, both ways", () => {
		expect(said([0, condition(true)], [59, condition(true)], [60, condition(true)], [61, condition(false)], [91, condition(false)])).toEqual([
			false,
			false,
			true,
			true,
			false,
		]);
	});
	test("begins anew when the condition goes away meanwhile, or can't be told", () => {
		expect(said([0, condition(true)], [30, condition(false)], [60, condition(true)], [90, condition(null)], [120, condition(true)])).not.toContain(
			true,
		);
	});
	test("runs out only on something newer than what began it", () => {
		expect(said([0, condition(true, 1)], [100, condition(true, 1)], [101, condition(true, 2)])).toEqual([false, false, true]);
	});
});
