/** Hours of the week in a time zone. */
import { WEEKDAYS, type WeeklySchedule } from "../../../contracts/weekly-schedule.ts";

const DAYS: Readonly<Record<string, number>> = { Mon: 0, Tue: 1, Wed: 2, Thu: 3, Fri: 4, Sat: 5, Sun: 6 };
const formats = new Map<string, Intl.DateTimeFormat>();

/** The local weekday (0: Monday) and minute of the day of an instant (Unix ms). */
export function localMinute(ts: number, timeZone: string): { day: number; minute: number } {
	let format = formats.get(timeZone);
	if (!format) {
		format = new Intl.DateTimeFormat("en-US", { timeZone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
		formats.set(timeZone, format);
	}
	const parts = new Map(format.formatToParts(ts).map(({ type, value }) => [type, value]));
	return { day: DAYS[parts.get("weekday") ?? ""] ?? 0, minute: Number(parts.get("hour")) * 60 + Number(parts.get("minute")) };
}

/** `07:30` as minutes of the day. */
export function minuteOf(time: string): number {
	const [hours = "0", minutes = "0"] = time.split(":");
	return Number(hours) * 60 + Number(minutes);
}

/** Whether an instant lies within the hours; no schedule: always. */
export function isWithin(schedule: WeeklySchedule | null, ts: number, timeZone: string): boolean {
	if (schedule === null) return true;
	const { day, minute } = localMinute(ts, timeZone);
	const name = WEEKDAYS[day];
	return schedule.some(({ days, from, to }) => name !== undefined && days.includes(name) && minuteOf(from) <= minute && minute < minuteOf(to));
}
