import { setTimeout as sleep } from "node:timers/promises";
import { Kysely, PostgresDialect, sql, type Transaction } from "kysely";
import { Migrator } from "kysely/migration";
import pg from "pg";
import { AppError } from "../errors.ts";
import type { HealthCheck } from "../health.ts";
import type { Logger } from "../logger.ts";
import type { Database, Migrations } from "./database.ts";
import type { PostgresServer } from "./postgres-server.ts";
import { grantToServerRole } from "./server-role.ts";

export interface PostgresDatabaseOptions {
	server: PostgresServer;
	logger: Logger;
	/** Most connections at once; 10 where it isn't given. */
	connections?: number;
}

const INT8 = 20;
/** How long `start` waits for a server that is not there yet, ms. */
const CONNECT_LIMIT_MS = 60_000;

/**
 * The records' database. `start()` starts the server it was given, waits for it and opens the pool; `migrate()` once before
 * the features start; `stop()` closes the pool and stops the server.
 *
 * Column types: `int8` is a number (a RangeError beyond 2^53), `timestamptz` is a Date (see instants.ts), `json` is parsed,
 * `numeric` stays text.
 */
export class PostgresDatabase implements Database {
	readonly #server: PostgresServer;
	readonly #logger: Logger;
	readonly #connections: number;
	#url: string | undefined;
	#kysely: Kysely<unknown> | undefined;
	#restricted = false;

	constructor(options: PostgresDatabaseOptions) {
		this.#server = options.server;
		this.#logger = options.logger;
		this.#connections = options.connections ?? 10;
	}

	/** Throws AppError `database-unavailable` when the server doesn't answer within a minute. */
	async start(): Promise<void> {
		const url = await this.#server.start();
		this.#restricted = this.#server.serverUrl?.() !== undefined;
		const pool = this.#pool(this.#server.serverUrl?.() ?? url, this.#connections);
		try {
			await this.#answer(pool);
		} catch (error) {
			await pool.end();
			await this.#server.stop();
			throw error;
		}
		this.#url = url;
		this.#kysely = this.#kyselyOf(pool);
	}

	#pool(connectionString: string, max: number): pg.Pool {
		const pool = new pg.Pool({
			connectionString,
			max,
			connectionTimeoutMillis: 10_000,
			keepAlive: true,
			application_name: "watchroom",
			types: { getTypeParser: typeParser },
		});
		pool.on("error", (error) => this.#logger.warn({ err: error }, "a database connection was lost"));
		// The pool listens to idle connections only. One that is lost in a transaction, between two queries, would end the process; the next query fails.
		pool.on("connect", (client) => void client.on("error", (error) => this.#logger.debug({ err: error }, "a database connection was lost")));
		return pool;
	}

	#kyselyOf(pool: pg.Pool): Kysely<unknown> {
		return new Kysely<unknown>({
			dialect: new PostgresDialect({ pool }),
			log: (event) => {
				if (event.level === "error") this.#logger.debug({ err: event.error, sql: event.query.sql }, "query failed");
			},
		});
	}

	/** Works as the owner of the tables, for what the server itself has no right to. */
	async #asOwner<R>(work: (owner: Kysely<unknown>) => Promise<R>): Promise<R> {
		if (!this.#restricted) return await work(this.tables());
		const owner = this.#kyselyOf(this.#pool(this.url, 2));
		try {
			return await work(owner);
		} finally {
			await owner.destroy();
		}
	}

	/** Idempotent. Running queries end first. */
	async stop(): Promise<void> {
		const kysely = this.#kysely;
		this.#kysely = undefined;
		try {
			await kysely?.destroy();
		} finally {
			await this.#server.stop();
		}
	}

	/** The connection URL of the tables' owner, password included; for tools that connect by themselves. */
	get url(): string {
		if (this.#url === undefined) throw notStarted();
		return this.#url;
	}

	tables<T>(): Kysely<T> {
		if (!this.#kysely) throw notStarted();
		// A pool has no table types of its own; each feature brings those of the tables that its migrations made.
		return this.#kysely as unknown as Kysely<T>;
	}

	transaction<T, R>(work: (tables: Transaction<T>) => Promise<R>): Promise<R> {
		return this.tables<T>().transaction().execute(work);
	}

	/** Runs one statement as the tables' owner and outside any transaction, for what PostgreSQL refuses inside one (`create database`). */
	async statement(text: string): Promise<void> {
		await this.#asOwner((owner) => sql.raw(text).execute(owner));
	}

	/**
	 * Applies, as the tables' owner, the migrations that the database hasn't seen, in the order of their names, all of them or none, while holding an
	 * advisory lock: several processes may call it at once. A feature merged later may bring an earlier name.
	 * Resolves to the names applied. Throws AppError `migration-failed` that names the migration.
	 */
	async migrate(migrations: Migrations): Promise<string[]> {
		const { error, results } = await this.#asOwner(async (owner) => {
			if (this.#restricted) await grantToServerRole(owner);
			const migrator = new Migrator({ db: owner, provider: { getMigrations: async () => migrations }, allowUnorderedMigrations: true });
			return await migrator.migrateToLatest();
		});
		if (error !== undefined) {
			const failed = results?.find((result) => result.status === "Error");
			const cause = error instanceof Error ? error.message : "no reason given";
			throw new AppError("migration-failed", 500, `Migration ${failed?.migrationName ?? ""} failed: ${cause}`, { cause: error });
		}
		const applied = (results ?? []).map((result) => result.migrationName);
		if (applied.length > 0) this.#logger.info({ applied }, "database migrated");
		return applied;
	}

	readonly health: HealthCheck = {
		name: "database",
		check: async () => {
			const { rows } = await sql<{ version: string }>`select current_setting('server_version') as version`.execute(this.tables());
			return { status: "ok", detail: `PostgreSQL ${rows[0]?.version}` };
		},
	};

	/** Waits for the first answer: a server of somebody else's may still be starting. */
	async #answer(pool: pg.Pool): Promise<void> {
		const end = Date.now() + CONNECT_LIMIT_MS;
		for (let wait = 100; ; wait = Math.min(wait * 2, 2_000)) {
			try {
				await pool.query("select 1");
				return;
			} catch (error) {
				const text = error instanceof Error ? error.message : String(error);
				if (Date.now() + wait > end || isRefusal(error))
					throw new AppError("database-unavailable", 503, `The database can't be used: ${text}`, { cause: error });
				this.#logger.warn({ reason: text }, "waiting for the database");
				await sleep(wait);
			}
		}
	}
}

const notStarted = () => new AppError("database-unavailable", 503, "The database is not started.");

/** Wrong log-in or no such database (SQLSTATE classes 28 and 3D): waiting doesn't help. */
function isRefusal(error: unknown): boolean {
	return error instanceof pg.DatabaseError && /^(28|3D)/.test(error.code ?? "");
}

function typeParser(oid: number, format?: "text" | "binary"): (text: string) => unknown {
	return oid === INT8 ? safeInteger : (pg.types.getTypeParser(oid, format === "binary" ? "text" : format) as (text: string) => unknown);
}

function safeInteger(text: string): number {
	const value = Number(text);
	if (!Number.isSafeInteger(value)) throw new RangeError(`the database's integer ${text} is beyond 2^53`);
	return value;
}
