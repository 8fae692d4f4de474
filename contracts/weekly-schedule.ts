/** Hours of the week. */
import { z } from "zod";

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const dayTime = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, { error: "expected a time of day such as 07:30, or 24:00" });
/** Hours of the week in the site's time zone, from (inclusive) to (exclusive); one that passes midnight is written as two. */
export const weeklyScheduleSchema = z
	.array(
		z
			.strictObject({ days: z.array(z.enum(WEEKDAYS)).min(1).max(7), from: dayTime, to: dayTime })
			.refine(({ from, to }) => from < to, { error: "expected from before to; hours past midnight are written as two", path: ["to"] }),
	)
	.min(1)
	.max(20);
export type WeeklySchedule = z.infer<typeof weeklyScheduleSchema>;
