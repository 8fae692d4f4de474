import { type Kysely, type Selectable, sql } from "kysely";
import { z } from "zod";
import { accessListEntrySchema } from "../../../contracts/access-list.ts";
import type { AnyTransaction } from "../../platform/database/database.ts";
import { dateOf, msOf } from "../../platform/database/instants.ts";
import type { PlannedEntry } from "./removal-decision.ts";
import type { WantedEntry } from "./wanted-list.ts";

const failureSchema = z.object({ reason: z.string(), detail: z.string(), since: z.number() });
const driftSchema = z.object({
	foundAt: z.number(),
	repairedAt: z.number().nullable(),
	detail: z.string(),
	missing: z.number(),
	extra: z.number(),
	different: z.number(),
	entries: z.array(
		z.object({
			kind: z.enum(["missing", "extra", "different"]),
			wanted: accessListEntrySchema.nullable(),
			held: accessListEntrySchema.nullable(),
		}),
	),
});
export type DriftRecord = z.infer<typeof driftSchema>;

/** What is known of a controller; times are Unix ms, lists stand by their names. */
export interface ControllerRecord {
	id: string;
	wanted: string;
	/** The list that was put last, confirmed or not. */
	sent: string | null;
	confirmed: string | null;
	confirmedAt: number | null;
	checkedAt: number | null;
	/** Entries that were read then. */
	held: number | null;
	nextTry: number;
	failures: number;
	failure: z.infer<typeof failureSchema> | null;
	drift: DriftRecord | null;
}
export interface RemovalRow {
	id: number;
	controller: string;
	door: string;
	credential: string;
	decidedAt: number;
	confirmedAt: number | null;
	closed: "granted-again" | "controller-removed" | null;
}
export interface ControllersTables {
	controllers: {
		id: string;
		wanted: string;
		wanted_at: Date;
		sent: string | null;
		confirmed: string | null;
		confirmed_at: Date | null;
		checked_at: Date | null;
		held: number | null;
		next_try: Date;
		failures: number;
		failure: unknown;
		drift: unknown;
		worker: string | null;
		lease_until: Date | null;
	};
	access_removals: {
		id: string;
		controller: string;
		door: string;
		credential: string;
		key: string;
		decided_at: Date;
		recorded_at: Date;
		confirmed_at: Date | null;
		closed_at: Date | null;
		closed: RemovalRow["closed"];
	};
}
type Tables = Kysely<ControllersTables> | AnyTransaction;
const typed = (tables: Tables): Kysely<ControllersTables> => tables as unknown as Kysely<ControllersTables>;

/** Plans come one after another, so that each is made from a register that is no older than that of the one before. */
export async function lockPlans(transaction: AnyTransaction): Promise<void> {
	await sql`SELECT pg_advisory_xact_lock(hashtext('access-controllers'))`.execute(transaction);
}

export async function loadControllers(tables: Tables): Promise<ControllerRecord[]> {
	return (await typed(tables).selectFrom("controllers").selectAll().orderBy("id").execute()).map(recordOf);
}

/** What a controller was to hold by the plan before. */
export async function plannedEntries(tables: Tables, controller: string): Promise<PlannedEntry[]> {
	const { rows } = await sql<{ key: string; entry: unknown; grant_id: string; credentials: string[] }>`
		SELECT key, entry, grant_id, credentials FROM controller_entries WHERE controller = ${controller}`.execute(typed(tables));
	return rows.map(({ key, entry, grant_id, credentials }) => ({ key, entry: accessListEntrySchema.parse(entry), grant: grant_id, credentials }));
}

/** Takes over what a controller is to hold from now on, and makes it due. */
export async function savePlan(
	transaction: AnyTransaction,
	plan: { controller: string; list: string; gone: readonly string[]; changed: readonly WantedEntry[]; now: number },
): Promise<void> {
	const { controller, list, gone, changed, now } = plan;
	await sql`INSERT INTO controllers (id, wanted, wanted_at, next_try) VALUES (${controller}, ${list}, ${dateOf(now)}, ${dateOf(now)})
		ON CONFLICT (id) DO UPDATE SET wanted = excluded.wanted, wanted_at = excluded.wanted_at, next_try = excluded.next_try`.execute(transaction);
	await sql`DELETE FROM controller_entries WHERE controller = ${controller} AND key = ANY(${[...gone]})`.execute(transaction);
	const rows = JSON.stringify(changed.map(({ key, entry, grant, credentials }) => ({ key, entry, grant_id: grant, credentials })));
	await sql`INSERT INTO controller_entries (controller, key, entry, grant_id, credentials)
		SELECT ${controller}, key, entry, grant_id, credentials FROM jsonb_to_recordset(${rows}::jsonb)
			AS given(key text, entry jsonb, grant_id text, credentials text[])
		ON CONFLICT (controller, key) DO UPDATE SET grant_id = excluded.grant_id, credentials = excluded.credentials`.execute(transaction);
	await sql`UPDATE access_removals SET closed = 'granted-again', closed_at = ${dateOf(now)}
		WHERE controller = ${controller} AND confirmed_at IS NULL AND closed_at IS NULL AND key = ANY(${changed.map(({ key }) => key)})`.execute(
		transaction,
	);
}

