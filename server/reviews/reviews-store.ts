import { type Insertable, type Kysely, type Selectable, sql } from "kysely";
import type { ReviewFigures, ReviewState, ReviewSubject } from "../../contracts/reviews.ts";
import type { AnyTransaction, Database } from "../platform/database/database.ts";
import { dateOf, msOf } from "../platform/database/instants.ts";

export interface ReviewRow {
	id: string;
	subject: ReviewSubject;
	site: string;
	period: string;
	state: ReviewState;
	started_at: Date;
	due_at: Date;
	snapshot_hash: string;
	snapshot_salt: string;
	snapshot_index: number;
	revocations_allowed: number;
	reminded_at: Date | null;
	escalated_at: Date | null;
	signed_by: string | null;
	signed_at: Date | null;
	closed_at: Date | null;
}
export interface ItemRow {
	id: string;
	review: string;
	number: number;
	frozen: string;
	holder: string | null;
	grant_id: string | null;
	zone: string | null;
	role_grant: string | null;
	excluded: string[];
	risk: string;
	assignee: string | null;
	decision: "keep" | "revoke" | "change" | null;
	reason: string | null;
	change: unknown;
	decided_by: string | null;
	decided_at: Date | null;
	block: boolean;
	approved_in: string | null;
	submitted_at: Date | null;
	confirmed_at: Date | null;
	reopened_at: Date | null;
	resolution: string | null;
	version: number;
}
export interface ReviewTables {
	reviews: ReviewRow;
	review_items: ItemRow;
	review_assignments: {
		id: number;
		item: string;
		from_account: string | null;
		to_account: string | null;
		by_account: string;
		at: Date;
		reason: string;
	};
	review_reports: { id: number; review: string; kind: "signed" | "closed"; at: Date; body: string; hash: string; ledger_index: number };
	review_findings_read: { single: boolean; finding: number };
}
export type NewItem = Pick<
	ItemRow,
	"id" | "review" | "number" | "frozen" | "holder" | "grant_id" | "zone" | "role_grant" | "excluded" | "risk" | "assignee"
>;
type Tables = Kysely<ReviewTables> | AnyTransaction;
const typed = (tables: Tables): Kysely<ReviewTables> => tables as unknown as Kysely<ReviewTables>;

/** Rows of one INSERT. */
const CHUNK = 500;

export async function insertReview(transaction: AnyTransaction, review: ReviewRow, items: readonly NewItem[]): Promise<void> {
	await typed(transaction).insertInto("reviews").values(review).execute();
	for (let from = 0; from < items.length; from += CHUNK)
		await typed(transaction)
			.insertInto("review_items")
			.values(items.slice(from, from + CHUNK) as Insertable<ReviewTables["review_items"]>[])
			.execute();
}

/** The review, locked: its items are decided, submitted and signed one transaction after another. */
export async function lockReview(transaction: AnyTransaction, id: string): Promise<ReviewRow | undefined> {
	return await typed(transaction).selectFrom("reviews").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
}

export async function lockItem(transaction: AnyTransaction, review: string, id: string): Promise<ItemRow | undefined> {
	return await typed(transaction)
		.selectFrom("review_items")
		.selectAll()
		.where("review", "=", review)
		.where("id", "=", id)
		.forUpdate()
		.executeTakeFirst();
}

/** Many, locked in the order of their ids; those that are there. */
export async function lockItems(transaction: AnyTransaction, review: string, ids: readonly string[]): Promise<ItemRow[]> {
	return await typed(transaction)
		.selectFrom("review_items")
		.selectAll()
		.where("review", "=", review)
		.where(sql<boolean>`id = ANY(${[...ids]}::uuid[])`)
		.orderBy("id")
		.forUpdate()
		.execute();
}

