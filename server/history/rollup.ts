import type { Value } from "../../contracts/kinds.ts";
import type { RawRow, RollupRow, Step } from "./history.ts";

export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const STEP_MS: Record<Exclude<Step, "raw">, number> = { "1m": MINUTE, "1h": HOUR };

/** Start of the bucket that holds `ts`; also right before 1970. */
export const floorTo = (ts: number, step: number): number => Math.floor(ts / step) * step;

/** What is known of one point in one bucket. `n` numbers (good and uncertain) make min, max and sum; `count` is of all readings. */
export interface Bucket {
	ts: number;
	min: number;
	max: number;
	sum: number;
	n: number;
	count: number;
	last: Value;
}

/** Rolls raw rows (oldest first, one per time) up into buckets, oldest first. */
export function rollUp(rows: Iterable<RawRow>, step: number): Bucket[] {
	const buckets: Bucket[] = [];
	let bucket: Bucket | undefined;
	for (const { ts, value, quality } of rows) {
		const start = floorTo(ts, step);
		if (bucket?.ts !== start) {
			bucket = { ts: start, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY, sum: 0, n: 0, count: 0, last: value };
			buckets.push(bucket);
		}
		bucket.count++;
		bucket.last = value;
		if (typeof value !== "number" || quality === "bad") continue;
		bucket.n++;
		bucket.sum += value;
		if (value < bucket.min) bucket.min = value;
		if (value > bucket.max) bucket.max = value;
	}
	return buckets;
}

/** Joins finer buckets (oldest first) into coarser ones. */
export function mergeBuckets(finer: Iterable<Bucket>, step: number): Bucket[] {
	const buckets: Bucket[] = [];
	let bucket: Bucket | undefined;
	for (const part of finer) {
		const start = floorTo(part.ts, step);
		if (bucket?.ts !== start) {
			bucket = { ...part, ts: start };
			buckets.push(bucket);
			continue;
		}
		bucket.count += part.count;
		bucket.last = part.last;
		bucket.n += part.n;
		bucket.sum += part.sum;
		if (part.min < bucket.min) bucket.min = part.min;
		if (part.max > bucket.max) bucket.max = part.max;
	}
	return buckets;
}

/** The bucket as queries answer it: no numbers, no min, max and mean. */
export function rollupRow(bucket: Bucket): RollupRow {
	const { ts, min, max, sum, n, count, last } = bucket;
	return n > 0 ? { ts, min, max, mean: sum / n, last, count } : { ts, min: null, max: null, mean: null, last, count };
}