/** A controller that the site no longer has: there is nothing to read back any more. */
export async function dropController(transaction: AnyTransaction, controller: string, now: number): Promise<void> {
	await sql`DELETE FROM controllers WHERE id = ${controller}`.execute(transaction);
	await sql`DELETE FROM controller_entries WHERE controller = ${controller}`.execute(transaction);
	await sql`UPDATE access_removals SET closed = 'controller-removed', closed_at = ${dateOf(now)}
		WHERE controller = ${controller} AND confirmed_at IS NULL AND closed_at IS NULL`.execute(transaction);
}

/** Notes what was taken away; one that waits already is not noted again. */
export async function addRemovals(
	transaction: AnyTransaction,
	removals: readonly { controller: string; door: string; credential: string; key: string; decidedAt: number }[],
	now: number,
): Promise<void> {
	if (removals.length === 0) return;
	const rows = JSON.stringify(removals.map(({ decidedAt, ...rest }) => ({ ...rest, decided_at: new Date(decidedAt).toISOString() })));
	await sql`INSERT INTO access_removals (controller, door, credential, key, decided_at, recorded_at)
		SELECT controller, door, credential, key, decided_at, ${dateOf(now)} FROM jsonb_to_recordset(${rows}::jsonb)
			AS given(controller text, door text, credential text, key text, decided_at timestamptz)
		ON CONFLICT DO NOTHING`.execute(transaction);
}

/** Takes a controller for `seconds`; `null` while another server has it. By the database's clock, which is everybody's. */
export async function takeLease(tables: Tables, controller: string, worker: string, seconds: number): Promise<ControllerRecord | null> {
	const { rows } = await sql<Selectable<ControllersTables["controllers"]>>`
		UPDATE controllers SET worker = ${worker}, lease_until = clock_timestamp() + make_interval(secs => ${seconds})
		WHERE id = ${controller} AND (worker = ${worker} OR lease_until IS NULL OR lease_until < clock_timestamp()) RETURNING *`.execute(typed(tables));
	return rows[0] ? recordOf(rows[0]) : null;
}
export async function endLease(tables: Tables, controller: string, worker: string): Promise<void> {
	await sql`UPDATE controllers SET worker = NULL, lease_until = NULL WHERE id = ${controller} AND worker = ${worker}`.execute(typed(tables));
}

export type ControllerValues = Partial<Omit<ControllerRecord, "id" | "wanted">>;
/** Writes what was found, if `worker` still has the controller; whether it has. */
export async function saveController(tables: Tables, controller: string, worker: string, values: ControllerValues): Promise<boolean> {
	const { confirmedAt, checkedAt, nextTry, failure, drift, ...same } = values;
	const result = await typed(tables)
		.updateTable("controllers")
		.set({
			...same,
			...(confirmedAt !== undefined && { confirmed_at: dateOf(confirmedAt) }),
			...(checkedAt !== undefined && { checked_at: dateOf(checkedAt) }),
			...(nextTry !== undefined && { next_try: dateOf(nextTry) }),
			...(failure !== undefined && { failure: failure && JSON.stringify(failure) }),
			...(drift !== undefined && { drift: drift && JSON.stringify(drift) }),
		})
		.where("id", "=", controller)
		.where("worker", "=", worker)
		.executeTakeFirst();
	return result.numUpdatedRows > 0n;
}
/** Makes controllers due, at least one; what failed before no longer makes the pauses long. */
export async function makeDue(tables: Tables, controllers: readonly string[], now: number): Promise<void> {
	await typed(tables)
		.updateTable("controllers")
		.set({ next_try: dateOf(now), failures: 0 })
		.where("id", "in", [...controllers])
		.execute();
}

