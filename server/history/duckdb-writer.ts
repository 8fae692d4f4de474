import { BIGINT, DOUBLE, type DuckDBConnection, DuckDBDataChunk, INTEGER, UTINYINT } from "@duckdb/node-api";
import type { Reading } from "../../contracts/reading.ts";
import { AppError } from "../platform/errors.ts";
import type { DirtyMark } from "./dirty-hours.ts";
import type { NumberedNames } from "./duckdb-names.ts";
import type { BatchId } from "./history.ts";
import { codeOf } from "./value-code.ts";

interface Entry {
	batch: BatchId;
	readings: readonly Reading[];
	dirty: readonly DirtyMark[];
	done: PromiseWithResolvers<void>;
}
/** Rows that DuckDB takes in one chunk of columns. */
const CHUNK = 2048;
/** So many rows don't wait on when nothing more has come for a moment: whoever sent them waits for the acknowledgement. */
const WORTHWHILE_ROWS = 1000;
const QUIET_MS = 10;
const RAW_COLUMNS = [INTEGER, BIGINT, BIGINT, UTINYINT, DOUBLE];

/**
 * Writes batches in groups: rows, names, applied batch numbers and dirty marks in one transaction, all that came while the one
 * before was committed. A small group goes no sooner than `lingerMs` after the one before: a commit costs 3 ms of CPU whatever
 * its size.
 */
export class DuckDbWriter {
	readonly counters = { commits: 0, rows: 0 };
	private readonly connection: DuckDBConnection;
	private readonly points: NumberedNames;
	private readonly states: NumberedNames;
	private readonly options: { groupRows: number; lingerMs: number; queueRows: number };
	private queue: Entry[] = [];
	private queuedRows = 0;
	private writing: Promise<void> | null = null;
	private timer: NodeJS.Timeout | null = null;
	private lastCommit = 0;
	private stopped = false;

	constructor(connection: DuckDBConnection, points: NumberedNames, states: NumberedNames, options: DuckDbWriter["options"]) {
		this.connection = connection;
		this.points = points;
		this.states = states;
		this.options = options;
	}

	get waiting(): number {
		return this.queuedRows;
	}

	/** Resolves when it is committed. Throws AppError `history-full` when too much waits or the disk is full. */
	write(batch: BatchId, readings: readonly Reading[], dirty: readonly DirtyMark[]): Promise<void> {
		if (this.stopped) return Promise.reject(new AppError("history-unavailable", 503, "The history is stopped."));
		if (this.queuedRows > this.options.queueRows) return Promise.reject(new AppError("history-full", 503, "Too many readings wait to be stored."));
		const entry: Entry = { batch, readings, dirty, done: Promise.withResolvers<void>() };
		this.queue.push(entry);
		this.queuedRows += readings.length;
		this.schedule();
		return entry.done.promise;
	}

	/** Resolves when everything taken before is committed or refused. */
	async settled(): Promise<void> {
		await Promise.allSettled(this.queue.map((entry) => entry.done.promise));
		await this.writing;
	}

	async stop(): Promise<void> {
		this.stopped = true;
		if (this.timer) clearTimeout(this.timer);
		while (this.queue.length > 0 || this.writing) await this.flush();
	}

	private schedule(): void {
		if (this.writing) return;
		const rest = Math.max(0, this.lastCommit + this.options.lingerMs - performance.now());
		const wait = this.queuedRows >= this.options.groupRows ? 0 : this.queuedRows >= WORTHWHILE_ROWS ? Math.min(rest, QUIET_MS) : rest;
		if (this.timer && wait < rest) {
			clearTimeout(this.timer);
			this.timer = null;
		}
		this.timer ??= setTimeout(() => {
			this.timer = null;
			void this.flush();
		}, wait);
	}

	private flush(): Promise<void> {
		this.writing ??= this.writeGroup().finally(() => {
			this.writing = null;
			this.lastCommit = performance.now();
			if (this.queue.length > 0 && !this.stopped) this.schedule();
		});
		return this.writing;
	}

