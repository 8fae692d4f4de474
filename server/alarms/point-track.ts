import type { Value } from "../../contracts/kinds.ts";
import type { Reading } from "../../contracts/reading.ts";
import type { Rule } from "../../contracts/rules.ts";
import type { WorldPoint } from "../../contracts/world.ts";
import type { LifeCycle } from "./alarm-life-cycle.ts";
import type { LateCursor } from "./late-cursor.ts";
import { advance, forgetSeen, newRow, nothingSeen, QUALITIES, RECENT, ROW, ROW_LENGTH, type Rows, stir } from "./point-row.ts";
import type { Combination } from "./rules/combination.ts";
import { type ConditionMemory, NO_VALUES, unchanging } from "./rules/rule-condition.ts";

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

/** Gaps that are remembered for each point: the newest ones. */
const GAPS = 16;
const NO_GAPS: Gap[] = [];

/** One point with rules on it. What every reading changes is in its row. */
export class PointTrack {
	point: WorldPoint;
	tracks: RuleTrack[] = [];
	parts = NO_PARTS;
	#rows = newRow();
	#at = 0;
	/** Newest live value, where that is no number. */
	#state: Value | null = null;
	#gaps = NO_GAPS;

	constructor(point: WorldPoint) {
		this.point = point;
	}

