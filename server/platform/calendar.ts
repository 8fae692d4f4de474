/** The same day and time of day `months` later in UTC; the month's last day where it has no such day. Unix ms. */
export function addMonths(time: number, months: number): number {
	const from = new Date(time);
	const first = new Date(time);
	first.setUTCDate(1);
	first.setUTCMonth(from.getUTCMonth() + months);
	const days = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
	first.setUTCDate(Math.min(from.getUTCDate(), days));
	return first.getTime();
}
