import type { Logger } from "pino";
import type { Value } from "../../contracts/kinds.ts";
import type { Reading } from "../../contracts/reading.ts";
import type { Clock } from "../platform/clock.ts";
import { AppError } from "../platform/errors.ts";
import { AppliedBatches } from "./applied-batches.ts";
import { DirtyHours, type DirtyMark } from "./dirty-hours.ts";
import { DuckDbDatabase, type Row } from "./duckdb-database.ts";
import { NumberedNames } from "./duckdb-names.ts";
import { badPoints, newestRows, rollUpHours, rollUpMinutes, silences } from "./duckdb-schema.ts";
import { DuckDbWriter } from "./duckdb-writer.ts";
import type { BatchId, History, HistoryCounters, HistoryQuery, HistoryResult, HistoryState, PointExtremes, RawRow, Silence } from "./history.ts";
import { DEFAULT_RETENTION, oldestKept, type Retention } from "./resolution.ts";
import { type Bucket, floorTo, HOUR, MINUTE } from "./rollup.ts";
import { answerQuery, noExtremes, type PointRows } from "./rollup-query.ts";
import { wholly } from "./silences.ts";
import { decodeCode } from "./value-code.ts";

export interface DuckDbHistoryOptions {
	/** `history.duckdb` lies in it. */
	directory: string;
	logger: Logger;
	clock: Clock;
	retention?: Retention;
	/** DuckDB's own memory limit, default 96MB. */
	memory?: string;
	/** Least time between small commits, default 200 ms. */
	lingerMs?: number;
	/** How often rollups and retention are looked after, default 5 s; 0: only by {@link DuckDbHistory.maintain}. */
	maintainEveryMs?: number;
}
/** Late readings within this time after a minute's end still count as in time, ms. */
const GRACE = 5000;
/** Rolled up in one transaction after a longer pause. */
const CATCH_UP = 10 * MINUTE;
const SWEEP_EVERY = HOUR;
const LATEST_WINDOWS = [HOUR, 24 * HOUR, Number.POSITIVE_INFINITY];

/**
 * Readings in an embedded DuckDB file: for one site on one machine. Rows and the numbers of their batches are committed
 * together, so a batch is applied once whatever happens.
 */
export class DuckDbHistory implements History {
	private readonly options: DuckDbHistoryOptions;
	private retention: Retention;
	private readonly points = new NumberedNames();
	private readonly states = new NumberedNames();
	private readonly applied = new AppliedBatches();
	private readonly underway = new Map<string, Promise<void>>();
	private readonly dirty = new DirtyHours();
	private open: { database: DuckDbDatabase; writer: DuckDbWriter } | null = null;
	private minutesDone = 0;
	private hoursDone = 0;
	/** Minutes before this are rolled up, or are about to be; a reading for one of them is late. */
	private closedTo = 0;
	private sweptAt = 0;
	private appended = 0;
	private expired = 0;
	private rollups = 0;
	private recomputed = 0;
	private trouble = "";
	private timer: NodeJS.Timeout | null = null;
	private maintaining: Promise<void> | null = null;

	constructor(options: DuckDbHistoryOptions) {
		this.options = options;
		this.retention = options.retention ?? DEFAULT_RETENTION;
	}

	async start(): Promise<void> {
		const database = await DuckDbDatabase.open(this.options.directory, this.options.memory ?? "96MB");
		const named = (rows: Row[]) => rows.map(([id, name]) => ({ id: Number(id), name: String(name) }));
		this.points.load(named(await database.rows("SELECT id, name FROM point")));
		this.states.load(named(await database.rows("SELECT id, name FROM state")));
		for (const [agent, outbox, low, high] of await database.rows("SELECT agent, outbox, low, high FROM batch ORDER BY low"))
			this.applied.addRange({ agent: String(agent), outbox: String(outbox), low: Number(low), high: Number(high) });
		for (const [hour, point] of await database.rows("SELECT hour, point FROM dirty"))
			this.dirty.add(point === null || point === undefined ? null : this.points.nameOf(Number(point)), Number(hour));
		const [progress] = await database.rows("SELECT minutes_done, hours_done FROM progress");
		const now = this.options.clock.now();
		this.minutesDone = Number(progress?.[0] ?? floorTo(now, HOUR) - HOUR);
		this.hoursDone = Number(progress?.[1] ?? floorTo(this.minutesDone, HOUR));
		this.closedTo = this.minutesDone;
		const writer = new DuckDbWriter(database.write, this.points, this.states, {
			groupRows: 20_000,
			lingerMs: this.options.lingerMs ?? 200,
			queueRows: 1_000_000,
		});
		await this.compactBatches(database);
		this.open = { database, writer };
		const every = this.options.maintainEveryMs ?? 5000;
		if (every > 0) this.timer = setInterval(() => void this.tick(), every);
	}

