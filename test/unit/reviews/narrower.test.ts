import { expect, test } from "vitest";
import type { WeeklySchedule } from "../../../contracts/weekly-schedule.ts";
import { covers, refusalOfChange } from "../../../server/reviews/narrower.ts";

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 11, 1);
const hours = (from: string, to: string, ...days: WeeklySchedule[number]["days"]): WeeklySchedule => [{ days, from, to }];
const WEEK = hours("08:00", "18:00", "mon", "tue", "wed", "thu", "fri");

test.each<[string, Parameters<typeof refusalOfChange>[0], Parameters<typeof refusalOfChange>[1], string | null]>([
	["an earlier end", { from: 0, until: NOW + 9 * DAY, schedule: null }, { until: NOW + DAY, schedule: null }, null],
	["an end where there was none", { from: 0, until: null, schedule: null }, { until: NOW + DAY, schedule: null }, null],
	["hours where there were none", { from: 0, until: null, schedule: null }, { until: null, schedule: WEEK }, null],
	["fewer hours", { from: 0, until: null, schedule: WEEK }, { until: null, schedule: hours("09:00", "12:00", "mon") }, null],
	["nothing", { from: 0, until: null, schedule: WEEK }, { until: null, schedule: null }, "change"],
	["an end that is over", { from: 0, until: null, schedule: null }, { until: NOW, schedule: null }, "change.until"],
	["an end before the beginning", { from: NOW + 2 * DAY, until: null, schedule: null }, { until: NOW + DAY, schedule: null }, "change.until"],
	["a later end", { from: 0, until: NOW + DAY, schedule: null }, { until: NOW + 2 * DAY, schedule: null }, "change.until"],
	["a further day", { from: 0, until: null, schedule: WEEK }, { until: null, schedule: hours("09:00", "12:00", "mon", "sun") }, "change.schedule"],
	["longer hours", { from: 0, until: null, schedule: WEEK }, { until: null, schedule: hours("07:59", "12:00", "mon") }, "change.schedule"],
])("a review makes of a grant less than it is, or nothing: %s", (_, grant, change, field) => {
	expect(refusalOfChange(grant, change, NOW)?.field ?? null).toBe(field);
});

test("hours that meet cover what passes from one to the other", () => {
	const two: WeeklySchedule = [...hours("08:00", "12:00", "mon"), ...hours("12:00", "24:00", "mon")];
	expect(covers(two, hours("11:00", "13:00", "mon"))).toBe(true);
	expect(covers(hours("11:00", "13:00", "mon"), two)).toBe(false);
});
