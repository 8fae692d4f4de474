import { createHash } from "node:crypto";
import { sql } from "kysely";
import { type ScheduledTask, schedule } from "node-cron";
import type { AuditReviewView } from "../../contracts/audit.ts";
import type { LedgerAppender } from "../ledger/ledger-entry.ts";
import type { Actor } from "../platform/actor.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/database.ts";
import { dateOf, isoOf, msOf } from "../platform/database/instants.ts";
import { AppError, conflict, notFound } from "../platform/errors.ts";
import type { Logger } from "../platform/logger.ts";
import type { AuditLog } from "./audit-log.ts";
import { reviewPeriods } from "./review-period.ts";

interface ReviewRow {
	id: string;
	from_at: Date;
	to_at: Date;
	due_at: Date;
	lines: number | null;
	high_risk: number | null;
	refused: number | null;
	digest: string | null;
	signed_by: { id: string; username: string; name: string } | null;
	signed_at: Date | null;
	remarks: string | null;
	ledger_index: number | null;
}
interface ReviewTables {
	audit_reviews: ReviewRow;
}
export interface ReviewServiceOptions {
	log: AuditLog;
	ledger: LedgerAppender;
	database: Database;
	clock: Clock;
	logger: Logger;
	/** The site's, IANA. */
	timeZone: () => string;
}

/** The auditors' monthly review of the audit log, signed into the ledger (AUD-3). */
export class ReviewService {
	readonly #options: ReviewServiceOptions;
	#task: ScheduledTask | undefined;
	#unsigned: { id: string; dueAt: number }[] = [];

	constructor(options: ReviewServiceOptions) {
		this.#options = options;
	}

