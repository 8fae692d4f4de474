import { type Selectable, sql, type Transaction } from "kysely";
import { OWN_DEVICE } from "../../contracts/identifiers.ts";
import type { AnyTransaction, Database } from "../platform/database/database.ts";
import { dateOf, msOf } from "../platform/database/instants.ts";
import { type AccessRecord, type DoorRecord, type EventRecord, type Numbering, noteNumbers, type SequenceGap } from "./access-event.ts";
import { type AccessTables, accessOf, doorOf, type EventRow, eventOf } from "./access-rows.ts";

export interface EventFilter {
	door?: string | undefined;
	device?: string | undefined;
	/** Id of the holder. */
	holder?: string | undefined;
	result?: "granted" | "denied" | undefined;
	/** Unix ms, inclusive. */
	from?: number | undefined;
	/** Unix ms, exclusive. */
	to?: number | undefined;
}
/** Where the next page begins: after this event. */
export interface EventPosition {
	ts: number;
	id: number;
}
export interface RecordedGap extends SequenceGap {
	id: number;
	/** Numbers that are still missing. */
	missing: number;
	noticedAt: number;
	filledAt: number | null;
}
export interface Recorded {
	/** Events that were not there before, in the order given. */
	events: EventRecord[];
	duplicates: number;
	conflicts: number;
	gaps: number;
}

/** Rows of one INSERT: PostgreSQL takes 65,535 parameters. */
const ROWS = 1000;

/** The tables of access and door events. */
export class AccessStore {
	readonly #database: Database;

	constructor(database: Database) {
		this.#database = database;
	}

	/**
	 * Keeps events, all of them or none. One that is there already (same device, number and content) changes nothing; one whose
	 * number is taken by another content is kept and marked as a conflict. Gaps are noted, and filled by what comes after.
	 */
	async record(rows: readonly EventRow[], now: number): Promise<Recorded> {
		return await this.#database.transaction<AccessTables, Recorded>(async (tables) => {
			const recorded: Recorded = { events: [], duplicates: 0, conflicts: 0, gaps: 0 };
			const byDevice = Map.groupBy(rows, ({ device }) => device);
			// Sorted, so that two transactions can't wait for each other's device.
			for (const device of [...byDevice.keys()].sort()) {
				const numbering = await lockNumbering(tables, device);
				const fresh = await classify(tables, device, byDevice.get(device) ?? [], recorded);
				recorded.events.push(...(await insert(tables, fresh)));
				const numbers = fresh.filter(({ conflict }) => !conflict).map(({ seq }) => seq);
				// What the server itself says is numbered by the events that it follows from.
				if (device !== OWN_DEVICE && numbers.length > 0) recorded.gaps += await updateNumbering(tables, device, numbering, numbers, now);
			}
			return recorded;
		});
	}

	/** What tells how each door stands, by door in order of time: the newest event that isn't `open`, and the first `open` after it. */
	async doorStates(): Promise<DoorRecord[]> {
		const { rows } = await sql<Selectable<AccessTables["access_events"]>>`WITH doors AS (SELECT DISTINCT door FROM access_events WHERE type = 'door'),
			other AS (
				SELECT e.* FROM doors d JOIN LATERAL (
					SELECT * FROM access_events a WHERE a.type = 'door' AND a.door = d.door AND a.state <> 'open' ORDER BY ts DESC, id DESC LIMIT 1
				) e ON true
			), opened AS (
				SELECT e.* FROM doors d LEFT JOIN other o ON o.door = d.door JOIN LATERAL (
					SELECT * FROM access_events a WHERE a.type = 'door' AND a.door = d.door AND a.state = 'open'
						AND (o.id IS NULL OR (a.ts, a.id) > (o.ts, o.id)) ORDER BY ts, id LIMIT 1
				) e ON true
			) SELECT * FROM other UNION ALL SELECT * FROM opened ORDER BY door, ts, id`.execute(this.#database.tables<AccessTables>());
		return rows.map(doorOf);
	}

	/** Newest first. */
	async accessEvents(filter: EventFilter, after: EventPosition | null, limit: number): Promise<AccessRecord[]> {
		return (await this.#page("access", filter, after, limit)).map(accessOf);
	}

	/** When each credential was last let in, Unix ms; those that never were are not in it. */
	async lastUse(credentials: readonly string[]): Promise<Map<string, number>> {
		if (credentials.length === 0) return new Map();
		const { rows } = await sql<{ id: string; ts: Date }>`SELECT c.id, e.ts FROM unnest(${[...credentials]}::uuid[]) AS c (id)
			JOIN LATERAL (SELECT ts FROM access_events WHERE credential = c.id AND result = 'granted' ORDER BY ts DESC LIMIT 1) e ON true`.execute(
			this.#database.tables<AccessTables>(),
		);
		return new Map(rows.map(({ id, ts }) => [id, msOf(ts)]));
	}

	/** Whether one of these holders was let through one of these doors in [from, to], Unix ms. */
	async letThrough(
		transaction: AnyTransaction,
		{ holders, doors, from, to }: { holders: readonly string[]; doors: readonly string[]; from: number; to: number },
	): Promise<boolean> {
		const { rows } = await sql`SELECT 1 FROM access_events WHERE holder = ANY(${[...holders]}) AND door = ANY(${[...doors]}) AND result = 'granted'
			AND ts BETWEEN ${dateOf(from)} AND ${dateOf(to)} LIMIT 1`.execute(transaction);
		return rows.length > 0;
	}

	/** Newest first. */
	async doorEvents(filter: EventFilter, after: EventPosition | null, limit: number): Promise<DoorRecord[]> {
		return (await this.#page("door", filter, after, limit)).map(doorOf);
	}

	/** A device's gaps, the newest first; those that late events have filled only when asked for. `before`: the id of the last one of the page before. */
	async gaps(device: string, filled: boolean, before: number | null, limit: number): Promise<RecordedGap[]> {
		let query = this.#database.tables<AccessTables>().selectFrom("sequence_gaps").selectAll().where("device", "=", device);
		if (!filled) query = query.where("filled_at", "is", null);
		if (before !== null) query = query.where("id", "<", before);
		const rows = await query.orderBy("id", "desc").limit(limit).execute();
		return rows.map((row) => ({
			id: row.id,
			from: row.first_seq,
			to: row.last_seq,
			missing: row.missing,
			noticedAt: msOf(row.noticed_at),
			filledAt: msOf(row.filled_at),
		}));
	}

	#events(type: EventRecord["type"]) {
		return this.#database.tables<AccessTables>().selectFrom("access_events").selectAll().where("type", "=", type);
	}

	#page(type: EventRecord["type"], filter: EventFilter, after: EventPosition | null, limit: number) {
		let query = this.#events(type);
		for (const column of ["door", "device", "holder", "result"] as const) {
			const value = filter[column];
			if (value !== undefined) query = query.where(column, "=", value);
		}
		if (filter.from !== undefined) query = query.where("ts", ">=", dateOf(filter.from));
		if (filter.to !== undefined) query = query.where("ts", "<", dateOf(filter.to));
		if (after) query = query.where(sql<boolean>`(ts, id) < (${dateOf(after.ts)}::timestamptz, ${after.id}::bigint)`);
		return query.orderBy("ts", "desc").orderBy("id", "desc").limit(limit).execute();
	}
}

