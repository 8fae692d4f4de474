import { entryKey } from "../../../contracts/access-list.ts";
import type { OwnReport } from "../../alarms/own-alarm.ts";
import type { Audit } from "../../audit/audit.ts";
import type { Commands } from "../../ingest/device-commands.ts";
import type { LedgerAppender } from "../../ledger/ledger-entry.ts";
import { type Actor, SYSTEM } from "../../platform/actor.ts";
import type { Clock } from "../../platform/clock.ts";
import type { AnyTransaction, Database } from "../../platform/database/database.ts";
import type { Logger } from "../../platform/logger.ts";
import { afterFailure, driftOf, isExpected, type Rhythm } from "./controller-state.ts";
import {
	type ControllerRecord,
	type ControllersTables,
	type ControllerValues,
	confirmRemovals,
	endLease,
	type RemovalRow,
	saveController,
	takeLease,
} from "./controllers-store.ts";
import { differenceOf, nameOf, type ReadList, wordsOf } from "./drift.ts";
import { type Failure, putList, readList } from "./list-transfer.ts";
import type { WantedList } from "./wanted-list.ts";

export interface ControllerWorkerOptions {
	database: Database;
	commands: Commands;
	audit: Audit;
	ledger: LedgerAppender;
	report(report: OwnReport): void;
	clock: Clock;
	logger: Logger;
	rhythm: Rhythm;
	/** Names this server among several. */
	worker: string;
}
/** For how long a controller is taken at a time, s: what is left of it passes before another server takes over from one that was killed. */
const LEASE = 15;

/**
 * Works at one controller: reads its list, compares, puts the wanted one where it differs, and reads it again. A lease keeps every
 * other server away meanwhile; whoever has lost it writes nothing more.
 */
export class ControllerWorker {
	readonly #options: ControllerWorkerOptions;

	constructor(options: ControllerWorkerOptions) {
		this.#options = options;
	}

	/** Looks at a controller once and repairs what is wrong, or, with `only: "check"`, leaves that to the next look. Returns what was confirmed by it. */
	async work(wanted: WantedList, only: "check" | null, actor: Actor = SYSTEM): Promise<RemovalRow[]> {
		const { database, worker, logger, clock } = this.#options;
		const tables = database.tables<ControllersTables>();
		const { controller } = wanted;
		const record = await takeLease(tables, controller, worker, LEASE);
		if (!record) return [];
		const renew = setInterval(() => {
			takeLease(tables, controller, worker, LEASE).catch((error: unknown) => logger.debug({ err: error, controller }, "lease not renewed"));
		}, LEASE * 300);
		try {
			// Another server has planned a newer list, which this one will know in a moment.
			if (record.wanted !== wanted.list) return [];
			const look = await this.#look(wanted, record, clock.now(), actor);
			if (look !== "differs") return look;
			if (only === "check") {
				await saveController(tables, controller, worker, { nextTry: clock.now() });
				return [];
			}
			return await this.#repair(wanted, record, actor);
		} finally {
			clearInterval(renew);
			await endLease(tables, controller, worker);
		}
	}

