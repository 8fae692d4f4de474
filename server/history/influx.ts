import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "pino";
import type { Reading } from "../../contracts/reading.ts";
import type { Clock } from "../platform/clock.ts";
import { AppError } from "../platform/errors.ts";
import { AppliedBatches } from "./applied-batches.ts";
import type { BatchId, History, HistoryCounters, HistoryQuery, HistoryResult, HistoryState, PointExtremes, RawRow, Silence } from "./history.ts";
import { InfluxRollups, newSeries, type Series } from "./influx-rollups.ts";
import { silencesOfPoints } from "./influx-silences.ts";
import { bucketOf, InfluxStore, isPoint, READING_FIELDS, rawRowOf, readingOf, stringOf, within } from "./influx-store.ts";
import { parseInfluxUrl } from "./influx-url.ts";
import { InfluxWriter } from "./influx-writer.ts";
import { readingLine } from "./line-protocol.ts";
import { DEFAULT_RETENTION, oldestKept, type Retention } from "./resolution.ts";
import { HOUR } from "./rollup.ts";
import { RollupLog } from "./rollup-log.ts";
import { answerQuery, noExtremes, type PointRows } from "./rollup-query.ts";
import { silencesOf } from "./silences.ts";
import { Spool } from "./spool.ts";

export interface InfluxHistoryOptions {
	/** `http://user:pass@host:8086/database` */
	url: string;
	/** For the spool, what InfluxDB refused, and how far the rollups are. */
	directory: string;
	logger: Logger;
	clock: Clock;
	retention?: Retention;
	/** Bound of the spool; default 1 GiB. */
	spoolBytes?: number;
	/** Rows of one write, default 5000; writes under way at once, default 3; least time between writes that are not full, default 50 ms. */
	chunkRows?: number;
	inFlight?: number;
	lingerMs?: number;
	/** Rows waiting in memory beyond which readings go through the spool; default 100,000. */
	queueRows?: number;
	/** A write without an answer for this long has failed, default 5 s. */
	timeoutMs?: number;
	/** How often rollups are looked after, default 5 s; 0: only by {@link InfluxHistory.maintain}. */
	maintainEveryMs?: number;
}
const STOP_WITHIN = 5000;
const LATEST_WINDOWS = [3_600_000, 86_400_000, Number.POSITIVE_INFINITY];

/**
 * Readings in InfluxDB: measurement `reading` in the retention policy `raw`, `reading_1m` in `1m`, `reading_1h` in `1h`, tag
 * `point`; fields in line-protocol.ts. A batch that is sent again within one process is dropped; after a restart it is written
 * over what is there. `latest` gives a `receivedAt` that is less than a second off where it was within a second of `ts`.
 */
export class InfluxHistory implements History {
	private readonly options: InfluxHistoryOptions;
	private retention: Retention;
	private readonly store: InfluxStore;
	private readonly spool: Spool;
	private readonly writer: InfluxWriter;
	private readonly rollups: InfluxRollups;
	private readonly log: RollupLog;
	private readonly series = new Map<string, Series>();
	private readonly applied = new AppliedBatches();
	private readonly underway = new Map<string, Promise<void>>();
	private startedAt = 0;
	private appended = 0;
	private expired = 0;
	private timer: NodeJS.Timeout | null = null;
	private maintaining: Promise<void> | null = null;
	private running = false;

	constructor(options: InfluxHistoryOptions) {
		const { logger, directory, chunkRows = 5000, inFlight = 3 } = options;
		this.options = options;
		this.retention = options.retention ?? DEFAULT_RETENTION;
		this.store = new InfluxStore({
			endpoint: parseInfluxUrl(options.url),
			retention: this.retention,
			connections: inFlight,
			timeoutMs: options.timeoutMs ?? 5000,
			logger,
		});
		this.spool = new Spool({ directory: join(directory, "history-spool"), maxBytes: options.spoolBytes ?? 1024 ** 3, logger });
		this.writer = new InfluxWriter(
			this.store,
			this.spool,
			{
				chunkRows,
				inFlight,
				lingerMs: options.lingerMs ?? 50,
				queueRows: options.queueRows ?? 100_000,
				rejectedFile: join(directory, "history.rejected"),
				rejectedBytes: 16 * 1024 * 1024,
			},
			logger,
		);
		this.log = new RollupLog(join(directory, "history-rollups.log"));
		this.rollups = new InfluxRollups({ store: this.store, writer: this.writer, log: this.log, retention: this.retention, logger });
	}

