import { type Generated, type Selectable, sql, type Transaction } from "kysely";
import { type FindingKind, findingKindSchema } from "../../../contracts/access.ts";
import type { AnyTransaction, Database } from "../../platform/database/database.ts";
import { dateOf, msOf } from "../../platform/database/instants.ts";
import type { AccessRecord, EventRecord } from "../access-event.ts";
import { type AccessTables, accessOf, eventOf } from "../access-rows.ts";
import type { FindingRecord } from "./finding.ts";
import { TOLD_ALSO_LATE } from "./finding-alarms.ts";
import type { KnownPlace, Place, UnseenExit } from "./occupancy.ts";
import type { Found } from "./rules.ts";

interface MonitorTables extends AccessTables {
	access_second_looks: { event: number; due_at: Date };
	access_findings: {
		id: Generated<number>;
		kind: string;
		door: string | null;
		holder: string | null;
		credential: string | null;
		event: number;
		at: Date;
		late: boolean;
		detail: string;
		rule: string | null;
		stated: boolean;
		told: boolean;
	};
	holder_places: {
		holder: string;
		room: string | null;
		door: string;
		since: Date;
		exits: Generated<number>;
		exit_at: Date | null;
		exit_door: string | null;
	};
}
type EventRow = Selectable<AccessTables["access_events"]>;

/** With whether the door states it itself. */
export type KeptFinding = FindingRecord & Pick<Found, "stated">;
/** Before it is kept. */
export type NewFinding = Omit<KeptFinding, "id"> & Pick<Found, "uncertain">;

export interface FindingFilter {
	door?: string | undefined;
	holder?: string | undefined;
	kind?: FindingKind | undefined;
	/** Unix ms, inclusive and exclusive. */
	from?: number | undefined;
	to?: number | undefined;
}

const typed = (transaction: AnyTransaction) => transaction as unknown as Transaction<MonitorTables>;

/** Events that nobody has looked at yet, in the order in which they were recorded; locked, those that another server looks at left out. */
export async function unjudged(transaction: AnyTransaction, limit: number): Promise<EventRecord[]> {
	const rows = await typed(transaction)
		.selectFrom("access_events")
		.selectAll()
		.where("judged", "=", false)
		.orderBy("id")
		.limit(limit)
		.forUpdate()
		.skipLocked()
		.execute();
	return rows.map(eventOf);
}

/** Events whose second look is due, and the looks with it. */
export async function takeSecondLooks(transaction: AnyTransaction, now: number, limit: number): Promise<EventRecord[]> {
	const { rows } = await sql<EventRow>`WITH due AS (
			DELETE FROM access_second_looks WHERE event IN (
				SELECT event FROM access_second_looks WHERE due_at <= ${dateOf(now)} ORDER BY due_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
			) RETURNING event
		) SELECT e.* FROM access_events e JOIN due ON due.event = e.id ORDER BY e.id`.execute(transaction);
	return rows.map(eventOf);
}

export async function markJudged(transaction: AnyTransaction, events: readonly EventRecord[]): Promise<void> {
	await sql`UPDATE access_events SET judged = true WHERE id = any(${events.map(({ id }) => Number(id))}::bigint[])`.execute(transaction);
}

export async function addSecondLooks(transaction: AnyTransaction, looks: readonly { event: string; dueAt: number }[]): Promise<void> {
	if (looks.length === 0) return;
	await typed(transaction)
		.insertInto("access_second_looks")
		.values(looks.map(({ event, dueAt }) => ({ event: Number(event), due_at: dateOf(dueAt) })))
		.onConflict((conflict) => conflict.doNothing())
		.execute();
}

/** Keeps findings; nobody is told of uncertain ones, nor of late ones but {@link TOLD_ALSO_LATE}. Resolves to those that were not there yet. */
export async function addFindings(transaction: AnyTransaction, findings: readonly NewFinding[]): Promise<FindingRecord[]> {
	if (findings.length === 0) return [];
	const rows = await typed(transaction)
		.insertInto("access_findings")
		.values(
			findings.map(({ kind, door, holder, credential, event, at, late, detail, rule, stated, uncertain }) => ({
				kind,
				door,
				holder,
				credential,
				event: Number(event),
				at: dateOf(at),
				late,
				detail,
				rule,
				stated,
				told: uncertain === true || (late && !TOLD_ALSO_LATE.has(kind)),
			})),
		)
		.onConflict((conflict) => conflict.doNothing())
		.returningAll()
		.execute();
	return rows.map(findingOf);
}

/** Events at doors within a time, by door and in order of time. */
export async function eventsAround(
	transaction: AnyTransaction,
	doors: readonly string[],
	from: number,
	to: number,
): Promise<Map<string, EventRecord[]>> {
	const { rows } = await sql<EventRow>`SELECT * FROM access_events
		WHERE type = any('{access,door}') AND door = any(${[...doors]}::text[]) AND ts BETWEEN ${dateOf(from)} AND ${dateOf(to)} ORDER BY ts, id`.execute(
		transaction,
	);
	return Map.groupBy(rows.map(eventOf), ({ door }) => door);
}

