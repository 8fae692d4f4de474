import { createHash } from "node:crypto";
import type { ReviewItem } from "../../contracts/reviews.ts";
import type { Removals } from "../access/controllers/removal.ts";
import type { Findings } from "../access/monitor/finding.ts";
import type { Register } from "../access/register/register.ts";
import type { OwnReport } from "../alarms/own-alarm.ts";
import type { OwnCondition } from "../alarms/own-conditions.ts";
import type { Audit } from "../audit/audit.ts";
import type { LedgerAppender } from "../ledger/ledger-entry.ts";
import { type Actor, SYSTEM } from "../platform/actor.ts";
import type { Clock } from "../platform/clock.ts";
import type { AnyTransaction, Database } from "../platform/database/database.ts";
import { dateOf, isoOf, msOf } from "../platform/database/instants.ts";
import { AppError, conflict, notFound } from "../platform/errors.ts";
import type { Logger } from "../platform/logger.ts";
import { reportText } from "./review-report.ts";
import type { ReviewService } from "./review-service.ts";
import {
	addReport,
	type ItemRow,
	lockItem,
	lockReview,
	openItems,
	ReviewStore,
	readFindings,
	reviewsRevoking,
	revokedOf,
	updateItem,
	updateReview,
} from "./reviews-store.ts";
import { frozenItemSchema } from "./snapshot.ts";

export interface ClosingOptions {
	database: Database;
	reviews: ReviewService;
	register: () => Register;
	removals: Removals;
	findings: Findings;
	report: (report: OwnReport) => Promise<void>;
	audit: Audit;
	ledger: LedgerAppender;
	clock: Clock;
	logger: Logger;
	/** Time between two looks, ms; `null`: whoever built this calls `look`. */
	every?: number | null;
}

/** Items looked at in one go. */
const BATCH = 500;
const KINDS = ["revoked-badge-used"] as const;

/** From the signature to the last controller's confirmation, and back when a revoked badge is used (REV-4 to REV-6). */
export class ReviewClosing {
	readonly #options: ClosingOptions;
	readonly #store: ReviewStore;
	#timer: NodeJS.Timeout | undefined;
	#looking: Promise<void> | null = null;
	#overdue: { id: string; period: string; dueAt: number }[] = [];

	constructor(options: ClosingOptions) {
		this.#options = options;
		this.#store = ReviewStore.of(options.database);
	}

	/** After controllers and monitor. */
	start(): void {
		const { every = 5_000, removals, findings } = this.#options;
		if (every === null) return;
		removals.onConfirmed(() => this.#wake());
		findings.onNew(() => this.#wake());
		this.#timer = setInterval(() => this.#wake(), every);
		this.#wake();
	}

	/** Idempotent. */
	async stop(): Promise<void> {
		clearInterval(this.#timer);
		await this.#looking;
	}

	/** Reviews that are open beyond their due date, for the server's own alarms. */
	overdueConditions(now: number): OwnCondition[] {
		return this.#overdue.map(({ id, period, dueAt }) => ({
			rule: "review-overdue",
			subject: id,
			holds: now > dueAt,
			onDelay: 0,
			offDelay: 0,
			message: `The access review of ${period} was to be done by ${new Date(dueAt).toISOString().slice(0, 10)}`,
		}));
	}

