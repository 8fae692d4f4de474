import type { z } from "zod";
import type { Page } from "../../contracts/api.ts";
import type { AssignmentView, attestSchema, DecideItem, ReviewItem, ReviewView, submittedSchema } from "../../contracts/reviews.ts";
import type { AccessRegister } from "../access/register/access-register.ts";
import type { Register } from "../access/register/register.ts";
import type { Audit } from "../audit/audit.ts";
import type { LedgerAppender, LedgerEntry } from "../ledger/ledger-entry.ts";
import { type Actor, may, SYSTEM } from "../platform/actor.ts";
import type { Clock } from "../platform/clock.ts";
import type { AnyTransaction, Database } from "../platform/database/database.ts";
import { dateOf, isoOf, msOf } from "../platform/database/instants.ts";
import { AppError, conflict, invalid, notFound } from "../platform/errors.ts";
import { encodeCursor } from "../platform/http/paging.ts";
import type { Reviewer } from "./assignment.ts";
import { refusalOf } from "./assignment.ts";
import { accountOfItem, carryOut, type RoleRevocations } from "./carry-out.ts";
import { refusalOfChange } from "./narrower.ts";
import { itemView, type People, reviewView } from "./review-view.ts";
import {
	addAssignment,
	attestItems,
	draftsOf,
	type ItemFilter,
	type ItemRow,
	lockItem,
	lockItems,
	lockReview,
	openItems,
	type ReviewRow,
	ReviewStore,
	revokedAlone,
	updateItem,
} from "./reviews-store.ts";
import { barredNow, frozenItemSchema } from "./snapshot.ts";

export interface ReviewOptions {
	database: Database;
	register: AccessRegister;
	roles: RoleRevocations;
	/** Accounts by id; with a transaction read in it. */
	people: (ids: readonly string[], transaction?: AnyTransaction) => Promise<People>;
	reviewers: (site: string) => Promise<readonly Reviewer[]>;
	audit: Audit;
	ledger: LedgerAppender;
	clock: Clock;
}

/** What reviewers do with the items of a review (REV-3, REV-4). */
export class ReviewService {
	readonly #options: ReviewOptions;
	readonly #store: ReviewStore;

	constructor(options: ReviewOptions, store = ReviewStore.of(options.database)) {
		this.#options = options;
		this.#store = store;
	}

