/** What a reviewer may make of a grant (REV-3): less than it is. More is given by who may give access, with a sponsor's name. Pure. */
import { WEEKDAYS, type WeeklySchedule } from "../../contracts/weekly-schedule.ts";
import { minuteOf } from "../access/register/weekly-hours.ts";
import type { FieldError } from "../platform/errors.ts";

interface Limits {
	/** Unix ms. */
	from: number;
	until: number | null;
	schedule: WeeklySchedule | null;
}

/** Why a change can't be made of a grant at a moment (Unix ms), by the field that is wrong; `null`: it can. */
export function refusalOfChange(grant: Limits, { until, schedule }: Pick<Limits, "until" | "schedule">, now: number): FieldError | null {
	if (until === null && schedule === null) return { field: "change", message: "expected until or schedule" };
	if (until !== null && until <= Math.max(now, grant.from)) return { field: "change.until", message: "expected a time to come, after the beginning" };
	if (until !== null && grant.until !== null && until > grant.until)
		return { field: "change.until", message: "expected a time not after its end: a review gives nobody more" };
	if (schedule !== null && grant.schedule !== null && !covers(grant.schedule, schedule))
		return { field: "change.schedule", message: "expected hours within its own: a review gives nobody more" };
	return null;
}

/** Whether every minute of `inner` is one of `outer`. */
export function covers(outer: WeeklySchedule, inner: WeeklySchedule): boolean {
	return WEEKDAYS.every((day) => {
		const open = new Set(minutes(outer, day));
		return minutes(inner, day).every((minute) => open.has(minute));
	});
}

function minutes(schedule: WeeklySchedule, day: (typeof WEEKDAYS)[number]): number[] {
	return schedule
		.filter(({ days }) => days.includes(day))
		.flatMap(({ from, to }) => Array.from({ length: minuteOf(to) - minuteOf(from) }, (_, place) => minuteOf(from) + place));
}