	private async tick(): Promise<void> {
		if (this.maintaining) return;
		try {
			await this.maintain();
		} catch (error) {
			this.options.logger.error({ err: error }, "the history's rollups can't be computed");
		}
	}

	async stop(): Promise<void> {
		const open = this.open;
		if (!open) return;
		this.open = null;
		if (this.timer) clearInterval(this.timer);
		await open.writer.stop();
		await this.maintaining?.catch(() => undefined);
		await open.database.close();
	}

	async append(batch: BatchId, readings: readonly Reading[]): Promise<void> {
		const { writer } = this.opened();
		if (this.applied.has(batch)) return;
		const key = `${batch.agent}\n${batch.outbox}\n${batch.seq}`;
		const same = this.underway.get(key);
		if (same) return await same;
		const writing = this.write(writer, batch, readings);
		this.underway.set(key, writing);
		try {
			await writing;
			this.applied.add(batch);
			this.trouble = "";
		} catch (error) {
			this.trouble = error instanceof Error ? error.message : String(error);
			throw error;
		} finally {
			this.underway.delete(key);
		}
	}

	private async write(writer: DuckDbWriter, batch: BatchId, readings: readonly Reading[]): Promise<void> {
		const oldest = oldestKept("raw", this.retention, this.options.clock.now());
		let kept = readings;
		if (readings.some(({ ts }) => ts < oldest)) {
			kept = readings.filter(({ ts }) => ts >= oldest);
			this.expired += readings.length - kept.length;
		}
		const marks: DirtyMark[] = [];
		for (const { point, ts } of kept) {
			if (ts >= this.closedTo) continue;
			const mark = this.dirty.add(point, ts);
			if (mark) marks.push(mark);
		}
		await writer.write(batch, kept, marks);
		this.appended += kept.length;
	}

	/** Rolls up what is over, computes anew what late readings have touched, and sweeps what is past its retention. One run at a time. */
	async maintain(): Promise<void> {
		while (this.maintaining) await this.maintaining.catch(() => undefined);
		if (!this.open) return;
		const { database, writer } = this.open;
		this.maintaining = this.advance(database, writer).finally(() => {
			this.maintaining = null;
		});
		await this.maintaining;
	}

	private async advance(database: DuckDbDatabase, writer: DuckDbWriter): Promise<void> {
		const now = this.options.clock.now();
		const end = floorTo(now - GRACE, MINUTE);
		this.minutesDone = Math.max(this.minutesDone, floorTo(now - this.retention.rawMs, HOUR));
		while (this.minutesDone < end) {
			const from = this.minutesDone;
			// After a longer pause straight to where there is something.
			const [next] = end - from > CATCH_UP ? await database.rows(`SELECT min(ts) FROM raw WHERE ts >= ${from} AND ts < ${end}`) : [[from]];
			const to = Math.min(end, floorTo(Number(next?.[0] ?? end), MINUTE) + CATCH_UP);
			// From here on a reading for these minutes is late; those before it must be committed first.
			this.closedTo = Math.max(this.closedTo, to);
			await writer.settled();
			const hours = Math.max(this.hoursDone, floorTo(to, HOUR));
			await database.transaction(
				`DELETE FROM minute WHERE ts >= ${from} AND ts < ${to}`,
				`INSERT INTO minute ${rollUpMinutes(`ts >= ${from} AND ts < ${to}`)}`,
				...(hours > this.hoursDone ? [`DELETE FROM hour WHERE ts >= ${this.hoursDone} AND ts < ${hours}`] : []),
				...(hours > this.hoursDone ? [`INSERT INTO hour ${rollUpHours(`ts >= ${this.hoursDone} AND ts < ${hours}`)}`] : []),
				"DELETE FROM progress",
				`INSERT INTO progress VALUES (${to}, ${hours})`,
			);
			this.minutesDone = to;
			this.hoursDone = hours;
			this.rollups++;
		}
		await this.recompute(database, writer, now);
		if (now - this.sweptAt >= SWEEP_EVERY) await this.sweep(database, now);
	}