	/** The same, which reads in the caller's transaction. */
	within(transaction: AnyTransaction): Pick<ReviewService, "get" | "items"> {
		const { people } = this.#options;
		return new ReviewService({ ...this.#options, people: (ids) => people(ids, transaction) }, ReviewStore.within(transaction));
	}

	/** The newest first. */
	async list(actor: Actor): Promise<ReviewView[]> {
		return await Promise.all((await this.#store.reviews()).map((row) => this.#view(row, actor)));
	}

	/** Throws AppError 404. */
	async get(id: string, actor: Actor): Promise<ReviewView> {
		return await this.#view(await this.#review(id), actor);
	}

	/** By number. Throws AppError 404. */
	async items(id: string, filter: ItemFilter, page: { limit: number; after: number }, actor: Actor): Promise<Page<ReviewItem>> {
		const review = await this.#review(id);
		const rows = await this.#store.items(id, filter, page.after, page.limit + 1);
		const shown = rows.slice(0, page.limit);
		const last = shown.at(-1);
		return { items: await this.#itemViews(review, shown, actor), nextCursor: rows.length > page.limit && last ? encodeCursor(last.number) : null };
	}

	/** Throws AppError 404. */
	async item(id: string, item: string, actor: Actor): Promise<ReviewItem> {
		const row = await this.#store.item(id, item);
		if (!row) throw notFound("item of this review", item);
		const [view] = await this.#itemViews(await this.#review(id), [row], actor);
		if (!view) throw notFound("item of this review", item);
		return view;
	}

	/**
	 * Keeps a decision as a draft, which can be changed and taken back until it is submitted. Throws AppError 403 `own-access`,
	 * `not-assigned`; 404; 409 `changed-meanwhile`, `submitted`, `signed-off`; 400 for a missing reason, and for a change that gives more.
	 */
	async decide(id: string, item: string, asked: DecideItem, actor: Actor): Promise<ReviewItem> {
		const { database, audit, clock } = this.#options;
		await database.transaction(async (transaction) => {
			const { row } = await this.#decidable(transaction, id, item, asked.version, actor);
			const { decision, reason, change } = asked;
			if (decision === "change" && (change === undefined || row.grant_id === null))
				throw invalid("What it shall be changed to is missing.", [
					{ field: "change", message: row.grant_id === null ? "expected keep or revoke: only grants can be changed" : "expected until or schedule" },
				]);
			if (decision !== "change" && change !== undefined)
				throw invalid("Only a change has a change.", [{ field: "change", message: "expected nothing beside keep and revoke" }]);
			if (change !== undefined) refuseWider(row, change, clock.now());
			if (decision !== null && reason === null && (decision !== "keep" || row.risk === "risky"))
				throw invalid("This decision needs a reason.", [{ field: "reason", message: "expected a reason of at least 3 characters" }]);
			const now = clock.now();
			await updateItem(transaction, item, {
				decision,
				reason: decision === null ? null : reason,
				change: decision === "change" ? JSON.stringify(change) : null,
				decided_by: decision === null ? null : actor.id,
				decided_at: decision === null ? null : dateOf(now),
				block: false,
			});
			await audit.record(transaction, {
				tag: "change",
				operation: "review.decide",
				actor,
				object: { type: "review-item", id: item },
				result: "ok",
				detail: { review: id, before: row.decision, decision, reason },
			});
		});
		return await this.item(id, item, actor);
	}

	/** Keeps unchanged low-risk items together, all of them or none. Throws as {@link decide}, and 409 `one-by-one` for any other item. */
	async attest(id: string, { items }: z.output<typeof attestSchema>, actor: Actor): Promise<{ attested: number }> {
		const { database, audit, clock } = this.#options;
		await database.transaction(async (transaction) => {
			const now = dateOf(clock.now());
			const review = await lockReview(transaction, id);
			const ids = items.map(({ item }) => item);
			const rows = new Map((await lockItems(transaction, id, ids)).map((row) => [row.id, row]));
			for (const { item, version } of items) {
				const row = rows.get(item);
				if (!review || !row) throw notFound("item of this review", item);
				this.#refuse(review, row, version, actor);
				if (row.risk !== "low") throw conflict("one-by-one", `Item ${row.number} is new, changed or risky: it is decided by itself.`);
			}
			await attestItems(transaction, ids, actor.id, now);
			await audit.record(transaction, {
				tag: "change",
				operation: "review.attest",
				actor,
				object: { type: "review", id },
				result: "ok",
				detail: { items: items.map(({ item }) => item) },
			});
		});
		return { attested: items.length };
	}

	/**
	 * Carries out the drafts of whoever asks, in one transaction: what is revoked is taken at once. Throws AppError 409
	 * `takes-two-persons` when that would revoke more than the allowed share, 409 `signed-off`.
	 */
	async submit(id: string, actor: Actor): Promise<z.input<typeof submittedSchema>> {
		return await this.#submit(id, actor, (transaction) => draftsOf(transaction, id, actor.id));
	}

	/** After the due date, where the site has chosen so: what nobody has decided is revoked, as far as that takes no second person. */
	async revokeUndecided(id: string): Promise<void> {
		const { database, clock } = this.#options;
		const now = dateOf(clock.now());
		await database.transaction(async (transaction) => {
			const review = await lockReview(transaction, id);
			if (review?.state !== "open") return;
			const open = (await openItems(transaction, id)).filter(({ decision }) => decision === null);
			const left = review.revocations_allowed - (await revokedAlone(transaction, id));
			if (open.length > left) return;
			for (const item of open)
				await updateItem(transaction, item.id, {
					decision: "revoke",
					reason: "Not decided by the due date.",
					change: null,
					decided_by: SYSTEM.id,
					decided_at: now,
					block: false,
				});
		});
		await this.#submit(id, SYSTEM, (transaction) => draftsOf(transaction, id, SYSTEM.id));
	}

	/** Throws AppError 400 for somebody who may not decide it, 404, 409 `submitted`, `signed-off`. */
	async reassign(id: string, item: string, { to, reason }: { to: string; reason: string }, actor: Actor): Promise<ReviewItem> {
		const { database, audit, clock } = this.#options;
		const review = await this.#review(id);
		const able = await this.#options.reviewers(review.site);
		await database.transaction(async (transaction) => {
			const locked = await lockReview(transaction, id);
			const row = await lockItem(transaction, id, item);
			if (!locked || !row) throw notFound("item of this review", item);
			if (locked.state !== "open") throw conflict("signed-off", "The review is signed off.");
			if (row.submitted_at !== null) throw conflict("submitted", "It has been decided and carried out.");
			if (!able.some(({ account }) => account === to) || excludedFrom(row, this.#options.register.current()).includes(to))
				throw invalid("This person can't decide it.", [
					{ field: "to", message: "expected the id of an account that may decide reviews, and whose own or sponsored access it isn't" },
				]);
			await updateItem(transaction, item, {
				assignee: to,
				decision: null,
				reason: null,
				change: null,
				decided_by: null,
				decided_at: null,
				block: false,
			});
			await addAssignment(transaction, { item, from: row.assignee, to, by: actor.id, at: clock.now(), reason });
			await audit.record(transaction, {
				tag: "change",
				operation: "review.reassign",
				actor,
				object: { type: "review-item", id: item },
				result: "ok",
				detail: { review: id, from: row.assignee, to, reason },
			});
		});
		return await this.item(id, item, actor);
	}

	/** The oldest first. */
	async assignments(id: string, item: string): Promise<AssignmentView[]> {
		if (!(await this.#store.item(id, item))) throw notFound("item of this review", item);
		const rows = await this.#store.assignments(item);
		const people = await this.#people(rows.flatMap(({ from_account, to_account, by_account }) => [from_account, to_account, by_account]));
		const ref = (account: string | null) => (account === null ? null : (people.get(account) ?? unknown(account)));
		return rows.map((row) => ({
			id: String(row.id),
			from: ref(row.from_account),
			to: ref(row.to_account),
			by: ref(row.by_account) ?? unknown(row.by_account),
			at: isoOf(msOf(row.at)),
			reason: row.reason,
		}));
	}

	async #submit(id: string, actor: Actor, drafts: (transaction: AnyTransaction) => Promise<ItemRow[]>) {
		const { register, roles, audit, clock } = this.#options;
		const taken = new Set<string>();
		const done = await register.change(actor, async (edit) => {
			const review = await lockReview(edit.transaction, id);
			if (!review) throw notFound("review", id);
			if (review.state !== "open") throw conflict("signed-off", "The review is signed off.");
			const rows = await drafts(edit.transaction);
			const now = clock.now();
			// Under the register's lock: whose access it is can't change any more.
			const own = rows.find((row) => excludedFrom(row, edit.before).includes(actor.id));
			if (own) throw new AppError("own-access", 403, `${OWN} Item ${own.number} must go to somebody else.`);
			const revoked = rows.filter(({ decision }) => decision === "revoke");
			const before = await revokedAlone(edit.transaction, id);
			const alone = revoked.filter(({ approved_in }) => approved_in === null).length;
			if (before + alone > review.revocations_allowed && alone > 0)
				throw conflict(
					"takes-two-persons",
					`This would make ${before + alone} revocations that nobody else has approved, and ${review.revocations_allowed} need nobody: propose them, and another person approves.`,
				);
			const changed = rows.filter(({ decision }) => decision === "change");
			const entries: LedgerEntry[] = await carryOut(edit, roles, rows, { actor, now });
			for (const row of rows)
				await updateItem(edit.transaction, row.id, { submitted_at: dateOf(now), ...(row.decision === "keep" && { confirmed_at: dateOf(now) }) });
			if (rows.length > 0) {
				const counts = { submitted: rows.length, revoked: revoked.length, changed: changed.length };
				await audit.record(edit.transaction, {
					tag: "change",
					operation: "review.submit",
					actor,
					object: { type: "review", id },
					result: "ok",
					detail: counts,
					highRisk: revoked.length > 0 && before + revoked.length > 20,
				});
				for (const { id: item, decision, decided_by } of rows)
					entries.push({ type: "review.decided", version: 1, at: now, data: { review: id, item, decision: decision ?? "", by: decided_by ?? "" } });
			}
			edit.entries.push(...entries);
			for (const row of revoked) {
				const account = row.role_grant === null ? undefined : accountOfItem(row);
				if (account !== undefined) taken.add(account);
			}
			return { submitted: rows.length, revoked: revoked.length, changed: changed.length };
		});
		for (const account of taken) roles.revoked(account);
		return done;
	}

	/** The item, locked, as somebody may decide it now. */
	async #decidable(
		transaction: AnyTransaction,
		id: string,
		item: string,
		version: number,
		actor: Actor,
	): Promise<{ review: ReviewRow; row: ItemRow }> {
		const review = await lockReview(transaction, id);
		const row = await lockItem(transaction, id, item);
		if (!review || !row) throw notFound("item of this review", item);
		this.#refuse(review, row, version, actor);
		return { review, row };
	}

	/** Throws when somebody can't decide an item now, or has read an older one. */
	#refuse(review: ReviewRow, row: ItemRow, version: number, actor: Actor): void {
		const refused = refusalOf(
			{ assignee: row.assignee, excluded: excludedFrom(row, this.#options.register.current()), submitted: row.submitted_at !== null },
			{ open: review.state === "open" },
			actor.id,
		);
		if (refused === "own-access") throw new AppError("own-access", 403, OWN);
		if (refused === "not-assigned") throw new AppError("not-assigned", 403, "The item is assigned to somebody else.");
		if (refused !== null) throw conflict(refused, refused === "submitted" ? "It has been decided and carried out." : "The review is signed off.");
		if (row.version !== version) throw conflict("changed-meanwhile", "The item has been changed meanwhile; read it anew.");
	}

	async #view(row: ReviewRow, actor: Actor): Promise<ReviewView> {
		const [figures, decided, mine, report] = await Promise.all([
			this.#store.figures(row.id),
			this.#store.decided(row.id),
			this.#store.mine(row.id, actor.id),
			this.#store.report(row.id),
		]);
		const people = await this.#people([row.signed_by, ...decided.map(({ decided_by }) => decided_by)]);
		return reviewView(row, { figures, decided, mine, report, people, now: this.#options.clock.now() });
	}

	async #itemViews(review: ReviewRow, rows: readonly ItemRow[], actor: Actor): Promise<ReviewItem[]> {
		const people = await this.#people(rows.flatMap(({ assignee, decided_by }) => [assignee, decided_by]));
		const decides = may(actor, "reviews.decide", review.site);
		const register = this.#options.register.current();
		return rows.map((row) =>
			itemView({ ...row, excluded: excludedFrom(row, register) }, frozenItemSchema.parse(JSON.parse(row.frozen)), {
				people,
				account: actor.id,
				decides,
				open: review.state === "open",
			}),
		);
	}

	async #people(ids: readonly (string | null)[]): Promise<People> {
		return await this.#options.people([...new Set(ids.filter((id) => id !== null))]);
	}

	async #review(id: string): Promise<ReviewRow> {
		const review = await this.#store.review(id);
		if (!review) throw notFound("review", id);
		return review;
	}
}

const unknown = (id: string) => ({ id, username: id, name: id });
const OWN = "Nobody decides on access that is theirs or that they answer for.";

/** Throws AppError 400 for a change that gives more than the frozen grant, or that changes nothing. */
function refuseWider({ frozen }: ItemRow, { until, schedule }: NonNullable<DecideItem["change"]>, now: number): void {
	const { grant } = frozenItemSchema.parse(JSON.parse(frozen));
	if (grant === null) return;
	const limits = { from: Date.parse(grant.from), until: grant.until === null ? null : Date.parse(grant.until), schedule: grant.schedule };
	const wrong = refusalOfChange(limits, { until: until === null ? null : Date.parse(until), schedule }, now);
	if (wrong !== null) throw invalid("It can't be changed to that.", [wrong]);
}

/** Who was barred at the snapshot, and who is by the register of now. */
function excludedFrom(row: ItemRow, register: Register): string[] {
	const post = row.holder === null && row.grant_id !== null ? (frozenItemSchema.parse(JSON.parse(row.frozen)).grant?.post ?? null) : null;
	return [...row.excluded, ...barredNow(register, { holder: row.holder, grant: row.grant_id, post })];
}
