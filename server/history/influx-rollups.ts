import type { Logger } from "pino";
import type { Reading } from "../../contracts/reading.ts";
import { DirtyHours, type DirtyMark } from "./dirty-hours.ts";
import { aggregate, type PointBucket, rollUpHour } from "./influx-aggregate.ts";
import type { InfluxStore } from "./influx-store.ts";
import type { InfluxWriter } from "./influx-writer.ts";
import { bucketLine, linePrefix, MEASUREMENTS } from "./line-protocol.ts";
import type { Retention } from "./resolution.ts";
import { type Bucket, floorTo, HOUR, MINUTE, mergeBuckets } from "./rollup.ts";
import type { RollupLog } from "./rollup-log.ts";

/** What is known of a point while it is written. */
export interface Series {
	point: string;
	/** Beginning of its lines. */
	prefix: string;
	/** Time of its newest reading in this process. */
	newest: number;
	/** The write that took its newest reading. */
	piece: number;
	/** The minute under way. */
	bucket: Bucket | null;
	/** A reading of that minute was late or came twice: it must be computed from what is stored. */
	spoiled: boolean;
}
/** `newest`: nothing later of this point can have been stored so far. */
export function newSeries(point: string, newest: number): Series {
	return { point, prefix: linePrefix(MEASUREMENTS.raw, point), newest, piece: 0, bucket: null, spoiled: false };
}

/** Late readings within this time after a minute's end still count as in time, ms. */
const GRACE = 5000;
/** Minutes of all points that are computed at once after a restart. */
const CATCH_UP = 10 * MINUTE;
const POINTS_AT_ONCE = 100;

/**
 * Rollups for InfluxDB, made by the server: readings in order are summed up as they pass (reading them back would cost as much
 * as writing them), everything else — late, twice, around a restart — is computed from what is stored. A bucket is always
 * written whole, so nothing counts twice.
 */
export class InfluxRollups {
	readonly counters = { minutes: 0, recomputed: 0 };
	private readonly store: InfluxStore;
	private readonly writer: InfluxWriter;
	private readonly log: RollupLog;
	private retention: Retention;
	private readonly logger: Logger;
	private readonly dirty: DirtyHours;
	private unlogged: DirtyMark[] = [];
	/** Sums of minutes that are over for their point, by point and minute, until they are stored. */
	private readonly closed = new Map<string, PointBucket>();
	/** Minutes before this are closed; a reading for one of them is late. */
	private closedTo = 0;
	/** Minutes that an earlier process left open, to be computed from what is stored. */
	private catchUp: { from: number; to: number } | null = null;
	private minutesDone = 0;
	private hoursDone = 0;
	/** The newest minute that a reading was seen of, where that lies ahead of the clock. */
	private newestMinute = 0;
	private now = 0;

	constructor(options: { store: InfluxStore; writer: InfluxWriter; log: RollupLog; retention: Retention; logger: Logger; maxMarks?: number }) {
		this.store = options.store;
		this.writer = options.writer;
		this.log = options.log;
		this.retention = options.retention;
		this.logger = options.logger;
		this.dirty = new DirtyHours(options.maxMarks);
	}

	async open(now: number): Promise<void> {
		const { progress, dirty } = await this.log.open();
		this.now = now;
		for (const { point, hour } of dirty) this.dirty.add(point, hour);
		// What the earlier process saw of minutes that are still to come is not in this one's sums.
		const end = Math.max(floorTo(now, MINUTE), progress.newestMinute ?? 0) + MINUTE;
		this.newestMinute = end - MINUTE;
		// Without a log the last hour is taken to be open.
		const from = Math.min(Math.max(progress.minutesDone ?? floorTo(now, HOUR) - HOUR, floorTo(now - this.retention.rawMs, HOUR)), end);
		this.catchUp = from < end ? { from, to: end } : null;
		this.minutesDone = from;
		this.closedTo = end;
		this.hoursDone = Math.min(progress.hoursDone ?? floorTo(from, HOUR), floorTo(from, HOUR));
	}

	keep(retention: Retention): void {
		this.retention = retention;
	}

	rolledUpTo(step: "1m" | "1h"): number {
		return step === "1m" ? this.minutesDone : this.hoursDone;
	}
	isDirty(point: string, hour: number): boolean {
		return this.dirty.has(point, hour);
	}
	get dirtyHours(): number {
		return this.dirty.size;
	}

	/**
	 * Takes note of a reading that is on its way to the store; `fresh`: later than all before of its point. Returns true when
	 * that must be remembered beyond a restart: then the reading is not acknowledged before {@link logMarks}.
	 */
	observe(series: Series, reading: Reading, fresh: boolean): boolean {
		const { ts, value, quality } = reading;
		const minute = floorTo(ts, MINUTE);
		if (minute < this.closedTo) {
			if (!this.catchUp || minute < this.catchUp.from || minute >= this.catchUp.to) this.mark(series.point, minute);
			return true;
		}
		const ahead = minute > this.newestMinute && minute > this.now;
		if (ahead) this.newestMinute = minute;
		let bucket = series.bucket;
		if (bucket?.ts !== minute) {
			if (bucket && minute < bucket.ts) {
				// The sum that waits to be stored has become wrong.
				this.closed.delete(keyOf(series.point, minute));
				this.mark(series.point, minute);
				return true;
			}
			if (bucket) this.close(series, bucket);
			bucket = { ts: minute, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY, sum: 0, n: 0, count: 0, last: value };
			series.bucket = bucket;
			series.spoiled = false;
		}
		if (!fresh) {
			series.spoiled = true;
			return ahead;
		}
		bucket.count++;
		bucket.last = value;
		if (typeof value !== "number" || quality === "bad") return ahead;
		bucket.n++;
		bucket.sum += value;
		if (value < bucket.min) bucket.min = value;
		if (value > bucket.max) bucket.max = value;
		return ahead;
	}