/** Keeps items as a block; each one's version grows by one. */
export async function attestItems(transaction: AnyTransaction, ids: readonly string[], by: string, at: Date): Promise<void> {
	await sql`UPDATE review_items SET decision = 'keep', reason = NULL, change = NULL, approved_in = NULL, decided_by = ${by}, decided_at = ${at}, block = true, version = version + 1
		WHERE id = ANY(${[...ids]}::uuid[])`.execute(transaction);
}

/** Its version grows by one; with a decision, it is no longer one that a second person has approved. */
export async function updateItem(
	transaction: AnyTransaction,
	id: string,
	values: Partial<Omit<ItemRow, "id" | "version" | "change">> & { change?: string | null },
): Promise<void> {
	await typed(transaction)
		.updateTable("review_items")
		.set((row) => ({ ...("decision" in values && { approved_in: null }), ...values, version: row("version", "+", 1) }))
		.where("id", "=", id)
		.execute();
}

export async function updateReview(transaction: AnyTransaction, id: string, values: Partial<ReviewRow>): Promise<void> {
	await typed(transaction).updateTable("reviews").set(values).where("id", "=", id).execute();
}

export async function draftsOf(transaction: AnyTransaction, review: string, account: string | null): Promise<ItemRow[]> {
	let query = typed(transaction)
		.selectFrom("review_items")
		.selectAll()
		.where("review", "=", review)
		.where("decision", "is not", null)
		.where("submitted_at", "is", null);
	if (account !== null) query = query.where("decided_by", "=", account);
	return await query.orderBy("number").forUpdate().execute();
}

export async function openItems(transaction: AnyTransaction, review: string): Promise<ItemRow[]> {
	return await typed(transaction)
		.selectFrom("review_items")
		.selectAll()
		.where("review", "=", review)
		.where("submitted_at", "is", null)
		.orderBy("number")
		.forUpdate()
		.execute();
}

/** Revocations that were submitted and that no second person has approved. */
export async function revokedAlone(transaction: AnyTransaction, review: string): Promise<number> {
	const row = await typed(transaction)
		.selectFrom("review_items")
		.select((row) => row.fn.countAll<string>().as("n"))
		.where("review", "=", review)
		.where("decision", "=", "revoke")
		.where("approved_in", "is", null)
		.where("submitted_at", "is not", null)
		.executeTakeFirstOrThrow();
	return Number(row.n);
}

/** Numbers of the items whose decision, submitted or not, is to revoke and that no second person has approved; rising. */
export async function unapprovedRevocations(transaction: AnyTransaction, review: string): Promise<number[]> {
	const rows = await typed(transaction)
		.selectFrom("review_items")
		.select("number")
		.where("review", "=", review)
		.where("decision", "=", "revoke")
		.where("approved_in", "is", null)
		.orderBy("number")
		.execute();
	return rows.map(({ number }) => number);
}

/** Notes the change in which a second person approved all revocations that are decided. */
export async function approveRevocations(transaction: AnyTransaction, review: string, change: string): Promise<void> {
	await typed(transaction)
		.updateTable("review_items")
		.set({ approved_in: change })
		.where("review", "=", review)
		.where("decision", "=", "revoke")
		.where("approved_in", "is", null)
		.execute();
}

/** Whether somebody decided, submitted or not, that an item of the review is revoked. */
export async function decidesToRevoke(transaction: AnyTransaction, review: string, account: string): Promise<boolean> {
	const { rows } = await sql`SELECT 1 FROM review_items WHERE review = ${review} AND decision = 'revoke' AND decided_by = ${account} LIMIT 1`.execute(
		transaction,
	);
	return rows.length > 0;
}

export async function addAssignment(
	transaction: AnyTransaction,
	{ item, from, to, by, at, reason }: { item: string; from: string | null; to: string | null; by: string; at: number; reason: string },
): Promise<void> {
	await sql`INSERT INTO review_assignments (item, from_account, to_account, by_account, at, reason)
		VALUES (${item}, ${from}, ${to}, ${by}, ${dateOf(at)}, ${reason})`.execute(transaction);
}

