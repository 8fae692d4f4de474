/** The same day and time of day `months` later in UTC; the month's last day where it has no such day. Unix ms. */
export function addMonths(time: number, months: number): number {
	const from = new Date(time);
	const first = new Date(time);
	first.setUTCDate(1);
	first.setUTCMonth(from.getUTCMonth() + months);
	const days = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
	first.setUTCDate(Math.min(from.getUTCDate(), days));
	return first.getTime();
}

/** The first instant of a month in a time zone, Unix ms. `month`: from 0; beyond 11 it is of the next year. */
export const zonedMonthStart = (year: number, month: number, timeZone: string): number => zonedDayStart(year, month, 1, timeZone);

/** The first instant of a day in a time zone, Unix ms. `month`: from 0; `day`: from 1; beyond their ends they are of the next. */
export function zonedDayStart(year: number, month: number, day: number, timeZone: string): number {
	const wall = Date.UTC(year, month, day);
	// Twice: the offset at the first guess may be that of the other side of a change of the clocks.
	const guess = wall - offsetAt(wall, timeZone);
	return wall - offsetAt(guess, timeZone);
}

/** What the zone's clocks show beyond UTC, ms. */
export function offsetAt(at: number, timeZone: string): number {
	const format = new Intl.DateTimeFormat("en-US", {
		timeZone,
		hourCycle: "h23",
		year: "numeric",
		month: "numeric",
		day: "numeric",
		hour: "numeric",
		minute: "numeric",
		second: "numeric",
	});
	const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
	const shown = Date.UTC(part.year ?? 0, (part.month ?? 1) - 1, part.day, part.hour, part.minute, part.second);
	return shown - Math.floor(at / 1000) * 1000;
}
