import { type Kysely, type Selectable, sql } from "kysely";
import { destinationSchema } from "../../contracts/media.ts";
import type { StateFacts } from "../../contracts/media-acts.ts";
import type { AnyTransaction } from "../platform/database/database.ts";
import { dateOf } from "../platform/database/instants.ts";
import type { Reconciled } from "./reconciliation.ts";

export interface OrdersTables {
	media_batches: {
		id: string;
		title: string;
		place: string;
		planned_for: string;
		people: string[];
		destination: unknown;
		policy: number;
		opened_by: string;
		opened_at: Date;
		closed_by: string | null;
		closed_at: Date | null;
		certificate: string | null;
		deviations_because: string | null;
	};
	media_bays: { batch: string; asset: string; bay: string; content: "medium" | "empty" | "unknown"; medium: string | null; note: string | null };
}
export type Tables = Kysely<OrdersTables> | AnyTransaction;
const typed = (tables: Tables): Kysely<OrdersTables> => tables as unknown as Kysely<OrdersTables>;
export type StoredBatch = Omit<Selectable<OrdersTables["media_batches"]>, "destination"> & {
	destination: ReturnType<typeof destinationSchema.parse>;
};
export type StoredBay = Selectable<OrdersTables["media_bays"]>;

const rows = (tables: Tables) =>
	typed(tables)
		.selectFrom("media_batches")
		.select([
			"id",
			"title",
			"place",
			"people",
			"destination",
			"policy",
			"opened_by",
			"opened_at",
			"closed_by",
			"closed_at",
			"certificate",
			"deviations_because",
		])
		.select(sql<string>`planned_for::text`.as("planned_for"));
const batchOf = <T extends { destination: unknown }>(row: T) => ({ ...row, destination: destinationSchema.parse(row.destination) });

/** The newest first. */
export async function listBatches(
	tables: Tables,
	filter: { open?: boolean | undefined },
	after: { at: number; id: string } | undefined,
	limit: number,
): Promise<StoredBatch[]> {
	let query = rows(tables).orderBy("opened_at", "desc").orderBy("id", "desc").limit(limit);
	if (filter.open !== undefined) query = query.where("closed_at", filter.open ? "is" : "is not", null);
	if (after) query = query.where(sql<boolean>`(opened_at, id) < (${dateOf(after.at)}, ${after.id}::uuid)`);
	return (await query.execute()).map(batchOf);
}
export async function batchById(tables: Tables, id: string): Promise<StoredBatch | undefined> {
	const row = await rows(tables).where("id", "=", id).executeTakeFirst();
	return row && batchOf(row);
}
/** Nobody else changes it before the transaction is over. */
export async function lockBatch(transaction: AnyTransaction, id: string): Promise<StoredBatch | undefined> {
	const row = await rows(transaction).where("id", "=", id).forUpdate().executeTakeFirst();
	return row && batchOf(row);
}
export async function insertBatch(transaction: AnyTransaction, batch: StoredBatch): Promise<void> {
	await typed(transaction)
		.insertInto("media_batches")
		.values({ ...batch, destination: JSON.stringify(batch.destination) })
		.execute();
}
export async function closeBatch(
	transaction: AnyTransaction,
	id: string,
	{ by, at, because }: { by: string; at: number; because: string | null },
): Promise<void> {
	await typed(transaction)
		.updateTable("media_batches")
		.set({ closed_by: by, closed_at: dateOf(at), deviations_because: because })
		.where("id", "=", id)
		.execute();
}
/** Version of the policy in force. */
export async function newestPolicy(tables: Tables): Promise<number> {
	const { rows: found } = await sql<{ version: number }>`SELECT max(version) AS version FROM media_policies`.execute(tables);
	return found[0]?.version ?? 1;
}

