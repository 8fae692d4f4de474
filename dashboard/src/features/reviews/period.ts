/** `2026-11`: the month of an instant (Unix ms) in a time zone, as reviews are named. */
export function periodOf(at: number, timeZone: string): string {
	const parts = new Intl.DateTimeFormat("en", { timeZone, year: "numeric", month: "2-digit" }).formatToParts(at);
	const of = (type: string) => parts.find((part) => part.type === type)?.value ?? "";
	return `${of("year")}-${of("month")}`;
}