/** Confirms every removal of a controller that its list, read back whole, no longer holds. */
export async function confirmRemovals(
	transaction: AnyTransaction,
	{ controller, held, recordedUntil, now }: { controller: string; held: readonly string[]; recordedUntil: number; now: number },
): Promise<RemovalRow[]> {
	const { rows } = await sql<Selectable<ControllersTables["access_removals"]>>`
		UPDATE access_removals r SET confirmed_at = greatest(${dateOf(now)}, decided_at)
		WHERE controller = ${controller} AND confirmed_at IS NULL AND closed_at IS NULL AND recorded_at <= ${dateOf(recordedUntil)}
			AND NOT EXISTS (SELECT FROM unnest(${[...held]}::text[]) AS holds(key) WHERE holds.key = r.key)
		RETURNING *`.execute(transaction);
	return rows.map(removalOf);
}

/** Removals of these credentials that were open at `since` or later. */
export async function removalsOf(
	tables: Tables,
	{ credentials, doors, since }: { credentials: readonly string[]; doors?: readonly string[] | undefined; since: number },
): Promise<RemovalRow[]> {
	let query = typed(tables)
		.selectFrom("access_removals")
		.selectAll()
		.where("credential", "in", [...credentials])
		.where("closed_at", "is", null)
		.where((row) => row.or([row("confirmed_at", "is", null), row("confirmed_at", ">=", dateOf(since))]));
	if (doors) query = query.where("door", "in", [...doors]);
	return (await query.orderBy("decided_at").orderBy("id").execute()).map(removalOf);
}

export interface RemovalFilter {
	controller?: string | undefined;
	credential?: string | undefined;
	confirmed?: boolean | undefined;
}
/** Newest decision first. Without `confirmed` also those that nobody waits for any more. */
export async function listRemovals(
	tables: Tables,
	{ controller, credential, confirmed }: RemovalFilter,
	{ limit, after }: { limit: number; after: { decidedAt: number; id: number } | null },
): Promise<RemovalRow[]> {
	let query = typed(tables).selectFrom("access_removals").selectAll();
	if (controller !== undefined) query = query.where("controller", "=", controller);
	if (credential !== undefined) query = query.where("credential", "=", credential);
	if (confirmed === true) query = query.where("confirmed_at", "is not", null);
	if (confirmed === false) query = query.where("confirmed_at", "is", null).where("closed_at", "is", null);
	if (after) query = query.where(sql<boolean>`(decided_at, id) < (${dateOf(after.decidedAt)}, ${after.id})`);
	return (await query.orderBy("decided_at", "desc").orderBy("id", "desc").limit(limit).execute()).map(removalOf);
}

export interface OpenRemovals {
	count: number;
	/** Decision time of the oldest. */
	oldest: number;
}
export async function openRemovals(tables: Tables): Promise<Map<string, OpenRemovals>> {
	const { rows } = await sql<{ controller: string; count: number; oldest: Date }>`
		SELECT controller, count(*)::int AS count, min(decided_at) AS oldest FROM access_removals
		WHERE confirmed_at IS NULL AND closed_at IS NULL GROUP BY controller`.execute(typed(tables));
	return new Map(rows.map(({ controller, count, oldest }) => [controller, { count, oldest: msOf(oldest) }]));
}

/** When something was confirmed last, by whichever server; 0: never. */
export async function lastConfirmation(tables: Tables): Promise<number> {
	const { rows } = await sql<{ at: Date | null }>`SELECT max(confirmed_at) AS at FROM access_removals`.execute(typed(tables));
	return msOf(rows[0]?.at ?? null) ?? 0;
}

function recordOf(row: Selectable<ControllersTables["controllers"]>): ControllerRecord {
	return {
		id: row.id,
		wanted: row.wanted,
		sent: row.sent,
		confirmed: row.confirmed,
		confirmedAt: msOf(row.confirmed_at),
		checkedAt: msOf(row.checked_at),
		held: row.held,
		nextTry: msOf(row.next_try),
		failures: row.failures,
		failure: failureSchema.nullable().parse(row.failure),
		drift: driftSchema.nullable().parse(row.drift),
	};
}
function removalOf(row: Selectable<ControllersTables["access_removals"]>): RemovalRow {
	return {
		id: Number(row.id),
		controller: row.controller,
		door: row.door,
		credential: row.credential,
		decidedAt: msOf(row.decided_at),
		confirmedAt: msOf(row.confirmed_at),
		closed: row.closed,
	};
}
