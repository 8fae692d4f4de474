import type { Value } from "../../../contracts/kinds.ts";
import type { Rule } from "../../../contracts/rules.ts";
import type { RawRow } from "../../history/history.ts";
import { type LifeCycle, NORMAL, onCondition } from "../alarm-life-cycle.ts";
import { type ConditionMemory, conditionOf, lapsed, newMemory } from "./rule-condition.ts";

/** One time that a rule would have raised its alarm. Unix ms. */
export interface Firing {
	from: number;
	/** `null`: still active at the end. */
	to: number | null;
	value: Value | null;
}

/**
 * A rule on one point over stored readings (ALM-9): the conditions and the life cycle that run live, with the time of each reading as
 * the server's. It begins at rest; readings must come in order of time.
 */
export class RuleReplay {
	readonly firings: Firing[] = [];
	readonly #rule: Rule;
	readonly #point: string;
	readonly #memory: ConditionMemory;
	#cycle: LifeCycle = NORMAL;

	/** `interval`: expected time between two readings, ms; `from`: begin of the watch, Unix ms. */
	constructor(rule: Rule, point: string, interval: number | null, from: number) {
		this.#rule = rule;
		this.#point = point;
		this.#memory = newMemory(rule, interval, false, from);
	}

	/** Nothing is active and no delay runs: as long as the condition doesn't hold nothing happens. */
	get atRest(): boolean {
		return !this.#cycle.flags.active && this.#cycle.pending === null;
	}

	take(row: RawRow): void {
		this.#lapse(row.ts);
		this.resume(row);
	}

	/** A reading up to which time alone has changed nothing, since others came that needn't be looked at. */
	resume({ ts, value, quality }: RawRow): void {
		const condition = conditionOf(this.#rule, this.#memory, { point: this.#point, ts, receivedAt: ts, value, quality }, ts);
		this.#judge(condition, ts, value);
	}

	/** Lets time pass until the end. */
	finish(to: number): void {
		this.#lapse(to);
		this.#judge(null, to, null);
	}

	#lapse(ts: number): void {
		const lapse = lapsed(this.#rule, this.#memory, ts, ts);
		if (lapse) this.#judge(lapse.holds, lapse.at, null);
	}

	#judge(condition: boolean | null, at: number, value: Value | null): void {
		const cycle = this.#cycle;
		if (cycle.pending === null && (condition === null || condition === cycle.flags.active)) return;
		const { next, transitions } = onCondition(cycle, this.#rule, condition, { at, now: at, value });
		this.#cycle = next;
		for (const { kind, at: when, value: seen } of transitions) {
			const last = this.firings.at(-1);
			// As with live ones, none ends before it began, and none begins before the one before has ended.
			if (kind === "raised") this.firings.push({ from: Math.max(when, last?.to ?? when), to: null, value: seen });
			else if (kind === "returned" && last) last.to = Math.max(when, last.from);
		}
	}
}
