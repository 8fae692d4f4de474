import { instantOf } from "../../ui/site-time.ts";

/** `2026-11`: the month of an instant (Unix ms) in a time zone, as reviews are named. */
export function periodOf(at: number, timeZone: string): string {
	const parts = new Intl.DateTimeFormat("en", { timeZone, year: "numeric", month: "2-digit" }).formatToParts(at);
	const of = (type: string) => parts.find((part) => part.type === type)?.value ?? "";
	return `${of("year")}-${of("month")}`;
}

/** The last second of a day such as `2026-12-31` in a time zone, Unix ms; `null` for what is no day. */
export function endOfDay(day: string, timeZone: string): number | null {
	const next = Date.parse(`${day}T00:00:00Z`) + 86_400_000;
	const midnight = Number.isNaN(next) ? null : instantOf(new Date(next).toISOString().slice(0, 16), timeZone);
	return midnight === null ? null : midnight - 1000;
}