	/** Makes the reviews of the months that are over, now and every hour: the site's month begins with one, in its time zone. */
	async start(): Promise<void> {
		const { timeZone, logger } = this.#options;
		this.#task = schedule(
			"0 * * * *",
			() => this.makeDue().catch((err: unknown) => logger.warn({ err }, "the audit reviews can't be made; a later start does")),
			{
				timezone: timeZone(),
			},
		);
		await this.makeDue();
	}

	/** Idempotent. */
	async stop(): Promise<void> {
		await this.#task?.destroy();
		this.#task = undefined;
	}

	/** Makes the reviews that are due and not there yet. */
	async makeDue(): Promise<void> {
		const { log, clock, timeZone } = this.#options;
		const periods = reviewPeriods(await log.store.oldest(), clock.now(), timeZone());
		for (const { id, from, to, dueAt } of periods)
			await this.#tables()
				.insertInto("audit_reviews")
				.values({ ...UNSIGNED, id, from_at: dateOf(from), to_at: dateOf(to), due_at: dateOf(dueAt) })
				.onConflict((known) => known.doNothing())
				.execute();
		await this.#lookForUnsigned();
	}

	/** Reviews that wait for a signature, as they were within the last hour; at once for what is signed here. */
	unsigned(): readonly { id: string; dueAt: number }[] {
		return this.#unsigned;
	}

	async #lookForUnsigned(): Promise<void> {
		const rows = await this.#tables().selectFrom("audit_reviews").select(["id", "due_at"]).where("signed_at", "is", null).orderBy("id").execute();
		this.#unsigned = rows.map((row) => ({ id: row.id, dueAt: msOf(row.due_at) }));
	}

	/** Newest first; unsigned ones with the figures of now. */
	async list(): Promise<AuditReviewView[]> {
		const rows = await this.#tables().selectFrom("audit_reviews").selectAll().orderBy("id", "desc").execute();
		return await Promise.all(rows.map((row) => this.#view(row)));
	}

	/**
	 * Signs that the lines of a period were reviewed: figures and a digest of every line go into the ledger. Throws AppError `not-found`,
	 * 403 `forbidden` for who administers the log, 409 `already-signed`.
	 */
	async sign(actor: Actor, id: string, remarks: string): Promise<AuditReviewView> {
		const { log, ledger, database, clock } = this.#options;
		if (actor.roles.some(({ role }) => role === "audit-administrator"))
			throw new AppError("forbidden", 403, "Who administers the audit log can't sign its review.");
		const found = await this.#tables().selectFrom("audit_reviews").selectAll().where("id", "=", id).executeTakeFirst();
		if (!found) throw notFound("review", id);
		if (found.signed_at) throw alreadySigned(id);
		const [from, to] = [msOf(found.from_at), msOf(found.to_at)];
		// Before the transaction: the lines of a month that is over don't change, and reading them takes a while.
		const figures = await this.#digest(from, to);
		const row = await database.transaction<ReviewTables, ReviewRow>(async (transaction) => {
			const locked = await transaction.selectFrom("audit_reviews").selectAll().where("id", "=", id).forUpdate().executeTakeFirstOrThrow();
			if (locked.signed_at) throw alreadySigned(id);
			const now = clock.now();
			const { digest, lines, highRisk, refused } = figures;
			await log.record(transaction, {
				tag: "change",
				operation: "audit.review-sign",
				actor,
				object: { type: "audit-review", id },
				result: "ok",
				detail: { lines, highRisk, refused, digest, remarks },
			});
			const data = { review: id, from: isoOf(from), to: isoOf(to), lines, highRisk, refused, digest, signer: actor.id };
			const index = await ledger.append(transaction, { type: "audit.reviewed", version: 1, at: now, data });
			return await transaction
				.updateTable("audit_reviews")
				.set({ lines, high_risk: highRisk, refused, digest, signed_at: dateOf(now), remarks, ledger_index: index })
				.set("signed_by", sql`${JSON.stringify({ id: actor.id, username: actor.username, name: actor.name })}::jsonb`)
				.where("id", "=", id)
				.returningAll()
				.executeTakeFirstOrThrow();
		});
		this.#unsigned = this.#unsigned.filter((review) => review.id !== id);
		return await this.#view(row);
	}

	/** Figures of [from, to), and SHA-256 over every line as it is stored, oldest first. */
	async #digest(from: number, to: number): Promise<{ lines: number; highRisk: number; refused: number; digest: string }> {
		const hash = createHash("sha256");
		const figures = { lines: 0, highRisk: 0, refused: 0 };
		for await (const rows of this.#options.log.store.pages({ from, to }))
			for (const row of rows) {
				figures.lines += 1;
				if (row.high_risk) figures.highRisk += 1;
				if (row.result === "refused") figures.refused += 1;
				const head = [row.id, msOf(row.at), row.tag, row.operation, row.result, row.high_risk, row.key_id, row.sealed.toString("base64")];
				hash.update(`${JSON.stringify(head)}\n`);
			}
		return { ...figures, digest: hash.digest("hex") };
	}

	async #view(row: ReviewRow): Promise<AuditReviewView> {
		const [from, to, dueAt] = [msOf(row.from_at), msOf(row.to_at), msOf(row.due_at)];
		const figures = row.signed_at
			? { lines: row.lines ?? 0, highRisk: row.high_risk ?? 0, refused: row.refused ?? 0 }
			: await this.#options.log.store.count(from, to);
		return {
			id: row.id,
			from: isoOf(from),
			to: isoOf(to),
			dueAt: isoOf(dueAt),
			...figures,
			state: row.signed_at ? "signed" : this.#options.clock.now() > dueAt ? "overdue" : "due",
			signedBy: row.signed_by,
			signedAt: isoOf(msOf(row.signed_at)),
			remarks: row.remarks,
			ledgerIndex: row.ledger_index,
		};
	}

	#tables() {
		return this.#options.database.tables<ReviewTables>();
	}
}

const alreadySigned = (id: string) => conflict("already-signed", `The review of ${id} is signed already.`);
const UNSIGNED = {
	lines: null,
	high_risk: null,
	refused: null,
	digest: null,
	signed_by: null,
	signed_at: null,
	remarks: null,
	ledger_index: null,
};
