import { type Kysely, type Selectable, sql } from "kysely";
import { destinationSchema, incidentKindSchema } from "../../contracts/media.ts";
import type { AnyTransaction } from "../platform/database/database.ts";
import { dateOf, isoOf, msOf } from "../platform/database/instants.ts";
import type { CertifiedIncident, KeptTest } from "./certificate.ts";

export interface CertificateTables {
	media: { id: string; serial: string; batch: string; lost: boolean; certificate: string | null };
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
		certificate: string | null;
	};
	media_certificates: {
		id: string;
		medium: string | null;
		batch: string | null;
		at: Date;
		body: string;
		digest: string;
		ledger_index: string;
	};
	media_incidents: {
		id: string;
		kind: string;
		medium: string | null;
		opened_at: Date;
		closed_at: Date | null;
		outcome: string | null;
		change: string | null;
	};
	media_equipment_records: { equipment: string; kind: "test" | "calibration"; at: Date; by_whom: string; reference: string };
}
export type Tables = Kysely<CertificateTables> | AnyTransaction;
const typed = (tables: Tables): Kysely<CertificateTables> => tables as unknown as Kysely<CertificateTables>;

/** A certificate as it was issued; `text` is byte for byte what `digest` covers. */
export interface StoredCertificate {
	text: string;
	digest: string;
	ledgerIndex: number;
}
const certificateOf = ({
	body,
	digest,
	ledger_index,
}: Pick<Selectable<CertificateTables["media_certificates"]>, "body" | "digest" | "ledger_index">) => ({
	text: body,
	digest,
	ledgerIndex: Number(ledger_index),
});
const COLUMNS = ["body", "digest", "ledger_index"] as const;

export async function certificateOfMedium(tables: Tables, medium: string): Promise<StoredCertificate | undefined> {
	const row = await typed(tables).selectFrom("media_certificates").select(COLUMNS).where("medium", "=", medium).executeTakeFirst();
	return row && certificateOf(row);
}
export async function certificateOfBatch(tables: Tables, batch: string): Promise<StoredCertificate | undefined> {
	const row = await typed(tables).selectFrom("media_certificates").select(COLUMNS).where("batch", "=", batch).executeTakeFirst();
	return row && certificateOf(row);
}
/** Those of a batch's media, in the order of the ledger; what was written off has none. */
export async function certificatesIn(tables: Tables, batch: string): Promise<(StoredCertificate & { medium: string; serial: string })[]> {
	const rows = await typed(tables)
		.selectFrom("media_certificates")
		.innerJoin("media", "media.id", "media_certificates.medium")
		.select(["media.id as medium", "media.serial", "body", "digest", "ledger_index"])
		.where("media.batch", "=", batch)
		.where("media.lost", "=", false)
		.orderBy("ledger_index")
		.execute();
	return rows.map((row) => ({ ...certificateOf(row), medium: row.medium, serial: row.serial }));
}

/** Keeps a certificate, and names it where it is looked for. */
export async function insertCertificate(
	transaction: AnyTransaction,
	of: { medium: string } | { batch: string },
	{ text, digest, ledgerIndex, at }: StoredCertificate & { at: number },
): Promise<void> {
	const medium = "medium" in of ? of.medium : null;
	const batch = "batch" in of ? of.batch : null;
	const index = String(ledgerIndex);
	await sql`INSERT INTO media_certificates (medium, batch, at, body, digest, ledger_index)
		VALUES (${medium}, ${batch}, ${dateOf(at)}, ${text}, ${digest}, ${index})`.execute(transaction);
	const table = "medium" in of ? ("media" as const) : ("media_batches" as const);
	await typed(transaction)
		.updateTable(table)
		.set({ certificate: index })
		.where("id", "=", medium ?? batch ?? "")
		.execute();
}

/** A work order as a certificate names it. */
export async function orderOf(tables: Tables, batch: string) {
	const row = await typed(tables)
		.selectFrom("media_batches")
		.select(["id", "title", "place", "people", "destination", "policy", "opened_by", "opened_at"])
		.select(sql<string>`planned_for::text`.as("planned_for"))
		.where("id", "=", batch)
		.executeTakeFirst();
	if (!row) return undefined;
	const { id, title, place, people, policy } = row;
	return {
		order: { id, title, place, plannedFor: row.planned_for },
		people,
		policy,
		destination: destinationSchema.parse(row.destination),
		openedBy: row.opened_by,
		openedAt: isoOf(msOf(row.opened_at)),
	};
}

/** Whether somebody is among the people of a work order, or has opened or closed it. */
export async function isOfOrder(tables: Tables, batch: string, account: string): Promise<boolean> {
	const { rows } = await sql`SELECT 1 FROM media_batches
		WHERE id = ${batch} AND (${account} = ANY(people) OR opened_by = ${account} OR closed_by = ${account})`.execute(tables);
	return rows.length > 0;
}

/** Stores with their names. */
export async function stores(tables: Tables): Promise<{ id: string; name: string }[]> {
	return (await sql<{ id: string; name: string }>`SELECT id, name FROM media_stores`.execute(tables)).rows;
}

/** Media of a batch that were written off, by serial. */
export async function writtenOffIn(tables: Tables, batch: string): Promise<{ medium: string; serial: string }[]> {
	return await typed(tables)
		.selectFrom("media")
		.select(["id as medium", "serial"])
		.where("batch", "=", batch)
		.where("lost", "=", true)
		.orderBy("serial")
		.execute();
}

/** Incidents of media by the medium's id, each medium's oldest first. */
export async function incidentsOf(tables: Tables, media: readonly string[]): Promise<ReadonlyMap<string, CertifiedIncident[]>> {
	const found = new Map<string, CertifiedIncident[]>(media.map((id) => [id, []]));
	if (media.length === 0) return found;
	const rows = await typed(tables)
		.selectFrom("media_incidents")
		.select(["id", "kind", "medium", "opened_at", "closed_at", "outcome", "change"])
		.where("medium", "in", [...media])
		.orderBy("opened_at")
		.orderBy("id")
		.execute();
	for (const { id, kind, medium, opened_at, closed_at, outcome, change } of rows)
		found.get(medium ?? "")?.push({
			id,
			kind: incidentKindSchema.parse(kind),
			openedAt: isoOf(msOf(opened_at)),
			closedAt: isoOf(msOf(closed_at)),
			outcome,
			change,
		});
	return found;
}

/** By whom machines were tested, and the numbers of the reports. */
export async function testsOf(tables: Tables, machines: readonly string[]): Promise<KeptTest[]> {
	if (machines.length === 0) return [];
	const rows = await typed(tables)
		.selectFrom("media_equipment_records")
		.select(["equipment", "kind", "at", "by_whom", "reference"])
		.where("equipment", "in", [...machines])
		.execute();
	return rows.map(({ equipment, kind, at, by_whom, reference }) => ({ equipment, kind, at: msOf(at), by: by_whom, reference }));
}
