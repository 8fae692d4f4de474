import type { Quality, Value } from "./kinds.ts";
import type { ReadingColumns } from "./uplink.ts";

/** One value of one point. Times are Unix milliseconds: `ts` by the device, `receivedAt` by the agent. */
export interface Reading {
	/** `{device}:{point}` */
	point: string;
	ts: number;
	receivedAt: number;
	value: Value;
	quality: Quality;
	/** A device's own record of the past, sent later: kept, and never taken for what is now. */
	historical?: true;
}

/** Beyond this much clock skew of a device, ms, its readings are "uncertain". */
export const CLOCK_SKEW_LIMIT = 60_000;

/**
 * The instant that puts a reading in its place among the others of its point, Unix ms: device time, but never ahead of receipt.
 * A clock that is ahead must not hold back what comes after it.
 */
export function orderTime({ ts, receivedAt }: Pick<Reading, "ts" | "receivedAt">): number {
	return Math.min(ts, receivedAt);
}

/** Packs readings by column, see {@link ReadingColumns}; `null` for none. */
export function toColumns(readings: readonly Reading[]): ReadingColumns | null {
	const first = readings[0];
	if (!first) return null;
	const base = first.ts;
	const columns: ReadingColumns = { points: [], base, p: [], t: [], r: [], v: [], q: [] };
	const indexes = new Map<string, number>();
	const historical: number[] = [];
	for (const [row, reading] of readings.entries()) {
		let index = indexes.get(reading.point);
		if (index === undefined) {
			index = columns.points.push(reading.point) - 1;
			indexes.set(reading.point, index);
		}
		columns.p.push(index);
		columns.t.push(reading.ts - base);
		columns.r.push(reading.receivedAt - base);
		columns.v.push(reading.value);
		if (reading.quality !== "good") columns.q.push([row, reading.quality]);
		if (reading.historical) historical.push(row);
	}
	return historical.length > 0 ? { ...columns, h: historical } : columns;
}

/** Unpacks columns. Throws a RangeError when the columns' lengths differ or an index points nowhere. */
export function fromColumns(columns: ReadingColumns): Reading[] {
	const { points, base, p, t, r, v } = columns;
	if (t.length !== p.length || r.length !== p.length || v.length !== p.length) throw new RangeError("columns of different lengths");
	const readings = p.map((index, row): Reading => {
		const point = points[index];
		if (point === undefined) throw new RangeError(`row ${row} names point ${index} of ${points.length}`);
		return { point, ts: base + (t[row] as number), receivedAt: base + (r[row] as number), value: v[row] as Value, quality: "good" };
	});
	for (const [row, quality] of columns.q) {
		const reading = readings[row];
		if (!reading) throw new RangeError(`quality of row ${row} of ${readings.length}`);
		reading.quality = quality;
	}
	for (const row of columns.h ?? []) {
		const reading = readings[row];
		if (!reading) throw new RangeError(`historical row ${row} of ${readings.length}`);
		reading.historical = true;
	}
	return readings;
}