export async function addReport(
	transaction: AnyTransaction,
	{ review, kind, at, body, hash, index }: { review: string; kind: "signed" | "closed"; at: number; body: string; hash: string; index: number },
): Promise<void> {
	await sql`INSERT INTO review_reports (review, kind, at, body, hash, ledger_index) VALUES (${review}, ${kind}, ${dateOf(at)}, ${body}, ${hash}, ${index})`.execute(
		transaction,
	);
}

/** Id of the last finding that was read, locked; `to` moves it on. */
export async function readFindings(transaction: AnyTransaction, to?: number): Promise<number> {
	if (to !== undefined) await typed(transaction).updateTable("review_findings_read").set({ finding: to }).execute();
	return (await typed(transaction).selectFrom("review_findings_read").select("finding").forUpdate().executeTakeFirstOrThrow()).finding;
}

/** What was taken from a holder, wherever, by name or with one of these grants; locked. */
export async function revokedOf(
	transaction: AnyTransaction,
	holder: string,
	grants: readonly string[],
	reviews: readonly string[],
): Promise<ItemRow[]> {
	return await typed(transaction)
		.selectFrom("review_items")
		.selectAll()
		.where(sql<boolean>`review = ANY(${[...reviews]}::uuid[])`)
		.where((row) => row.or([row("holder", "=", holder), sql<boolean>`grant_id = ANY(${[...grants]}::uuid[])`]))
		.where("decision", "=", "revoke")
		.where("submitted_at", "is not", null)
		.orderBy("id")
		.forUpdate()
		.execute();
}
/** Ids of the reviews that have such items; nothing is locked. */
export async function reviewsRevoking(transaction: AnyTransaction, holder: string, grants: readonly string[]): Promise<string[]> {
	const rows = await typed(transaction)
		.selectFrom("review_items")
		.select("review")
		.distinct()
		.where((row) => row.or([row("holder", "=", holder), sql<boolean>`grant_id = ANY(${[...grants]}::uuid[])`]))
		.where("decision", "=", "revoke")
		.where("submitted_at", "is not", null)
		.execute();
	return rows.map(({ review }) => review);
}

export interface ItemFilter {
	assignee?: string | undefined;
	zone?: string | undefined;
	risk?: string | undefined;
	decision?: "keep" | "revoke" | "change" | "none" | undefined;
	submitted?: boolean | undefined;
}

/** Reads of reviews. */
export class ReviewStore {
	readonly #tables: () => Kysely<ReviewTables>;
	constructor(tables: () => Kysely<ReviewTables>) {
		this.#tables = tables;
	}
	static of(database: Database): ReviewStore {
		return new ReviewStore(() => database.tables<ReviewTables>());
	}
	/** Reads on the caller's connection: who holds a lock that others wait for, a connection each, must not wait for one more. */
	static within(transaction: AnyTransaction): ReviewStore {
		return new ReviewStore(() => typed(transaction));
	}

