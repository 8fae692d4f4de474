/** Which stretches of stored history a rule has to look at: in all others it provably does nothing; pure. */
import type { LimitRule, RateRule } from "../../../contracts/rules.ts";
import type { HourExtremes, PointExtremes } from "../../history/history.ts";
import { bucketStart } from "./sliding-extremes.ts";

const HOUR = 3_600_000;

/** A stretch to begin with: `from` what the memory needs of before, `to` an hour after the last one in which something may happen. */
export interface Span {
	from: number;
	to: number;
}

/** Hours in which an alarm at rest may be raised. */
export interface Hours {
	/** Whether it may be in the hour that begins then, Unix ms. */
	mayRaise(hour: number): boolean;
	/** From when the readings of such an hour have to be looked at, Unix ms. */
	begin(hour: number): number;
}

/** While no value is beyond the limit the condition is false at each reading, and an alarm at rest stays so. */
export function hoursOfLimit({ level, limit }: LimitRule, extremes: PointExtremes): Hours {
	const known = byHour(extremes);
	return {
		mayRaise(hour) {
			const here = known.get(hour);
			if (here === "unknown") return true;
			if (!here || here.min === null || here.max === null) return false;
			return level === "high" || level === "high-high" ? here.max > limit : here.min < limit;
		},
		begin: (hour) => hour,
	};
}

/**
 * While the largest and the smallest value of the window and the hour differ by less than the change the condition is false. The memory of what
 * is outside of the window is lost at its end, in parts of 1/64: begun at the start of a part it is the same as if it had always run.
 */
export function hoursOfRate({ within, change }: RateRule, extremes: PointExtremes): Hours {
	const known = byHour(extremes);
	return {
		mayRaise(hour) {
			if (!known.has(hour)) return false;
			let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
			for (let at = Math.floor((hour - within) / HOUR) * HOUR; at <= hour; at += HOUR) {
				const one = known.get(at);
				if (one === "unknown") return true;
				if (!one || one.min === null || one.max === null) continue;
				min = Math.min(min, one.min);
				max = Math.max(max, one.max);
			}
			return max - min >= change;
		},
		begin: (hour) => bucketStart(hour - within, within),
	};
}

/** Without a reading of one of its states the condition of a state rule is false at each. */
export function hoursOfState(hours: readonly number[]): Hours {
	const known = new Set(hours);
	return { mayRaise: (hour) => known.has(hour), begin: (hour) => hour };
}

/** The next stretch that ends after `at` and in which an alarm at rest may be raised; `null`: there is none before `to`. */
export function nextSpan(hours: Hours, at: number, to: number): Span | null {
	for (let hour = Math.floor(at / HOUR) * HOUR; hour < to; hour += HOUR) {
		if (!hours.mayRaise(hour)) continue;
		let end = hour + HOUR;
		// What is beyond for hours is read at once, a day at most.
		while (end < hour + 24 * HOUR && end < to && hours.mayRaise(end)) end += HOUR;
		// With the hour after it, in which most alarms return: a second look costs more than a few rows.
		return { from: Math.max(hours.begin(hour), at), to: Math.min(end + HOUR, to) };
	}
	return null;
}

const byHour = ({ hours, unknown }: PointExtremes): ReadonlyMap<number, HourExtremes | "unknown"> =>
	new Map<number, HourExtremes | "unknown">([
		...hours.map((hour): [number, HourExtremes] => [hour.ts, hour]),
		...unknown.map((ts): [number, "unknown"] => [ts, "unknown"]),
	]);
