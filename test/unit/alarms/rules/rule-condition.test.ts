import fc from "fast-check";
import { expect, test } from "vitest";
import type { Quality, Value } from "../../../../contracts/kinds.ts";
import { type Rule, ruleSchema } from "../../../../contracts/rules.ts";
import { conditionOf, lapsed, newMemory, silent } from "../../../../server/alarms/rules/rule-condition.ts";
import { SlidingExtremes } from "../../../../server/alarms/rules/sliding-extremes.ts";

const rule = (rest: object): Rule => ruleSchema.parse({ id: "r", name: "R", on: { point: "p" }, priority: "low", ...rest });
const reading = (ts: number, value: Value, quality: Quality = "good") => ({ point: "d:p", ts, receivedAt: ts, value, quality });

interface Case {
	name: string;
	of: Rule;
	active?: boolean;
	readings: [number, Value, (boolean | null)?, Quality?][];
}
const high = { kind: "limit", level: "high", limit: 32, deadband: 1 };
const low = { kind: "limit", level: "low-low", limit: 10, deadband: 0.5 };
const rate = { kind: "rate", change: 5, within: "64s" };
test.each<Case>([
	{
		name: "high: above, not at, the limit",
		of: rule(high),
		readings: [
			[1, 32, false],
			[2, 32.1, true],
		],
	},
	{
		name: "high: stays within the deadband, returns below it",
		of: rule(high),
		readings: [
			[1, 33, true],
			[2, 31.5, true],
			[3, 31, false],
			[4, 31.5, false],
		],
	},
	{ name: "high: an alarm active before the start is within its deadband", of: rule(high), active: true, readings: [[1, 31.5, true]] },
	{
		name: "low: below the limit, back above the deadband",
		of: rule(low),
		readings: [
			[1, 10, false],
			[2, 9.9, true],
			[3, 10.4, true],
			[4, 10.5, false],
		],
	},
	{
		name: "bad quality says nothing, uncertain counts",
		of: rule(high),
		readings: [
			[1, 40, null, "bad"],
			[2, 40, true, "uncertain"],
			[3, 0, null, "bad"],
		],
	},
	{ name: "a limit says nothing of a state", of: rule(high), readings: [[1, "open", null]] },
	{
		name: "state: any of the named ones",
		of: rule({ kind: "state", states: ["forced", "held"] }),
		readings: [
			[1, "open", false],
			[2, "held", true],
		],
	},
	{
		name: "state: booleans, not the text",
		of: rule({ kind: "state", states: [true] }),
		readings: [
			[1, true, true],
			[2, "true", false],
			[3, 1, null],
		],
	},
	{
		name: "rate: a change within the window, either way",
		of: rule(rate),
		readings: [
			[0, 20, false],
			[60_000, 25, true],
			[70_000, 25, false],
			[80_000, 20, true],
		],
	},
	{
		name: "rate: slower than the window is no change",
		of: rule(rate),
		readings: [
			[0, 20, false],
			[40_000, 23, false],
			[80_000, 26, false],
			[120_000, 29, false],
		],
	},
	{
		name: "rate: only a rise",
		of: rule({ ...rate, direction: "rise" }),
		readings: [
			[0, 20, false],
			[1000, 10, false],
			[2000, 15, true],
		],
	},
	{
		name: "count: so many changes within the window, whichever way; the first reading is no change",
		of: rule({ kind: "count", count: 3, within: "1min" }),
		readings: [
			[0, false, false],
			[1000, true, false],
			[1500, true, false],
			[2000, false, false],
			[61_000, true, false],
			[61_500, false, true],
		],
	},
	{
		name: "count: only changes into one of the states",
		of: rule({ kind: "count", count: 2, within: "1min", states: ["forced", "held"] }),
		readings: [
			[0, "held", false],
			[1000, "closed", false],
			[2000, "held", false],
			[3000, "forced", true],
			[4000, "open", true],
			[62_000, "closed", false],
		],
	},
	{
		name: "count: bad quality is no change",
		of: rule({ kind: "count", count: 2, within: "1min" }),
		readings: [
			[0, "a", false],
			[1, "b", null, "bad"],
			[2, "c", false],
			[3, "d", true],
		],
	},
	{
		name: "rate: only a fall",
		of: rule({ ...rate, direction: "fall" }),
		readings: [
			[0, 20, false],
			[1000, 30, false],
			[2000, 25, true],
		],
	},
])("$name", ({ of, active = false, readings }) => {
	const memory = newMemory(of, 1000, active, 0);
	for (const [ts, value, expected, quality] of readings) expect(conditionOf(of, memory, reading(ts, value, quality), ts), `at ${ts}`).toBe(expected);
});