	async start(): Promise<void> {
		await mkdir(this.options.directory, { recursive: true });
		this.startedAt = this.options.clock.now();
		await this.spool.open();
		await this.rollups.open(this.startedAt);
		this.writer.start();
		this.running = true;
		const every = this.options.maintainEveryMs ?? 5000;
		if (every > 0) this.timer = setInterval(() => void this.tick(), every);
	}

	private async tick(): Promise<void> {
		if (this.maintaining) return;
		try {
			await this.maintain();
		} catch (error) {
			if (this.running) this.options.logger.warn({ err: error }, "history rollups wait for InfluxDB");
		}
	}

	async stop(): Promise<void> {
		if (!this.running) return;
		this.running = false;
		if (this.timer) clearInterval(this.timer);
		await this.writer.stop(STOP_WITHIN);
		await this.maintaining?.catch(() => undefined);
		await this.spool.close();
		await this.log.close();
		this.store.close();
	}

	async append(batch: BatchId, readings: readonly Reading[]): Promise<void> {
		if (!this.running) throw new AppError("history-unavailable", 503, "The history is stopped.");
		if (this.applied.has(batch)) return;
		const key = `${batch.agent}\n${batch.outbox}\n${batch.seq}`;
		const same = this.underway.get(key);
		if (same) return await same;
		if (this.writer.full) throw new AppError("history-full", 503, "InfluxDB doesn't take readings and the spool is full.");
		const writing = this.write(readings);
		this.underway.set(key, writing);
		try {
			await writing;
			this.applied.add(batch);
		} finally {
			this.underway.delete(key);
		}
	}

	private async write(readings: readonly Reading[]): Promise<void> {
		const { chunkRows = 5000 } = this.options;
		const oldest = oldestKept("raw", this.retention, this.options.clock.now());
		const writes: Promise<void>[] = [];
		let text = "";
		let rows = 0;
		let barrier = false;
		let late = false;
		let underWay = this.writer.oldestPiece;
		const flush = () => {
			writes.push(this.writer.write("raw", text, rows, barrier));
			text = "";
			rows = 0;
			barrier = false;
			underWay = this.writer.oldestPiece;
		};
		for (const reading of readings) {
			if (reading.ts < oldest) {
				this.expired++;
				continue;
			}
			let series = this.series.get(reading.point);
			if (!series) {
				// Until `latest` has told: an earlier process may have stored anything up to its end.
				series = newSeries(reading.point, this.startedAt);
				this.series.set(reading.point, series);
			}
			const fresh = reading.ts > series.newest;
			if (!fresh && series.piece >= underWay) barrier = true;
			text += readingLine(series.prefix, reading, !fresh);
			rows++;
			if (this.rollups.observe(series, reading, fresh)) late = true;
			if (fresh) series.newest = reading.ts;
			series.piece = this.writer.nextPiece;
			if (rows >= chunkRows) flush();
		}
		if (rows > 0) flush();
		if (late) writes.push(this.rollups.logMarks());
		const results = await Promise.allSettled(writes);
		const failed = results.find((result) => result.status === "rejected");
		if (failed) {
			this.rollups.distrust(this.series.values());
			throw failed.reason;
		}
		this.appended += readings.length;
	}

	/** Stores the rollups that are due and computes those anew that late readings have touched. One run at a time. */
	async maintain(): Promise<void> {
		if (!this.running) return;
		while (this.maintaining) await this.maintaining.catch(() => undefined);
		this.maintaining = this.rollups.advance(this.options.clock.now(), this.series.values()).finally(() => {
			this.maintaining = null;
		});
		await this.maintaining;
	}

	async query(query: HistoryQuery): Promise<HistoryResult> {
		return await answerQuery(this.rows, query, this.retention, this.options.clock.now());
	}

	async setRetention(retention: Retention): Promise<void> {
		this.retention = retention;
		this.store.keep(retention);
		this.rollups.keep(retention);
		if (!this.running) return;
		const done = await this.store.prepare().catch(() => false);
		// Not there just now: it is prepared anew as soon as it is, before anything is written to it.
		if (!done) this.writer.forgetPrepared();
	}

