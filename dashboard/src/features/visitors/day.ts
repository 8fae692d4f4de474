/** A day (`2026-11-26`) of a time zone, Unix ms from (inclusive) to (exclusive); `null` for what is no day. */
export function dayIn(timeZone: string, day: string): { from: number; to: number } | null {
	const midnight = Date.parse(`${day}T00:00:00Z`);
	if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(midnight)) return null;
	return { from: localMidnight(timeZone, midnight), to: localMidnight(timeZone, midnight + 86_400_000) };
}

/** Twice, as the offset at the first guess may be that of the other side of a change of the clocks. */
function localMidnight(timeZone: string, utc: number): number {
	const first = utc - offsetAt(timeZone, utc);
	return utc - offsetAt(timeZone, first);
}

function offsetAt(timeZone: string, at: number): number {
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
	const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
	return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}
