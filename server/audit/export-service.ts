import { randomUUID } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import type { auditExportSchema } from "../../contracts/audit.ts";
import type { Proposal } from "../../contracts/changes.ts";
import type { LedgerEntry } from "../ledger/ledger-entry.ts";
import { type Actor, SYSTEM } from "../platform/actor.ts";
import type { Clock } from "../platform/clock.ts";
import type { AnyTransaction, Database } from "../platform/database/database.ts";
import { dateOf, isoOf, msOf } from "../platform/database/instants.ts";
import { AppError, invalid, notFound } from "../platform/errors.ts";
import type { Logger } from "../platform/logger.ts";
import type { AuditLog } from "./audit-log.ts";
import { lineView } from "./audit-view.ts";
import { readExport, writeExport } from "./export-file.ts";

type ExportProposal = Extract<Proposal, { kind: "audit-export" }>;
interface ApprovedExport {
	id: string;
	proposal: ExportProposal;
	proposer: { id: string };
	approver: Actor;
	now: number;
}
type ExportView = z.infer<typeof auditExportSchema>;
interface ExportRow {
	id: string;
	change: string;
	from_at: Date;
	to_at: Date;
	proposed_by: string;
	approved_by: string;
	approved_at: Date;
	available_until: Date;
	state: "pending" | "ready" | "deleted";
	lines: number | null;
	sha256: string | null;
}
interface ExportTables {
	audit_exports: ExportRow;
}
export interface ExportServiceOptions {
	log: AuditLog;
	database: Database;
	clock: Clock;
	logger: Logger;
	/** Folder of the files. */
	directory: string;
}

const DAY_MS = 86_400_000;
/** How long a file is kept, ms. */
const AVAILABLE_MS = 7 * DAY_MS;

/** Exports of the audit log: proposed by one person, approved by another, fetched by who proposed it. */
export class ExportService {
	readonly #options: ExportServiceOptions;
	#timer: NodeJS.Timeout | undefined;
	#writing: Promise<void> = Promise.resolve();

	constructor(options: ExportServiceOptions) {
		this.#options = options;
	}

	/** Writes what was approved before a restart, deletes what is over. After the audit log's start. */
	start(): void {
		this.#timer = setInterval(() => void this.run(), 3_600_000);
		this.#timer.unref();
		void this.run();
	}

	/** Idempotent. */
	async stop(): Promise<void> {
		clearInterval(this.#timer);
		await this.#writing;
	}

	/** The kind of change that main.ts gives to the approvals, which this feature doesn't know. */
	readonly changeKind = {
		kind: "audit-export" as const,
		propose: "audit.export-propose" as const,
		approve: "audit.export-approve" as const,
		expiresAfter: 7 * DAY_MS,
		describe: async (_transaction: AnyTransaction, { from, to }: ExportProposal) => {
			const problem = rangeProblem(Date.parse(from), Date.parse(to), this.#options.clock.now());
			if (problem) throw invalid(`This range can't be exported: ${problem.message}.`, [problem]);
			const title = `Export of the audit log from ${from} to ${to}`;
			return { subject: `${from}/${to}`, site: "*", title, before: null, after: { from, to } };
		},
		apply: async (transaction: AnyTransaction, { id, proposal, proposer, approver, now }: ApprovedExport): Promise<LedgerEntry[]> => {
			const [from, to] = [Date.parse(proposal.from), Date.parse(proposal.to)];
			const row = {
				id: randomUUID(),
				change: id,
				from_at: dateOf(from),
				to_at: dateOf(to),
				proposed_by: proposer.id,
				approved_by: approver.id,
				approved_at: dateOf(now),
				available_until: dateOf(now + AVAILABLE_MS),
				state: "pending",
				lines: null,
				sha256: null,
			};
			await transaction.insertInto("audit_exports").values(row).execute();
			await this.#options.log.record(transaction, {
				tag: "change",
				operation: "audit.export",
				actor: approver,
				object: { type: "audit-export", id: row.id },
				result: "ok",
				detail: { change: id, proposer: proposer.id, from: proposal.from, to: proposal.to },
			});
			return [{ type: "audit.exported", version: 1, at: now, data: { export: row.id, change: id, from: proposal.from, to: proposal.to } }];
		},
		applied: () => this.run(),
	};

	/** Newest first. */
	async list(): Promise<ExportView[]> {
		const rows = await this.#tables().selectFrom("audit_exports").selectAll().where("state", "=", "ready").orderBy("approved_at", "desc").execute();
		return rows.map(viewOf);
	}

