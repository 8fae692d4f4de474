import { randomBytes, randomUUID } from "node:crypto";
import { type ScheduledTask, schedule } from "node-cron";
import type { Role } from "../../contracts/permissions.ts";
import type { ReviewSubject } from "../../contracts/reviews.ts";
import type { AccessService } from "../access/access-service.ts";
import type { AccessRegister } from "../access/register/access-register.ts";
import type { Audit } from "../audit/audit.ts";
import type { LedgerAppender } from "../ledger/ledger-entry.ts";
import { type Actor, SYSTEM } from "../platform/actor.ts";
import { offsetAt } from "../platform/calendar.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/database.ts";
import { dateOf, msOf } from "../platform/database/instants.ts";
import { conflict } from "../platform/errors.ts";
import type { Logger } from "../platform/logger.ts";
import type { WorldSource } from "../site/world-source.ts";
import { allowedRevocations, type Reviewer, reviewerOf } from "./assignment.ts";
import { USAGE_WINDOW } from "./hints.ts";
import type { ReviewService } from "./review-service.ts";
import { addAssignment, insertReview, lockReview, openItems, type ReviewRow, ReviewStore, updateItem, updateReview } from "./reviews-store.ts";
import { accessItems, frozenText, rightsItems, type SnapshotItem, snapshotHash, usageByZone } from "./snapshot.ts";

export interface CampaignOptions {
	database: Database;
	world: WorldSource;
	register: AccessRegister;
	access: AccessService;
	/** Active accounts that may decide items of this site, by username. */
	reviewers: (site: string) => Promise<readonly Reviewer[]>;
	/** Every role that is held. */
	heldRoles: () => Promise<Parameters<typeof rightsItems>[0]>;
	isAdministrator: (role: Role) => boolean;
	reviews: ReviewService;
	audit: Audit;
	ledger: LedgerAppender;
	clock: Clock;
	logger: Logger;
}

const DAY = 86_400_000;
/** Reviewers are reminded when so much time is left. */
const REMIND_BEFORE = 3 * DAY;

/** Starts the monthly reviews by itself, and looks after their due dates (REV-1, REV-4, REV-7). */
export class ReviewCampaigns {
	readonly #options: CampaignOptions;
	readonly #store: ReviewStore;
	#task: ScheduledTask | undefined;

	constructor(options: CampaignOptions) {
		this.#options = options;
		this.#store = ReviewStore.of(options.database);
	}

	/** Now, for what was missed, and every hour: the site's month begins with one, in its time zone. */
	async start(): Promise<void> {
		const { world, logger } = this.#options;
		const look = () =>
			this.look().catch((err: unknown) => logger.warn({ err }, "the access reviews could not be looked after; trying again in an hour"));
		this.#task = schedule("0 * * * *", look, { timezone: world.current().site.timeZone });
		await look();
	}

	/** Idempotent. */
	async stop(): Promise<void> {
		await this.#task?.destroy();
		this.#task = undefined;
	}

