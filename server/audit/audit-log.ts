import { stat } from "node:fs/promises";
import { SYSTEM } from "../platform/actor.ts";
import type { Clock } from "../platform/clock.ts";
import type { AnyTransaction, Database } from "../platform/database/database.ts";
import { msOf } from "../platform/database/instants.ts";
import { AppError } from "../platform/errors.ts";
import type { Logger } from "../platform/logger.ts";
import type { Audit, AuditLine } from "./audit.ts";
import { createKeyFile, readKeyFile } from "./audit-key-file.ts";
import { KeyRing, parseAuditKeys } from "./audit-keys.ts";
import { AUDIT_LEAST_DAYS, expiredPartitions } from "./audit-months.ts";
import { type StoredLine, storedLine } from "./audit-record.ts";
import { AuditStore } from "./audit-store.ts";
import { LineIds } from "./line-id.ts";
import { RefusalFold } from "./refusal-fold.ts";
import { type LineHead, type LineSecret, openLine } from "./sealed-line.ts";
import { SecretBox } from "./secret-box.ts";

export interface AuditLogOptions {
	database: Database;
	clock: Clock;
	logger: Logger;
	/** `WATCHROOM_AUDIT_KEY`, or `null`: the keys are in the file, which is made at the first start. */
	keys: string | null;
	keyFile: string;
	/** How long lines are kept, days; less than 180 counts as 180. */
	days?: () => number | Promise<number>;
}
/** A line as it was written; `secret` is `null` when it was tampered with, or its key is not here any more. */
export interface OpenedLine {
	head: LineHead;
	secret: LineSecret | null;
}
interface Waiting {
	row: StoredLine;
	resolve: () => void;
	reject: (error: unknown) => void;
}
type HighRiskListener = (line: OpenedLine) => void | Promise<void>;

/** Lines of one commit: PostgreSQL takes 65,535 parameters. */
const BATCH = 500;
const MONTHS_AHEAD = 2;
const TICK_MS = 2_000;
const UPKEEP_MS = 3_600_000;
/** How far back a restart looks for high-risk lines that nobody was told of, ms. */
const REPORT_BACK_MS = 7 * 86_400_000;

/**
 * The audit log: every line is sealed before it reaches the database, and whatever can't be written makes the act fail.
 *
 * `record` writes into the caller's transaction; `note` commits by itself, many concurrent ones in one commit. Both throw AppError
 * `audit-unavailable` (503) when the line can't be written.
 */
export class AuditLog implements Audit {
	readonly store: AuditStore;
	/** For what other features keep sealed with the same keys. */
	readonly secrets = new SecretBox(() => this.ring);
	readonly #options: AuditLogOptions;
	readonly #ids = new LineIds();
	readonly #fold = new RefusalFold();
	readonly #listeners: HighRiskListener[] = [];
	#keeping: Promise<void> = Promise.resolve();
	readonly #waiting: Waiting[] = [];
	/** Transactions with a high-risk line that may not be committed yet. */
	readonly #pending = new Set<string>();
	/** Lines that didn't open and were told of. */
	readonly #tampered = new Set<string>();
	#ring: KeyRing | undefined;
	#keyFileChanged = 0;
	#writing: Promise<void> | undefined;
	#watching: Promise<void> | undefined;
	#timer: NodeJS.Timeout | undefined;
	#ticking: Promise<void> | undefined;
	#nextUpkeep = 0;
	#stopped = true;
	#written = 0;
	#folded = 0;
	#failed = 0;

	constructor(options: AuditLogOptions) {
		this.#options = options;
		this.store = new AuditStore(options.database);
	}

	/**
	 * After the migrations, before anything is recorded. Throws AppError `audit-key-missing`, `audit-key-wrong` or `invalid-config`
	 * when the keys are not those of the log; nothing is changed then.
	 */
	async start(): Promise<void> {
		const { clock, logger } = this.#options;
		await this.#takeKeys();
		await this.store.makePartitions(clock.now(), MONTHS_AHEAD);
		if (await this.store.mayChangeLines())
			logger.warn("the server's database account could change the audit log; docs/security.md says how to take that right from it");
		this.#stopped = false;
		this.#timer = setInterval(() => this.#tick(), TICK_MS);
		this.#timer.unref();
		this.#tick();
	}

