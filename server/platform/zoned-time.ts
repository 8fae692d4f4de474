/** Days and times of day in a time zone. A day is text, `2026-03-29`; nothing here depends on the machine's own zone. */
import { zoneOffset } from "../../contracts/zone-offset.ts";

const DAY_MS = 86_400_000;

/** The day that a zone's calendar shows at an instant (Unix ms). */
export function dayAt(at: number, timeZone: string): string {
	return new Date(at + zoneOffset(at, timeZone)).toISOString().slice(0, 10);
}

/** An instant (Unix ms) as a zone's clocks show it, for people: `29 Mar, 07:30 GMT+2`. */
export function momentAt(at: number, timeZone: string): string {
	const clock = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone, timeZoneName: "short" } as const;
	return new Intl.DateTimeFormat("en-GB", clock).format(at);
}

/**
 * The instant (Unix ms) at which a zone's clocks show a day and a time such as `07:30`. Shown twice, when clocks are put back, it is
 * the first time; skipped, when they are put forward, it is as long after the change as the time is after the skipped hour's beginning.
 */
export function instantOf(day: string, time: string, timeZone: string): number {
	const wall = Date.parse(`${day}T${time}:00Z`);
	const [before, after] = [zoneOffset(wall - DAY_MS, timeZone), zoneOffset(wall + DAY_MS, timeZone)];
	// The offset before a change is tried first, so that of two it is the earlier; it also carries a skipped time beyond the change.
	if (before === after || zoneOffset(wall - before, timeZone) === before) return wall - before;
	return zoneOffset(wall - after, timeZone) === after ? wall - after : wall - before;
}

/** The day `days` later. */
export const addDays = (day: string, days: number): string => new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
/** Days from one to the other. */
export const daysBetween = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
/** 0: Monday. */
export const weekdayOf = (day: string): number => (new Date(day).getUTCDay() + 6) % 7;
