import fc from "fast-check";
import { expect, test } from "vitest";
import type { RawRow } from "../../../server/history/history.ts";
import { floorTo, HOUR, MINUTE, mergeBuckets, rollUp, rollupRow } from "../../../server/history/rollup.ts";

const row = (ts: number, value: RawRow["value"], quality: RawRow["quality"] = "good"): RawRow => ({ ts, value, quality });

test("min, max and mean are over good and uncertain numbers, last and count over all", () => {
	const rows = [row(0, 4), row(1, 2, "uncertain"), row(2, 99, "bad"), row(MINUTE, "open"), row(MINUTE + 1, true), row(3 * MINUTE, 5, "bad")];
	expect(rollUp(rows, MINUTE).map(rollupRow)).toEqual([
		{ ts: 0, min: 2, max: 4, mean: 3, last: 99, count: 3 },
		{ ts: MINUTE, min: null, max: null, mean: null, last: true, count: 2 },
		{ ts: 3 * MINUTE, min: null, max: null, mean: null, last: 5, count: 1 },
	]);
});

test("hours made of minutes are the hours made of readings", () => {
	const rows = fc.uniqueArray(
		fc.record({
			ts: fc.integer({ min: 0, max: 3 * HOUR }),
			value: fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constant("open")),
			quality: fc.constantFrom("good" as const, "bad" as const),
		}),
		{ selector: ({ ts }) => ts, maxLength: 60 },
	);
	fc.assert(
		fc.property(rows, (unsorted) => {
			const sorted = unsorted.toSorted((a, b) => a.ts - b.ts);
			expect(mergeBuckets(rollUp(sorted, MINUTE), HOUR)).toEqual(rollUp(sorted, HOUR));
		}),
	);
});

test.each([
	[0, 0],
	[59_999, 0],
	[60_000, 60_000],
	[-1, -60_000],
])("the minute of %i begins at %i", (ts, start) => expect(floorTo(ts, MINUTE)).toBe(start));
