/** Which stretches of stored history a rule has to look at: in all others it provably does nothing; pure. */
import type { LimitRule, RateRule, Rule } from "../../../contracts/rules.ts";
import type { HourExtremes, PointExtremes } from "../../history/history.ts";
import { bucketStart } from "./sliding-extremes.ts";

const HOUR = 3_600_000;

/** Rules whose effect the extremes of an hour can rule out. */
export type BoundedRule = LimitRule | RateRule;
export const isBounded = (rule: Rule): rule is BoundedRule => rule.kind === "limit" || rule.kind === "rate";

/** A stretch to begin with: `from` what the memory needs of before, `to` an hour after the last one in which something may happen. */
export interface Span {
	from: number;
	to: number;
}

/**
 * Looks through the hours of [from, to) for the next one in which an alarm at rest may be raised.
 *
 * Limit: while no value is beyond the limit the condition is false at each reading, and an alarm at rest stays so.
 * Rate: while the largest and the smallest value of the window and the hour differ by less than the change, it is false likewise. The
 * memory of what is outside of the window is lost at its end, in parts of 1/64: begun at the start of a part it is the same as if it had always run.
 */
export class SpanFinder {
	readonly #rule: BoundedRule;
	readonly #hours: ReadonlyMap<number, HourExtremes | "unknown">;

	constructor(rule: BoundedRule, { hours, unknown }: PointExtremes) {
		this.#rule = rule;
		this.#hours = new Map<number, HourExtremes | "unknown">([
			...hours.map((hour): [number, HourExtremes] => [hour.ts, hour]),
			...unknown.map((ts): [number, "unknown"] => [ts, "unknown"]),
		]);
	}

	/** The next stretch that ends after `at`; `null`: there is none before `to`. */
	next(at: number, to: number): Span | null {
		for (let hour = Math.floor(at / HOUR) * HOUR; hour < to; hour += HOUR) {
			if (!this.#mayRaise(hour)) continue;
			let end = hour + HOUR;
			// What is beyond for hours is read at once, a day at most.
			while (end < hour + 24 * HOUR && end < to && this.#mayRaise(end)) end += HOUR;
			const from = this.#rule.kind === "rate" ? bucketStart(hour - this.#rule.within, this.#rule.within) : hour;
			// With the hour after it, in which most alarms return: a second look costs more than a few rows.
			return { from: Math.max(from, at), to: Math.min(end + HOUR, to) };
		}
		return null;
	}

	#mayRaise(hour: number): boolean {
		const rule = this.#rule;
		if (rule.kind === "limit") {
			const here = this.#hours.get(hour);
			if (here === "unknown") return true;
			if (!here || here.min === null || here.max === null) return false;
			return rule.level === "high" || rule.level === "high-high" ? here.max > rule.limit : here.min < rule.limit;
		}
		let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
		if (!this.#hours.has(hour)) return false;
		for (let at = Math.floor((hour - rule.within) / HOUR) * HOUR; at <= hour; at += HOUR) {
			const one = this.#hours.get(at);
			if (one === "unknown") return true;
			if (!one || one.min === null || one.max === null) continue;
			min = Math.min(min, one.min);
			max = Math.max(max, one.max);
		}
		return max - min >= rule.change;
	}
}
