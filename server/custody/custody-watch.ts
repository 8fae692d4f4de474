import { SYSTEM } from "../platform/actor.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/database.ts";
import type { Logger } from "../platform/logger.ts";
import { Rounds } from "../platform/rounds.ts";
import type { CustodyService } from "./custody-service.ts";
import * as store from "./custody-store.ts";
import { isOverdue } from "./medium.ts";

export interface CustodyWatchOptions {
	database: Database;
	custody: CustodyService;
	/** Of these accounts, those that may still handle media. */
	ableOf: (accounts: readonly string[]) => Promise<ReadonlySet<string>>;
	clock: Clock;
	logger: Logger;
}
/** What wants somebody's attention. */
export interface CustodyTroubles {
	incidents: readonly { id: string; kind: string; serials: readonly string[] }[];
	overdue: readonly { id: string; serial: string; since: number }[];
}

const LOOK_EVERY = 5000;

/** Looks after media that are with people: overdue ones, and those whose custodian has left (MED-2). */
export class CustodyWatch {
	readonly #options: CustodyWatchOptions;
	readonly #rounds: Rounds;
	#troubles: CustodyTroubles = { incidents: [], overdue: [] };

	constructor(options: CustodyWatchOptions) {
		this.#options = options;
		this.#rounds = new Rounds({
			look: () => this.look(),
			every: LOOK_EVERY,
			logger: options.logger,
			failed: "custody could not be looked at; trying again",
		});
	}

	async start(): Promise<void> {
		await this.look();
		this.#rounds.start();
	}

	/** Idempotent. */
	async stop(): Promise<void> {
		await this.#rounds.stop();
	}

	/** As of the last look. */
	troubles(): CustodyTroubles {
		return this.#troubles;
	}

	/** Stops the chains of media whose custodian may not handle media any more, and sees what is overdue and open. */
	async look(): Promise<void> {
		const { database, custody, ableOf, clock } = this.#options;
		const tables = database.tables<store.CustodyTables>();
		const held = await store.mediaWithPeople(tables);
		const able = await ableOf([...new Set(held.flatMap(holderOf))]);
		for (const one of held) if (holderOf(one).some((account) => !able.has(account))) await this.#left(one.medium.id, able);
		const now = clock.now();
		const overdue: { id: string; serial: string; since: number }[] = [];
		for (const { medium, policy } of held)
			if (medium.custody.kind === "person" && isOverdue(medium, await custody.policy(tables, policy), now))
				overdue.push({ id: medium.id, serial: medium.serial, since: medium.custody.since });
		const incidents = await store.openIncidents(tables);
		this.#troubles = { overdue, incidents: incidents.map(({ id, kind, serials }) => ({ id, kind, serials })) };
	}

	async #left(id: string, able: ReadonlySet<string>): Promise<void> {
		const { database, custody, clock } = this.#options;
		await database.transaction(async (transaction) => {
			const stored = await store.lockMedium(transaction, id);
			if (!stored || !holderOf(stored).some((account) => !able.has(account))) return;
			const detail = `The medium ${stored.medium.serial} is with somebody who may not handle media any more.`;
			await custody.stop(transaction, stored, { kind: "custodian-left", detail, by: SYSTEM.id, now: clock.now() });
		});
	}
}

const holderOf = ({ medium: { custody } }: store.StoredMedium): string[] => (custody.kind === "person" ? [custody.account] : []);
