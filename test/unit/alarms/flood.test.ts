import { describe, expect, test } from "vitest";
import { floodsOf } from "../../../server/alarms/quality/flood.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** `count` alarms, one every `step` ms from `from`. */
const alarms = (count: number, step: number, from = 0) => Array.from({ length: count }, (_, place) => from + place * step);

describe("an alarm flood", () => {
	test.each([
		{ rule: "none without alarms", times: [], floods: [] },
		{ rule: "ten alarms in ten minutes are none", times: alarms(10, 1000), floods: [] },
		{
			rule: "eleven are one; it ends when fewer than five came within ten minutes",
			times: alarms(11, 1000),
			floods: [{ from: 0, to: 6000 + 10 * MINUTE, alarms: 11, peak: 11 }],
		},
		{ rule: "one a minute is none, however long", times: alarms(600, MINUTE), floods: [] },
		{
			rule: "what comes while it lasts belongs to it, at a lower rate too",
			times: [...alarms(11, 1000), ...alarms(10, 70_000, 5 * MINUTE)],
			floods: [{ from: 0, to: 5 * MINUTE + 5 * 70_000 + 10 * MINUTE, alarms: 21, peak: 16 }],
		},
		{
			rule: "two with quiet between are two",
			times: [...alarms(12, 1000), ...alarms(15, 1000, HOUR)],
			floods: [
				{ from: 0, to: 7000 + 10 * MINUTE, alarms: 12, peak: 12 },
				{ from: HOUR, to: HOUR + 10_000 + 10 * MINUTE, alarms: 15, peak: 15 },
			],
		},
	])("$rule", ({ times, floods }) => expect(floodsOf(times, 10 * HOUR)).toEqual(floods));

	test("one that lasts has no end", () => {
		expect(floodsOf(alarms(500, 100), MINUTE)).toEqual([{ from: 0, to: null, alarms: 500, peak: 500 }]);
	});
});
