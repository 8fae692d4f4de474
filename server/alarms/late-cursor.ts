/**
 * Readings that come after newer ones of their point have been evaluated (ALM-5).
 *
 * They never touch the live alarm. Each (rule, point) evaluates them in event time on a late cursor: a condition memory and a
 * life cycle of its own, beginning at "normal", with the same delays and deadbands. What it finds are runs `[from, to]` during
 * which the alarm would have been active:
 * - a run ends with the late reading that ends it, or else, once no late reading has come for {@link IDLE} ms and the on-delay, at the end of the
 *   gap between live readings into which it fell; where no such gap is known, with its own last reading;
 * - a run that is over is recorded as one occurrence, `raised` and `returned`, both marked late, with a numbering of their own;
 * - a run that overlaps an occurrence already recorded (live or late, an active one reaching into the future) is that occurrence
 *   and isn't recorded again. So duplicates, batches sent again after a crash and a backlog that runs into a state that the live
 *   evaluation already has raise nothing. Where a run was
 *   not ended by a reading, `reach` extends this to the live occurrence that begins after it.
 * - a run that has begun is kept in the database until it is over, so that a restart in the middle of a backlog doesn't lose it.
 *
 * A reading equal in time to the newest evaluated one is a duplicate and does nothing live. One that is newer than everything evaluated
 * is evaluated normally, whether or not it is marked late. No-data rules have no late cursor: they look at what was heard when.
 */
import type { Value } from "../../contracts/kinds.ts";
import type { Reading } from "../../contracts/reading.ts";
import type { Rule } from "../../contracts/rules.ts";
import { type Evidence, type LifeCycle, NORMAL, NORMAL_FLAGS, onCondition, type Terms } from "./alarm-life-cycle.ts";
import { type ConditionMemory, conditionOf, lapsed, newMemory } from "./rules/rule-condition.ts";

/** Server time without a late reading after which a late run is over, ms. */
export const IDLE = 60_000;
/** Most backlogs of one (rule, point) that are followed at the same time. */
const CURSORS = 4;

/** A run that has begun on a late cursor. Times in event ms. */
export interface LateRun {
	rule: string;
	point: string;
	from: number;
	value: Value | null;
	/** End of the gap that it fell into, `null`: not known. */
	gapEnd: number | null;
	/** How long after its end a live occurrence still counts as the same one, ms. */
	reach: number;
}
export interface LateCursor {
	memory: ConditionMemory;
	cycle: LifeCycle;
	/** The gap it works in, by its end. */
	gapEnd: number | null;
	reach: number;
	/** Its first and its newest reading. */
	firstTs: number;
	lastTs: number;
	/** Server time of its newest reading. */
	touchedAt: number;
	run: LateRun | null;
}
export type LateEffect = { type: "late-began"; run: LateRun } | { type: "late-over"; run: LateRun; to: number; reach: number };

/** A cursor as it was when its run was recorded as begun. */
export function restoreCursor(rule: Rule, run: LateRun, now: number): LateCursor {
	const memory = newMemory(rule, null, true, now);
	const cycle: LifeCycle = { ...NORMAL, flags: { ...NORMAL_FLAGS, active: true, acknowledged: false }, occurrence: 1 };
	return { memory, cycle, gapEnd: run.gapEnd, reach: run.reach, firstTs: run.from, lastTs: run.from, touchedAt: now, run };
}

/**
 * Evaluates one late reading. `cursors` is updated in place. Without a `place` it is a duplicate of a live one: it begins no cursor,
 * but one that has come as far learns from it.
 */
export function evaluateLate(
	cursors: LateCursor[],
	rule: Rule,
	reading: Reading,
	place: { gapEnd: number | null; reach: number } | null,
	now: number,
): LateEffect[] {
	if (cursors.some((cursor) => cursor.lastTs === reading.ts)) return [];
	let cursor: LateCursor | undefined;
	for (const other of cursors)
		if (follows(other, reading.ts, place?.gapEnd ?? null) && other.lastTs > (cursor?.lastTs ?? Number.NEGATIVE_INFINITY)) cursor = other;
	const effects: LateEffect[] = [];
	if (!cursor) {
		if (!place) return effects;
		const oldest = cursors.length >= CURSORS ? cursors.shift() : undefined;
		if (oldest) effects.push(...finishCursor(oldest, cursors, rule, reading.point));
		const memory = newMemory(rule, null, false, now);
		cursor = { memory, cycle: NORMAL, ...place, firstTs: reading.ts, lastTs: Number.NEGATIVE_INFINITY, touchedAt: now, run: null };
		cursors.push(cursor);
	}
	cursor.lastTs = reading.ts;
	cursor.touchedAt = now;
	const lapse = lapsed(rule, cursor.memory, now, reading.ts);
	if (lapse) move(cursor, rule, reading.point, lapse.holds, { at: lapse.at, now, value: null }, rule, effects);
	const condition = conditionOf(rule, cursor.memory, reading, now);
	move(cursor, rule, reading.point, condition, { at: reading.ts, now, value: reading.value }, rule, effects);
	return effects;
}

/** Gaps don't overlap, so whatever lies between a cursor and the end of its gap is in that gap. */
function follows(cursor: LateCursor, ts: number, gapEnd: number | null): boolean {
	return cursor.lastTs < ts && (cursor.gapEnd === null ? gapEnd === null : ts < cursor.gapEnd);
}

/** Ends what is still on: nothing more of this backlog is expected. What another cursor has seen first is the end as well. */
export function finishCursor(cursor: LateCursor, others: readonly LateCursor[], rule: Rule, point: string): LateEffect[] {
	const effects: LateEffect[] = [];
	const next = others.map(({ firstTs }) => firstTs).filter((ts) => ts > cursor.lastTs);
	const at = Math.min(cursor.gapEnd ?? cursor.lastTs, ...next);
	const end = { at, now: at, value: null };
	move(cursor, rule, point, null, end, rule, effects);
	if (cursor.cycle.flags.active) move(cursor, rule, point, false, end, { ...rule, offDelay: 0 }, effects);
	return effects.map((effect) => (effect.type === "late-over" ? { ...effect, reach: cursor.reach } : effect));
}

function move(
	cursor: LateCursor,
	rule: Rule,
	point: string,
	condition: boolean | null,
	evidence: Evidence,
	terms: Terms,
	effects: LateEffect[],
): void {
	const { next, transitions } = onCondition(cursor.cycle, terms, condition, evidence);
	cursor.cycle = next;
	for (const transition of transitions)
		if (transition.kind === "raised") {
			const { gapEnd, reach } = cursor;
			cursor.run = { rule: rule.id, point, from: transition.at, value: transition.value, gapEnd, reach };
			effects.push({ type: "late-began", run: cursor.run });
		} else if (cursor.run) {
			effects.push({ type: "late-over", run: cursor.run, to: transition.at, reach: 0 });
			cursor.run = null;
		}
}
