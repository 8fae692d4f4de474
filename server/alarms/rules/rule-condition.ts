/**
 * Whether a rule's condition holds, by rule kind. Deterministic functions of (rule, memory, reading, now) without I/O. The memory
 * is updated in place: this runs for every reading and every rule on its point.
 */
import type { Value } from "../../../contracts/kinds.ts";
import type { Reading } from "../../../contracts/reading.ts";
import type { CombinationRule, CountRule, LimitRule, RateRule, Rule, StateRule } from "../../../contracts/rules.ts";
import { SlidingExtremes } from "./sliding-extremes.ts";

/** `null`: not known from this reading; what was known, stays. */
export type Condition = boolean | null;

/** The value is beyond the limit, or was and is not back by more than the deadband. */
interface LimitMemory {
	kind: "limit";
	beyond: boolean;
}
interface RateMemory {
	kind: "rate";
	window: SlidingExtremes;
}
interface StateMemory {
	kind: "state";
}
/** When something good was last heard (or the watch began), by the agent's clock but never in the server's future. */
export interface NoDataMemory {
	kind: "no-data";
	after: number;
	heardAt: number;
}
/** The newest changes, as many as the rule counts to. */
interface CountMemory {
	kind: "count";
	/** Event times, Unix ms, oldest first. */
	times: number[];
	/** `null` before the first reading: nothing is known to have changed. */
	last: Value | null;
	/** The server's time less the event time of the newest reading: what passes without readings is measured from there. */
	lag: number;
}
export type ConditionMemory = LimitMemory | RateMemory | StateMemory | NoDataMemory | CountMemory;

/** What the mere passing of time has made of a condition. */
export interface Lapse {
	holds: boolean;
	/** Event time, Unix ms. */
	at: number;
}

/** Expected intervals without a good reading that make a point silent where the rule doesn't say. */
const SILENT_INTERVALS = 3;

/**
 * Memory for a rule on a point at the beginning of the watch.
 * `active`: its alarm is active already (after a restart): a limit's deadband is in force, a silent point has not been heard, and the
 * changes that were counted are of now.
 * `interval` in ms; a no-data rule without `after` needs it and otherwise never holds. `grace`: how long a point that hasn't been heard
 * yet may take at least, ms.
 */
export function newMemory(rule: Rule, interval: number | null, active: boolean, now: number, grace = 0): ConditionMemory {
	if (rule.kind === "limit" || rule.kind === "combination") return { kind: "limit", beyond: active };
	if (rule.kind === "rate") return { kind: "rate", window: new SlidingExtremes(rule.within) };
	if (rule.kind === "state") return { kind: "state" };
	// What is active goes on for its window: nothing tells when the changes were.
	if (rule.kind === "count") return { kind: "count", times: active ? Array(rule.count).fill(now) : [], last: null, lag: 0 };
	const after = silenceOf(rule, interval);
	return { kind: "no-data", after, heardAt: active ? Number.NEGATIVE_INFINITY : now + Math.max(0, grace - after) };
}

/** How long a point that sends every `interval` ms must be silent for a no-data rule, ms; infinite where neither says. */
export function silenceOf(rule: Rule, interval: number | null): number {
	const own = rule.kind === "no-data" ? rule.after : undefined;
	return own ?? (interval === null ? Number.POSITIVE_INFINITY : SILENT_INTERVALS * interval);
}

/** The condition after a reading. Bad quality neither raises nor clears limit, rate and state alarms; uncertain counts. */
export function conditionOf(rule: Rule, memory: ConditionMemory, reading: Reading, now: number): Condition {
	if (reading.quality === "bad") return null;
	if ((rule.kind === "limit" || rule.kind === "combination") && memory.kind === "limit") return limit(rule, memory, reading);
	if (rule.kind === "state") return stateHolds(rule, reading);
	if (rule.kind === "rate" && memory.kind === "rate") return rate(rule, memory, reading);
	if (rule.kind === "count" && memory.kind === "count") return count(rule, memory, reading, now);
	if (rule.kind === "no-data" && memory.kind === "no-data") {
		const heardAt = Math.min(reading.receivedAt, now);
		// Once heard, there is no grace any more.
		memory.heardAt = memory.heardAt > now ? heardAt : Math.max(memory.heardAt, heardAt);
		return silent(memory, now);
	}
	return null;
}

/** Numbers from `low` to `high`, both included. */
export interface Band {
	low: number;
	high: number;
}
export const NO_VALUES: Band = { low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY };
export const ALL_VALUES: Band = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