/** Those of the events that say `held` of an opening of which that is said already: before them, or by one that was looked at. */
export async function heldBefore(transaction: AnyTransaction, events: readonly EventRecord[]): Promise<ReadonlySet<string>> {
	const held = events.filter((event) => event.type === "door" && event.state === "held");
	if (held.length === 0) return new Set();
	const { rows } = await sql<{
		id: number;
	}>`SELECT h.id FROM access_events h WHERE h.id = any(${held.map(({ id }) => Number(id))}::bigint[]) AND ('held' = (
			SELECT a.state FROM access_events a WHERE a.type = 'door' AND a.door = h.door AND a.state <> 'open' AND (a.ts, a.id) < (h.ts, h.id)
				ORDER BY a.ts DESC, a.id DESC LIMIT 1
		) OR EXISTS (
			SELECT FROM (SELECT a.state, a.judged FROM access_events a WHERE a.type = 'door' AND a.door = h.door AND a.state <> 'open'
				AND (a.ts, a.id) > (h.ts, h.id) ORDER BY a.ts, a.id LIMIT 1) n WHERE n.state = 'held' AND n.judged
		))`.execute(transaction);
	return new Set(rows.map(({ id }) => String(id)));
}

/** Access events from `from` on and before `to` in order of time, those after `after`; `doors: null`: at whichever. */
export async function accessEventsBetween(
	database: Database,
	{ doors, from, to, after, limit }: { doors: readonly string[] | null; from: number; to: number; after: AccessRecord | null; limit: number },
): Promise<AccessRecord[]> {
	const start = after ? sql`(ts, id) > (${dateOf(after.ts)}, ${after.id}::bigint)` : sql`ts >= ${dateOf(from)}`;
	const there = doors ? sql`AND door = any(${[...doors]}::text[])` : sql``;
	const { rows } = await sql<EventRow>`SELECT * FROM access_events WHERE type = 'access' AND ${start} AND ts < ${dateOf(to)} ${there}
		ORDER BY ts, id LIMIT ${limit}`.execute(database.tables());
	return rows.map(accessOf);
}

/** What each holder did before each event of theirs, the newest first; by event. */
export async function passagesBefore(
	transaction: AnyTransaction,
	events: readonly AccessRecord[],
	limit: number,
): Promise<Map<string, AccessRecord[]>> {
	const own = events.filter(({ holder }) => holder !== null);
	if (own.length === 0) return new Map();
	const { rows } = await sql<EventRow & { of_event: number }>`SELECT e.*, w.event AS of_event
		FROM unnest(${own.map(({ id }) => Number(id))}::bigint[], ${own.map(({ holder }) => holder?.id)}::text[], ${own.map(({ ts }) => dateOf(ts))}::timestamptz[]) AS w (event, holder, ts)
		JOIN LATERAL (
			SELECT * FROM access_events a WHERE a.holder = w.holder AND (a.ts, a.id) < (w.ts, w.event) ORDER BY a.ts DESC, a.id DESC LIMIT ${limit}
		) e ON true ORDER BY w.event, e.ts DESC, e.id DESC`.execute(transaction);
	const found = new Map<string, AccessRecord[]>();
	for (const { of_event, ...row } of rows) {
		const list = found.get(String(of_event)) ?? [];
		list.push(accessOf(row));
		found.set(String(of_event), list);
	}
	return found;
}

/** Keeps where people are: an older passage than the one that is known changes nothing. */
export async function keepPlaces(transaction: AnyTransaction, places: readonly (Place & { holder: string })[]): Promise<void> {
	if (places.length === 0) return;
	// One row a person, the newest; of two at the same time the one that came later.
	const newest = new Map<string, Place & { holder: string }>();
	for (const place of places) if (place.since >= (newest.get(place.holder)?.since ?? place.since)) newest.set(place.holder, place);
	// Sorted, so that two transactions can't wait for each other's person.
	const rows = [...newest.values()].sort((one, other) => (one.holder < other.holder ? -1 : 1));
	await sql`INSERT INTO holder_places (holder, room, door, since)
		SELECT * FROM unnest(${rows.map(({ holder }) => holder)}::text[], ${rows.map(({ room }) => room)}::text[],
			${rows.map(({ door }) => door)}::text[], ${rows.map(({ since }) => dateOf(since))}::timestamptz[])
		ON CONFLICT (holder) DO UPDATE SET room = excluded.room, door = excluded.door, since = excluded.since, exits = 0, exit_at = NULL, exit_door = NULL
			WHERE excluded.since >= holder_places.since`.execute(transaction);
}

