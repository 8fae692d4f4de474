import { type Kysely, type Selectable, sql } from "kysely";
import { z } from "zod";
import { classificationSchema, destinationSchema, type IncidentKind, mediumTypeSchema, methodSchema } from "../../contracts/media.ts";
import { policySchema, type SanitizationPolicy } from "../../contracts/media-orders.ts";
import type { AnyTransaction } from "../platform/database/database.ts";
import { dateOf, msOf } from "../platform/database/instants.ts";
import type { Plan } from "./deviations.ts";
import type { Medium } from "./medium.ts";
import { identityOf } from "./vendors.ts";

export interface CustodyTables {
	media: {
		id: string;
		serial: string;
		/** Once among the media that are under way, see vendors.ts. */
		identity: string;
		maker: string;
		model: string;
		type: string;
		classification: string;
		capacity_bytes: string | null;
		coercivity_oe: number | null;
		damaged: boolean;
		property: string | null;
		source: unknown;
		why: string;
		batch: string;
		custody: unknown;
		holder: string | null;
		store: string | null;
		offer: unknown;
		seal: string | null;
		done: unknown;
		unverified: unknown;
		incident: string | null;
		lost: boolean;
		removed_at: Date | null;
		destroyed_at: Date | null;
		released_at: Date | null;
		certificate: string | null;
		steps: number;
		last_at: Date | null;
		registered_by: string;
		registered_at: Date;
	};
	media_policies: { version: number; policy: unknown; in_force_since: Date; change: string | null };
	media_batches: { id: string; policy: number; destination: unknown; closed_at: Date | null };
	media_steps: {
		id: string;
		medium: string;
		number: number;
		act: string;
		by_account: string;
		at: Date;
		recorded_at: Date;
		record: string;
		digest: string;
		incident: string | null;
		ledger_index: string;
		deviations: string[];
	};
	media_incidents: {
		id: string;
		kind: IncidentKind;
		medium: string | null;
		batch: string | null;
		store: string | null;
		serials: string[];
		detail: string;
		opened_by: string;
		opened_at: Date;
		closed_at: Date | null;
		outcome: string | null;
		change: string | null;
	};
}
export type Tables = Kysely<CustodyTables> | AnyTransaction;
const typed = (tables: Tables): Kysely<CustodyTables> => tables as unknown as Kysely<CustodyTables>;

/** A medium with what its rules don't look at. */
export interface StoredMedium {
	medium: Medium;
	model: string;
	capacityBytes: number | null;
	property: string | null;
	source: { asset: string; bay: string } | null;
	why: string;
	/** Version of the policy that it is held to. */
	policy: number;
	removedAt: number | null;
	destroyedAt: number | null;
	releasedAt: number | null;
	certificate: number | null;
	registeredBy: string;
	registeredAt: number;
}
export type StoredStep = Selectable<CustodyTables["media_steps"]>;
export type StoredIncident = Selectable<CustodyTables["media_incidents"]>;

const doneSchema = z.object({ method: methodSchema, particleMm: z.number().nullable() });
const custodySchema = z.discriminatedUnion("kind", [
	z.object({ kind: z.literal("bay") }),
	z.object({ kind: z.literal("person"), account: z.string(), since: z.number() }),
	z.object({ kind: z.literal("store"), store: z.string(), since: z.number() }),
	z.object({ kind: z.literal("gone"), destination: destinationSchema, since: z.number() }),
]);
const offerSchema = z.object({ to: z.string(), place: z.string(), expiresAt: z.number() }).nullable();
const sourceSchema = z.object({ asset: z.string(), bay: z.string() }).nullable();

const withOrder = (tables: Tables) =>
	typed(tables)
		.selectFrom("media")
		.innerJoin("media_batches", "media_batches.id", "media.batch")
		.selectAll("media")
		.select(["media_batches.policy as policy", "media_batches.destination as destination"]);
type Row = Selectable<CustodyTables["media"]> & { policy: number; destination: unknown };