	/** Resolves when all marks so far are on disk. */
	async logMarks(): Promise<void> {
		const dirty = this.unlogged;
		this.unlogged = [];
		await this.log.append({ dirty, ...(this.newestMinute > this.now ? { newestMinute: this.newestMinute } : {}) });
	}

	/** A write was refused after its readings were summed up: what is open can't be trusted. */
	distrust(series: Iterable<Series>): void {
		for (const one of series) if (one.bucket) one.spoiled = true;
		for (const { point, bucket } of this.closed.values()) this.mark(point, bucket.ts);
		this.closed.clear();
	}

	/** Stores the minutes that are over, and, where the store can be asked, what must be computed anew. */
	async advance(now: number, series: Iterable<Series>): Promise<void> {
		this.now = now;
		const end = floorTo(now - GRACE, MINUTE);
		if (end > this.closedTo) {
			for (const one of series) if (one.bucket && one.bucket.ts < end) this.close(one, one.bucket);
			this.closedTo = end;
		}
		const closed: PointBucket[] = [];
		for (const [key, one] of this.closed) {
			if (one.bucket.ts >= this.closedTo) continue;
			closed.push(one);
			this.closed.delete(key);
		}
		await this.put("1m", closed);
		this.counters.minutes += closed.length;
		if (this.unlogged.length > 0) await this.logMarks();
		if (!this.catchUp) await this.progress(this.closedTo);
		if (!(await this.writer.settled())) return;
		await this.runCatchUp(end);
		await this.recompute(now);
		while (!this.catchUp && this.hoursDone + HOUR <= this.minutesDone) {
			await this.put("1h", await rollUpHour(this.store, this.hoursDone));
			this.hoursDone += HOUR;
			await this.log.append({ hoursDone: this.hoursDone });
		}
		if (this.log.needsCompaction)
			await this.log.compact({ minutesDone: this.minutesDone, hoursDone: this.hoursDone, newestMinute: this.newestMinute }, this.dirty.all());
	}

	private close(series: Series, bucket: Bucket): void {
		if (series.spoiled) this.mark(series.point, bucket.ts);
		else this.closed.set(keyOf(series.point, bucket.ts), { point: series.point, bucket });
		series.bucket = null;
		series.spoiled = false;
	}

	private mark(point: string, ts: number): void {
		const mark = this.dirty.add(point, ts);
		if (mark) this.unlogged.push(mark);
	}

	private async progress(minutesDone: number): Promise<void> {
		if (minutesDone <= this.minutesDone) return;
		await this.log.append({ minutesDone });
		this.minutesDone = minutesDone;
	}

	private async runCatchUp(end: number): Promise<void> {
		const range = this.catchUp;
		if (!range) return;
		while (range.from < range.to) {
			const from = range.from;
			const to = Math.min(range.to, from + CATCH_UP, end);
			if (to <= from) return;
			// From here on a reading for these minutes is late and marks its hour.
			range.from = to;
			try {
				if (!(await this.writer.settled())) throw new Error("InfluxDB went away");
				await this.put("1m", await aggregate(this.store, null, from, to));
			} catch (error) {
				range.from = from;
				throw error;
			}
			await this.progress(to);
		}
		this.catchUp = null;
		await this.progress(this.closedTo);
	}

	/** Computes dirty hours anew. Hours that raw retention has begun to eat stay as they are. */
	private async recompute(now: number): Promise<void> {
		const oldest = now - this.retention.rawMs + HOUR;
		for (;;) {
			const marks = this.dirty.take(POINTS_AT_ONCE);
			const hour = marks[0]?.hour;
			if (hour === undefined) return;
			try {
				// What was under way when the mark was taken must be in the store.
				if (!(await this.writer.settled())) throw new Error("InfluxDB went away");
				if (hour >= oldest) await this.recomputeHour(hour, marks);
				this.dirty.done();
				// A mark that was set again meanwhile stays.
				await this.log.append({ clean: marks.filter((mark) => !this.dirty.includes(mark)) });
			} catch (error) {
				this.dirty.putBack();
				throw error;
			}
		}
	}

	private async recomputeHour(hour: number, marks: readonly DirtyMark[]): Promise<void> {
		const points = marks.some(({ point }) => point === null) ? null : marks.flatMap(({ point }) => point ?? []);
		// To the end of the hour, also where that is still to come: a minute that is open is written over when it closes.
		const to = hour + HOUR;
		const hours = new Map<string, Bucket[]>();
		for (let from = hour; from < to; from += CATCH_UP) {
			const minutes = await aggregate(this.store, points, from, Math.min(to, from + CATCH_UP));
			await this.put("1m", minutes);
			for (const { point, bucket } of minutes) {
				const known = hours.get(point);
				if (known) known.push(bucket);
				else hours.set(point, [bucket]);
			}
		}
		this.counters.recomputed += hours.size;
		if (hour >= this.hoursDone) return;
		await this.put(
			"1h",
			[...hours].flatMap(([point, minutes]) => mergeBuckets(minutes, HOUR).map((bucket) => ({ point, bucket }))),
		);
	}

	private async put(step: "1m" | "1h", buckets: readonly PointBucket[]): Promise<void> {
		const writes: Promise<void>[] = [];
		for (let start = 0; start < buckets.length; start += 2000) {
			const part = buckets.slice(start, start + 2000);
			const text = part.map(({ point, bucket }) => bucketLine(linePrefix(MEASUREMENTS[step], point), bucket)).join("");
			writes.push(this.writer.write(step, text, part.length, true));
		}
		await Promise.all(writes);
	}
}

const keyOf = (point: string, minute: number): string => `${point} ${minute}`;
