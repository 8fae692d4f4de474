/** `2026-11`: the month of an instant (Unix ms) in a time zone, as reviews are named. */
export function periodOf(at: number, timeZone: string): string {
	const parts = new Intl.DateTimeFormat("en", { timeZone, year: "numeric", month: "2-digit" }).formatToParts(at);
	const of = (type: string) => parts.find((part) => part.type === type)?.value ?? "";
	return `${of("year")}-${of("month")}`;
}

/** The last instant of a day such as `2026-12-31` in a time zone, Unix ms; `null` for what is no day. */
export function endOfDay(day: string, timeZone: string): number | null {
	const midnight = Date.parse(`${day}T00:00:00Z`) + 86_400_000;
	if (Number.isNaN(midnight)) return null;
	// Twice: the offset is that of the end of the day, which a change of the clocks may have moved.
	const guess = midnight - offsetOf(midnight, timeZone);
	return midnight - offsetOf(guess, timeZone) - 1000;
}

function offsetOf(at: number, timeZone: string): number {
	const clock = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;
	const parts = new Intl.DateTimeFormat("en", { ...clock, hourCycle: "h23", timeZone }).formatToParts(at);
	const of = (type: string) => parts.find((part) => part.type === type)?.value ?? "0";
	return Date.parse(`${of("year")}-${of("month")}-${of("day")}T${of("hour")}:${of("minute")}:${of("second")}Z`) - Math.floor(at / 1000) * 1000;
}