	async latest(points: readonly string[]): Promise<Map<string, Reading>> {
		const found = new Map<string, Reading>();
		const wanted = new Set(points);
		const now = this.options.clock.now();
		const oldest = oldestKept("raw", this.retention, now);
		// Nothing of an earlier process is on its way: what is found is the newest of a point that hasn't been written since.
		const settled = this.writer.direct;
		// The newest first in a short range: most points are there, and InfluxDB needn't open every shard for them.
		for (const window of LATEST_WINDOWS) {
			const missing = points.filter((point) => !found.has(point));
			if (missing.length === 0) break;
			const only = missing.length <= 100 ? `(${missing.map(isPoint).join(" OR ")}) AND ` : "";
			const from = Math.max(now - window, oldest);
			const statement = `SELECT ${READING_FIELDS} FROM ${this.store.from("raw")} WHERE ${only}time>=${from}ms GROUP BY point ORDER BY time DESC LIMIT 1`;
			for (const { point, rows } of await this.store.query(statement)) {
				const reading = rows[0] && wanted.has(point) ? readingOf(point, rows[0]) : null;
				if (reading) found.set(point, reading);
			}
		}
		if (settled) for (const point of points) if (!this.series.has(point)) this.series.set(point, newSeries(point, found.get(point)?.ts ?? oldest));
		return found;
	}

	async readings(points: readonly string[], from: number, to: number): Promise<Map<string, RawRow[]>> {
		const found = new Map(points.map((point): [string, RawRow[]] => [point, []]));
		const oldest = Math.max(from, oldestKept("raw", this.retention, this.options.clock.now()));
		if (points.length === 0 || oldest >= to) return found;
		const parts = await Promise.all(
			halvesOf(points).map((some) => {
				const only = some.map(isPoint).join(" OR ");
				return this.store.query(`SELECT ${READING_FIELDS} FROM ${this.store.from("raw")} WHERE (${only}) AND ${within(oldest, to)} GROUP BY point`);
			}),
		);
		for (const { point, rows } of parts.flat()) {
			const told = rows.flatMap((cells) => rawRowOf(cells) ?? []);
			found.set(point, told);
		}
		return found;
	}

	async extremes(points: readonly string[], from: number, to: number): Promise<Map<string, PointExtremes>> {
		const found = noExtremes(this.rows, points, from, to);
		if (points.length === 0) return found;
		const only = points.map(isPoint).join(" OR ");
		const rolledTo = Math.min(Math.max(from, this.rollups.rolledUpTo("1h")), to);
		// `n` stands in every hour; a minute that lost its last number keeps the fields of before, and has n = 0.
		const rolled = `SELECT min,max,n FROM ${this.store.from("1h")} WHERE (${only}) AND ${within(from, rolledTo)} GROUP BY point`;
		// Hours that are not rolled up yet come from the readings; bad ones widen them at most.
		const open = `SELECT min(value) AS min,max(value) AS max,count(value) AS n FROM ${this.store.from("raw")} WHERE (${only}) AND ${within(rolledTo, to)} GROUP BY time(1h),point fill(none)`;
		for (const statement of [...(from < rolledTo ? [rolled] : []), ...(rolledTo < to ? [open] : [])])
			for (const { point, rows } of await this.store.query(statement))
				for (const cells of rows) {
					const [ts, min, max, n] = ["time", "min", "max", "n"].map(cells);
					if (typeof ts !== "number") continue;
					const none = n === 0 || typeof min !== "number" || typeof max !== "number";
					found.get(point)?.hours.push({ ts, min: none ? null : min, max: none ? null : max });
				}
		return found;
	}

	async silences(points: readonly string[], from: number, to: number, longer: number, most: number): Promise<Map<string, Silence[]> | null> {
		const oldest = Math.max(from, oldestKept("raw", this.retention, this.options.clock.now()));
		const parts = await Promise.all(halvesOf(points).map((some) => silencesOfPoints(this.store, some, { from, oldest, to }, longer, most)));
		const found = new Map<string, Silence[]>();
		for (const [point, told] of parts.flatMap((part) => [...part])) {
			const silences = told ?? silencesOf(await this.byTheDay(point, oldest, to), from, to, longer);
			if (silences.length > most) return null;
			found.set(point, silences);
		}
		return found;
	}

	/** All readings of a point, fetched by the day. */
	private async byTheDay(point: string, from: number, to: number): Promise<RawRow[]> {
		const rows: RawRow[] = [];
		for (let start = from; start < to; start += 24 * HOUR)
			for (const row of await this.rows.raw(point, start, Math.min(start + 24 * HOUR, to), Number.MAX_SAFE_INTEGER)) rows.push(row);
		return rows;
	}