	/**
	 * Signs a review off; its report goes into the ledger. Throws AppError 404, 409 `items-open`, `signed-off`, 403 `own-review` for who
	 * decided all of it alone.
	 */
	async signOff(id: string, actor: Actor): Promise<void> {
		const { database, audit, clock } = this.#options;
		await database.transaction(async (transaction) => {
			const review = await lockReview(transaction, id);
			if (!review) throw notFound("review", id);
			if (review.state !== "open") throw conflict("signed-off", "The review is signed off already.");
			const open = await openItems(transaction, id);
			if (open.length > 0) throw conflict("items-open", `${open.length} items are not decided and submitted yet.`);
			const deciders = new Set((await ReviewStore.within(transaction).decided(id)).map(({ decided_by }) => decided_by));
			// What nobody decided by the due date was revoked by no second person.
			deciders.delete(SYSTEM.id);
			if (deciders.size === 1 && deciders.has(actor.id))
				throw new AppError("own-review", 403, "Who has decided everything alone can't sign it off: somebody else does.");
			const now = clock.now();
			await updateReview(transaction, id, { state: "remediating", signed_by: actor.id, signed_at: dateOf(now) });
			await audit.record(transaction, { tag: "change", operation: "review.sign-off", actor, object: { type: "review", id }, result: "ok" });
			const { id: account, username, name } = actor;
			const signed = { state: "remediating", signedBy: { id: account, username, name }, signedAt: isoOf(now) } as const;
			await this.#keepReport(transaction, id, "signed", actor, now, signed);
		});
		await this.look();
	}

	/** Ends what a later use of a revoked badge has opened again. Throws AppError 404, 409 `nothing-reopened`. */
	async resolve(id: string, item: string, reason: string, actor: Actor): Promise<ReviewItem> {
		const { database, audit, reviews } = this.#options;
		await database.transaction(async (transaction) => {
			await lockReview(transaction, id);
			const row = await lockItem(transaction, id, item);
			if (!row) throw notFound("item of this review", item);
			if (row.reopened_at === null || row.resolution !== null) throw conflict("nothing-reopened", "Nothing of it is open.");
			await updateItem(transaction, item, { resolution: reason });
			await audit.record(transaction, {
				tag: "change",
				operation: "review.resolve",
				actor,
				object: { type: "review-item", id: item },
				result: "ok",
				detail: { review: id, reason },
			});
		});
		await this.look();
		return await reviews.item(id, item, actor);
	}

	/** Looks what controllers have confirmed, what revoked badges were used, and closes what is done. */
	async look(): Promise<void> {
		await this.#reopen();
		for (const item of await this.#store.unconfirmed(BATCH)) await this.#confirm(item);
		const all = await this.#store.reviews();
		this.#overdue = all.filter(({ state }) => state === "open").map(({ id, period, due_at }) => ({ id, period, dueAt: msOf(due_at) }));
		for (const { id, state } of all) {
			if (state !== "remediating") continue;
			const { unconfirmed, reopened } = await this.#store.figures(id);
			if (unconfirmed === 0 && reopened === 0) await this.#close(id);
		}
	}

	async #confirm(item: ItemRow): Promise<void> {
		const { removals, register, database, clock } = this.#options;
		if (item.submitted_at === null) return;
		let confirmedAt: number | null = clock.now();
		if (item.role_grant === null) {
			const state = register();
			const frozen = frozenItemSchema.parse(JSON.parse(item.frozen));
			const holders =
				item.holder !== null ? [item.holder] : [...state.holders.values()].filter(({ post }) => post === frozen.grant?.post).map(({ id }) => id);
			const credentials = [
				...new Set([...frozen.credentials.map(({ id }) => id), ...holders.flatMap((holder) => state.credentialsOf(holder).map(({ id }) => id))]),
			];
			const doors = item.zone === null ? undefined : [...(state.zones.get(item.zone)?.doors ?? [])];
			({ confirmedAt } = await removals.progress({ credentials, since: msOf(item.submitted_at), ...(doors !== undefined && { doors }) }));
		}
		if (confirmedAt === null) return;
		const at = Math.max(confirmedAt, msOf(item.submitted_at));
		await database.transaction(async (transaction) => {
			const row = await lockItem(transaction, item.review, item.id);
			if (row?.confirmed_at === null) await updateItem(transaction, item.id, { confirmed_at: dateOf(at) });
		});
	}

