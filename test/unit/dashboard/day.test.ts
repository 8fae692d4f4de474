import { expect, test } from "vitest";
import { dayIn } from "../../../dashboard/src/features/visitors/day.ts";

test.each([
	["Asia/Shanghai", "2026-11-26", "2026-11-25T16:00:00.000Z", 24],
	["Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00.000Z", 25],
	["Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00.000Z", 23],
])("a day of %s, %s, begins at %s and has %d hours", (zone, day, from, hours) => {
	const found = dayIn(zone, day);
	expect(new Date(found?.from ?? 0).toISOString()).toBe(from);
	expect(((found?.to ?? 0) - (found?.from ?? 0)) / 3_600_000).toBe(hours);
});
test("what is no day is none", () => expect(dayIn("UTC", "soon")).toBeNull());
