/** Hours of the week and moments as a form takes them, and as the register keeps them. */
import { expect, test } from "vitest";
import { weeklyScheduleSchema } from "../../../contracts/weekly-schedule.ts";
import { instantOf, localOf } from "../../../dashboard/src/ui/site-time.ts";
import { daysText, type HoursRow, scheduleOf, type Weekday } from "../../../dashboard/src/ui/weekly-hours.ts";

const row = (days: Weekday[], from: string, to: string): HoursRow => ({ days, from, to });

test.each([
	["hours of a day are one", row(["fri", "mon"], "08:00", "18:00"), [{ days: ["mon", "fri"], from: "08:00", to: "18:00" }]],
	["midnight is the day's end", row(["mon"], "18:00", "00:00"), [{ days: ["mon"], from: "18:00", to: "24:00" }]],
	["a whole day is midnight to midnight", row(["sun"], "00:00", "00:00"), [{ days: ["sun"], from: "00:00", to: "24:00" }]],
	[
		"hours past midnight go on the day after, from Sunday on Monday",
		row(["sun", "sat"], "22:00", "06:00"),
		[
			{ days: ["sat", "sun"], from: "22:00", to: "24:00" },
			{ days: ["mon", "sun"], from: "00:00", to: "06:00" },
		],
	],
	["a row without a day keeps nothing", row([], "08:00", "18:00"), []],
])("%s", (_, given, kept) => {
	expect(scheduleOf([given])).toEqual(kept);
	if (kept.length > 0) expect(weeklyScheduleSchema.safeParse(kept).success).toBe(true);
});

test.each<[Weekday[], string]>([
	[["mon", "tue", "wed", "thu", "fri"], "mon–fri"],
	[["sat", "sun"], "sat, sun"],
	[["mon", "wed", "thu", "fri", "sun"], "mon, wed–fri, sun"],
])("days %s are told as %s", (days, text) => {
	expect(daysText(days, (day) => day)).toBe(text);
});

test.each([
	["2026-01-15T08:00", "Asia/Shanghai", "2026-01-15T00:00:00Z"],
	["2026-07-15T08:00", "Europe/Berlin", "2026-07-15T06:00:00Z"],
	["2026-03-29T03:30", "Europe/Berlin", "2026-03-29T01:30:00Z"],
	["2026-10-25T12:00", "Europe/Berlin", "2026-10-25T11:00:00Z"],
])("%s in %s is %s, and back", (local, timeZone, instant) => {
	expect(instantOf(local, timeZone)).toBe(Date.parse(instant));
	expect(localOf(Date.parse(instant), timeZone)).toBe(local);
});

test.each(["", "soon", "2026-13-01T00:00"])("%s is no moment", (local) => {
	expect(instantOf(local, "UTC")).toBeNull();
});
