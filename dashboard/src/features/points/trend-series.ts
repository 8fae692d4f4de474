import type { HistoryAnswer, Point } from "../../../../contracts/api.ts";
import type { Value } from "../../../../contracts/kinds.ts";

/** One point's rows by column, oldest first. Times in Unix ms; numbers `null` where there is a gap. */
export interface TrendSeries {
	times: number[];
	values: (number | null)[];
	/** Lowest and highest within each step; `null` for raw rows. */
	band: { min: (number | null)[]; max: (number | null)[] } | null;
	step: HistoryAnswer["step"];
	truncated: boolean;
}

const STEP_MS = { raw: 0, "1m": 60_000, "1h": 3_600_000 } as const;
/** Raw readings farther apart than this many expected intervals have a gap between them. */
const GAP_INTERVALS = 3;
const GAP_FALLBACK_MS = 60_000;

/** States in the order in which they are drawn, lowest first. */
export function stateLevels(rows: HistoryAnswer["rows"], point: Pick<Point, "type">): Value[] {
	if (point.type === "boolean") return [false, true];
	const seen = new Set<Value>();
	for (const row of rows) seen.add("value" in row ? row.value : row.last);
	return [...seen].sort((a, b) => String(a).localeCompare(String(b)));
}

/**
 * Makes columns of a history answer. Where data is missing a `null` goes between, so that the picture shows a gap and no line
 * across it. A point without an expected interval speaks only when something changes: its last state holds, there are no gaps.
 * Bad readings are gaps as well.
 */
export function trendSeriesOf(answer: HistoryAnswer, point: Pick<Point, "type" | "interval">, levels: readonly Value[]): TrendSeries {
	const band: { min: (number | null)[]; max: (number | null)[] } | null =
		answer.step === "raw" || point.type !== "number" ? null : { min: [], max: [] };
	const series: TrendSeries = { times: [], values: [], band, step: answer.step, truncated: answer.truncated };
	const limit =
		point.interval === null
			? Number.POSITIVE_INFINITY
			: Math.max(answer.step === "raw" ? 0 : 1.5 * STEP_MS[answer.step], GAP_INTERVALS * (point.interval || GAP_FALLBACK_MS));
	const number = (value: Value) => (typeof value === "number" ? value : levels.indexOf(value));
	const push = (time: number, value: number | null, min: number | null, max: number | null) => {
		series.times.push(time);
		series.values.push(value);
		series.band?.min.push(min);
		series.band?.max.push(max);
	};
	for (const row of answer.rows) {
		const time = Date.parse(row.ts);
		const before = series.times.at(-1);
		if (before !== undefined && time - before > limit) push(before + 1, null, null, null);
		if ("value" in row) push(time, row.quality === "bad" ? null : number(row.value), null, null);
		else push(time, row.mean ?? number(row.last), row.min, row.max);
	}
	return series;
}

/** Puts a live value at the end, if it is newer than what is there. */
export function withLive(series: TrendSeries, live: { ts: number; value: Value } | null, levels: readonly Value[], gapMs: number): TrendSeries {
	const last = series.times.at(-1) ?? 0;
	if (live === null || live.ts <= last) return series;
	const value = typeof live.value === "number" ? live.value : levels.indexOf(live.value);
	const gap = last > 0 && live.ts - last > gapMs;
	const band = series.band && {
		min: [...series.band.min, ...(gap ? [null] : []), value],
		max: [...series.band.max, ...(gap ? [null] : []), value],
	};
	return {
		...series,
		times: [...series.times, ...(gap ? [last + 1] : []), live.ts],
		values: [...series.values, ...(gap ? [null] : []), value],
		band,
	};
}

/** Lowest, highest and last number of a series within a range; `null` without any. */
export function extremesOf(series: TrendSeries): { count: number; min: number; max: number; last: number } | null {
	let result: { count: number; min: number; max: number; last: number } | null = null;
	for (const [index, value] of series.values.entries()) {
		if (value === null) continue;
		const low = series.band?.min[index] ?? value;
		const high = series.band?.max[index] ?? value;
		result = result
			? { count: result.count + 1, min: Math.min(result.min, low), max: Math.max(result.max, high), last: value }
			: { count: 1, min: low, max: high, last: value };
	}
	return result;
}