export interface MediaFilter {
	batch?: string | undefined;
	store?: string | undefined;
	holder?: string | undefined;
	serial?: string | undefined;
	incident?: boolean | undefined;
}
/** By serial and id, those after `after`. */
export async function listMedia(
	tables: Tables,
	filter: MediaFilter,
	after: { serial: string; id: string } | undefined,
	limit: number,
): Promise<StoredMedium[]> {
	let query = withOrder(tables).orderBy("media.serial").orderBy("media.id").limit(limit);
	for (const column of ["batch", "store", "holder", "serial"] as const) {
		const value = filter[column];
		if (value !== undefined) query = query.where(`media.${column}`, "=", value);
	}
	if (filter.incident !== undefined) query = query.where("media.incident", filter.incident ? "is not" : "is", null);
	if (after) query = query.where(sql<boolean>`(media.serial, media.id) > (${after.serial}, ${after.id}::uuid)`);
	return (await query.execute()).map(storedOf);
}
export async function mediumById(tables: Tables, id: string): Promise<StoredMedium | undefined> {
	const row = await withOrder(tables).where("media.id", "=", id).executeTakeFirst();
	return row && storedOf(row);
}
/** Nobody else changes it before the transaction is over. */
export async function lockMedium(transaction: AnyTransaction, id: string): Promise<StoredMedium | undefined> {
	const row = await withOrder(transaction).where("media.id", "=", id).forUpdate("media").executeTakeFirst();
	return row && storedOf(row);
}
/** With people, and not destroyed or stopped as far as the row says. */
export async function mediaWithPeople(tables: Tables): Promise<StoredMedium[]> {
	const rows = await withOrder(tables)
		.where("media.holder", "is not", null)
		.where("media.incident", "is", null)
		.where("media.lost", "=", false)
		.execute();
	return rows.map(storedOf);
}

export interface NewMedium extends Omit<StoredMedium, "policy" | "removedAt" | "destroyedAt" | "releasedAt" | "certificate"> {}
/** Whether there was none of this maker and serial under way. */
export async function insertMedium(transaction: AnyTransaction, one: NewMedium): Promise<boolean> {
	const { medium, model, capacityBytes, property, source, why, registeredBy, registeredAt } = one;
	const { numInsertedOrUpdatedRows } = await typed(transaction)
		.insertInto("media")
		.values({
			id: medium.id,
			identity: identityOf(medium),
			model,
			capacity_bytes: capacityBytes === null ? null : String(capacityBytes),
			property,
			source: source === null ? null : JSON.stringify(source),
			why,
			batch: medium.batch,
			registered_by: registeredBy,
			registered_at: dateOf(registeredAt),
			removed_at: null,
			destroyed_at: null,
			released_at: null,
			certificate: null,
			...changing(medium),
		})
		.onConflict((conflict) => conflict.doNothing())
		.executeTakeFirst();
	return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}
/** Whether another medium of this identity is under way. */
export async function isUnderWay(transaction: AnyTransaction, identity: string, but: string): Promise<boolean> {
	const { rows } = await sql`SELECT 1 FROM media WHERE identity = ${identity} AND id <> ${but} AND released_at IS NULL AND NOT lost`.execute(
		transaction,
	);
	return rows.length > 0;
}
/** Its serial number was read wrongly before. Throws where another one of this identity is under way. */
export async function renameMedium(transaction: AnyTransaction, id: string, identity: string): Promise<void> {
	await typed(transaction).updateTable("media").set({ identity }).where("id", "=", id).execute();
}
/** Keeps what a step or a decision has made of it; the moments only where they are given. */
export async function updateMedium(
	transaction: AnyTransaction,
	medium: Medium,
	moments: { removedAt?: number | null; destroyedAt?: number | null; releasedAt?: number | null } = {},
): Promise<void> {
	const { removedAt, destroyedAt, releasedAt } = moments;
	await typed(transaction)
		.updateTable("media")
		.set({
			...changing(medium),
			...(removedAt !== undefined && { removed_at: dateOf(removedAt) }),
			...(destroyedAt !== undefined && { destroyed_at: dateOf(destroyedAt) }),
			...(releasedAt !== undefined && { released_at: dateOf(releasedAt) }),
		})
		.where("id", "=", medium.id)
		.execute();
}

export async function policyOf(tables: Tables, version: number): Promise<SanitizationPolicy> {
	const row = await typed(tables).selectFrom("media_policies").select("policy").where("version", "=", version).executeTakeFirstOrThrow();
	return policySchema.parse(row.policy);
}

export async function stepById(tables: Tables, id: string): Promise<StoredStep | undefined> {
	return await typed(tables).selectFrom("media_steps").selectAll().where("id", "=", id).executeTakeFirst();
}
/** In their order. */
export async function stepsOf(tables: Tables, medium: string): Promise<StoredStep[]> {
	return await typed(tables).selectFrom("media_steps").selectAll().where("medium", "=", medium).orderBy("number").execute();
}
/** What a work order plans for its media. */
export async function planOf(tables: Tables, batch: string): Promise<Plan> {
	const { rows } = await sql<Plan>`SELECT people, place, planned_for::text AS day FROM media_batches WHERE id = ${batch}`.execute(tables);
	if (!rows[0]) throw new Error(`there is no work order ${batch}`);
	return rows[0];
}
/** Whether no other step had its id. */
export async function insertStep(transaction: AnyTransaction, step: StoredStep): Promise<boolean> {
	const { numInsertedOrUpdatedRows } = await typed(transaction)
		.insertInto("media_steps")
		.values(step)
		.onConflict((conflict) => conflict.column("id").doNothing())
		.executeTakeFirst();
	return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}