	/** Idempotent. Writes what is waiting and what was folded. */
	async stop(): Promise<void> {
		if (this.#stopped) return;
		clearInterval(this.#timer);
		await this.#ticking;
		await this.#flushFolds(true);
		this.#stopped = true;
		await this.#writing;
		await this.#watching;
	}

	/** Called after the commit of each line of high risk, at least once, also for those of just before a crash. Before `start`. */
	onHighRisk(listener: HighRiskListener): void {
		this.#listeners.push(listener);
	}

	async record(transaction: AnyTransaction, line: AuditLine): Promise<void> {
		const row = this.#seal(line);
		try {
			await this.store.insert([row], transaction);
			if (row.high_risk) this.#pending.add(await this.store.transactionId(transaction));
		} catch (error) {
			throw this.#unavailable(error);
		}
		this.#written += 1;
		if (row.high_risk) this.#watch();
	}

	async note(line: AuditLine): Promise<void> {
		if (this.#fold.takes(line, this.#options.clock.now())) {
			this.#folded += 1;
			return;
		}
		await this.#write(line);
	}

	/** Opens stored lines. What doesn't open is logged, and written down once as `audit.tampered`. */
	open(row: StoredLine): OpenedLine {
		const head: LineHead = {
			id: row.id,
			at: msOf(row.at),
			tag: row.tag as LineHead["tag"],
			operation: row.operation,
			result: row.result as LineHead["result"],
			highRisk: row.high_risk,
		};
		const key = this.ring.find(row.key_id);
		const secret = key ? openLine(key, head, row.sealed) : null;
		if (secret === null && !this.#tampered.has(row.id)) this.#tellTampered(row.id);
		return { head, secret };
	}

	/** Throws AppError `audit-unavailable` before `start`. */
	get ring(): KeyRing {
		if (!this.#ring) throw new AppError("audit-unavailable", 503, "The audit log is not started.");
		return this.#ring;
	}

	/** Lines written, refusals folded into the count of another, and lines that could not be written. */
	figures(): { written: number; folded: number; failed: number } {
		return { written: this.#written, folded: this.#folded, failed: this.#failed };
	}

	/** Partitions ahead, and those whose time is over; runs by itself every hour. */
	upkeep(): Promise<void> {
		// One at a time: two would drop the same partition.
		this.#keeping = this.#keeping.catch(() => undefined).then(() => this.#keepUp());
		return this.#keeping;
	}

	async #keepUp(): Promise<void> {
		const { clock, logger } = this.#options;
		await this.store.makePartitions(clock.now(), MONTHS_AHEAD);
		const days = (await this.#options.days?.()) ?? AUDIT_LEAST_DAYS;
		if (days < AUDIT_LEAST_DAYS) logger.warn({ days }, "the audit log is kept 180 days, whatever the setting says");
		for (const partition of expiredPartitions(await this.store.partitions(), days, clock.now())) {
			const lines = await this.store.dropPartition(partition);
			await this.note({
				tag: "system",
				operation: "audit.partition-drop",
				actor: SYSTEM,
				object: { type: "audit-partition", id: partition },
				result: "ok",
				detail: { lines, days: Math.max(days, AUDIT_LEAST_DAYS) },
			});
		}
	}

	#tellTampered(id: string): void {
		const { logger } = this.#options;
		this.#tampered.add(id);
		logger.error({ line: id }, "a line of the audit log was tampered with");
		const line: AuditLine = { tag: "system", operation: "audit.tampered", actor: SYSTEM, object: { type: "audit-line", id }, result: "ok" };
		this.note(line).catch((error: unknown) => logger.error({ err: error, line: id }, "could not be written down"));
	}

	#seal(line: AuditLine): StoredLine {
		const now = this.#options.clock.now();
		return storedLine(this.ring.current, this.#ids.next(now), now, line);
	}

	async #write(line: AuditLine): Promise<void> {
		if (this.#stopped) throw new AppError("audit-unavailable", 503, "The audit log is stopped.");
		const row = this.#seal(line);
		await new Promise<void>((resolve, reject) => {
			this.#waiting.push({ row, resolve, reject });
			this.#writing ??= this.#drain();
		});
		if (row.high_risk) this.#watch();
	}

	async #drain(): Promise<void> {
		// Whatever else comes in this turn goes into the same commit.
		await Promise.resolve();
		while (this.#waiting.length > 0) {
			const batch = this.#waiting.splice(0, BATCH);
			try {
				await this.store.insert(batch.map(({ row }) => row));
				this.#written += batch.length;
				for (const { resolve } of batch) resolve();
			} catch (error) {
				const refusal = this.#unavailable(error, batch.length);
				for (const { reject } of batch) reject(refusal);
			}
		}
		this.#writing = undefined;
	}

	#unavailable(cause: unknown, lines = 1): AppError {
		this.#failed += lines;
		this.#options.logger.error({ err: cause }, "the audit log can't be written; what needs a line is refused");
		return new AppError("audit-unavailable", 503, "The audit log can't be written, so nothing was done.", { cause });
	}

	/** Tells the listeners as soon as the transactions with high-risk lines are over. */
	#watch(): void {
		// Whoever listens tells of them: the server, also of what a command beside it wrote.
		if (this.#listeners.length === 0) {
			this.#pending.clear();
			return;
		}
		this.#watching ??= this.#report().finally(() => {
			this.#watching = undefined;
			if (this.#pending.size > 0 && !this.#stopped) setTimeout(() => this.#watch(), 25).unref();
		});
	}