/**
 * Values (good or uncertain) that leave the condition as it is, however many of them come and however late; not all of them, but those
 * that are plain. A limit remembers nothing of them, a rate only the extremes, a no-data rule that it has heard. `active`: the alarm is.
 */
export function unchanging(rule: Rule, memory: ConditionMemory, active: boolean): Band {
	if (rule.kind === "limit" && memory.kind === "limit" && memory.beyond === active) return sameSide(rule, memory.beyond);
	if (active) return NO_VALUES;
	if (rule.kind === "state" || rule.kind === "no-data") return ALL_VALUES;
	if (rule.kind !== "rate" || memory.kind !== "rate") return NO_VALUES;
	// Between the extremes that the window has there is no greater change than theirs, and what leaves the window makes it no greater.
	const { min, max } = memory.window;
	return max - min < rule.change ? { low: min, high: max } : NO_VALUES;
}

/** On the limit's own side no deadband matters. */
function sameSide({ level, limit, deadband }: LimitRule, beyond: boolean): Band {
	if (beyond && deadband === 0) return NO_VALUES;
	const upwards = (level === "high" || level === "high-high") === beyond;
	return upwards ? { low: limit, high: Number.POSITIVE_INFINITY } : { low: Number.NEGATIVE_INFINITY, high: limit };
}

/** How long what is behind an agent may take to be heard once that is heard again, ms. */
const AGENT_BACK = 5000;

/** Nothing could be heard up to now, since the agent isn't: silence counts from when that is over, a little later. */
export function excuseSilence(memory: NoDataMemory, now: number): void {
	memory.heardAt = Math.max(memory.heardAt, now + AGENT_BACK - memory.after);
}

/** No good reading for the rule's time: asked at each tick. */
export function silent(memory: NoDataMemory, now: number): boolean {
	return now - memory.heardAt >= memory.after;
}

/** When the silence became one, or `now` where that isn't known. */
export function silentSince(memory: NoDataMemory, now: number): number {
	return Number.isFinite(memory.heardAt) ? Math.min(now, memory.heardAt + memory.after) : now;
}

/** Whether time alone can change the condition of a rule: such rules are asked for {@link lapsed} at each tick. */
export const lapses = ({ kind }: Rule): boolean => kind === "no-data" || kind === "count";

/**
 * What has become of a condition by `now` (the server's time) without any reading; `null` where time has changed nothing.
 * Before a reading it is asked with the event time `ts` of that, so that the outcome is the same whether or not a tick came in between.
 */
export function lapsed(rule: Rule, memory: ConditionMemory, now: number, ts?: number): Lapse | null {
	if (memory.kind === "no-data") return silent(memory, now) ? { holds: true, at: silentSince(memory, now) } : null;
	if (rule.kind !== "count" || memory.kind !== "count") return null;
	const oldest = memory.times.length < rule.count ? undefined : memory.times[0];
	return oldest !== undefined && (ts ?? now - memory.lag) >= oldest + rule.within ? { holds: false, at: oldest + rule.within } : null;
}

function count(rule: CountRule, memory: CountMemory, { ts, value }: Reading, now: number): boolean {
	const { times, last } = memory;
	memory.last = value;
	memory.lag = now - ts;
	if (last !== null && value !== last && (rule.states === undefined || (typeof value !== "number" && rule.states.includes(value)))) times.push(ts);
	const [first = ts] = times;
	if (times.length > rule.count || first <= ts - rule.within) {
		const kept = times.findIndex((time, index) => time > ts - rule.within && times.length - index <= rule.count);
		times.splice(0, kept < 0 ? times.length : kept);
	}
	return times.length >= rule.count;
}

function limit(rule: LimitRule | CombinationRule, memory: LimitMemory, reading: Reading): Condition {
	const { value } = reading;
	if (typeof value !== "number") return null;
	const excess = rule.level === "high" || rule.level === "high-high" ? value - rule.limit : rule.limit - value;
	memory.beyond = memory.beyond ? excess > -rule.deadband : excess > 0;
	return memory.beyond;
}

function rate(rule: RateRule, memory: RateMemory, reading: Reading): Condition {
	const { value } = reading;
	if (typeof value !== "number") return null;
	memory.window.add(reading.ts, value);
	const rises = value - memory.window.min >= rule.change;
	const falls = memory.window.max - value >= rule.change;
	if (rule.direction === "rise") return rises;
	return rule.direction === "fall" ? falls : rises || falls;
}

function stateHolds(rule: StateRule, reading: Reading): Condition {
	return typeof reading.value === "number" ? null : rule.states.includes(reading.value);
}
