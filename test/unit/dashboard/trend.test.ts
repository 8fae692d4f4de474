import { describe, expect, test } from "vitest";
import { boundsOf, parseRange, rangeText } from "../../../dashboard/src/features/points/trend-range.ts";
import { stateLevels, trendSeriesOf, withLive } from "../../../dashboard/src/features/points/trend-series.ts";

const iso = (ms: number) => new Date(ms).toISOString();
const raw = (rows: [number, number | string | boolean, ("good" | "bad")?][]) => ({
	point: "d:p",
	step: "raw" as const,
	rows: rows.map(([ts, value, quality = "good"]) => ({ ts: iso(ts), value, quality })),
	truncated: false,
});
const number = { type: "number", interval: 5000 } as const;

describe("a trend", () => {
	test.each<[rule: string, values: (number | null)[], actual: (number | null)[]]>([
		[
			"neighbours are joined",
			[1, 2],
			trendSeriesOf(
				raw([
					[0, 1],
					[5000, 2],
				]),
				number,
				[],
			).values,
		],
		[
			"missing data is a gap",
			[1, null, 2],
			trendSeriesOf(
				raw([
					[0, 1],
					[60_000, 2],
				]),
				number,
				[],
			).values,
		],
		[
			"a bad reading is a gap",
			[1, null, 2],
			trendSeriesOf(
				raw([
					[0, 1],
					[5000, 9, "bad"],
					[10_000, 2],
				]),
				number,
				[],
			).values,
		],
		[
			"what speaks only of changes has no gaps",
			[0, 1],
			trendSeriesOf(
				raw([
					[0, "closed"],
					[9_000_000, "open"],
				]),
				{ type: "state", interval: null },
				["closed", "open"],
			).values,
		],
	])("%s", (_, values, actual) => expect(actual).toEqual(values));

	test("rollups bring a band from lowest to highest", () => {
		const rows = [0, 60_000, 300_000].map((ts) => ({ ts: iso(ts), min: 1, max: 3, mean: 2, last: 2, count: 5 }));
		const series = trendSeriesOf({ point: "d:p", step: "1m", rows, truncated: false }, number, []);
		expect(series.band).toEqual({ min: [1, 1, null, 1], max: [3, 3, null, 3] });
	});
	test("a live value goes to the end only if it is newer, and after silence behind a gap", () => {
		const series = trendSeriesOf(
			raw([
				[0, 1],
				[5000, 2],
			]),
			number,
			[],
		);
		expect(withLive(series, { ts: 5000, value: 9 }, [], 15_000)).toBe(series);
		expect(withLive(series, { ts: 9000, value: 3 }, [], 15_000).values).toEqual([1, 2, 3]);
		expect(withLive(series, { ts: 99_000, value: 3 }, [], 15_000).values).toEqual([1, 2, null, 3]);
	});
	test("a yes-or-no point has both levels even when only one was seen", () => {
		expect(stateLevels(raw([[0, true]]).rows, { type: "boolean" })).toEqual([false, true]);
	});
});

describe("a range", () => {
	test.each([
		["h6", "h6"],
		["1700000000000-1700003600000", "1700000000000-1700003600000"],
		["1700003600000-1700000000000", "h1"],
		["nonsense", "h1"],
		[undefined, "h1"],
	])("%s is read as %s", (text, expected) => expect(rangeText(parseRange(text))).toBe(expected));
	test("one that follows asks for new rows once a minute at most", () => {
		const starts = new Set(Array.from({ length: 60 }, (_, second) => boundsOf({ name: "h1" }, 60_000_000 + second * 1000 + 1).to));
		expect(starts.size).toBe(1);
	});
});