	private async recompute(database: DuckDbDatabase, writer: DuckDbWriter, now: number): Promise<void> {
		const oldest = now - this.retention.rawMs + HOUR;
		for (;;) {
			const marks = this.dirty.take(1000);
			const hour = marks[0]?.hour;
			if (hour === undefined) return;
			await writer.settled();
			const all = marks.some(({ point }) => point === null);
			const some = all ? "" : `AND point IN (${marks.map(({ point }) => this.points.idOf(point ?? "")).join(",")})`;
			const to = Math.min(hour + HOUR, this.minutesDone);
			const minutes = `ts >= ${hour} AND ts < ${to} ${some}`;
			const statements = [`DELETE FROM dirty WHERE hour = ${hour} ${some}`];
			// Hours that raw retention has begun to eat stay as they are.
			if (hour >= oldest && to > hour) {
				statements.push(`DELETE FROM minute WHERE ${minutes}`, `INSERT INTO minute ${rollUpMinutes(minutes)}`);
				if (hour < this.hoursDone) statements.push(`DELETE FROM hour WHERE ts = ${hour} ${some}`, `INSERT INTO hour ${rollUpHours(minutes)}`);
			}
			try {
				await database.transaction(...statements);
				this.dirty.done();
				this.recomputed += marks.length;
			} catch (error) {
				this.dirty.putBack();
				throw error;
			}
		}
	}

	private async sweep(database: DuckDbDatabase, now: number): Promise<void> {
		this.sweptAt = now;
		await database.transaction(`DELETE FROM raw WHERE ts < ${oldestKept("raw", this.retention, now)}`);
		await database.transaction(`DELETE FROM minute WHERE ts < ${oldestKept("1m", this.retention, now)}`);
		await database.transaction(`DELETE FROM hour WHERE ts < ${oldestKept("1h", this.retention, now)}`);
	}

	/** One row for each run of batch numbers instead of one for each batch. Only before anything is written. */
	private async compactBatches(database: DuckDbDatabase): Promise<void> {
		const text = (value: string) => `'${value.replaceAll("'", "''")}'`;
		const values = this.applied.ranges().map(({ agent, outbox, low, high }) => `(${text(agent)}, ${text(outbox)}, ${low}, ${high})`);
		const inserts: string[] = [];
		for (let start = 0; start < values.length; start += 1000) inserts.push(`INSERT INTO batch VALUES ${values.slice(start, start + 1000).join(",")}`);
		await database.transaction("DELETE FROM batch", ...inserts);
	}

	async query(query: HistoryQuery): Promise<HistoryResult> {
		return await answerQuery(this.rows, query, this.retention, this.options.clock.now());
	}

	async setRetention(retention: Retention): Promise<void> {
		this.retention = retention;
		this.sweptAt = 0;
	}

	async latest(points: readonly string[]): Promise<Map<string, Reading>> {
		const { database } = this.opened();
		const found = new Map<string, Reading>();
		const now = this.options.clock.now();
		// Newest first: most points are found in a short range, and the whole table is searched for the silent ones alone.
		for (const window of LATEST_WINDOWS) {
			const missing = points.filter((point) => !found.has(point)).flatMap((point) => this.points.find(point) ?? []);
			if (missing.length === 0) break;
			const from = Math.max(now - window, oldestKept("raw", this.retention, now));
			const rows = await database.rows(
				`SELECT raw.point, raw.ts, arg_max(delay, raw.rowid), arg_max(code, raw.rowid), arg_max(value, raw.rowid) FROM raw
				JOIN (SELECT point, max(ts) AS ts FROM raw WHERE ts >= ${from} AND point IN (${missing.join(",")}) GROUP BY point) AS newest
				ON raw.point = newest.point AND raw.ts = newest.ts WHERE raw.ts >= ${from} GROUP BY raw.point, raw.ts`,
			);
			for (const row of rows) {
				const [id, ts, delay, code, value] = row.map(Number) as [number, number, number, number, number];
				const point = this.points.nameOf(id);
				found.set(point, { point, ts, receivedAt: ts + delay, value: this.valueOf(code, value), quality: decodeCode(code).quality });
			}
		}
		return found;
	}

