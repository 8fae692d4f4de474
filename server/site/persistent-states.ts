import type { z } from "zod";
import type { Database } from "../platform/database/database.ts";
import type { Logger } from "../platform/logger.ts";

export interface LiveStateTables {
	live_states: { kind: string; id: string; state: string };
}

const SAVE_EVERY = 5000;
const ROWS_PER_STATEMENT = 1000;

/**
 * A small state for each of a kind of things, in memory, saved to PostgreSQL every few seconds and at the end. What a crash
 * loses is at most those seconds, and the next heartbeats bring it again. A database that is down only delays saving.
 */
export class PersistentStates<T> {
	readonly #kind: string;
	readonly #schema: z.ZodType<T>;
	readonly #database: Database;
	readonly #logger: Logger;
	readonly #states = new Map<string, T>();
	#unsaved = new Set<string>();
	#timer: NodeJS.Timeout | undefined;
	#saving: Promise<void> = Promise.resolve();

	constructor(kind: string, schema: z.ZodType<T>, database: Database, logger: Logger) {
		this.#kind = kind;
		this.#schema = schema;
		this.#database = database;
		this.#logger = logger;
	}

	/** Reads what was saved. A state that no longer fits its schema is left out. */
	async start(): Promise<void> {
		const rows = await this.#database
			.tables<LiveStateTables>()
			.selectFrom("live_states")
			.select(["id", "state"])
			.where("kind", "=", this.#kind)
			.execute();
		for (const row of rows) {
			const state = this.#schema.safeParse(row.state);
			if (state.success) this.#states.set(row.id, state.data);
			else this.#logger.warn({ kind: this.#kind, id: row.id }, "a saved state could not be read and is left out");
		}
		this.#timer = setInterval(() => void this.save(), SAVE_EVERY);
	}

	/** Saves what isn't saved yet. Idempotent. */
	async stop(): Promise<void> {
		if (!this.#timer) return;
		clearInterval(this.#timer);
		this.#timer = undefined;
		await this.save();
	}

	get(id: string): T | undefined {
		return this.#states.get(id);
	}

	set(id: string, state: T): void {
		this.#states.set(id, state);
		this.#unsaved.add(id);
	}

	/** Writes what has changed since the last time. Never throws; what could not be written is tried again. */
	save(): Promise<void> {
		this.#saving = this.#saving.then(() => this.#write());
		return this.#saving;
	}

	async #write(): Promise<void> {
		const ids = [...this.#unsaved];
		if (ids.length === 0) return;
		this.#unsaved = new Set();
		const rows = ids.map((id) => ({ kind: this.#kind, id, state: JSON.stringify(this.#states.get(id)) }));
		try {
			for (let at = 0; at < rows.length; at += ROWS_PER_STATEMENT)
				await this.#database
					.tables<LiveStateTables>()
					.insertInto("live_states")
					.values(rows.slice(at, at + ROWS_PER_STATEMENT))
					.onConflict((conflict) => conflict.columns(["kind", "id"]).doUpdateSet((row) => ({ state: row.ref("excluded.state") })))
					.execute();
		} catch (error) {
			for (const id of ids) this.#unsaved.add(id);
			this.#logger.warn({ err: error, kind: this.#kind, states: ids.length }, "states could not be saved; trying again");
		}
	}
}