	/** A badge that was used where it had been taken away: the item is open again, and somebody is told (REV-5). */
	async #reopen(): Promise<void> {
		const { database, findings, register, report, ledger, clock } = this.#options;
		const reopened = await database.transaction(async (transaction) => {
			const from = await readFindings(transaction);
			const found = await findings.after(from, KINDS, BATCH);
			const now = clock.now();
			const open: { review: string; item: string; number: number; door: string | null }[] = [];
			const grantsOf = (id: string) => {
				const holder = register().holders.get(id);
				return holder
					? register()
							.grantsOf(holder)
							.map((grant) => grant.id)
					: [];
			};
			const used = found.flatMap((finding) => (finding.holder === null ? [] : { ...finding, holder: finding.holder }));
			// Reviews before their items, as whoever decides, submits and signs off locks them; sorted among themselves.
			const touched = new Set<string>();
			for (const { holder } of used) for (const id of await reviewsRevoking(transaction, holder, grantsOf(holder))) touched.add(id);
			for (const id of [...touched].sort()) await lockReview(transaction, id);
			for (const finding of used) {
				for (const item of await revokedOf(transaction, finding.holder, grantsOf(finding.holder), [...touched])) {
					const doors = item.zone === null ? null : register().zones.get(item.zone)?.doors;
					if ((doors && !doors.includes(finding.door ?? "")) || item.submitted_at === null || finding.at <= msOf(item.submitted_at)) continue;
					if (item.reopened_at !== null && item.resolution === null) continue;
					await updateItem(transaction, item.id, { reopened_at: dateOf(now), resolution: null });
					const review = await lockReview(transaction, item.review);
					if (review?.state === "closed") await updateReview(transaction, item.review, { state: "remediating", closed_at: null });
					open.push({ review: item.review, item: item.id, number: item.number, door: finding.door });
				}
			}
			const last = found.at(-1);
			if (last) await readFindings(transaction, last.id);
			for (const { review, item } of open) await ledger.append(transaction, { type: "review.reopened", version: 1, at: now, data: { review, item } });
			return open;
		});
		for (const { review, number, door } of reopened)
			await report({
				rule: "review-reopened",
				subject: review,
				active: true,
				at: clock.now(),
				message: `A badge that was taken away (item ${number}) was used${door === null ? "" : ` at ${door}`}`,
			});
	}

	async #close(id: string): Promise<void> {
		const { database, clock, audit } = this.#options;
		await database.transaction(async (transaction) => {
			const review = await lockReview(transaction, id);
			if (review?.state !== "remediating") return;
			const now = clock.now();
			await updateReview(transaction, id, { state: "closed", closed_at: dateOf(now) });
			await audit.record(transaction, { tag: "system", operation: "review.close", actor: SYSTEM, object: { type: "review", id }, result: "ok" });
			await this.#keepReport(transaction, id, "closed", SYSTEM, now, { state: "closed", closedAt: isoOf(now) });
		});
	}

	/** The report with its hash in the ledger, in the transaction that signs or closes: the one is never there without the other. */
	async #keepReport(
		transaction: AnyTransaction,
		id: string,
		kind: "signed" | "closed",
		actor: Actor,
		now: number,
		becomes: Parameters<typeof reportText>[4],
	): Promise<void> {
		const { reviews, ledger } = this.#options;
		const body = await reportText(reviews.within(transaction), id, kind, actor, becomes);
		const hash = createHash("sha256").update(body).digest("hex");
		const data = { review: id, kind, hash, by: actor.id };
		const index = await ledger.append(transaction, { type: kind === "signed" ? "review.signed-off" : "review.closed", version: 1, at: now, data });
		await addReport(transaction, { review: id, kind, at: now, body, hash, index });
	}

	#wake(): void {
		this.#looking ??= this.look()
			.catch((error: unknown) => this.#options.logger.warn({ err: error }, "access reviews could not be followed; trying again"))
			.finally(() => {
				this.#looking = null;
			});
	}
}