/** Events of these holders name them so from now on: who they were isn't to be known any more. */
export async function renameInEvents(transaction: AnyTransaction, holders: readonly string[], name: string): Promise<void> {
	await sql`UPDATE access_events SET holder_name = ${name} WHERE holder = ANY(${[...holders]}::text[])`.execute(transaction);
}

/** One writer per device at a time, also among several servers. */
async function lockNumbering(tables: Transaction<AccessTables>, device: string): Promise<Numbering> {
	await tables
		.insertInto("device_numbering")
		.values({ device, highest: null, doubted: null })
		.onConflict((conflict) => conflict.doNothing())
		.execute();
	return await tables
		.selectFrom("device_numbering")
		.select(["highest", "doubted"])
		.where("device", "=", device)
		.forUpdate()
		.executeTakeFirstOrThrow();
}

/** Leaves out what is there already, and marks what has the number of something else. */
async function classify(tables: Transaction<AccessTables>, device: string, rows: readonly EventRow[], counts: Recorded): Promise<EventRow[]> {
	const numbers = [...new Set(rows.map(({ seq }) => seq))];
	const known = await tables
		.selectFrom("access_events")
		.select(["seq", "digest"])
		.where("device", "=", device)
		.where(sql<boolean>`seq = any(${numbers}::bigint[])`)
		.execute();
	const digests = new Map<number, Set<string>>();
	for (const { seq, digest } of known) digests.set(seq, (digests.get(seq) ?? new Set()).add(digest));
	const fresh: EventRow[] = [];
	for (const row of rows) {
		const taken = digests.get(row.seq);
		if (taken?.has(row.digest)) {
			counts.duplicates++;
			continue;
		}
		if (taken) counts.conflicts++;
		digests.set(row.seq, (taken ?? new Set()).add(row.digest));
		fresh.push({ ...row, conflict: taken !== undefined });
	}
	return fresh;
}

async function insert(tables: Transaction<AccessTables>, rows: readonly EventRow[]): Promise<EventRecord[]> {
	const events: EventRecord[] = [];
	for (let at = 0; at < rows.length; at += ROWS) {
		const inserted = await tables
			.insertInto("access_events")
			.values(rows.slice(at, at + ROWS))
			.returningAll()
			.execute();
		events.push(...inserted.map(eventOf));
	}
	return events;
}

/**
 * Fills the gaps that the numbers fall into, and notes the ones that they open. Returns how many are new.
 * `now` was read before the device's turn came, so it may be older than a gap's notice: a gap is never filled before it was noticed.
 */
async function updateNumbering(
	tables: Transaction<AccessTables>,
	device: string,
	before: Numbering,
	numbers: readonly number[],
	now: number,
): Promise<number> {
	const { highest, doubted } = before;
	if (doubted !== null || (highest !== null && numbers.some((seq) => seq <= highest)))
		await sql`UPDATE sequence_gaps AS gap
			SET missing = gap.missing - filling.count,
				filled_at = CASE WHEN gap.missing = filling.count THEN greatest(${dateOf(now)}::timestamptz, gap.noticed_at) END
			FROM (
				SELECT open.id, count(*) AS count FROM sequence_gaps AS open
				JOIN unnest(${numbers}::bigint[]) AS come (seq) ON come.seq BETWEEN open.first_seq AND open.last_seq
				WHERE open.device = ${device} AND open.filled_at IS NULL
				GROUP BY open.id
			) AS filling
			WHERE gap.id = filling.id`.execute(tables);
	const { numbering, gaps } = noteNumbers(before, numbers);
	if (numbering.highest !== highest || numbering.doubted !== doubted)
		await tables
			.updateTable("device_numbering")
			.set({ ...numbering })
			.where("device", "=", device)
			.execute();
	if (gaps.length > 0)
		await tables
			.insertInto("sequence_gaps")
			.values(
				gaps.map(({ from, to }) => ({
					device,
					first_seq: from,
					last_seq: to,
					missing: to - from + 1,
					noticed_at: dateOf(now),
					filled_at: null,
				})),
			)
			.execute();
	return gaps.length;
}
