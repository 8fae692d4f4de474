import { type Kysely, type Selectable, sql } from "kysely";
import { type Proposal, proposeSchema } from "../../contracts/changes.ts";
import type { Json } from "../ledger/ledger-entry.ts";
import type { AnyTransaction } from "../platform/database/database.ts";
import { dateOf, msOf } from "../platform/database/instants.ts";
import type { ChangeState } from "./change.ts";

export interface ApprovalTables {
	changes: {
		id: string;
		kind: string;
		subject: string;
		site: string;
		title: string;
		proposal: unknown;
		proposal_digest: string;
		before: unknown;
		after: unknown;
		salt: string;
		reason: string;
		state: ChangeState;
		proposed_by: string;
		proposed_at: Date;
		expires_at: Date;
		decided_by: string | null;
		decided_at: Date | null;
		comment: string | null;
		ledger_index: number | null;
	};
}

/** A proposal as it is stored; times are Unix ms, people are account ids. */
export interface StoredChange {
	id: string;
	kind: Proposal["kind"];
	subject: string;
	site: string;
	title: string;
	proposal: Proposal;
	proposalDigest: string;
	before: Json;
	after: Json;
	/** Hex. */
	salt: string;
	reason: string;
	state: ChangeState;
	proposedBy: string;
	proposedAt: number;
	expiresAt: number;
	decidedBy: string | null;
	decidedAt: number | null;
	comment: string | null;
	ledgerIndex: number | null;
}

/** What somebody may see: what they proposed or decided, and the kinds whose permission to decide they have, by site. */
export interface Visibility {
	account: string;
	kinds: readonly { kind: string; site: string }[];
}
export interface ChangeFilter {
	state?: ChangeState | undefined;
	kind?: string | undefined;
	proposedBy?: string | undefined;
	/** Unix ms: what is pending beyond its time counts as expired. */
	now: number;
}
export interface ChangePosition {
	at: number;
	id: string;
}
type Tables = Kysely<ApprovalTables> | AnyTransaction;
const typed = (tables: Tables): Kysely<ApprovalTables> => tables as unknown as Kysely<ApprovalTables>;

/** Adds a pending proposal; false when the same one is pending already. */
export async function insertChange(tables: Tables, change: StoredChange): Promise<boolean> {
	const result = await typed(tables)
		.insertInto("changes")
		.values({
			id: change.id,
			kind: change.kind,
			subject: change.subject,
			site: change.site,
			title: change.title,
			proposal: JSON.stringify(change.proposal),
			proposal_digest: change.proposalDigest,
			before: JSON.stringify(change.before),
			after: JSON.stringify(change.after),
			salt: change.salt,
			reason: change.reason,
			state: change.state,
			proposed_by: change.proposedBy,
			proposed_at: dateOf(change.proposedAt),
			expires_at: dateOf(change.expiresAt),
			decided_by: null,
			decided_at: null,
			comment: null,
			ledger_index: null,
		})
		.onConflict((conflict) => conflict.columns(["kind", "subject", "proposal_digest"]).where("state", "=", "pending").doNothing())
		.executeTakeFirst();
	return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** `lock`: nobody else decides it before the transaction is over. */
export async function findChange(tables: Tables, id: string, lock = false): Promise<StoredChange | null> {
	let query = typed(tables).selectFrom("changes").selectAll().where("id", "=", id);
	if (lock) query = query.forUpdate();
	const row = await query.executeTakeFirst();
	return row ? changeOf(row) : null;
}

export async function settleChange(
	tables: Tables,
	id: string,
	decision: { state: ChangeState; by: string | null; at: number; comment: string | null },
): Promise<void> {
	await typed(tables)
		.updateTable("changes")
		.set({ state: decision.state, decided_by: decision.by, decided_at: dateOf(decision.at), comment: decision.comment })
		.where("id", "=", id)
		.execute();
}

export async function noteLedgerIndex(tables: Tables, id: string, index: number): Promise<void> {
	await typed(tables).updateTable("changes").set({ ledger_index: index }).where("id", "=", id).execute();
}

/** Newest first. */
export async function listChanges(
	tables: Tables,
	seen: Visibility,
	filter: ChangeFilter,
	after: ChangePosition | null,
	limit: number,
): Promise<StoredChange[]> {
	let query = typed(tables)
		.selectFrom("changes")
		.selectAll()
		.where((eb) =>
			eb.or([
				eb("proposed_by", "=", seen.account),
				eb("decided_by", "=", seen.account),
				...seen.kinds.map(({ kind, site }) => (site === "*" ? eb("kind", "=", kind) : eb.and([eb("kind", "=", kind), eb("site", "=", site)]))),
			]),
		);
	const { state, now } = filter;
	if (state === "pending") query = query.where("state", "=", state).where("expires_at", ">", dateOf(now));
	else if (state === "expired")
		query = query.where((eb) => eb.or([eb("state", "=", state), eb.and([eb("state", "=", "pending"), eb("expires_at", "<=", dateOf(now))])]));
	else if (state !== undefined) query = query.where("state", "=", state);
	if (filter.kind !== undefined) query = query.where("kind", "=", filter.kind);
	if (filter.proposedBy !== undefined) query = query.where("proposed_by", "=", filter.proposedBy);
	if (after) query = query.where(sql<boolean>`(proposed_at, id) < (${dateOf(after.at)}::timestamptz, ${after.id}::uuid)`);
	return (await query.orderBy("proposed_at", "desc").orderBy("id", "desc").limit(limit).execute()).map(changeOf);
}

/** Pending proposals whose time is over; those that somebody is deciding just now are left to them. */
export async function takeExpired(tables: Tables, now: number, limit: number): Promise<StoredChange[]> {
	const rows = await typed(tables)
		.selectFrom("changes")
		.selectAll()
		.where("state", "=", "pending")
		.where("expires_at", "<=", dateOf(now))
		.orderBy("expires_at")
		.limit(limit)
		.forUpdate()
		.skipLocked()
		.execute();
	return rows.map(changeOf);
}

function changeOf(row: Selectable<ApprovalTables["changes"]>): StoredChange {
	const proposal = proposeSchema.parse(row.proposal);
	return {
		id: row.id,
		kind: proposal.kind,
		subject: row.subject,
		site: row.site,
		title: row.title,
		proposal,
		proposalDigest: row.proposal_digest,
		before: row.before as Json,
		after: row.after as Json,
		salt: row.salt,
		reason: row.reason,
		state: row.state,
		proposedBy: row.proposed_by,
		proposedAt: msOf(row.proposed_at),
		expiresAt: msOf(row.expires_at),
		decidedBy: row.decided_by,
		decidedAt: msOf(row.decided_at),
		comment: row.comment,
		ledgerIndex: row.ledger_index,
	};
}