	private async writeGroup(): Promise<void> {
		const group: Entry[] = [];
		let rows = 0;
		while (this.queue.length > 0 && rows < this.options.groupRows) {
			const entry = this.queue.shift() as Entry;
			group.push(entry);
			rows += entry.readings.length;
		}
		if (group.length === 0) return;
		try {
			await this.commit(group);
			this.counters.commits++;
			this.counters.rows += rows;
			for (const { done } of group) done.resolve();
		} catch (error) {
			const text = error instanceof Error ? error.message : String(error);
			const failure = /space|quota|could not write/i.test(text)
				? new AppError("history-full", 503, "The disk can't take readings.", { cause: error })
				: new AppError("history-unavailable", 503, "Readings can't be stored.", { cause: error });
			for (const { done } of group) done.reject(failure);
		} finally {
			this.queuedRows -= rows;
		}
	}

	private async commit(group: readonly Entry[]): Promise<void> {
		await this.connection.run("BEGIN");
		try {
			await this.appendRows(group);
			await this.appendNames("point", this.points);
			await this.appendNames("state", this.states);
			await this.appendBatches(group);
			await this.appendMarks(group);
			await this.connection.run("COMMIT");
		} catch (error) {
			await this.connection.run("ROLLBACK").catch(() => undefined);
			throw error;
		}
		this.points.written();
		this.states.written();
	}

	private async appendRows(group: readonly Entry[]): Promise<void> {
		const appender = await this.connection.createAppender("raw");
		try {
			let left = group.reduce((sum, { readings }) => sum + readings.length, 0);
			let row = 0;
			let chunk = DuckDBDataChunk.create(RAW_COLUMNS, Math.min(CHUNK, left));
			let columns = columnsOf(chunk);
			for (const { readings } of group)
				for (const { point, ts, receivedAt, value, quality } of readings) {
					columns[0].setItem(row, this.points.idOf(point));
					columns[1].setItem(row, BigInt(ts));
					columns[2].setItem(row, BigInt(receivedAt - ts));
					columns[3].setItem(row, codeOf(value, quality));
					columns[4].setItem(row, typeof value === "string" ? this.states.idOf(value) : Number(value));
					row++;
					left--;
					if (row < chunk.rowCount) continue;
					for (const column of columns) column.flush();
					appender.appendDataChunk(chunk);
					row = 0;
					if (left === 0) continue;
					chunk = DuckDBDataChunk.create(RAW_COLUMNS, Math.min(CHUNK, left));
					columns = columnsOf(chunk);
				}
		} finally {
			appender.closeSync();
		}
	}

	private async appendNames(table: "point" | "state", names: NumberedNames): Promise<void> {
		const fresh = names.unwritten;
		if (fresh.length === 0) return;
		const appender = await this.connection.createAppender(table);
		for (const { id, name } of fresh) {
			appender.appendInteger(id);
			appender.appendVarchar(name);
			appender.endRow();
		}
		appender.closeSync();
	}

	private async appendBatches(group: readonly Entry[]): Promise<void> {
		const appender = await this.connection.createAppender("batch");
		for (const { batch } of group) {
			appender.appendVarchar(batch.agent);
			appender.appendVarchar(batch.outbox);
			appender.appendBigInt(BigInt(batch.seq));
			appender.appendBigInt(BigInt(batch.seq));
			appender.endRow();
		}
		appender.closeSync();
	}

	private async appendMarks(group: readonly Entry[]): Promise<void> {
		if (!group.some(({ dirty }) => dirty.length > 0)) return;
		const appender = await this.connection.createAppender("dirty");
		for (const { dirty } of group)
			for (const { hour, point } of dirty) {
				appender.appendBigInt(BigInt(hour));
				if (point === null) appender.appendNull();
				else appender.appendInteger(this.points.idOf(point));
				appender.endRow();
			}
		appender.closeSync();
	}
}

const columnsOf = (chunk: DuckDBDataChunk) =>
	[chunk.getColumnVector(0), chunk.getColumnVector(1), chunk.getColumnVector(2), chunk.getColumnVector(3), chunk.getColumnVector(4)] as const;
