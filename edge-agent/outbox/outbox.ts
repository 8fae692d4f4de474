import { randomUUID } from "node:crypto";
import Database from "better-sqlite3";
import { type Reading, toColumns } from "../../contracts/reading.ts";
import { type Batch, batchSchema, type UplinkEvent } from "../../contracts/uplink.ts";
import type { DeviceMark } from "../devices/event-numbers.ts";

/** What one row will hold. */
export interface Content {
	readings: readonly Reading[];
	events: readonly UplinkEvent[];
}
export interface StoredBatch {
	seq: number;
	/** Unix ms. */
	createdAt: number;
	/** The JSON of contracts' Batch. */
	payload: string;
}
export interface OutboxOptions {
	path: string;
	/** Most bytes of payload that are kept. */
	maxBytes: number;
	/** Unix ms. */
	now: () => number;
}

/** Thrown by {@link Outbox.append} when only events are left and they fill the bound: take nothing more until the server has freed some. */
export class OutboxFullError extends Error {}

/** What a row costs beside its payload, bytes. */
const ROW_OVERHEAD = 48;
/** After dropping, this share of the bound is free, so that not every commit drops. */
const FREE_AFTER_DROP = 0.02;

/**
 * The agent's durable queue: one SQLite file, batches as rows, numbered without ever using a number again (EDG-3).
 *
 * - `append` returns only when its batches survive a power cut (WAL with synchronous=FULL: one fsync per call).
 * - A row goes only when the server has said that it is stored (`free`), or said that it never can be (`refuse`, which keeps it
 *   aside), or, when the bound is reached, the oldest readings. Events are never dropped: when they alone fill the bound
 *   `append` throws OutboxFullError, the devices' messages stay unacknowledged and so stay with the devices.
 * - The bound is on payload bytes; the file keeps its largest size, and the write-ahead log adds a few MB.
 *
 * One process at a time: the file is opened with an exclusive lock.
 */
export class Outbox {
	readonly #options: OutboxOptions;
	readonly #db: Database.Database;
	readonly #statements: ReturnType<typeof prepare>;
	/** Names this file: a new file starts numbering anew. */
	readonly id: string;
	#head: number;
	#bytes: number;
	#batches: number;
	#dropped: number;
	#freed = new Set<number>();

