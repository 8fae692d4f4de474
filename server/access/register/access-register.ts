import type { Audit } from "../../audit/audit.ts";
import type { LedgerAppender } from "../../ledger/ledger-entry.ts";
import { type Actor, SYSTEM } from "../../platform/actor.ts";
import type { Clock } from "../../platform/clock.ts";
import type { AnyTransaction, Database } from "../../platform/database/database.ts";
import type { Logger } from "../../platform/logger.ts";
import { Rounds } from "../../platform/rounds.ts";
import type { WorldSource } from "../../site/world-source.ts";
import { Register, type RegisterRecords, withChanges } from "./register.ts";
import { RegisterEdit } from "./register-edit.ts";
import { changeNumber, loadRegister, lockRegister, noteChange, type RegisterTables } from "./register-store.ts";
import { seedOf } from "./site-seed.ts";

export interface AccessRegisterOptions {
	world: WorldSource;
	database: Database;
	audit: Audit;
	ledger: LedgerAppender;
	clock: Clock;
	logger: Logger;
	/** Ids of the accounts with these usernames. */
	accounts: (usernames: readonly string[]) => Promise<ReadonlyMap<string, string>>;
	/** Time between two looks whether another server has changed it, ms. */
	pollEvery?: number;
}

/** The access register: held in memory for decisions, changed one transaction after another. */
export class AccessRegister {
	readonly #options: AccessRegisterOptions;
	readonly #rounds: Rounds;
	readonly #listeners: ((register: Register) => void)[] = [];
	#records: RegisterRecords = { holders: [], credentials: [], grants: [] };
	#number = -1;
	#register: Register | undefined;
	/** Whether the site file has changed since its people were taken over. */
	#unseeded = true;

	constructor(options: AccessRegisterOptions) {
		this.#options = options;
		this.#rounds = new Rounds({
			look: async () => {
				await this.refresh();
				if (this.#unseeded) await this.#seed();
			},
			every: options.pollEvery ?? 1000,
			logger: options.logger,
			failed: "the access register could not be looked at; trying again",
		});
	}

	/** Loads it, and begins to follow the site file and other servers. */
	async start(): Promise<void> {
		const { world } = this.#options;
		await this.#load();
		await this.#seed();
		world.onChange(() => {
			this.#tell();
			this.#unseeded = true;
		});
		this.#rounds.start();
	}

	/** Idempotent. */
	async stop(): Promise<void> {
		await this.#rounds.stop();
	}

	/** The newest committed state that this server knows. */
	current(): Register {
		if (!this.#register) throw new Error("the access register is asked for before it has been read");
		return this.#register;
	}

	/** Calls back with each new state, once it is committed, and when the site's zones or doors change. MUST NOT throw. */
	onChange(listener: (register: Register) => void): void {
		this.#listeners.push(listener);
	}

	/**
	 * Runs `work` in one transaction under the register's lock; the ledger entries that it asked for come last. Resolves once it is
	 * committed and {@link current} shows it, and what `work` was shown of other servers' changes. Throws what `work` throws, and nothing is changed then.
	 */
	async change<T>(actor: Actor, work: (edit: RegisterEdit) => Promise<T>): Promise<T> {
		const { database, ledger, audit, clock } = this.#options;
		const { result, differs } = await database.transaction<RegisterTables, { result: T; differs: boolean }>(async (transaction) => {
			await lockRegister(transaction);
			const known = (await changeNumber(transaction)) === this.#number;
			const before = known ? this.current() : await this.#read(transaction);
			const edit = new RegisterEdit({ transaction, before, actor, now: clock.now(), audit });
			const result = await work(edit);
			if (edit.changed) await noteChange(transaction);
			for (const entry of edit.entries) await ledger.append(transaction, entry);
			return { result, differs: edit.changed || !known };
		});
		if (differs) await this.refresh();
		return result;
	}

	/** Loads what another server, or this one, has committed. */
	async refresh(): Promise<void> {
		if ((await changeNumber(this.#options.database.tables<RegisterTables>())) !== this.#number) await this.#load();
	}

	/** Takes over people of the site file that the register doesn't have; the lock makes one server of several do it. */
	async #seed(): Promise<void> {
		const { world, accounts, logger } = this.#options;
		this.#unseeded = false;
		try {
			const { site } = world.current();
			const byName = await accounts(site.holders.flatMap(({ account }) => account ?? []));
			const { taken } = await this.change(SYSTEM, async (edit) => {
				const seed = seedOf(site, edit.before, byName, edit.now);
				await edit.seed(seed);
				return seed;
			});
			if (taken.length > 0)
				logger.warn({ holders: taken }, "the site file gives these people a card or fingerprint that is somebody else's: left out");
		} catch (error) {
			this.#unseeded = true;
			throw error;
		}
	}

	async #read(transaction: AnyTransaction): Promise<Register> {
		const records = withChanges(this.#records, await loadRegister(transaction, this.#number));
		return new Register(this.#options.world.current().site, records);
	}

	async #load(): Promise<void> {
		const since = this.#number;
		const { number, changes } = await this.#options.database
			.tables<RegisterTables>()
			.transaction()
			.setIsolationLevel("repeatable read")
			.execute(async (transaction) => ({ number: await changeNumber(transaction), changes: await loadRegister(transaction, since) }));
		// Two loads may overtake each other.
		if (number <= this.#number) return;
		this.#number = number;
		this.#records = withChanges(this.#records, changes);
		this.#tell();
	}

	#tell(): void {
		const register = new Register(this.#options.world.current().site, this.#records);
		this.#register = register;
		for (const listener of this.#listeners) {
			try {
				listener(register);
			} catch (error) {
				this.#options.logger.error({ err: error }, "a part of the server could not take over the changed access register");
			}
		}
	}
}
