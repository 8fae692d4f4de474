/** Hours of the week as people write them: one row may pass midnight, which the register keeps as two; pure. */
import { WEEKDAYS, type WeeklySchedule } from "../../../contracts/weekly-schedule.ts";

export type Weekday = (typeof WEEKDAYS)[number];
export interface HoursRow {
	days: readonly Weekday[];
	/** `07:30`. */
	from: string;
	/** `18:00`; at or before `from`: on the day after. `00:00` is the midnight at the day's end. */
	to: string;
}

export const WORKING_HOURS: HoursRow = { days: ["mon", "tue", "wed", "thu", "fri"], from: "08:00", to: "18:00" };

const after = (day: Weekday): Weekday => WEEKDAYS[(WEEKDAYS.indexOf(day) + 1) % WEEKDAYS.length] ?? "mon";
const inOrder = (days: readonly Weekday[]): Weekday[] => WEEKDAYS.filter((day) => days.includes(day));

/** What the register keeps of the rows; a row without a day keeps nothing. */
export function scheduleOf(rows: readonly HoursRow[]): WeeklySchedule {
	return rows.flatMap(({ days, from, to }) => {
		if (days.length === 0) return [];
		const own = inOrder(days);
		if (from < to) return [{ days: own, from, to }];
		const today = { days: own, from, to: "24:00" };
		return to === "00:00" ? [today] : [today, { days: inOrder(days.map(after)), from: "00:00", to }];
	});
}

/** Days in words: three and more in a row as `Mon–Fri`. */
export function daysText(days: readonly Weekday[], name: (day: Weekday) => string): string {
	const runs: Weekday[][] = [];
	for (const day of inOrder(days)) {
		const run = runs.at(-1);
		const last = run?.at(-1);
		if (run && last && WEEKDAYS.indexOf(last) + 1 === WEEKDAYS.indexOf(day)) run.push(day);
		else runs.push([day]);
	}
	return runs.map((run) => (run.length < 3 ? run.map(name).join(", ") : `${name(run[0] ?? "mon")}–${name(run.at(-1) ?? "sun")}`)).join(", ");
}