	/** Opens or makes the file. Throws when it is in use, damaged, or can't be written. */
	constructor(options: OutboxOptions) {
		this.#options = options;
		this.#db = openFile(options.path);
		this.#statements = prepare(this.#db);
		this.#db.transaction(() => {
			this.#statements.setMetaOnce.run("id", randomUUID());
			this.#statements.setMetaOnce.run("dropped", "0");
		})();
		this.id = String(this.#statements.meta.get("id")?.value);
		this.#dropped = Number(this.#statements.meta.get("dropped")?.value);
		this.#head = this.#statements.head.get()?.seq ?? 0;
		const sums = this.#statements.sums.get();
		this.#bytes = sums?.bytes ?? 0;
		this.#batches = sums?.batches ?? 0;
	}

	/** Number of the newest batch ever; 0 before the first. */
	get head(): number {
		return this.#head;
	}

	/** Readings dropped since the file was made. */
	get dropped(): number {
		return this.#dropped;
	}

	/**
	 * Stores the contents as one batch each, and by what repetitions of them will be known, in one transaction. Returns the new
	 * head. Throws OutboxFullError, or SQLite's error when the disk is full or broken; then nothing has been stored.
	 */
	append(contents: readonly Content[], marks: readonly DeviceMark[]): number {
		const { insert, setMark } = this.#statements;
		const before = [this.#head, this.#bytes, this.#batches, this.#dropped] as const;
		const createdAt = this.#options.now();
		const freed = this.#freed;
		try {
			this.#db
				.transaction(() => {
					this.#deleteFreed();
					for (const { readings, events } of contents) {
						const seq = ++this.#head;
						const payload = JSON.stringify({ seq, readings: toColumns(readings), events: [...events] } satisfies Batch);
						const bytes = Buffer.byteLength(payload) + ROW_OVERHEAD;
						insert.run(seq, createdAt, readings.length, events.length, bytes, payload);
						this.#bytes += bytes;
						this.#batches++;
					}
					for (const { device, last, keys } of marks) setMark.run(device, last, JSON.stringify(keys));
					if (this.#bytes > this.#options.maxBytes) this.#dropOldestReadings();
				})
				.immediate();
		} catch (error) {
			[this.#head, this.#bytes, this.#batches, this.#dropped] = before;
			this.#freed = freed;
			throw error;
		}
		return this.#head;
	}

	/** Batches with these numbers that are still there, oldest first, up to `maxBytes` but at least one. */
	read(from: number, to: number, maxBytes: number): StoredBatch[] {
		const found: StoredBatch[] = [];
		let bytes = 0;
		for (const row of this.#statements.range.iterate(from, to)) {
			if (this.#freed.has(row.seq)) continue;
			bytes += row.bytes;
			if (found.length > 0 && bytes > maxBytes) break;
			found.push({ seq: row.seq, createdAt: row.created_at, payload: row.payload });
		}
		return found;
	}

	/** The server has stored these batches. They are deleted with the next append or flush: a transaction of their own would cost an fsync. */
	free(seqs: readonly number[]): void {
		for (const seq of seqs) this.#freed.add(seq);
	}

	/** The server can never store these: they are kept aside for a person. */
	refuse(refusals: readonly { seq: number; reason: string }[]): void {
		const { keepAside } = this.#statements;
		this.#db.transaction(() => {
			for (const { seq, reason } of refusals) keepAside.run(reason, this.#options.now(), seq);
		})();
		this.free(refusals.map(({ seq }) => seq));
	}

	/** Deletes what has been freed. On a disk that is full or broken that may fail, and is tried again later: nothing depends on it. */
	flush(): void {
		if (this.#freed.size === 0) return;
		const before = [this.#bytes, this.#batches, this.#freed] as const;
		try {
			this.#db.transaction(() => this.#deleteFreed())();
		} catch {
			[this.#bytes, this.#batches, this.#freed] = before;
		}
	}

	/** `oldest`: when the oldest batch was made, Unix ms. */
	stats(): { batches: number; bytes: number; oldest: number | null } {
		this.flush();
		return { batches: this.#batches, bytes: this.#bytes, oldest: this.#statements.oldest.get()?.created_at ?? null };
	}

	/** Number of the oldest batch that is left; the next number to come when there is none. */
	get oldest(): number {
		this.flush();
		return this.#statements.oldest.get()?.seq ?? this.#head + 1;
	}

	/** Number of the newest batch made before this time, Unix ms; 0 when there is none. */
	lastBefore(time: number): number {
		return this.#statements.lastBefore.get(time)?.seq ?? 0;
	}

	/** By what repetitions were known at the last commit. */
	marks(): DeviceMark[] {
		return this.#statements.marks.all().map(({ keys, ...mark }) => ({ ...mark, keys: JSON.parse(keys) as string[] }));
	}

	/** The newest batches, newest first, up to `maxBytes`. */
	newest(maxBytes: number): Batch[] {
		const found: Batch[] = [];
		let bytes = 0;
		for (const row of this.#statements.newest.iterate()) {
			bytes += row.bytes;
			if (bytes > maxBytes) break;
			found.push(batchSchema.parse(JSON.parse(row.payload)));
		}
		return found;
	}

	close(): void {
		if (!this.#db.open) return;
		try {
			this.flush();
		} finally {
			this.#db.close();
		}
	}

	/** Inside a transaction. */
	#deleteFreed(): void {
		const { remove } = this.#statements;
		for (const seq of this.#freed) {
			const row = remove.get(seq);
			if (!row) continue;
			this.#bytes -= row.bytes;
			this.#batches--;
		}
		this.#freed = new Set();
	}

	/** Inside a transaction. A row that also holds events keeps those. */
	#dropOldestReadings(): void {
		const { maxBytes } = this.#options;
		const target = maxBytes * (1 - FREE_AFTER_DROP);
		const { droppable, remove, strip, setMeta } = this.#statements;
		for (let row = droppable.get(); row && this.#bytes > target; row = droppable.get()) {
			this.#dropped += row.readings;
			if (row.events === 0) {
				remove.get(row.seq);
				this.#bytes -= row.bytes;
				this.#batches--;
				continue;
			}
			const { payload } = this.#statements.payload.get(row.seq) as { payload: string };
			const left = JSON.stringify({ ...batchSchema.parse(JSON.parse(payload)), readings: null } satisfies Batch);
			const bytes = Buffer.byteLength(left) + ROW_OVERHEAD;
			strip.run(left, bytes, row.seq);
			this.#bytes += bytes - row.bytes;
		}
		if (this.#bytes > maxBytes) throw new OutboxFullError(`events alone fill the outbox: ${this.#bytes} of ${maxBytes} bytes`);
		setMeta.run(String(this.#dropped), "dropped");
	}
}

const SCHEMA = `
	CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
	CREATE TABLE IF NOT EXISTS batch (
		seq INTEGER PRIMARY KEY AUTOINCREMENT,
		created_at INTEGER NOT NULL,
		readings INTEGER NOT NULL,
		events INTEGER NOT NULL,
		bytes INTEGER NOT NULL,
		payload TEXT NOT NULL
	) STRICT;
	CREATE INDEX IF NOT EXISTS batch_with_readings ON batch (seq) WHERE readings > 0;
	CREATE TABLE IF NOT EXISTS device_mark (device TEXT PRIMARY KEY, last INTEGER, keys TEXT NOT NULL) STRICT;
	CREATE TABLE IF NOT EXISTS refused (seq INTEGER PRIMARY KEY, reason TEXT NOT NULL, refused_at INTEGER NOT NULL, payload TEXT NOT NULL) STRICT;
`;

interface BatchRow {
	seq: number;
	created_at: number;
	readings: number;
	events: number;
	bytes: number;
	payload: string;
}

function prepare(db: Database.Database) {
	return {
		meta: db.prepare<[string], { value: string }>("SELECT value FROM meta WHERE key = ?"),
		setMetaOnce: db.prepare("INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)"),
		setMeta: db.prepare("UPDATE meta SET value = ? WHERE key = ?"),
		head: db.prepare<[], { seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = 'batch'"),
		sums: db.prepare<[], { bytes: number; batches: number }>("SELECT coalesce(sum(bytes), 0) AS bytes, count(*) AS batches FROM batch"),
		insert: db.prepare("INSERT INTO batch (seq, created_at, readings, events, bytes, payload) VALUES (?, ?, ?, ?, ?, ?)"),
		range: db.prepare<[number, number], BatchRow>("SELECT * FROM batch WHERE seq BETWEEN ? AND ? ORDER BY seq"),
		newest: db.prepare<[], BatchRow>("SELECT * FROM batch ORDER BY seq DESC"),
		oldest: db.prepare<[], { seq: number; created_at: number }>("SELECT seq, created_at FROM batch ORDER BY seq LIMIT 1"),
		lastBefore: db.prepare<[number], { seq: number }>("SELECT seq FROM batch WHERE created_at < ? ORDER BY seq DESC LIMIT 1"),
		remove: db.prepare<[number], { bytes: number }>("DELETE FROM batch WHERE seq = ? RETURNING bytes"),
		droppable: db.prepare<[], Omit<BatchRow, "payload">>(
			"SELECT seq, created_at, readings, events, bytes FROM batch WHERE readings > 0 ORDER BY seq LIMIT 1",
		),
		payload: db.prepare<[number], { payload: string }>("SELECT payload FROM batch WHERE seq = ?"),
		strip: db.prepare("UPDATE batch SET readings = 0, payload = ?, bytes = ? WHERE seq = ?"),
		keepAside: db.prepare("INSERT OR IGNORE INTO refused (seq, reason, refused_at, payload) SELECT seq, ?, ?, payload FROM batch WHERE seq = ?"),
		setMark: db.prepare("INSERT OR REPLACE INTO device_mark (device, last, keys) VALUES (?, ?, ?)"),
		marks: db.prepare<[], { device: string; last: number | null; keys: string }>("SELECT device, last, keys FROM device_mark"),
	};
}

/** What a file of before has in a table of its own. */
function takeOver(db: Database.Database): void {
	if (!db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'event_number'").get()) return;
	db.exec("BEGIN; INSERT OR IGNORE INTO device_mark SELECT device, last, '[]' FROM event_number; DROP TABLE event_number; COMMIT");
}

/** Opens or makes the file and locks it for this process. */
function openFile(path: string): Database.Database {
	const db = new Database(path);
	try {
		db.pragma("locking_mode = EXCLUSIVE");
		db.pragma("journal_mode = WAL");
		db.pragma("synchronous = FULL");
		// KiB; rows are read once, soon after they were written.
		db.pragma("cache_size = -4096");
		db.exec(SCHEMA);
		takeOver(db);
		return db;
	} catch (error) {
		db.close();
		if (!(error instanceof Database.SqliteError && error.code.startsWith("SQLITE_BUSY"))) throw error;
		throw new Error(`${path} is used by another edge agent: stop that one, or give this one a data directory of its own`, { cause: error });
	}
}
