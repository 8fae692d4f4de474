import type { Generated, Kysely, Selectable } from "kysely";
import type { VisitActView, VisitState } from "../../contracts/visitors.ts";
import type { AnyTransaction } from "../platform/database/database.ts";
import { dateOf, msOf } from "../platform/database/instants.ts";
import type { VisitRecord } from "./visit.ts";

export interface VisitorsTables {
	visitor_badges: { id: string; format: string; facility: number; number: number };
	visit_acts: { id: Generated<string>; visit: string; act: VisitActView["act"]; at: Date; by: string | null; reason: string | null };
	visits: {
		id: string;
		state: VisitState;
		visitor: string;
		company: string | null;
		purpose: string;
		host: string;
		escort: string;
		zones: string[];
		valid_from: Date;
		valid_until: Date;
		salt: string;
		requested_by: string;
		requested_at: Date;
		decided_by: string | null;
		decided_at: Date | null;
		reason: string | null;
		document_type: string | null;
		document_last_four: string | null;
		checked_in_at: Date | null;
		escort_accepted_at: Date | null;
		badge: string | null;
		credential: string | null;
		holder: string | null;
		on_site_at: Date | null;
		checked_out_at: Date | null;
		badge_returned_at: Date | null;
		version: number;
	};
}
type Tables = Kysely<VisitorsTables> | AnyTransaction;
const typed = (tables: Tables): Kysely<VisitorsTables> => tables as unknown as Kysely<VisitorsTables>;
type Row = Selectable<VisitorsTables["visits"]>;

export async function insertVisit(tables: Tables, visit: VisitRecord): Promise<void> {
	await typed(tables).insertInto("visits").values(rowOf(visit)).execute();
}
/** Keeps what an act has changed; the version grows by one. */
export async function updateVisit(tables: Tables, visit: VisitRecord): Promise<void> {
	await typed(tables)
		.updateTable("visits")
		.set({ ...rowOf(visit), version: visit.version + 1 })
		.where("id", "=", visit.id)
		.execute();
}
/** Nobody else changes it before the transaction is over. */
export async function lockVisit(tables: Tables, id: string): Promise<VisitRecord | undefined> {
	const row = await typed(tables).selectFrom("visits").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
	return row && visitOf(row);
}
export async function visitById(tables: Tables, id: string): Promise<VisitRecord | undefined> {
	const row = await typed(tables).selectFrom("visits").selectAll().where("id", "=", id).executeTakeFirst();
	return row && visitOf(row);
}
/** What was done with a visit; goes when the visit is deleted. */
export interface VisitActRecord {
	visit: string;
	act: VisitActView["act"];
	/** Unix ms. */
	at: number;
	by: string;
	reason: string | null;
}
export async function addVisitAct(tables: Tables, { at, ...act }: VisitActRecord): Promise<void> {
	await typed(tables)
		.insertInto("visit_acts")
		.values({ ...act, at: dateOf(at) })
		.execute();
}
/** The oldest first. */
export async function visitActs(tables: Tables, visit: string): Promise<VisitActView[]> {
	const rows = await typed(tables).selectFrom("visit_acts").selectAll().where("visit", "=", visit).orderBy("id").execute();
	return rows.map(({ id, act, at, by, reason }) => ({ id: String(id), act, at: at.toISOString(), by, reason }));
}

export interface VisitFilter {
	state?: VisitState | undefined;
	/** Unix ms: visits that last into the time from (inclusive) to (exclusive). */
	from?: number | undefined;
	to?: number | undefined;
}
/** Those that begin last come first. */
export async function listVisits(
	tables: Tables,
	{ state, from, to, after, limit }: VisitFilter & { after: { at: number; id: string } | undefined; limit: number },
): Promise<VisitRecord[]> {
	let query = typed(tables).selectFrom("visits").selectAll().orderBy("valid_from", "desc").orderBy("id", "desc").limit(limit);
	if (state) query = query.where("state", "=", state);
	if (from !== undefined) query = query.where("valid_until", ">", dateOf(from));
	if (to !== undefined) query = query.where("valid_from", "<", dateOf(to));
	if (after) {
		const at = dateOf(after.at);
		query = query.where((row) => row.or([row("valid_from", "<", at), row.and([row("valid_from", "=", at), row("id", "<", after.id)])]));
	}
	return (await query.execute()).map(visitOf);
}
/** All that had a badge, and all that are not over. */
export async function watchedVisits(tables: Tables, over: readonly VisitState[]): Promise<VisitRecord[]> {
	const rows = await typed(tables)
		.selectFrom("visits")
		.selectAll()
		.where((row) => row.or([row("holder", "is not", null), row("state", "not in", [...over])]))
		.execute();
	return rows.map(visitOf);
}
/** Over, and with their end before a moment. */
export async function oldVisits(tables: Tables, over: readonly VisitState[], before: number, limit: number): Promise<VisitRecord[]> {
	const rows = await typed(tables)
		.selectFrom("visits")
		.selectAll()
		.where("state", "in", [...over])
		.where("valid_until", "<", dateOf(before))
		.where((row) => row.or([row("badge_returned_at", "is", null), row("badge_returned_at", "<", dateOf(before))]))
		.limit(limit)
		.execute();
	return rows.map(visitOf);
}
export async function deleteVisit(tables: Tables, id: string): Promise<void> {
	await typed(tables).deleteFrom("visits").where("id", "=", id).execute();
}

