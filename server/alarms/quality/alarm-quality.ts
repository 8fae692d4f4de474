/**
 * The performance metrics of an alarm system (ISA-18.2 and IEC 62682, clause 16, with their table of targets; EEMUA 191), reckoned from
 * recorded occurrences; pure. Times are Unix ms.
 *
 * The targets are for what is annunciated: what calls on the operator. What is shelved, suppressed by design or out of service is not,
 * and neither is a symptom under its cause. Floods alone are found in what came into the list, in front or folded: they tell what
 * happened, and each says how much of it the operator was shown.
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
	/** When it first stood in the list while it waited for an acknowledgement, in front or under its cause; `null`: it was put aside. */
	listedAt: number | null;
	/** When it first stood there in front. */
	annunciatedAt: number | null;
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
/** An occurrence that called on the operator. */
type Annunciated = Occurrence & { annunciatedAt: number };
export interface Quality {
	/** Annunciated in the window. */
	alarms: number;
	/** Raised in the window; of those, all the time under a cause, and all the time put aside. */
	raised: number;
	folded: number;
	aside: number;
	figures: Figure[];
	priorities: Record<Priority, number>;
	floods: (Flood & { annunciated: number })[];
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
	const within = (time: number | null) => time !== null && time >= window.from && time < window.to;
	const raised = occurrences.filter(({ raisedAt }) => within(raisedAt));
	const shown = occurrences.filter((one): one is Annunciated => one.annunciatedAt !== null);
	const annunciated = shown.filter(({ annunciatedAt }) => within(annunciatedAt)).sort((one, other) => one.annunciatedAt - other.annunciatedAt);
	const times = annunciated.map(({ annunciatedAt }) => annunciatedAt);
	const listed = occurrences.flatMap(({ listedAt }) => (listedAt !== null && within(listedAt) ? [listedAt] : []));
	const priorities: Record<Priority, number> = { critical: 0, high: 0, medium: 0, low: 0 };
	for (const { priority } of annunciated) priorities[priority]++;
	const floods = floodsOf(
		listed.sort((one, other) => one - other),
		window.to,
	);
	const offenders = offendersOf(annunciated, shown, window);
	const counts = periodCounts(times, window);
	const share = (part: number) => (annunciated.length < ENOUGH ? null : part / annunciated.length);
	const length = Math.max(window.to - window.from, 1);
	const values: Record<QualityMetric, number | null> = {
		"average-per-10-minutes": (annunciated.length * PERIOD) / length,
		"peak-per-10-minutes": counts.reduce((peak, count) => Math.max(peak, count), 0),
		"periods-above-10": counts.length === 0 ? null : counts.filter((count) => count > 10).length / counts.length,
		"time-in-flood": floods.reduce((sum, { from, to }) => sum + ((to ?? window.to) - from), 0) / length,
		"top-10-share": share(offenders.slice(0, TOP).reduce((sum, { count }) => sum + count, 0)),
		chattering: offenders.filter(({ chattering }) => chattering > 0).length,
		fleeting: offenders.filter(({ fleeting }) => fleeting > 0).length,
		stale: shown.filter((one) => isStale(one, window)).length,
		"share-low": share(priorities.low),
		"share-medium": share(priorities.medium),
		"share-high": share(priorities.high + priorities.critical),
	};
	const metrics = Object.keys(TARGETS).filter((metric): metric is QualityMetric => metric in values);
	return {
		alarms: annunciated.length,
		raised: raised.length,
		folded: raised.filter(({ listedAt, annunciatedAt }) => listedAt !== null && annunciatedAt === null).length,
		aside: raised.filter(({ listedAt }) => listedAt === null).length,
		figures: metrics.map((metric) => figure(metric, values[metric])),
		priorities,
		floods: floods.map((flood) => ({
			...flood,
			annunciated: times.filter((time) => time >= flood.from && time < (flood.to ?? window.to)).length,
		})),
		acknowledgement: acknowledgementOf(annunciated, window.to),
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
function offendersOf(annunciated: readonly Annunciated[], shown: readonly Annunciated[], window: Window): Offender[] {
	const byAlarm = new Map<string, Annunciated[]>();
	for (const one of annunciated) {
		const list = byAlarm.get(one.alarm);
		if (list) list.push(one);
		else byAlarm.set(one.alarm, [one]);
	}
	const stale = new Set(shown.filter((one) => isStale(one, window)).map(({ alarm }) => alarm));
	const offenders = [...byAlarm.values()].flatMap((list): Offender[] => {
		const [newest] = list.slice(-1);
		if (!newest) return [];
		const { alarm, rule, point, message, priority } = newest;
		const chattering = chatteringOf(list.map(({ annunciatedAt }) => annunciatedAt));
		const fleeting = list.filter((one, place) => !chattering.has(place) && isFleeting(one)).length;
		const common = { alarm, rule, point, message, priority, count: list.length, share: list.length / annunciated.length };
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
const isFleeting = ({ annunciatedAt, returnedAt, acknowledgedAt }: Annunciated): boolean =>
	returnedAt !== null && returnedAt - annunciatedAt < FLEETING && (acknowledgedAt === null || acknowledgedAt >= returnedAt);

/** Active for longer than a day since it was annunciated, at some time of the window. */
function isStale({ annunciatedAt, returnedAt }: Annunciated, { from, to }: Window): boolean {
	const until = Math.min(returnedAt ?? to, to);
	return until > from && until - annunciatedAt > STALE;
}

function acknowledgementOf(annunciated: readonly Annunciated[], now: number): Quality["acknowledgement"] {
	const taken = annunciated.flatMap(({ annunciatedAt, acknowledgedAt }) =>
		acknowledgedAt === null ? [] : [Math.max(0, acknowledgedAt - annunciatedAt)],
	);
	taken.sort((one, other) => one - other);
	const late = annunciated.filter(
		({ annunciatedAt, acknowledgedAt, responseTimeMs }) => responseTimeMs !== null && (acknowledgedAt ?? now) - annunciatedAt > responseTimeMs,
	).length;
	return { acknowledged: taken.length, medianMs: quantile(taken, 0.5), p90Ms: quantile(taken, 0.9), late };
}

/** Nearest rank. */
const quantile = (sorted: readonly number[], share: number): number | null => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
