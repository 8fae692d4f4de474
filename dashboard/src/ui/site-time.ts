/** Times as fields of a page take them, by the clock of a time zone; pure. */

/** The instant (Unix ms) of a local time such as `2026-12-31T08:00`; `null` for what is none. */
export function instantOf(local: string, timeZone: string): number | null {
	const wall = Date.parse(`${local}Z`);
	if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(local) || Number.isNaN(wall)) return null;
	// Twice: the offset is that of the time itself, which a change of the clocks may have moved.
	const guess = wall - offsetOf(wall, timeZone);
	return wall - offsetOf(guess, timeZone);
}

/** An instant (Unix ms) as `2026-12-31T08:00`. */
export const localOf = (at: number, timeZone: string): string => new Date(at + offsetOf(at, timeZone)).toISOString().slice(0, 16);

/** The day of an instant (Unix ms), such as `2026-12-31`. */
export const dayOf = (at: number, timeZone: string): string => localOf(at, timeZone).slice(0, 10);

/** How far a time zone's clock is ahead of UTC at an instant, ms. */
export function offsetOf(at: number, timeZone: string): number {
	const clock = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;
	const parts = new Intl.DateTimeFormat("en", { ...clock, hourCycle: "h23", timeZone }).formatToParts(at);
	const of = (type: string) => parts.find((part) => part.type === type)?.value ?? "0";
	return Date.parse(`${of("year")}-${of("month")}-${of("day")}T${of("hour")}:${of("minute")}:${of("second")}Z`) - Math.floor(at / 1000) * 1000;
}