/** Keeps that somebody left rooms unseen: of all who were known to be there by then it may have been each. */
export async function keepUnseenExits(transaction: AnyTransaction, exits: readonly UnseenExit[]): Promise<void> {
	if (exits.length === 0) return;
	// Sorted, so that two transactions can't wait for each other's person.
	await sql`WITH gone AS (
			SELECT p.holder, count(*)::int AS exits, max(e.at) AS at, (array_agg(e.door ORDER BY e.at DESC))[1] AS door
			FROM (SELECT * FROM holder_places WHERE room = any(${exits.map(({ room }) => room)}::text[]) ORDER BY holder FOR UPDATE) p
			JOIN unnest(${exits.map(({ room }) => room)}::text[], ${exits.map(({ door }) => door)}::text[], ${exits.map(({ at }) => dateOf(at))}::timestamptz[])
				AS e (room, door, at) ON e.room = p.room AND e.at > p.since
			GROUP BY p.holder
		) UPDATE holder_places p SET exits = p.exits + gone.exits,
			exit_door = CASE WHEN gone.at >= coalesce(p.exit_at, gone.at) THEN gone.door ELSE p.exit_door END, exit_at = greatest(p.exit_at, gone.at)
		FROM gone WHERE p.holder = gone.holder`.execute(transaction);
}

/** Keeps where a person has seen somebody: it counts also where a reader's clock that is ahead has dated the last passage later. */
export async function correctPlace(transaction: AnyTransaction, { holder, room, door, since }: Place & { holder: string }): Promise<void> {
	await sql`INSERT INTO holder_places (holder, room, door, since) VALUES (${holder}, ${room}, ${door}, ${dateOf(since)})
		ON CONFLICT (holder) DO UPDATE SET room = excluded.room, door = excluded.door, since = greatest(excluded.since, holder_places.since),
			exits = 0, exit_at = NULL, exit_door = NULL`.execute(transaction);
}

export class MonitorStore {
	readonly #database: Database;
	constructor(database: Database) {
		this.#database = database;
	}

	/** Findings that nobody was told of yet, the oldest first. */
	async untold(limit: number): Promise<KeptFinding[]> {
		const rows = await this.#tables().selectFrom("access_findings").selectAll().where("told", "=", false).orderBy("id").limit(limit).execute();
		return rows.map((row) => ({ ...findingOf(row), stated: row.stated }));
	}

	async markTold(ids: readonly number[]): Promise<void> {
		await sql`UPDATE access_findings SET told = true WHERE id = any(${[...ids]}::bigint[])`.execute(this.#tables());
	}

	/** When the next second look is due, Unix ms; `null`: there is none. */
	async nextLook(): Promise<number | null> {
		const row = await this.#tables().selectFrom("access_second_looks").select("due_at").orderBy("due_at").limit(1).executeTakeFirst();
		return row === undefined ? null : msOf(row.due_at);
	}

	/** The oldest first. */
	async after(id: number, kinds: readonly FindingKind[], limit: number): Promise<FindingRecord[]> {
		const rows = await this.#tables()
			.selectFrom("access_findings")
			.selectAll()
			.where("id", ">", id)
			.where(sql<boolean>`kind = any(${[...kinds]}::text[])`)
			.orderBy("id")
			.limit(limit)
			.execute();
		return rows.map(findingOf);
	}

	/** The newest first. */
	async findings(filter: FindingFilter, after: { at: number; id: number } | null, limit: number): Promise<FindingRecord[]> {
		let query = this.#tables().selectFrom("access_findings").selectAll();
		for (const column of ["door", "holder", "kind"] as const) {
			const value = filter[column];
			if (value !== undefined) query = query.where(column, "=", value);
		}
		if (filter.from !== undefined) query = query.where("at", ">=", dateOf(filter.from));
		if (filter.to !== undefined) query = query.where("at", "<", dateOf(filter.to));
		if (after) query = query.where(sql<boolean>`(at, id) < (${dateOf(after.at)}::timestamptz, ${after.id}::bigint)`);
		return (await query.orderBy("at", "desc").orderBy("id", "desc").limit(limit).execute()).map(findingOf);
	}

	async places(): Promise<KnownPlace[]> {
		const rows = await this.#tables().selectFrom("holder_places").selectAll().where("room", "is not", null).execute();
		return rows.map(({ holder, room, door, since, exits, exit_at, exit_door }) => {
			const lastExit = exit_at === null || exit_door === null ? null : { at: msOf(exit_at), door: exit_door };
			return { holder, room, door, since: msOf(since), exits, lastExit };
		});
	}

	#tables() {
		return this.#database.tables<MonitorTables>();
	}
}

function findingOf(row: Selectable<MonitorTables["access_findings"]>): FindingRecord {
	const { id, door, holder, credential, event, late, detail, rule } = row;
	return { id, kind: findingKindSchema.parse(row.kind), door, holder, credential, event: String(event), at: msOf(row.at), late, detail, rule };
}