/** By asset and bay. */
export async function baysOf(tables: Tables, batches: readonly string[]): Promise<StoredBay[]> {
	if (batches.length === 0) return [];
	return await typed(tables)
		.selectFrom("media_bays")
		.selectAll()
		.where("batch", "in", [...batches])
		.orderBy("asset")
		.orderBy("bay")
		.execute();
}
export async function insertBays(transaction: AnyTransaction, bays: readonly StoredBay[]): Promise<void> {
	for (let from = 0; from < bays.length; from += 500)
		await typed(transaction)
			.insertInto("media_bays")
			.values(bays.slice(from, from + 500))
			.execute();
}
export async function updateBay(transaction: AnyTransaction, bay: StoredBay): Promise<void> {
	const { content, medium, note } = bay;
	await typed(transaction)
		.updateTable("media_bays")
		.set({ content, medium, note })
		.where("batch", "=", bay.batch)
		.where("asset", "=", bay.asset)
		.where("bay", "=", bay.bay)
		.execute();
}

/** What the states of orders' media follow from, counted where it is the same; and how many somebody has had for too long. `now`: Unix ms. */
export async function progressOf(
	tables: Tables,
	batches: readonly string[],
	now: number,
): Promise<{ batch: string; facts: StateFacts; count: number; overdue: number }[]> {
	const { rows: found } = await sql<StateFacts & { batch: string; count: number; overdue: number }>`
		SELECT batch, incident, lost, custody, offered, unverified, destroyed, begun, sealed, count(*)::int AS count,
			(count(*) FILTER (WHERE custody = 'person' AND NOT incident AND NOT lost AND NOT destroyed AND held > allowed))::int AS overdue
		FROM (SELECT m.batch, m.incident IS NOT NULL AS incident, m.lost, m.custody->>'kind' AS custody,
				coalesce((m.offer->>'expiresAt')::bigint > ${now}, false) AS offered, m.unverified->>'method' AS unverified,
				m.destroyed_at IS NOT NULL AS destroyed, jsonb_array_length(m.done) > 0 AS begun, m.seal IS NOT NULL AS sealed,
				${now} - (m.custody->>'since')::bigint AS held, (p.policy->'limits'->>'personHours')::bigint * 3600000 AS allowed
			FROM media m JOIN media_batches b ON b.id = m.batch JOIN media_policies p ON p.version = b.policy
			WHERE m.batch = ANY(${[...batches]}::uuid[])) AS facts
		GROUP BY batch, incident, lost, custody, offered, unverified, destroyed, begun, sealed`.execute(tables);
	return found.map(({ batch, count, overdue, ...facts }) => ({ batch, facts, count, overdue }));
}

/** How many steps of each order's media were not as planned; orders without any are left out. */
export async function deviationCounts(tables: Tables, batches: readonly string[]): Promise<ReadonlyMap<string, number>> {
	const { rows: found } = await sql<{ batch: string; count: number }>`SELECT m.batch, count(*)::int AS count
		FROM media_steps s JOIN media m ON m.id = s.medium
		WHERE m.batch = ANY(${[...batches]}::uuid[]) AND s.deviations <> '{}' GROUP BY m.batch`.execute(tables);
	return new Map(found.map(({ batch, count }) => [batch, count]));
}
/** The steps of an order's media that were not as planned, by serial and number. */
export async function deviantSteps(tables: Tables, batch: string): Promise<{ medium: string; serial: string; record: string }[]> {
	const { rows: found } = await sql<{ medium: string; serial: string; record: string }>`SELECT s.medium, m.serial, s.record
		FROM media_steps s JOIN media m ON m.id = s.medium
		WHERE m.batch = ${batch} AND s.deviations <> '{}' ORDER BY m.serial, s.medium, s.number`.execute(tables);
	return found;
}

/** What reconciliation looks at. */
export async function reconciledOf(tables: Tables, batch: string): Promise<(Reconciled & { id: string })[]> {
	const { rows: found } = await sql<
		Reconciled & { id: string }
	>`SELECT id, serial, removed_at IS NOT NULL AS removed, destroyed_at IS NOT NULL AS destroyed,
			certificate IS NOT NULL AS certified, released_at IS NOT NULL AS released, lost, incident IS NOT NULL AS incident
		FROM media WHERE batch = ${batch} ORDER BY serial`.execute(tables);
	return found;
}