	/** Event time of the newest live reading, -Infinity before the first. */
	get liveTs(): number {
		return this.#rows[this.#at + ROW.ts] as number;
	}
	/** Newest live reading. */
	get last(): Reading | null {
		const [rows, at] = [this.#rows, this.#at];
		const { liveTs: ts, point } = this;
		if (ts === Number.NEGATIVE_INFINITY) return null;
		const number = rows[at + ROW.value] as number;
		const value = Number.isNaN(number) ? (this.#state ?? number) : number;
		return {
			point: point.id,
			ts,
			receivedAt: rows[at + ROW.receivedAt] as number,
			value,
			quality: QUALITIES[rows[at + ROW.quality] as number] ?? "good",
		};
	}

	/** Its row is there from now on. */
	moveTo(rows: Rows, at: number): void {
		rows.set(this.#rows.subarray(this.#at, this.#at + ROW_LENGTH), at);
		rows[at + ROW.rules] = this.tracks.length;
		rows[at + ROW.parts] = this.parts.length;
		this.#rows = rows;
		this.#at = at;
	}

	/** It is the point at `index` of a combination. */
	joins(of: CombinationTrack, index: number): void {
		if (this.parts === NO_PARTS) this.parts = [];
		this.parts.push({ of, index });
	}

	/** No rule watches it any more, and it is part of no combination. */
	leavesAll(): void {
		this.tracks = [];
		this.parts = NO_PARTS;
	}

	/**
	 * Takes note of a live reading, newer than all before. A step of more than two expected intervals is a gap; what was
	 * evaluated before the first one since the start isn't known.
	 */
	advance(reading: Reading): void {
		const { liveTs } = this;
		if (Number.isFinite(liveTs) && reading.ts - liveTs > this.#ordinaryStep()) {
			if (this.#gaps === NO_GAPS) this.#gaps = [];
			this.#gaps.push({ from: liveTs, to: reading.ts });
			if (this.#gaps.length > GAPS) this.#gaps.shift();
		}
		this.#state = typeof reading.value === "number" ? null : reading.value;
		advance(this.#rows, this.#at, reading);
	}

	/** Works out which readings may be taken calmly from here: those that leave the condition of every rule as it is. */
	calm(): void {
		const [rows, at] = [this.#rows, this.#at];
		let [low, high, patience, due] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
		let heardAt = Number.POSITIVE_INFINITY;
		for (const { rule, memory, cycle, cursorTs } of this.tracks) {
			// A delay runs, or what comes is late for this rule.
			const isBusy = cycle.pending !== null || (cursorTs > this.liveTs && memory.kind !== "no-data");
			const band = isBusy ? NO_VALUES : unchanging(rule, memory, cycle.flags.active);
			low = Math.max(low, band.low);
			high = Math.min(high, band.high);
			if (memory.kind === "no-data") {
				patience = Math.min(patience, memory.after);
				heardAt = Math.min(heardAt, memory.heardAt);
			}
			if (memory.kind === "rate") due = Math.min(due, memory.window.partEnd(this.liveTs));
		}
		rows[at + ROW.low] = low;
		rows[at + ROW.high] = high;
		rows[at + ROW.step] = this.#ordinaryStep();
		rows[at + ROW.patience] = patience;
		rows[at + ROW.heardAt] = heardAt;
		rows[at + ROW.due] = due;
	}

	/** Something has changed besides the readings: until the next {@link calm} each rule looks at each of them. */
	stir(): void {
		stir(this.#rows, this.#at);
	}

	/** It has been heard of calmly, so that no rule on it finds silence at `now`. */
	heardBy(now: number): boolean {
		const [rows, at] = [this.#rows, this.#at];
		return (
			(rows[at + ROW.low] as number) <= (rows[at + ROW.high] as number) &&
			now - (rows[at + ROW.heardAt] as number) < (rows[at + ROW.patience] as number)
		);
	}

	/** Tells the rules what was taken calmly. MUST come before a look at what they remember. */
	settle(): void {
		const [rows, at] = [this.#rows, this.#at];
		if (nothingSeen(rows, at)) return;
		this.tellWindows(this.liveTs);
		for (const track of this.tracks)
			if (track.memory.kind === "no-data") track.memory.heardAt = Math.max(track.memory.heardAt, rows[at + ROW.heardAt] as number);
			else track.cursorTs = Math.max(track.cursorTs, this.liveTs);
	}

	/** Tells the windows of rates the extremes of what was taken calmly; `ts`: that of the newest reading. */
	tellWindows(ts: number): void {
		const [rows, at] = [this.#rows, this.#at];
		const [low, lowTs] = [rows[at + ROW.seenLow] as number, rows[at + ROW.seenLowTs] as number];
		const [high, highTs] = [rows[at + ROW.seenHigh] as number, rows[at + ROW.seenHighTs] as number];
		const seen = !nothingSeen(rows, at);
		let due = Number.POSITIVE_INFINITY;
		for (const { memory } of this.tracks) {
			if (memory.kind !== "rate") continue;
			const { window } = memory;
			if (seen && highTs < lowTs) window.add(highTs, high);
			if (seen) window.add(lowTs, low);
			if (seen && highTs > lowTs) window.add(highTs, high);
			due = Math.min(due, window.partEnd(ts));
		}
		rows[at + ROW.due] = due;
		forgetSeen(rows, at);
	}

	/**
	 * Where a late reading belongs: the end of its gap, and how far beyond its end a run of late readings still reaches.
	 * `null`: it has been evaluated live, so it is a duplicate.
	 */
	placeOf(ts: number, onDelay: number): { gapEnd: number | null; reach: number } | null {
		if (this.#recent().includes(ts)) return null;
		const gap = this.#gaps.find(({ from, to }) => from < ts && ts < to) ?? this.#recentStep(ts);
		return gap ? { gapEnd: gap.to, reach: onDelay } : { gapEnd: null, reach: onDelay + this.#ordinaryStep() };
	}

	/** The step between two of the newest live readings. */
	#recentStep(ts: number): Gap | undefined {
		let [from, to] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
		for (const time of this.#recent()) {
			if (time < ts) from = Math.max(from, time);
			else if (time > ts) to = Math.min(to, time);
		}
		return Number.isFinite(from) && Number.isFinite(to) ? { from, to } : undefined;
	}

	/** Times of the newest live readings, in no order. */
	#recent(): Float64Array {
		const from = this.#at + ROW.recent;
		return this.#rows.subarray(from, from + RECENT);
	}

	#ordinaryStep(): number {
		return 2 * (this.point.interval ?? 0);
	}
}