	/** The newest first. */
	async reviews(): Promise<ReviewRow[]> {
		return await this.#tables().selectFrom("reviews").selectAll().orderBy("started_at", "desc").orderBy("subject").execute();
	}
	async review(id: string): Promise<ReviewRow | undefined> {
		return await this.#tables().selectFrom("reviews").selectAll().where("id", "=", id).executeTakeFirst();
	}
	async exists(site: string, subject: ReviewSubject, period: string): Promise<boolean> {
		const row = await this.#tables()
			.selectFrom("reviews")
			.select("id")
			.where("site", "=", site)
			.where("subject", "=", subject)
			.where("period", "=", period)
			.executeTakeFirst();
		return row !== undefined;
	}
	/** When the newest review of a kind was started, Unix ms. */
	async lastStart(site: string, subject: ReviewSubject): Promise<number | null> {
		const row = await this.#tables()
			.selectFrom("reviews")
			.select("started_at")
			.where("site", "=", site)
			.where("subject", "=", subject)
			.orderBy("started_at", "desc")
			.limit(1)
			.executeTakeFirst();
		return row === undefined ? null : msOf(row.started_at);
	}
	/** By number, those after `after`. */
	async items(review: string, filter: ItemFilter, after: number, limit: number): Promise<ItemRow[]> {
		let query = this.#tables().selectFrom("review_items").selectAll().where("review", "=", review).where("number", ">", after);
		for (const column of ["assignee", "zone", "risk"] as const) {
			const value = filter[column];
			if (value !== undefined) query = query.where(column, "=", value);
		}
		if (filter.decision === "none") query = query.where("decision", "is", null);
		else if (filter.decision !== undefined) query = query.where("decision", "=", filter.decision);
		if (filter.submitted !== undefined) query = query.where("submitted_at", filter.submitted ? "is not" : "is", null);
		return await query.orderBy("number").limit(limit).execute();
	}
	async item(review: string, id: string): Promise<ItemRow | undefined> {
		return await this.#tables().selectFrom("review_items").selectAll().where("review", "=", review).where("id", "=", id).executeTakeFirst();
	}
	async assignments(item: string) {
		return await this.#tables().selectFrom("review_assignments").selectAll().where("item", "=", item).orderBy("id").execute();
	}
	/** The newest report that stands in the ledger. */
	async report(review: string): Promise<Selectable<ReviewTables["review_reports"]> | undefined> {
		return await this.#tables()
			.selectFrom("review_reports")
			.selectAll()
			.where("review", "=", review)
			.orderBy("id", "desc")
			.limit(1)
			.executeTakeFirst();
	}
	async figures(review: string): Promise<ReviewFigures> {
		const { rows } = await sql<ReviewFigures>`SELECT count(*)::int AS items, count(decision)::int AS decided, count(submitted_at)::int AS submitted,
				count(*) FILTER (WHERE decision = 'keep')::int AS kept, count(*) FILTER (WHERE decision = 'revoke')::int AS revoked,
				count(*) FILTER (WHERE decision = 'change')::int AS changed, count(*) FILTER (WHERE block)::int AS attested,
				count(*) FILTER (WHERE risk = 'risky')::int AS risky, count(*) FILTER (WHERE assignee IS NULL)::int AS unassigned,
				count(*) FILTER (WHERE decision <> 'keep' AND confirmed_at IS NOT NULL)::int AS confirmed,
				count(*) FILTER (WHERE decision <> 'keep' AND submitted_at IS NOT NULL AND confirmed_at IS NULL)::int AS unconfirmed,
				count(*) FILTER (WHERE reopened_at IS NOT NULL AND resolution IS NULL)::int AS reopened
			FROM review_items WHERE review = ${review}`.execute(this.#tables());
		const [figures] = rows;
		if (!figures) throw new Error("review figures: no answer");
		return figures;
	}
	async decided(review: string) {
		return await this.#tables()
			.selectFrom("review_items")
			.select(["decided_by", "decided_at", "decision", "block"])
			.where("review", "=", review)
			.where("decision", "is not", null)
			.execute();
	}
	async mine(review: string, account: string): Promise<{ items: number; open: number }> {
		const { rows } = await sql<{
			items: number;
			open: number;
		}>`SELECT count(*)::int AS items, count(*) FILTER (WHERE submitted_at IS NULL)::int AS open
			FROM review_items WHERE review = ${review} AND assignee = ${account}`.execute(this.#tables());
		return rows[0] ?? { items: 0, open: 0 };
	}
	/** Carried out, and not confirmed by every controller yet. */
	async unconfirmed(limit: number): Promise<ItemRow[]> {
		return await this.#tables()
			.selectFrom("review_items")
			.selectAll()
			.where("decision", "<>", "keep")
			.where("submitted_at", "is not", null)
			.where("confirmed_at", "is", null)
			.orderBy("submitted_at")
			.limit(limit)
			.execute();
	}
}