/** Digest of a medium's last step; `null` before the first. */
export async function lastDigest(transaction: AnyTransaction, medium: string): Promise<string | null> {
	const row = await typed(transaction)
		.selectFrom("media_steps")
		.select("digest")
		.where("medium", "=", medium)
		.orderBy("number", "desc")
		.limit(1)
		.executeTakeFirst();
	return row?.digest ?? null;
}

export async function insertIncident(transaction: AnyTransaction, incident: StoredIncident): Promise<void> {
	await typed(transaction).insertInto("media_incidents").values(incident).execute();
}
/** What is known of it by now. */
export async function updateIncident(transaction: AnyTransaction, id: string, known: { serials: string[]; detail: string }): Promise<void> {
	await typed(transaction).updateTable("media_incidents").set(known).where("id", "=", id).execute();
}
export async function lockIncident(transaction: AnyTransaction, id: string): Promise<StoredIncident | undefined> {
	return await typed(transaction).selectFrom("media_incidents").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
}
export async function closeIncident(
	transaction: AnyTransaction,
	id: string,
	{ at, outcome, change }: { at: number; outcome: string; change: string | null },
): Promise<void> {
	await typed(transaction)
		.updateTable("media_incidents")
		.set({ closed_at: dateOf(at), outcome, change })
		.where("id", "=", id)
		.execute();
}
export async function openIncidents(tables: Tables): Promise<StoredIncident[]> {
	return await typed(tables).selectFrom("media_incidents").selectAll().where("closed_at", "is", null).orderBy("opened_at").execute();
}
/** Newest first. */
export async function listIncidents(
	tables: Tables,
	filter: { open?: boolean | undefined; medium?: string | undefined; batch?: string | undefined },
	after: { at: number; id: string } | undefined,
	limit: number,
): Promise<StoredIncident[]> {
	let query = typed(tables).selectFrom("media_incidents").selectAll().orderBy("opened_at", "desc").orderBy("id", "desc").limit(limit);
	if (filter.open !== undefined) query = query.where("closed_at", filter.open ? "is" : "is not", null);
	if (filter.medium !== undefined) query = query.where("medium", "=", filter.medium);
	if (filter.batch !== undefined) query = query.where("batch", "=", filter.batch);
	if (after) query = query.where(sql<boolean>`(opened_at, id) < (${dateOf(after.at)}, ${after.id}::uuid)`);
	return await query.execute();
}

/** The columns that steps change. */
const changing = (medium: Medium) => ({
	serial: medium.serial,
	maker: medium.maker,
	type: medium.type,
	classification: medium.classification,
	coercivity_oe: medium.coercivityOe,
	damaged: medium.damaged,
	custody: JSON.stringify(medium.custody),
	holder: medium.custody.kind === "person" ? medium.custody.account : null,
	store: medium.custody.kind === "store" ? medium.custody.store : null,
	offer: medium.offer === null ? null : JSON.stringify(medium.offer),
	seal: medium.seal,
	done: JSON.stringify(medium.done),
	unverified: medium.unverified === null ? null : JSON.stringify(medium.unverified),
	incident: medium.incident,
	lost: medium.lost,
	steps: medium.steps,
	last_at: dateOf(medium.lastAt),
});

const storedOf = (row: Row): StoredMedium => ({
	medium: {
		id: row.id,
		serial: row.serial,
		maker: row.maker,
		type: mediumTypeSchema.parse(row.type),
		classification: classificationSchema.parse(row.classification),
		damaged: row.damaged,
		coercivityOe: row.coercivity_oe,
		batch: row.batch,
		destination: destinationSchema.parse(row.destination),
		custody: custodySchema.parse(row.custody),
		offer: offerSchema.parse(row.offer),
		seal: row.seal,
		done: z.array(doneSchema).parse(row.done),
		unverified: doneSchema.extend({ operator: z.string() }).nullable().parse(row.unverified),
		incident: row.incident,
		lost: row.lost,
		steps: row.steps,
		lastAt: msOf(row.last_at),
	},
	model: row.model,
	capacityBytes: row.capacity_bytes === null ? null : Number(row.capacity_bytes),
	property: row.property,
	source: sourceSchema.parse(row.source),
	why: row.why,
	policy: row.policy,
	removedAt: msOf(row.removed_at),
	destroyedAt: msOf(row.destroyed_at),
	releasedAt: msOf(row.released_at),
	certificate: row.certificate === null ? null : Number(row.certificate),
	registeredBy: row.registered_by,
	registeredAt: msOf(row.registered_at),
});