	async hoursOfStates(points: readonly string[], from: number, to: number, states: readonly (string | boolean)[]): Promise<Map<string, number[]>> {
		const found = new Map(points.map((point) => [point, new Set<number>()]));
		const only = points.map(isPoint).join(" OR ");
		const told = {
			flag: states.flatMap((state) => (typeof state === "boolean" ? `flag = ${state}` : [])),
			state: states.flatMap((state) => (typeof state === "string" ? `state = ${stringOf(state)}` : [])),
		};
		for (const [field, conditions] of Object.entries(told)) {
			if (points.length === 0 || conditions.length === 0) continue;
			const where = `(${only}) AND ${within(from, to)} AND (${conditions.join(" OR ")})`;
			const statement = `SELECT count(${field}) AS n FROM ${this.store.from("raw")} WHERE ${where} GROUP BY time(1h),point fill(none)`;
			for (const { point, rows } of await this.store.query(statement)) for (const cells of rows) found.get(point)?.add(Number(cells("time")));
		}
		return new Map([...found].map(([point, hours]) => [point, [...hours]]));
	}

	async count(points: readonly string[], from: number, to: number): Promise<number> {
		let count = 0;
		const range = within(Math.max(from, oldestKept("raw", this.retention, this.options.clock.now())), to);
		for (let start = 0; start < points.length; start += 100) {
			const only = points
				.slice(start, start + 100)
				.map(isPoint)
				.join(" OR ");
			const fields = "count(value) AS numbers,count(flag) AS flags,count(state) AS states";
			for (const { point, rows } of await this.store.query(
				`SELECT ${fields} FROM ${this.store.from("raw")} WHERE (${only}) AND ${range} GROUP BY point`,
			)) {
				const counts = ["numbers", "flags", "states"].map((column) => Number(rows[0]?.(column) ?? 0)).filter((number) => number > 0);
				// A reading that replaced one of another type has both fields: such a point is counted row by row.
				count += counts.length > 1 ? (await this.rows.raw(point, from, to, Number.MAX_SAFE_INTEGER)).length : (counts[0] ?? 0);
			}
		}
		return count;
	}

	state(): HistoryState {
		const { reason } = this.writer;
		const waiting = this.writer.waiting;
		const status = this.writer.direct ? "ok" : this.writer.full ? "down" : "degraded";
		return { kind: "influxdb", status, detail: reason, waiting, spoolBytes: this.spool.bytes };
	}

	counters(): HistoryCounters {
		const { written, spooled, rejected, expired, writes, retries } = this.writer.counters;
		const { minutes, recomputed } = this.rollups.counters;
		return {
			appended: this.appended,
			written,
			writes,
			spooled,
			rejected,
			retries,
			expired: this.expired + expired,
			rollups: minutes,
			recomputed,
			dirtyHours: this.rollups.dirtyHours,
		};
	}

	private readonly rows: PointRows = {
		raw: async (point, from, to, limit) => {
			const statement = `SELECT ${READING_FIELDS} FROM ${this.store.from("raw")} WHERE ${isPoint(point)} AND ${within(from, to)}${limited(limit)}`;
			const [series] = await this.store.query(statement);
			return (series?.rows ?? []).flatMap((cells) => rawRowOf(cells) ?? []);
		},
		rolled: async (step, point, from, to, limit) => {
			const fields = "min,max,sum,n,count,kind,value,flag,state";
			const statement = `SELECT ${fields} FROM ${this.store.from(step)} WHERE ${isPoint(point)} AND ${within(from, to)}${limited(limit)}`;
			const [series] = await this.store.query(statement);
			return (series?.rows ?? []).flatMap((cells) => bucketOf(cells) ?? []);
		},
		countRaw: (point, from, to) => this.count([point], from, to),
		rolledUpTo: (step) => this.rollups.rolledUpTo(step),
		isDirty: (point, hour) => this.rollups.isDirty(point, hour),
	};
}

/** InfluxDB works at one statement with one core. */
function halvesOf(points: readonly string[]): (readonly string[])[] {
	const half = Math.ceil(points.length / 2);
	return points.length > 1 ? [points.slice(0, half), points.slice(half)] : [points];
}

const limited = (limit: number): string => (limit < Number.MAX_SAFE_INTEGER ? ` LIMIT ${limit}` : "");