	/** Reads the list: confirms it, or says that it differs, having noted whether that was to be expected. */
	async #look(wanted: WantedList, record: ControllerRecord, since: number, actor: Actor): Promise<RemovalRow[] | "differs"> {
		const read = await readList(this.#options.commands, wanted.controller);
		if (!read.ok) {
			await this.#failed(record, read);
			return [];
		}
		if (nameOf(read.value) === wanted.list) return await this.#confirm(wanted, record, read.value, since);
		if (!isExpected(record, nameOf(read.value))) await this.#drifted(wanted, record, read.value, actor);
		else {
			const values = { checkedAt: this.#options.clock.now(), held: read.value.entries.length };
			await saveController(this.#tables(), wanted.controller, this.#options.worker, values);
		}
		return "differs";
	}

	async #repair(wanted: WantedList, record: ControllerRecord, actor: Actor): Promise<RemovalRow[]> {
		const { commands, worker, clock } = this.#options;
		// Before the last part can arrive: whoever reads it back after a crash knows it then.
		if (!(await saveController(this.#tables(), wanted.controller, worker, { sent: wanted.list }))) return [];
		const put = await putList(commands, wanted);
		if (!put.ok) {
			await this.#failed(record, put);
			return [];
		}
		const look = await this.#look(wanted, { ...record, sent: wanted.list }, clock.now(), actor);
		if (look !== "differs") return look;
		await this.#failed(record, { reason: "not-taken-over", detail: "the list that was put is not the one that is read back" });
		return [];
	}

	async #confirm(wanted: WantedList, record: ControllerRecord, held: ReadList, since: number): Promise<RemovalRow[]> {
		const { clock, ledger, rhythm } = this.#options;
		const now = clock.now();
		const repaired = record.drift ? { drift: { ...record.drift, repairedAt: record.drift.repairedAt ?? now } } : {};
		const found = { checkedAt: now, held: held.entries.length };
		const values: ControllerValues = { confirmed: wanted.list, confirmedAt: now, ...found, failures: 0, failure: null, ...repaired };
		const confirmed = await this.#save(wanted.controller, { ...values, nextTry: now + rhythm.checkEvery }, async (transaction) => {
			if (record.confirmed !== wanted.list)
				await this.#note(transaction, "controller.confirmed", wanted.controller, { list: wanted.list, entries: wanted.entries.length });
			const removed = await confirmRemovals(transaction, {
				controller: wanted.controller,
				held: held.entries.map(entryKey),
				recordedUntil: since,
				now,
			});
			for (const { id, controller, door, credential, decidedAt, confirmedAt } of removed)
				await ledger.append(transaction, {
					type: "removal.confirmed",
					version: 1,
					at: now,
					data: { removal: id, controller, door, credential, decidedAt, confirmedAt },
				});
			return removed;
		});
		if (!confirmed) return [];
		// It may have been found by a server that ended before it could say so; saying it again changes nothing.
		if (record.drift?.repairedAt === null) this.#alarm(wanted.controller, true, now, record.drift.detail);
		this.#alarm(wanted.controller, false, now, "");
		return confirmed;
	}

	async #drifted(wanted: WantedList, record: ControllerRecord, held: ReadList, actor: Actor): Promise<void> {
		const { clock, logger } = this.#options;
		const now = clock.now();
		const difference = differenceOf(
			wanted.entries.map(({ entry }) => entry),
			held.entries,
		);
		const words = wordsOf(held, wanted.timeZone, difference);
		const values = driftOf(record, difference, words, now);
		// The second look of the same work adds to the first.
		record.drift = values.drift ?? null;
		logger.warn({ controller: wanted.controller, drift: words }, "the controller's access list is not the one that was put there; repairing it");
		const saved = await this.#save(wanted.controller, { ...values, checkedAt: now, held: held.entries.length }, async (transaction) => {
			await this.#note(transaction, "controller.drift", wanted.controller, { found: words, askedBy: actor.username });
			return true;
		});
		if (saved) this.#alarm(wanted.controller, true, now, words);
	}

	#alarm(controller: string, active: boolean, at: number, words: string): void {
		this.#options.report({ rule: "controller-drift", subject: controller, active, at, message: `Access list of ${controller}: ${words}` });
	}

	async #failed(record: ControllerRecord, failure: Failure): Promise<void> {
		const { clock, rhythm, logger } = this.#options;
		const values = afterFailure(record, failure, clock.now(), rhythm);
		if (record.failure?.reason !== failure.reason)
			logger.warn(
				{ controller: record.id, reason: failure.reason, detail: failure.detail },
				"the controller's access list can't be confirmed; trying again",
			);
		await this.#save(record.id, values, async (transaction) => {
			if (record.failure?.reason !== failure.reason) await this.#note(transaction, "controller.failed", record.id, { ...failure }, "failed");
		});
	}

	/** `undefined` when another server has taken the controller over meanwhile: nothing is written then. */
	async #save<T>(controller: string, values: ControllerValues, more: (transaction: AnyTransaction) => Promise<T>): Promise<T | undefined> {
		const { database, worker } = this.#options;
		return await database.transaction<ControllersTables, T | undefined>(async (transaction) =>
			(await saveController(transaction, controller, worker, values)) ? await more(transaction) : undefined,
		);
	}

	async #note(
		transaction: AnyTransaction,
		operation: string,
		id: string,
		detail: Record<string, unknown>,
		result: "ok" | "failed" = "ok",
	): Promise<void> {
		await this.#options.audit.record(transaction, {
			tag: "system",
			operation,
			actor: SYSTEM,
			object: { type: "controller", id },
			result,
			detail,
		});
	}

	#tables() {
		return this.#options.database.tables<ControllersTables>();
	}
}
