import type { Reading } from "../../contracts/reading.ts";
import type { Rule } from "../../contracts/rules.ts";
import type { WorldPoint } from "../../contracts/world.ts";
import type { LifeCycle } from "./alarm-life-cycle.ts";
import type { LateCursor } from "./late-cursor.ts";
import type { ConditionMemory } from "./rule-condition.ts";

/** A stretch of event time without live readings; what falls strictly inside comes late. Unix ms. */
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

/** Gaps that are remembered for each point, the newest ones. */
const GAPS = 16;

/** One point with rules on it. */
export class PointTrack {
	point: WorldPoint;
	tracks: RuleTrack[] = [];
	/** Newest live reading. */
	last: Reading | null = null;
	liveTs = Number.NEGATIVE_INFINITY;
	readonly #gaps: Gap[] = [];

	constructor(point: WorldPoint) {
		this.point = point;
	}

	/** Takes note of a live reading, newer than all before. A step of more than two expected intervals is a gap. */
	advance(reading: Reading): void {
		if (reading.ts - this.liveTs > this.#ordinaryStep()) {
			this.#gaps.push({ from: this.liveTs, to: reading.ts });
			if (this.#gaps.length > GAPS) this.#gaps.shift();
		}
		this.liveTs = reading.ts;
		this.last = reading;
	}

	/** Where a late reading belongs: the end of its gap, and how far beyond its end a run of late readings still reaches. */
	placeOf(ts: number, onDelay: number): { gapEnd: number | null; reach: number } {
		const gap = this.#gaps.find(({ from, to }) => from < ts && ts < to);
		return gap ? { gapEnd: gap.to, reach: onDelay } : { gapEnd: null, reach: onDelay + this.#ordinaryStep() };
	}

	#ordinaryStep(): number {
		return 2 * (this.point.interval ?? 0);
	}
}