test.each([
	{ name: "three expected intervals where the rule doesn't say", after: undefined, interval: 10_000, silentAt: 30_000 },
	{ name: "the rule's own time", after: "5s", interval: 10_000, silentAt: 5000 },
])("no data after $name, also when nothing was ever heard", ({ after, interval, silentAt }) => {
	const of = rule({ kind: "no-data", ...(after === undefined ? {} : { after }) });
	const memory = newMemory(of, interval, false, 1000);
	if (memory.kind !== "no-data") throw new Error(memory.kind);
	expect([silent(memory, 999 + silentAt), silent(memory, 1000 + silentAt)]).toEqual([false, true]);
	expect(conditionOf(of, memory, reading(1000 + silentAt, 1, "bad"), 1000 + silentAt)).toBeNull();
	expect(silent(memory, 1000 + silentAt)).toBe(true);
	expect(conditionOf(of, memory, reading(50_000, 1), 50_000)).toBe(false);
	expect(conditionOf(of, memory, reading(20_000, 1), 50_001)).toBe(false);
	expect(silent(memory, 50_000 + silentAt)).toBe(true);
});

test("a count lapses when its window has passed, by the server's clock from when the newest reading was seen", () => {
	const of = rule({ kind: "count", count: 2, within: "10s" });
	const memory = newMemory(of, null, false, 0);
	// The device's clock is 500 s behind.
	for (const [ts, value] of [
		[0, "a"],
		[4000, "b"],
		[6000, "a"],
	] as const)
		conditionOf(of, memory, reading(ts, value), ts + 500_000);
	expect([lapsed(of, memory, 513_999), lapsed(of, memory, 514_000)]).toEqual([null, { holds: false, at: 14_000 }]);
	expect([lapsed(of, memory, 506_000, 13_999), lapsed(of, memory, 506_000, 14_000)]).toEqual([null, { holds: false, at: 14_000 }]);
});

test("a count that was active before a restart goes on for its window", () => {
	const of = rule({ kind: "count", count: 3, within: "10s" });
	const memory = newMemory(of, null, true, 1000);
	expect([lapsed(of, memory, 10_999), lapsed(of, memory, 11_000)]).toEqual([null, { holds: false, at: 11_000 }]);
});

test("a point without an interval is never silent unless the rule says after which time", () => {
	const memory = newMemory(rule({ kind: "no-data" }), null, false, 0);
	expect(memory.kind === "no-data" && silent(memory, 1e15)).toBe(false);
});

test("the sliding window's extremes are those of the window, but for its oldest 1/64, in bounded memory", () => {
	const within = 6400;
	fc.assert(
		fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: -50, max: 50 })), { maxLength: 200 }), (steps) => {
			const window = new SlidingExtremes(within);
			const seen: { ts: number; value: number }[] = [];
			let ts = 0;
			for (const [pause, value] of steps) {
				ts += pause;
				window.add(ts, value);
				seen.push({ ts, value });
				const whole = seen.filter((entry) => entry.ts > ts - within).map((entry) => entry.value);
				const sure = seen.filter((entry) => entry.ts > ts - within + within / 64).map((entry) => entry.value);
				expect(window.min).toBeGreaterThanOrEqual(Math.min(...whole));
				expect(window.min).toBeLessThanOrEqual(Math.min(...sure));
				expect(window.max).toBeLessThanOrEqual(Math.max(...whole));
				expect(window.max).toBeGreaterThanOrEqual(Math.max(...sure));
			}
			expect(window.size).toBeLessThanOrEqual(2 * 66);
		}),
	);
});
