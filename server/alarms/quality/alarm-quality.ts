/**
 * The performance metrics of an alarm system (ISA-18.2, clause 16, and its table of targets), reckoned from recorded occurrences; pure.
 * Times are Unix ms.
 */
import type { QualityMetric } from "../../../contracts/alarm-quality.ts";
import type { Priority } from "../../../contracts/kinds.ts";
import { type Flood, floodsOf } from "./flood.ts";

/** One occurrence of an alarm, as the operator met it. */
export interface Occurrence {
	alarm: string;
	rule: string;
	point: string;
	message: string;
	priority: Priority;
	raisedAt: number;
	returnedAt: number | null;
	acknowledgedAt: number | null;
	responseTimeMs: number | null;
}
/** [from, to) */
export interface Window {
	from: number;
	to: number;
}
export interface Figure {
	metric: QualityMetric;
	value: number | null;
	target: Target;
	met: boolean | null;
}
interface Target {
	least: number | null;
	most: number | null;
}
export interface Offender {
	alarm: string;
	rule: string;
	point: string;
	message: string;
	priority: Priority;
	count: number;
	share: number;
	chattering: number;
	fleeting: number;
	stale: boolean;
}
export interface Quality {
	alarms: number;
	figures: Figure[];
	priorities: Record<Priority, number>;
	floods: Flood[];
	acknowledgement: { acknowledged: number; medianMs: number | null; p90Ms: number | null; late: number };
	offenders: Offender[];
}

const MINUTE = 60_000;
const PERIOD = 10 * MINUTE;
/** An alarm that comes so often within a minute chatters. */
const CHATTER = { times: 3, within: MINUTE };
/** Gone again within this, before anybody could act on it. */
const FLEETING = MINUTE;
const STALE = 24 * 60 * MINUTE;
const TOP = 10;
const OFFENDERS = 20;

const most = (limit: number): Target => ({ least: null, most: limit });
/** Per operator; what the standard calls likely to be acceptable or manageable. Our critical and high together are its "high". */
const TARGETS: Readonly<Record<QualityMetric, Target>> = {
	"average-per-10-minutes": most(1),
	"peak-per-10-minutes": most(10),
	"periods-above-10": most(0.01),
	"time-in-flood": most(0.01),
	"top-10-share": most(0.05),
	chattering: most(0),
	fleeting: most(0),
	stale: most(4),
	"share-low": { least: 0.75, most: null },
	"share-medium": most(0.2),
	"share-high": most(0.1),
};
/** Shares of so few alarms say nothing: ten alarms are all of them the ten worst. */
const ENOUGH = 100;

/** The metrics of a window. `occurrences`: those raised in it, and those from before that were still active in it. */
export function alarmQuality(occurrences: readonly Occurrence[], window: Window): Quality {
	const raised = occurrences
		.filter(({ raisedAt }) => raisedAt >= window.from && raisedAt < window.to)
		.sort((one, other) => one.raisedAt - other.raisedAt);
	const times = raised.map(({ raisedAt }) => raisedAt);
	const priorities: Record<Priority, number> = { critical: 0, high: 0, medium: 0, low: 0 };
	for (const { priority } of raised) priorities[priority]++;
	const floods = floodsOf(times, window.to);
	const offenders = offendersOf(raised, occurrences, window);
	const counts = periodCounts(times, window);
	const share = (part: number) => (raised.length < ENOUGH ? null : part / raised.length);
	const length = Math.max(window.to - window.from, 1);
	const values: Record<QualityMetric, number | null> = {
		"average-per-10-minutes": (raised.length * PERIOD) / length,
		"peak-per-10-minutes": counts.reduce((peak, count) => Math.max(peak, count), 0),
		"periods-above-10": counts.length === 0 ? null : counts.filter((count) => count > 10).length / counts.length,
		"time-in-flood": floods.reduce((sum, { from, to }) => sum + ((to ?? window.to) - from), 0) / length,
		"top-10-share": share(offenders.slice(0, TOP).reduce((sum, { count }) => sum + count, 0)),
		chattering: offenders.filter(({ chattering }) => chattering > 0).length,
		fleeting: offenders.filter(({ fleeting }) => fleeting > 0).length,
		stale: occurrences.filter((one) => isStale(one, window)).length,
		"share-low": share(priorities.low),
		"share-medium": share(priorities.medium),
		"share-high": share(priorities.high + priorities.critical),
	};
	const metrics = Object.keys(TARGETS).filter((metric): metric is QualityMetric => metric in values);
	return {
		alarms: raised.length,
		figures: metrics.map((metric) => figure(metric, values[metric])),
		priorities,
		floods,
		acknowledgement: acknowledgementOf(raised, window.to),
		offenders: offenders.slice(0, OFFENDERS),
	};
}