	/** Starts what is due this month, reminds, escalates. Exactly once each, whichever servers look. */
	async look(): Promise<void> {
		const period = periodOf(this.#options.clock.now(), this.#options.world.current().site.timeZone);
		for (const subject of ["access", "rights"] as const)
			if (!(await this.#store.exists(this.#site(), subject, period))) await this.#begin(subject, period, SYSTEM).catch(passOver("review-exists"));
		for (const review of await this.#store.reviews()) if (review.state === "open") await this.#lookAfter(review);
	}

	/** Starts this month's review now. Throws AppError 409 `review-exists`. */
	async begin(subject: ReviewSubject, actor: Actor): Promise<string> {
		return await this.#begin(subject, periodOf(this.#options.clock.now(), this.#options.world.current().site.timeZone), actor);
	}

	async #begin(subject: ReviewSubject, period: string, actor: Actor): Promise<string> {
		const { database, world, audit, ledger, clock } = this.#options;
		const { reviews: settings } = world.current().site;
		const now = clock.now();
		const items = await this.#items(subject, now);
		const able = await this.#options.reviewers(this.#site());
		const id = randomUUID();
		const salt = randomBytes(16).toString("hex");
		const texts = items.map(({ frozen }) => frozenText(frozen));
		const snapshot = snapshotHash(salt, texts);
		const review: ReviewRow = {
			id,
			subject,
			site: this.#site(),
			period,
			state: "open",
			started_at: dateOf(now),
			due_at: dateOf(now + settings.dueAfterDays * DAY),
			snapshot_hash: snapshot,
			snapshot_salt: salt,
			snapshot_index: -1,
			revocations_allowed: allowedRevocations(items.length, settings.secondPersonAbove),
			reminded_at: null,
			escalated_at: null,
			signed_by: null,
			signed_at: null,
			closed_at: null,
		};
		await database.transaction(async (transaction) => {
			try {
				await insertReview(
					transaction,
					review,
					items.map((item, place) => ({
						id: randomUUID(),
						review: id,
						number: item.frozen.number,
						frozen: texts[place] ?? "",
						holder: item.holder,
						grant_id: item.grant,
						zone: item.zone,
						role_grant: item.role,
						excluded: [...item.excluded],
						risk: item.frozen.risk,
						assignee: reviewerOf(
							{ number: item.frozen.number, zoneReviewers: item.zoneReviewers, excluded: item.excluded },
							{ able, fallBack: settings.reviewers },
						),
					})),
				);
			} catch (error) {
				if (error instanceof Error && "code" in error && error.code === "23505")
					throw conflict("review-exists", `The review of ${period} has been started already.`);
				throw error;
			}
			const object = { type: "review", id };
			await audit.record(transaction, {
				tag: "change",
				operation: "review.start",
				actor,
				object,
				result: "ok",
				detail: { subject, period, items: items.length, snapshot },
			});
			const data = { review: id, subject, site: this.#site(), period, items: items.length, snapshot, by: actor.id };
			const index = await ledger.append(transaction, { type: "review.started", version: 1, at: now, data });
			await updateReview(transaction, id, { snapshot_index: index });
		});
		this.#options.logger.info({ review: id, subject, period, items: items.length }, "access review started");
		return id;
	}

	async #items(subject: ReviewSubject, now: number): Promise<SnapshotItem[]> {
		const lastReviewAt = await this.#store.lastStart(this.#site(), subject);
		if (subject === "rights")
			return rightsItems(await this.#options.heldRoles(), { now, lastReviewAt, isAdministrator: this.#options.isAdministrator });
		const register = this.#options.register.current();
		return accessItems(register, usageByZone(register, await this.#options.access.usage(now - USAGE_WINDOW, now)), { now, lastReviewAt });
	}

	/** Reminds before the due date; after it does what the site has chosen for what is undecided. */
	async #lookAfter({ id, due_at, reminded_at, escalated_at }: ReviewRow): Promise<void> {
		const { clock, database, audit, world, reviews } = this.#options;
		const now = clock.now();
		const due = msOf(due_at);
		if (reminded_at === null && now >= due - REMIND_BEFORE)
			await database.transaction(async (transaction) => {
				const review = await lockReview(transaction, id);
				if (!review || review.reminded_at !== null || review.state !== "open") return;
				await updateReview(transaction, id, { reminded_at: dateOf(now) });
				await audit.record(transaction, { tag: "system", operation: "review.remind", actor: SYSTEM, object: { type: "review", id }, result: "ok" });
			});
		if (escalated_at !== null || now < due) return;
		const { undecided, reviewers: fallBack } = world.current().site.reviews;
		if (undecided === "revoke") await reviews.revokeUndecided(id);
		const able = await this.#options.reviewers(this.#site());
		await database.transaction(async (transaction) => {
			const review = await lockReview(transaction, id);
			if (!review || review.escalated_at !== null || review.state !== "open") return;
			await updateReview(transaction, id, { escalated_at: dateOf(now) });
			for (const item of await openItems(transaction, id)) {
				if (item.decision !== null) continue;
				const to = reviewerOf({ number: item.number, zoneReviewers: fallBack, excluded: item.excluded }, { able, fallBack: [] });
				if (to === null || to === item.assignee) continue;
				await updateItem(transaction, item.id, { assignee: to });
				await addAssignment(transaction, { item: item.id, from: item.assignee, to, by: SYSTEM.id, at: now, reason: "Not decided by the due date." });
			}
			await audit.record(transaction, {
				tag: "system",
				operation: "review.escalate",
				actor: SYSTEM,
				object: { type: "review", id },
				result: "ok",
				detail: { undecided },
			});
		});
	}

	#site(): string {
		return this.#options.world.current().site.id;
	}
}

/** `2026-11`: the month of an instant in a time zone. */
export const periodOf = (now: number, timeZone: string): string => new Date(now + offsetAt(now, timeZone)).toISOString().slice(0, 7);

const passOver = (code: string) => (error: unknown) => {
	if (!(error instanceof Error && "code" in error && error.code === code)) throw error;
};
