/** Alarm floods (ISA-18.2, clause 16.5.3): they begin above 10 alarms in 10 minutes and end below 5; pure. Times are Unix ms. */

export interface Flood {
	/** When the first of the alarms came that made it one. */
	from: number;
	/** `null`: it goes on. */
	to: number | null;
	alarms: number;
	/** Most alarms in 10 minutes. */
	peak: number;
}

const WINDOW = 10 * 60_000;
const BEGIN_ABOVE = 10;
const END_BELOW = 5;

/** `times`: of all alarms, in order. `now`: up to when is known that no other came. */
export function floodsOf(times: readonly number[], now: number): Flood[] {
	const floods: Flood[] = [];
	let current: Flood | null = null;
	/** The oldest of the last 10 minutes. */
	let first = 0;
	const leave = (until: number, arrived: number) => {
		for (;;) {
			const gone = (times[first] ?? Number.POSITIVE_INFINITY) + WINDOW;
			if (gone > until || first >= arrived) return;
			first++;
			if (current !== null && arrived - first < END_BELOW) {
				current.to = gone;
				current = null;
			}
		}
	};
	for (const [place, time] of times.entries()) {
		leave(time, place);
		const count = place + 1 - first;
		if (current !== null) {
			current.alarms++;
			current.peak = Math.max(current.peak, count);
		} else if (count > BEGIN_ABOVE) {
			current = { from: times[first] ?? time, to: null, alarms: count, peak: count };
			floods.push(current);
		}
	}
	leave(now, times.length);
	return floods;
}