function figure(metric: QualityMetric, value: number | null): Figure {
	const target = TARGETS[metric];
	const met = value === null ? null : (target.least === null || value >= target.least) && (target.most === null || value <= target.most);
	return { metric, value, target, met };
}

/** Alarms of each whole or begun 10 minutes from the window's begin. */
function periodCounts(times: readonly number[], { from, to }: Window): number[] {
	const counts = Array.from({ length: Math.max(0, Math.ceil((to - from) / PERIOD)) }, () => 0);
	for (const time of times) {
		const period = Math.floor((time - from) / PERIOD);
		counts[period] = (counts[period] ?? 0) + 1;
	}
	return counts;
}

/** Every alarm of the window, most frequent first. */
function offendersOf(raised: readonly Occurrence[], all: readonly Occurrence[], window: Window): Offender[] {
	const byAlarm = new Map<string, Occurrence[]>();
	for (const one of raised) byAlarm.set(one.alarm, [...(byAlarm.get(one.alarm) ?? []), one]);
	const stale = new Set(all.filter((one) => isStale(one, window)).map(({ alarm }) => alarm));
	const offenders = [...byAlarm.values()].flatMap((list): Offender[] => {
		const [newest] = list.slice(-1);
		if (!newest) return [];
		const { alarm, rule, point, message, priority } = newest;
		const chattering = chatteringOf(list.map(({ raisedAt }) => raisedAt));
		const fleeting = list.filter((one, place) => !chattering.has(place) && isFleeting(one)).length;
		const common = { alarm, rule, point, message, priority, count: list.length, share: list.length / raised.length };
		return [{ ...common, chattering: chattering.size, fleeting, stale: stale.has(alarm) }];
	});
	return offenders.sort((one, other) => other.count - one.count || one.alarm.localeCompare(other.alarm));
}

/** Places of the occurrences that are part of chattering. `times`: of one alarm, in order. */
function chatteringOf(times: readonly number[]): Set<number> {
	const places = new Set<number>();
	for (let last = CHATTER.times - 1; last < times.length; last++) {
		const first = last - CHATTER.times + 1;
		if ((times[last] ?? 0) - (times[first] ?? 0) > CHATTER.within) continue;
		for (let place = first; place <= last; place++) places.add(place);
	}
	return places;
}

/** Gone by itself before anybody had acknowledged it. */
const isFleeting = ({ raisedAt, returnedAt, acknowledgedAt }: Occurrence): boolean =>
	returnedAt !== null && returnedAt - raisedAt < FLEETING && (acknowledgedAt === null || acknowledgedAt >= returnedAt);

/** Active for longer than a day, at some time of the window. */
function isStale({ raisedAt, returnedAt }: Occurrence, { from, to }: Window): boolean {
	const until = Math.min(returnedAt ?? to, to);
	return until > from && until - raisedAt > STALE;
}

function acknowledgementOf(raised: readonly Occurrence[], now: number): Quality["acknowledgement"] {
	const taken = raised.flatMap(({ raisedAt, acknowledgedAt }) => (acknowledgedAt === null ? [] : [Math.max(0, acknowledgedAt - raisedAt)]));
	taken.sort((one, other) => one - other);
	const late = raised.filter(
		({ raisedAt, acknowledgedAt, responseTimeMs }) => responseTimeMs !== null && (acknowledgedAt ?? now) - raisedAt > responseTimeMs,
	).length;
	return { acknowledged: taken.length, medianMs: quantile(taken, 0.5), p90Ms: quantile(taken, 0.9), late };
}

/** Nearest rank. */
const quantile = (sorted: readonly number[], share: number): number | null => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
