import { describe, expect, test } from "vitest";
import { chooseStep, expectedRows, type Retention, storedRange } from "../../../server/history/resolution.ts";
import { HOUR } from "../../../server/history/rollup.ts";

const DAY = 24 * HOUR;
const NOW = 1_000 * DAY;
const retention: Retention = { rawMs: 30 * DAY, minuteMs: 400 * DAY, hourMs: 900 * DAY };

describe("auto takes the finest step that reaches back and fits", () => {
	test.each([
		["an hour at 1 s", HOUR, 3600, 5000, "raw"],
		["a day at 10 s", DAY, 8640, 5000, "1m"],
		["a day at 10 s on a wide screen", DAY, 8640, 10_000, "raw"],
		["a month at 10 s", 30 * DAY, 259_200, 5000, "1h"],
		["a point that speaks once a day, two months", 60 * DAY, 60, 5000, "1m"],
		["exactly the raw retention", 30 * DAY, 30, 5000, "raw"],
		["beyond minutes", 500 * DAY, 1, 5000, "1h"],
		["beyond everything", 950 * DAY, 1, 5000, "1h"],
		["nothing fits: the coarsest that reaches back", 30 * DAY, 259_200, 10, "1h"],
	])("%s", (_, range, rawRows, maxRows, step) => {
		expect(chooseStep({ from: NOW - range, to: NOW, rawRows, maxRows }, retention, NOW)).toBe(step);
	});

	test("where raw is kept longest, raw answers for what is older than the rest", () => {
		const inverted = { rawMs: 100 * DAY, minuteMs: DAY, hourMs: DAY };
		expect(chooseStep({ from: NOW - 50 * DAY, to: NOW, rawRows: 1e9, maxRows: 10 }, inverted, NOW)).toBe("raw");
	});
});

test("the expected rows are those of the point's interval, unknown without one", () => {
	expect(expectedRows({ from: 0, to: HOUR, interval: 10_000 })).toBe(360);
	expect(expectedRows({ from: 0, to: HOUR, interval: null })).toBeNull();
	expect(expectedRows({ from: 0, to: HOUR })).toBeNull();
});

test("the range begins no sooner than what is kept, and for rollups at the start of a bucket", () => {
	expect(storedRange({ from: NOW - 40 * DAY, to: NOW }, "raw", retention, NOW)).toEqual({ from: NOW - 30 * DAY, to: NOW });
	expect(storedRange({ from: NOW - 90_001, to: NOW - 1 }, "1m", retention, NOW)).toEqual({ from: NOW - 120_000, to: NOW - 1 });
});
