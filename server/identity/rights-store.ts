import { type Kysely, type Selectable, sql } from "kysely";
import type { Role } from "../../contracts/permissions.ts";
import type { AnyTransaction } from "../platform/database/database.ts";
import { dateOf, msOf } from "../platform/database/instants.ts";
import { ANNOUNCE_BEFORE, type HeldRole, lapsesSoon } from "./rights.ts";

export interface RightsTables {
	role_grants: {
		id: string;
		account: string;
		role: Role;
		site: string;
		granted_at: Date;
		lapses_at: Date;
		/** Account ids; for the first grants the name of the set-up that made them. */
		proposed_by: string;
		approved_by: string;
		announced_at: Date | null;
		ended_at: Date | null;
		end_reason: EndReason | null;
		end_proposed_by: string | null;
		end_approved_by: string | null;
	};
}
export type EndReason = "revoked" | "lapsed" | "renewed" | "closed";
export type StoredGrant = HeldRole & { account: string };
/** A transaction, or the pool where one statement is enough. */
type Tables = Kysely<RightsTables> | AnyTransaction;
const typed = (tables: Tables): Kysely<RightsTables> => tables as unknown as Kysely<RightsTables>;

/** One writer of rights at a time: rules about several rows (the last approver, roles apart) are read and written under it. */
export async function lockRights(tables: Tables): Promise<void> {
	await sql`SELECT pg_advisory_xact_lock(hashtext('watchroom rights'))`.execute(typed(tables));
}

/** What these accounts hold at `now`; all accounts without the list. `share`: nobody can end what was read before the transaction is over. */
export async function heldGrants(tables: Tables, now: number, accounts?: readonly string[], share = false): Promise<StoredGrant[]> {
	let query = typed(tables).selectFrom("role_grants").selectAll().where("ended_at", "is", null).where("lapses_at", ">", dateOf(now));
	if (accounts !== undefined) query = query.where(sql<boolean>`account = any(${[...accounts]}::text[])`);
	if (share) query = query.forShare();
	const rows = await query.orderBy("account").orderBy("role").orderBy("site").execute();
	return rows.map((row) => grantOf(row, now));
}

export async function insertGrant(
	tables: Tables,
	grant: { id: string; account: string; role: Role; site: string; grantedAt: number; lapsesAt: number; proposedBy: string; approvedBy: string },
): Promise<void> {
	await typed(tables)
		.insertInto("role_grants")
		.values({
			id: grant.id,
			account: grant.account,
			role: grant.role,
			site: grant.site,
			granted_at: dateOf(grant.grantedAt),
			lapses_at: dateOf(grant.lapsesAt),
			proposed_by: grant.proposedBy,
			approved_by: grant.approvedBy,
			announced_at: null,
			ended_at: null,
			end_reason: null,
			end_proposed_by: null,
			end_approved_by: null,
		})
		.execute();
}

export async function endGrant(
	tables: Tables,
	id: string,
	end: { reason: EndReason; at: number; proposedBy: string | null; approvedBy: string | null },
): Promise<void> {
	await typed(tables)
		.updateTable("role_grants")
		.set({ ended_at: dateOf(end.at), end_reason: end.reason, end_proposed_by: end.proposedBy, end_approved_by: end.approvedBy })
		.where("id", "=", id)
		.where("ended_at", "is", null)
		.execute();
}

/** Grants whose time is over and that nobody has recorded as lapsed yet, of one account or of all. */
export async function lapsedGrants(tables: Tables, now: number, account?: string): Promise<StoredGrant[]> {
	let query = typed(tables).selectFrom("role_grants").selectAll().where("ended_at", "is", null).where("lapses_at", "<=", dateOf(now));
	if (account !== undefined) query = query.where("account", "=", account);
	return (await query.orderBy("lapses_at").orderBy("id").limit(1000).execute()).map((row) => grantOf(row, now));
}

/** Marks the grants that lapse within 14 days and were not announced before, and returns them. */
export async function announceLapses(tables: Tables, now: number): Promise<StoredGrant[]> {
	const rows = await typed(tables)
		.updateTable("role_grants")
		.set({ announced_at: dateOf(now) })
		.where("ended_at", "is", null)
		.where("announced_at", "is", null)
		.where("lapses_at", ">", dateOf(now))
		.where("lapses_at", "<=", dateOf(now + ANNOUNCE_BEFORE))
		.returningAll()
		.execute();
	return rows.map((row) => grantOf(row, now));
}

/** When the next grant lapses, Unix ms; `null` without any. */
export async function nextLapse(tables: Tables): Promise<number | null> {
	const row = await typed(tables)
		.selectFrom("role_grants")
		.select((eb) => eb.fn.min("lapses_at").as("at"))
		.where("ended_at", "is", null)
		.executeTakeFirst();
	return msOf(row?.at ?? null);
}

function grantOf(row: Selectable<RightsTables["role_grants"]>, now: number): StoredGrant {
	const lapsesAt = msOf(row.lapses_at);
	return {
		id: row.id,
		account: row.account,
		role: row.role,
		site: row.site,
		grantedAt: msOf(row.granted_at),
		lapsesAt,
		lapsesSoon: lapsesSoon({ lapsesAt }, now),
	};
}