	async extremes(points: readonly string[], from: number, to: number): Promise<Map<string, PointExtremes>> {
		const { database } = this.opened();
		const found = noExtremes(this.rows, points, from, to);
		const ids = points.flatMap((point) => this.points.find(point) ?? []);
		if (ids.length === 0) return found;
		const of = (start: number, end: number) => `ts >= ${start} AND ts < ${end} AND point IN (${ids.join(",")})`;
		// Hours that are not rolled up yet come from the readings; one that was replaced widens them at most.
		const rolledTo = Math.min(Math.max(from, this.hoursDone), to);
		const rows = await database.rows(`SELECT point, ts, min, max FROM hour WHERE ${of(from, rolledTo)}
			UNION ALL SELECT point, ts // ${HOUR} * ${HOUR} AS bucket, min(value) FILTER (code < 2), max(value) FILTER (code < 2)
			FROM raw WHERE ${of(rolledTo, to)} GROUP BY point, bucket`);
		for (const [id, ts, min, max] of rows) {
			const extremes = found.get(this.points.nameOf(Number(id)));
			extremes?.hours.push({ ts: Number(ts), min: min === null ? null : Number(min), max: max === null ? null : Number(max) });
		}
		return found;
	}

	async readings(points: readonly string[], from: number, to: number): Promise<Map<string, RawRow[]>> {
		const found = new Map(points.map((point): [string, RawRow[]] => [point, []]));
		const oldest = Math.max(from, oldestKept("raw", this.retention, this.options.clock.now()));
		for (const { id, row } of await this.rawRows(points, oldest, to)) found.get(this.points.nameOf(id))?.push(row);
		return found;
	}

	async silences(points: readonly string[], from: number, to: number, longer: number, most: number): Promise<Map<string, Silence[]> | null> {
		const { database } = this.opened();
		const found = new Map(points.map((point): [string, Silence[]] => [point, this.points.find(point) === undefined ? wholly(from, to, longer) : []]));
		const ids = points.flatMap((point) => this.points.find(point) ?? []);
		if (ids.length === 0) return found;
		const oldest = Math.ceil(Math.max(from, oldestKept("raw", this.retention, this.options.clock.now())));
		const of = (some: readonly number[]) => `ts >= ${oldest} AND ts < ${Math.ceil(to)} AND point IN (${some.join(",")})`;
		const bad = new Set((await database.rows(badPoints(of(ids)))).map(([id]) => Number(id)));
		for (const [some, isBad] of [
			[ids.filter((id) => !bad.has(id)), false],
			[[...bad], true],
		] as const) {
			if (some.length === 0) continue;
			const limit = some.length * (most + 1);
			for (const [id, start, end] of await database.rows(`${silences(some, of(some), isBad, from, to, longer)} LIMIT ${limit}`))
				found.get(this.points.nameOf(Number(id)))?.push({ from: Number(start), to: Number(end) });
		}
		return [...found.values()].some(({ length }) => length > most) ? null : found;
	}

	async hoursOfStates(points: readonly string[], from: number, to: number, states: readonly (string | boolean)[]): Promise<Map<string, number[]>> {
		const { database } = this.opened();
		const found = new Map(points.map((point): [string, number[]] => [point, []]));
		const ids = points.flatMap((point) => this.points.find(point) ?? []);
		if (ids.length === 0) return found;
		const values = (type: "boolean" | "string") =>
			states.flatMap((state) => (typeof state !== type ? [] : typeof state === "boolean" ? Number(state) : (this.states.find(state) ?? [])));
		const [booleans, strings] = [values("boolean"), values("string")];
		const codes = [
			...(booleans.length > 0 ? [`code // 10 = 1 AND value IN (${booleans.join(",")})`] : []),
			...(strings.length > 0 ? [`code // 10 = 2 AND value IN (${strings.join(",")})`] : []),
		];
		if (codes.length === 0) return found;
		const rows = await database.rows(
			`SELECT DISTINCT point, ts // ${HOUR} * ${HOUR} FROM raw WHERE ts >= ${from} AND ts < ${to} AND point IN (${ids.join(",")}) AND (${codes.join(" OR ")})`,
		);
		for (const [id, hour] of rows) found.get(this.points.nameOf(Number(id)))?.push(Number(hour));
		return found;
	}

