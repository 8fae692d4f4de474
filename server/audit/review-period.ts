/** Which months the auditors review (AUD-3): whole months of the site's time zone. */

export interface ReviewPeriod {
	/** `2026-11` */
	id: string;
	/** Unix ms, [from, to). */
	from: number;
	to: number;
	/** Signed later than this, it is overdue. */
	dueAt: number;
}

const DAY_MS = 86_400_000;
const DUE_AFTER_MS = 14 * DAY_MS;
/** Months that are looked back at most. */
const MOST_MONTHS = 36;

/** The first instant of a month in a time zone, Unix ms. `month`: from 0; beyond 11 it is of the next year. */
export function zonedMonthStart(year: number, month: number, timeZone: string): number {
	const wall = Date.UTC(year, month, 1);
	// Twice: the offset at the first guess may be that of the other side of a change of the clocks.
	const guess = wall - offsetAt(wall, timeZone);
	return wall - offsetAt(guess, timeZone);
}

/** The months that are over at `now` and have lines, from that of the oldest line on; oldest first. */
export function reviewPeriods(oldest: number | null, now: number, timeZone: string): ReviewPeriod[] {
	if (oldest === null) return [];
	const periods: ReviewPeriod[] = [];
	const today = new Date(now + offsetAt(now, timeZone));
	const [year, month] = [today.getUTCFullYear(), today.getUTCMonth()];
	for (let back = 1; back <= MOST_MONTHS; back++) {
		const [from, to] = [zonedMonthStart(year, month - back, timeZone), zonedMonthStart(year, month - back + 1, timeZone)];
		if (to <= oldest) break;
		const id = new Date(Date.UTC(year, month - back, 1)).toISOString().slice(0, 7);
		periods.unshift({ id, from, to, dueAt: to + DUE_AFTER_MS });
	}
	return periods;
}

/** What the zone's clocks show beyond UTC, ms. */
function offsetAt(at: number, timeZone: string): number {
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
