/** Months of the audit log's partitions, in UTC. */

/** Start of the month `ahead` months after that of `ms`, Unix ms. */
export function monthStart(ms: number, ahead = 0): number {
	const date = new Date(ms);
	return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + ahead, 1);
}

/** `lines_2026_11` to the Unix ms in [from, to) that it holds; `null` for a name that is no partition's. */
export function partitionRange(name: string): { from: number; to: number } | null {
	const [, year, month] = /^lines_(\d{4})_(\d{2})$/.exec(name) ?? [];
	if (year === undefined || month === undefined || Number(month) < 1 || Number(month) > 12) return null;
	const from = Date.UTC(Number(year), Number(month) - 1, 1);
	return { from, to: monthStart(from, 1) };
}

/** The shortest time that lines are kept, days (AUD-2). */
export const AUDIT_LEAST_DAYS = 180;
const DAY_MS = 86_400_000;

/** Partitions whose every line is older than `days`, or than 180 days where that is more; oldest first. */
export function expiredPartitions(names: readonly string[], days: number, now: number): string[] {
	const end = now - Math.max(days, AUDIT_LEAST_DAYS) * DAY_MS;
	return names.filter((name) => (partitionRange(name)?.to ?? Number.POSITIVE_INFINITY) <= end).sort();
}
