import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { AppError } from "../platform/errors.ts";
import { SCHEMA } from "./duckdb-schema.ts";

/** One cell of an answer as plain JavaScript; 64-bit integers stay bigints until {@link Row} makes numbers of them. */
export type Row = readonly (number | string | null)[];

/** The file `history.duckdb` with a connection for each kind of work, since a connection does one thing at a time. */
export class DuckDbDatabase {
	readonly write: DuckDBConnection;
	private readonly instance: DuckDBInstance;
	private readonly read: DuckDBConnection;
	private readonly maintenance: DuckDBConnection;
	private reading: Promise<unknown> = Promise.resolve();

	private constructor(instance: DuckDBInstance, write: DuckDBConnection, read: DuckDBConnection, maintenance: DuckDBConnection) {
		this.instance = instance;
		this.write = write;
		this.read = read;
		this.maintenance = maintenance;
	}

	static async open(directory: string, memory: string): Promise<DuckDbDatabase> {
		await mkdir(directory, { recursive: true });
		const instance = await DuckDBInstance.create(join(directory, "history.duckdb"), {
			memory_limit: memory,
			// A second thread doubles the cost of each small commit.
			threads: "1",
			checkpoint_threshold: "64MB",
			preserve_insertion_order: "true",
		});
		const write = await instance.connect();
		await write.run(SCHEMA);
		return new DuckDbDatabase(instance, write, await instance.connect(), await instance.connect());
	}

	/** Rows of a query on what is committed. Throws AppError `history-unavailable`. */
	async rows(sql: string): Promise<Row[]> {
		const run = this.reading.then(() => rowsOf(this.read, sql));
		this.reading = run.catch(() => undefined);
		try {
			return await run;
		} catch (error) {
			throw new AppError("history-unavailable", 503, "The history can't be read.", { cause: error });
		}
	}

	/** Runs statements in one transaction on the connection for maintenance; not reentrant. */
	async transaction(...statements: string[]): Promise<void> {
		await this.maintenance.run("BEGIN");
		try {
			for (const statement of statements) await this.maintenance.run(statement);
			await this.maintenance.run("COMMIT");
		} catch (error) {
			await this.maintenance.run("ROLLBACK").catch(() => undefined);
			throw error;
		}
	}

	/** Brings the log into the file and closes it. */
	async close(): Promise<void> {
		await this.reading;
		await this.write.run("CHECKPOINT").catch(() => undefined);
		for (const connection of [this.read, this.maintenance, this.write]) connection.closeSync();
		this.instance.closeSync();
	}
}

async function rowsOf(connection: DuckDBConnection, sql: string): Promise<Row[]> {
	const reader = await connection.runAndReadAll(sql);
	return reader
		.getRows()
		.map((row) => row.map((cell) => (typeof cell === "bigint" ? Number(cell) : typeof cell === "number" || cell === null ? cell : String(cell))));
}
