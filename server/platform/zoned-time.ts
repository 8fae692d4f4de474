/** Days and times of day in a time zone. A day is text, `2026-03-29`; nothing here depends on the machine's own zone. */

const DAY_MS = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** The day that a zone's calendar shows at an instant (Unix ms). */
export function dayAt(at: number, timeZone: string): string {
	return new Date(at + offset(at, timeZone)).toISOString().slice(0, 10);
}

/**
 * The instant (Unix ms) at which a zone's clocks show a day and a time such as `07:30`. Shown twice, when clocks are put back, it is
 * the first time; skipped, when they are put forward, it is as long after the change as the time is after the skipped hour's beginning.
 */
export function instantOf(day: string, time: string, timeZone: string): number {
	const wall = Date.parse(`${day}T${time}:00Z`);
	const [before, after] = [offset(wall - DAY_MS, timeZone), offset(wall + DAY_MS, timeZone)];
	// The offset before a change is tried first, so that of two it is the earlier; it also carries a skipped time beyond the change.
	if (before === after || offset(wall - before, timeZone) === before) return wall - before;
	return offset(wall - after, timeZone) === after ? wall - after : wall - before;
}

/** The day `days` later. */
export const addDays = (day: string, days: number): string => new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
/** Days from one to the other. */
export const daysBetween = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
/** 0: Monday. */
export const weekdayOf = (day: string): number => (new Date(day).getUTCDay() + 6) % 7;

/** What the zone's clocks show beyond UTC, ms. */
function offset(at: number, timeZone: string): number {
	let format = formats.get(timeZone);
	if (!format) {
		format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
		formats.set(timeZone, format);
	}
	const name = format.formatToParts(at).find(({ type }) => type === "timeZoneName")?.value ?? "";
	const parts = /^GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(name);
	if (!parts) return 0;
	const [, sign, hours, minutes, seconds = "0"] = parts;
	return (sign === "-" ? -1000 : 1000) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds));
}
