import { instantOf } from "../../ui/site-time.ts";

/** A day (`2026-11-26`) of a time zone, Unix ms from (inclusive) to (exclusive); `null` for what is no day. */
export function dayIn(timeZone: string, day: string): { from: number; to: number } | null {
	const midnight = Date.parse(`${day}T00:00:00Z`);
	if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(midnight)) return null;
	const next = new Date(midnight + 86_400_000).toISOString().slice(0, 10);
	const [from, to] = [instantOf(`${day}T00:00`, timeZone), instantOf(`${next}T00:00`, timeZone)];
	return from === null || to === null ? null : { from, to };
}
