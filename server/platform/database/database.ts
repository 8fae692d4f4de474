import type { Kysely, Transaction } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * PostgreSQL. A feature types its own tables: `database.tables<AlarmTables>()`, and passes its migrations to main.ts.
 */
export interface Database {
	/** The one connection pool, typed with a feature's tables. */
	tables<T>(): Kysely<T>;
	/** Runs `work` in one transaction; rolls back when it throws. */
	transaction<T, R>(work: (tables: Transaction<T>) => Promise<R>): Promise<R>;
}

/** Names sort by date: `2026-11-22-alarms`. Once released, a migration never changes. */
export type Migrations = Record<string, Migration>;

/** A transaction of anybody's: what a feature takes that writes into its caller's transaction. */
// biome-ignore lint/suspicious/noExplicitAny: the tables are the caller's and the feature's own, which neither knows of the other
export type AnyTransaction = Transaction<any>;
