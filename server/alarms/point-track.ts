import type { Reading } from "../../contracts/reading.ts";
import type { Rule } from "../../contracts/rules.ts";
import type { WorldPoint } from "../../contracts/world.ts";
import type { LifeCycle } from "./alarm-life-cycle.ts";
import type { LateCursor } from "./late-cursor.ts";
import type { Combination } from "./rules/combination.ts";
import type { ConditionMemory } from "./rules/rule-condition.ts";

/** A stretch of event time without live readings; what comes late falls strictly inside of one. Unix ms. */
interface Gap {
	from: number;
	to: number;
}

/** One rule on one point: all that its evaluation remembers. */
export interface RuleTrack {
	key: string;
	rule: Rule;
	point: PointTrack;
	memory: ConditionMemory;
	cycle: LifeCycle;
	/** Event time of the newest reading that was evaluated live. */
	cursorTs: number;
	late: LateCursor[];
}

/** A combination of points as the engine follows it: what it gives is a point of its own, with one rule on it. */
export interface CombinationTrack {
	combination: Combination;
	point: PointTrack;
	track: RuleTrack;
}
/** A point's part in a combination. */
interface Part {
	of: CombinationTrack;
	index: number;
}
const NO_PARTS: Part[] = [];

/** Gaps that are remembered for each point, and times of live readings: the newest ones of each. */
const GAPS = 16;
const RECENT = 16;

/** One point with rules on it. */
export class PointTrack {
	point: WorldPoint;
	tracks: RuleTrack[] = [];
	parts = NO_PARTS;
	/** Newest live reading. */
	last: Reading | null = null;
	liveTs = Number.NEGATIVE_INFINITY;
	readonly #gaps: Gap[] = [];
	/** Ring of the times of the newest live readings. */
	readonly #recent = new Float64Array(RECENT).fill(Number.NaN);
	#next = 0;

	constructor(point: WorldPoint) {
		this.point = point;
	}

	/** It is the point at `index` of a combination. */
	joins(of: CombinationTrack, index: number): void {
		if (this.parts === NO_PARTS) this.parts = [];
		this.parts.push({ of, index });
	}

	/** It is part of no combination any more. */
	leavesAll(): void {
		this.parts = NO_PARTS;
	}

	/**
	 * Takes note of a live reading, newer than all before. A step of more than two expected intervals is a gap; what was
	 * evaluated before the first one since the start isn't known.
	 */
	advance(reading: Reading): void {
		if (Number.isFinite(this.liveTs) && reading.ts - this.liveTs > this.#ordinaryStep()) {
			this.#gaps.push({ from: this.liveTs, to: reading.ts });
			if (this.#gaps.length > GAPS) this.#gaps.shift();
		}
		this.#recent[this.#next] = reading.ts;
		this.#next = (this.#next + 1) % RECENT;
		this.liveTs = reading.ts;
		this.last = reading;
	}

	/**
	 * Where a late reading belongs: the end of its gap, and how far beyond its end a run of late readings still reaches.
	 * `null`: it has been evaluated live, so it is a duplicate.
	 */
	placeOf(ts: number, onDelay: number): { gapEnd: number | null; reach: number } | null {
		if (this.#recent.includes(ts)) return null;
		const gap = this.#gaps.find(({ from, to }) => from < ts && ts < to) ?? this.#recentStep(ts);
		return gap ? { gapEnd: gap.to, reach: onDelay } : { gapEnd: null, reach: onDelay + this.#ordinaryStep() };
	}

	/** The step between two of the newest live readings. */
	#recentStep(ts: number): Gap | undefined {
		let [from, to] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
		for (const time of this.#recent) {
			if (time < ts) from = Math.max(from, time);
			else if (time > ts) to = Math.min(to, time);
		}
		return Number.isFinite(from) && Number.isFinite(to) ? { from, to } : undefined;
	}

	#ordinaryStep(): number {
		return 2 * (this.point.interval ?? 0);
	}
}