	async count(points: readonly string[], from: number, to: number): Promise<number> {
		const { database } = this.opened();
		const ids = points.flatMap((point) => this.points.find(point) ?? []);
		if (ids.length === 0) return 0;
		const oldest = Math.max(from, oldestKept("raw", this.retention, this.options.clock.now()));
		const condition = `ts >= ${Math.ceil(oldest)} AND ts < ${Math.ceil(to)} AND point IN (${ids.join(",")})`;
		const [row] = await database.rows(`SELECT count(*) FROM (SELECT DISTINCT point, ts FROM raw WHERE ${condition})`);
		return Number(row?.[0] ?? 0);
	}

	state(): HistoryState {
		const waiting = this.open?.writer.waiting ?? 0;
		const status = this.open ? (this.trouble === "" ? "ok" : "degraded") : "down";
		return { kind: "duckdb", status, detail: this.open ? this.trouble : "stopped", waiting, spoolBytes: 0 };
	}

	counters(): HistoryCounters {
		const { rows = 0, commits = 0 } = this.open?.writer.counters ?? {};
		const { appended, expired, rollups, recomputed } = this;
		const none = { spooled: 0, rejected: 0, retries: 0 };
		return { appended, written: rows, writes: commits, ...none, expired, rollups, recomputed, dirtyHours: this.dirty.size };
	}

	private opened(): { database: DuckDbDatabase; writer: DuckDbWriter } {
		if (!this.open) throw new AppError("history-unavailable", 503, "The history is stopped.");
		return this.open;
	}

	/** Oldest first, whichever point they are of. */
	private async rawRows(
		points: readonly string[],
		from: number,
		to: number,
		limit = Number.MAX_SAFE_INTEGER,
	): Promise<{ id: number; row: RawRow }[]> {
		const { database } = this.opened();
		const ids = points.flatMap((point) => this.points.find(point) ?? []);
		if (ids.length === 0 || from >= to) return [];
		const condition = `point IN (${ids.join(",")}) AND ts >= ${Math.ceil(from)} AND ts < ${Math.ceil(to)}`;
		const rows = await database.rows(`SELECT point, ts, code, value FROM (${newestRows(condition)}) ORDER BY ts LIMIT ${limit}`);
		return rows.map((cells) => {
			const [id, ts, code, value] = cells.map(Number) as [number, number, number, number];
			return { id, row: { ts, value: this.valueOf(code, value), quality: decodeCode(code).quality } };
		});
	}

	private valueOf(code: number, value: number): Value {
		const { type } = decodeCode(code);
		return type === "number" ? value : type === "boolean" ? value !== 0 : this.states.nameOf(value);
	}

	private readonly rows: PointRows = {
		raw: async (point, from, to, limit) => (await this.rawRows([point], from, to, limit)).map(({ row }) => row),
		rolled: async (step, point, from, to, limit) => {
			const id = this.points.find(point);
			if (id === undefined) return [];
			const table = step === "1m" ? "minute" : "hour";
			const rows = await this.opened().database.rows(
				`SELECT ts, min, max, sum, n, count, code, value FROM ${table} WHERE point = ${id} AND ts >= ${from} AND ts < ${to} ORDER BY ts LIMIT ${limit}`,
			);
			return rows.map((row): Bucket => {
				const [ts, min, max, sum, n, count, code, value] = row.map(Number) as [number, number, number, number, number, number, number, number];
				return { ts, min, max, sum, n, count, last: this.valueOf(code, value) };
			});
		},
		countRaw: (point, from, to) => this.count([point], from, to),
		rolledUpTo: (step) => (step === "1m" ? this.minutesDone : this.hoursDone),
		isDirty: (point, hour) => this.dirty.has(point, hour),
	};
}