	async #report(): Promise<void> {
		const { clock, logger } = this.#options;
		try {
			const pending = [...this.#pending];
			const running = pending.length > 0 ? await this.store.running(pending) : [];
			for (const row of await this.store.unreported(clock.now() - REPORT_BACK_MS)) {
				const line = this.open(row);
				for (const listener of this.#listeners) await listener(line);
				await this.store.reported(row, clock.now());
			}
			for (const id of pending) if (!running.includes(id)) this.#pending.delete(id);
		} catch (error) {
			logger.warn({ err: error }, "a high-risk operation could not be reported; it is tried again");
		}
	}

	#tick(): void {
		this.#ticking ??= this.#work()
			.catch((error: unknown) => this.#options.logger.warn({ err: error }, "the audit log's upkeep failed; it is tried again"))
			.finally(() => {
				this.#ticking = undefined;
			});
	}

	async #work(): Promise<void> {
		this.#watch();
		await this.#flushFolds(false);
		await this.#refreshKeys();
		if (performance.now() < this.#nextUpkeep) return;
		await this.upkeep();
		this.#nextUpkeep = performance.now() + UPKEEP_MS;
	}

	async #flushFolds(all: boolean): Promise<void> {
		for (const line of this.#fold.due(this.#options.clock.now(), all)) await this.#write(line);
	}

	async #takeKeys(): Promise<void> {
		const { keys, keyFile, clock, logger } = this.#options;
		const known = await this.store.knownKeys();
		let found = keys === null ? await readKeyFile(keyFile) : parseAuditKeys(keys);
		if (!found) {
			if (known.length > 0)
				throw new AppError(
					"audit-key-missing",
					500,
					`The audit log's key file ${keyFile} is missing. Nothing was changed; bring it back from its backup.`,
				);
			found = await createKeyFile(keyFile, clock.now());
			logger.info({ file: keyFile }, "made the audit log's key: keep a copy of it, apart from the database's");
		}
		const ring = new KeyRing(found);
		const needed: typeof known = [];
		// A key whose last line was dropped may go.
		for (const key of known) if (ring.find(key.id) || (await this.store.hasLinesOf(key.id))) needed.push(key);
		ring.assertKnows(needed);
		await this.store.addKeys(ring.all, clock.now());
		this.#ring = ring;
		if (keys === null) this.#keyFileChanged = (await stat(keyFile)).mtimeMs;
	}

	/** Takes a rotated key file without a restart. */
	async #refreshKeys(): Promise<void> {
		const { keys, keyFile } = this.#options;
		if (keys !== null) return;
		const changed = await stat(keyFile).then(
			(found) => found.mtimeMs,
			() => this.#keyFileChanged,
		);
		if (changed === this.#keyFileChanged) return;
		const before = this.ring.current.id;
		await this.#takeKeys();
		if (this.ring.current.id === before) return;
		const object = { type: "audit-key", id: this.ring.current.id };
		await this.note({ tag: "system", operation: "audit.key-rotate", actor: SYSTEM, object, result: "ok", detail: { before } });
	}
}
