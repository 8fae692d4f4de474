/** Which months the auditors review (AUD-3): whole months of the site's time zone. */

import { offsetAt, zonedMonthStart } from "../platform/calendar.ts";

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
