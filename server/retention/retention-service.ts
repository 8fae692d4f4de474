import type { Proposal } from "../../contracts/changes.ts";
import type { ChangeKind } from "../approvals/change-kind.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/database.ts";
import { conflict, invalid } from "../platform/errors.ts";
import type { Logger } from "../platform/logger.ts";
import { leastDays, RETAINED, type Retained, type RetentionDays, retentionErrors } from "./retention.ts";
import { insertFirst, type RetentionTables, readRetention, writeRetention } from "./retention-store.ts";

/** The kinds of readings, each with how long it is kept, ms. */
export interface ReadingsRetention {
	rawMs: number;
	minuteMs: number;
	hourMs: number;
}
export interface RetentionServiceOptions {
	database: Database;
	clock: Clock;
	logger: Logger;
	/** The values of an installation that has none yet. */
	first: RetentionDays;
	/** Told of the readings' settings at the start and whenever they change. */
	apply(retention: ReadingsRetention): Promise<void>;
}

const DAY = 86_400_000;
const WEEK = 7 * DAY;
/** How soon a change that another process made, or that could not be applied, is seen here, ms. */
const REFRESH_EVERY = 60_000;

/** How long data is kept: settings in the database, changed by two people. */
export class RetentionService {
	readonly #options: RetentionServiceOptions;
	#days: RetentionDays;
	#applied = "";
	#timer: NodeJS.Timeout | undefined;
	#refreshing: Promise<void> = Promise.resolve();

	constructor(options: RetentionServiceOptions) {
		this.#options = options;
		this.#days = options.first;
	}

	/** Reads the settings, the first ones from the configuration, and applies them. */
	async start(): Promise<void> {
		const { database, clock, first, logger } = this.#options;
		await insertFirst(database.tables<RetentionTables>(), first, clock.now());
		await this.refresh();
		for (const data of RETAINED)
			if (this.#days[data] !== first[data])
				logger.info({ data, days: this.#days[data], configured: first[data] }, "retention is as it was approved, not as the environment says");
		this.#timer = setInterval(() => {
			this.#refreshing = this.refresh().catch((error: unknown) => logger.warn({ err: error }, "retention settings could not be read again"));
		}, REFRESH_EVERY);
		this.#timer.unref();
	}

	/** Idempotent. */
	async stop(): Promise<void> {
		clearInterval(this.#timer);
		await this.#refreshing;
	}

	/** For how many days something is kept, as far as this process knows: a change of its own counts at once. */
	days(data: Retained): number {
		return this.#days[data];
	}

	/** For how many days something is kept, asked of the database: for whoever deletes by it, also before {@link start}. */
	async daysNow(data: Retained): Promise<number> {
		const tables = this.#options.database.tables<RetentionTables>();
		await insertFirst(tables, this.#options.first, this.#options.clock.now());
		return (await readRetention(tables))[data];
	}

	/** All settings with the least that may be proposed. */
	settings(): { data: Retained; days: number; least: number }[] {
		return RETAINED.map((data) => ({ data, days: this.#days[data], least: leastDays(data) }));
	}

	/** Reads the settings and applies those of the readings if they have changed. */
	async refresh(): Promise<void> {
		this.#days = await readRetention(this.#options.database.tables<RetentionTables>());
		const readings = {
			rawMs: this.#days.readings * DAY,
			minuteMs: this.#days["minute-readings"] * DAY,
			hourMs: this.#days["hour-readings"] * DAY,
		};
		const wanted = JSON.stringify(readings);
		if (wanted === this.#applied) return;
		await this.#options.apply(readings);
		this.#applied = wanted;
	}

	/** The kind of change that sets one of them. */
	readonly kind: ChangeKind<Extract<Proposal, { kind: "retention" }>> = {
		kind: "retention",
		propose: "retention.propose",
		approve: "retention.approve",
		expiresAfter: WEEK,
		describe: async (transaction, { data, days }) => {
			const settings = await readRetention(transaction, true);
			const errors = retentionErrors(settings, data, days);
			if (errors.length > 0) throw invalid(`${data} can't be kept for ${days} days: ${errors.map(({ message }) => message).join("; ")}.`, errors);
			if (settings[data] === days) throw conflict("nothing-changes", `${data} are kept for ${days} days already.`);
			return {
				subject: data,
				site: "*",
				title: `Keep ${data} for ${days} days instead of ${settings[data]}`,
				before: { days: settings[data] },
				after: { days },
			};
		},
		apply: async (transaction, { id, proposal: { data, days }, proposer, approver, now }) => {
			await writeRetention(transaction, data, days, now, id);
			return [{ type: "retention.changed", version: 1, at: now, data: { change: id, data, days, proposedBy: proposer.id, approvedBy: approver.id } }];
		},
		applied: () => this.refresh(),
	};
}