	/**
	 * The clear file of an export, piece by piece, for who proposed it. Throws AppError `not-found`, 403 `forbidden`, and 409
	 * `export-not-ready` or 410 `export-deleted`. Each one is a line in the audit log, the refused too.
	 */
	async open(actor: Actor, id: string): Promise<AsyncGenerator<Buffer>> {
		const row = await this.#tables().selectFrom("audit_exports").selectAll().where("id", "=", id).executeTakeFirst();
		if (!row) throw notFound("export", id);
		const { log, clock } = this.#options;
		const own = row.proposed_by === actor.id;
		await log.note({
			tag: "read",
			operation: "audit.export-read",
			actor,
			object: { type: "audit-export", id },
			result: own ? "ok" : "refused",
			detail: { sha256: row.sha256 },
		});
		if (!own) throw new AppError("forbidden", 403, "Only who proposed an export may fetch it.");
		if (row.state === "pending") throw new AppError("export-not-ready", 409, "The export is still being written.");
		if (row.state === "deleted" || msOf(row.available_until) <= clock.now())
			throw new AppError("export-deleted", 410, "The export was available for seven days and is deleted.");
		return readExport(this.#path(id), id, log.ring);
	}

	/** Writes what is approved and deletes what is over; one at a time. Never throws: what fails is tried again within the hour. */
	run(): Promise<void> {
		this.#writing = this.#writing
			.then(() => this.#work())
			.catch((error: unknown) => {
				this.#options.logger.error({ err: error }, "an export of the audit log can't be written; it is tried again");
			});
		return this.#writing;
	}

	async #work(): Promise<void> {
		const { log, clock, directory } = this.#options;
		const now = clock.now();
		const over = await this.#tables()
			.updateTable("audit_exports")
			.set({ state: "deleted" })
			.where("available_until", "<=", dateOf(now))
			.where("state", "<>", "deleted")
			.returning("id")
			.execute();
		for (const { id } of over)
			await log.note({ tag: "system", operation: "audit.export-delete", actor: SYSTEM, object: { type: "audit-export", id }, result: "ok" });
		const pending = await this.#tables().selectFrom("audit_exports").selectAll().where("state", "=", "pending").orderBy("approved_at").execute();
		for (const row of pending) {
			const written = await writeExport(this.#path(row.id), row.id, log.ring, this.#lines(row));
			await this.#tables()
				.updateTable("audit_exports")
				.set({ state: "ready", ...written })
				.where("id", "=", row.id)
				.execute();
			const detail = { ...written };
			await log.note({
				tag: "system",
				operation: "audit.export-write",
				actor: SYSTEM,
				object: { type: "audit-export", id: row.id },
				result: "ok",
				detail,
			});
		}
		// Whatever is not an export any more, a file that a kill left half-written included.
		const kept = new Set(
			(await this.#tables().selectFrom("audit_exports").select("id").where("state", "=", "ready").execute()).map(({ id }) => `${id}.sealed`),
		);
		for (const name of await readdir(directory).catch(() => []))
			if (/\.sealed(\.new)?$/.test(name) && !kept.has(name)) await rm(join(directory, name), { force: true });
	}

	async *#lines(row: ExportRow): AsyncGenerator<string> {
		const { log } = this.#options;
		for await (const rows of log.store.pages({ from: msOf(row.from_at), to: msOf(row.to_at) }))
			for (const line of rows) yield JSON.stringify(lineView(log.open(line)));
	}

	#path(id: string): string {
		return join(this.#options.directory, `${id}.sealed`);
	}

	#tables() {
		return this.#options.database.tables<ExportTables>();
	}
}

/** What is wrong with a range, Unix ms; `null` for a good one. Lines that are still to come can't be approved. */
export function rangeProblem(from: number, to: number, now: number): { field: string; message: string } | null {
	if (to <= from) return { field: "to", message: "expected a time after from" };
	if (to > now) return { field: "to", message: "expected a time that has passed" };
	return null;
}

function viewOf(row: ExportRow): ExportView {
	return {
		id: row.id,
		change: row.change,
		from: isoOf(msOf(row.from_at)),
		to: isoOf(msOf(row.to_at)),
		proposedBy: row.proposed_by,
		approvedBy: row.approved_by,
		availableUntil: isoOf(msOf(row.available_until)),
		lines: row.lines ?? 0,
		sha256: row.sha256 ?? "",
	};
}