export interface BadgeRecord {
	id: string;
	card: { format: string; facility: number; number: number };
	visit: string | null;
}
/** By id, each with the visit that has it. */
export async function badges(tables: Tables): Promise<BadgeRecord[]> {
	const rows = await typed(tables)
		.selectFrom("visitor_badges")
		.leftJoin("visits", (join) => join.onRef("visits.badge", "=", "visitor_badges.id").on("visits.state", "in", ["on-site", "checked-out"]))
		.select(["visitor_badges.id", "format", "facility", "number", "visits.id as visit"])
		.orderBy("visitor_badges.id")
		.execute();
	return rows.map(({ id, format, facility, number, visit }) => ({ id, card: { format, facility: Number(facility), number: Number(number) }, visit }));
}
/** Whether there was none with this id or card. */
export async function insertBadge(tables: Tables, { id, card }: Omit<BadgeRecord, "visit">): Promise<boolean> {
	const result = await typed(tables)
		.insertInto("visitor_badges")
		.values({ id, ...card })
		.onConflict((conflict) => conflict.doNothing())
		.executeTakeFirst();
	return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}
/** Past visits keep its id. */
export async function deleteBadge(tables: Tables, id: string): Promise<void> {
	await typed(tables).deleteFrom("visitor_badges").where("id", "=", id).execute();
}

const rowOf = (visit: VisitRecord) => ({
	id: visit.id,
	state: visit.state,
	visitor: visit.visitor,
	company: visit.company,
	purpose: visit.purpose,
	host: visit.host,
	escort: visit.escort,
	zones: [...visit.zones],
	valid_from: dateOf(visit.from),
	valid_until: dateOf(visit.until),
	salt: visit.salt,
	requested_by: visit.requestedBy,
	requested_at: dateOf(visit.requestedAt),
	decided_by: visit.decidedBy,
	decided_at: dateOf(visit.decidedAt),
	reason: visit.reason,
	document_type: visit.documentType,
	document_last_four: visit.documentLastFour,
	checked_in_at: dateOf(visit.checkedInAt),
	escort_accepted_at: dateOf(visit.escortAcceptedAt),
	badge: visit.badge,
	credential: visit.credential,
	holder: visit.holder,
	on_site_at: dateOf(visit.onSiteAt),
	checked_out_at: dateOf(visit.checkedOutAt),
	badge_returned_at: dateOf(visit.badgeReturnedAt),
	version: visit.version,
});
const visitOf = (row: Row): VisitRecord => ({
	id: row.id,
	state: row.state,
	visitor: row.visitor,
	company: row.company,
	purpose: row.purpose,
	host: row.host,
	escort: row.escort,
	zones: row.zones,
	from: msOf(row.valid_from),
	until: msOf(row.valid_until),
	salt: row.salt,
	requestedBy: row.requested_by,
	requestedAt: msOf(row.requested_at),
	decidedBy: row.decided_by,
	decidedAt: msOf(row.decided_at),
	reason: row.reason,
	documentType: row.document_type,
	documentLastFour: row.document_last_four,
	checkedInAt: msOf(row.checked_in_at),
	escortAcceptedAt: msOf(row.escort_accepted_at),
	badge: row.badge,
	credential: row.credential,
	holder: row.holder,
	onSiteAt: msOf(row.on_site_at),
	checkedOutAt: msOf(row.checked_out_at),
	badgeReturnedAt: msOf(row.badge_returned_at),
	version: row.version,
});
