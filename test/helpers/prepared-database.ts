import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { promisify } from "node:util";
import { migrations } from "../../server/migrations.ts";
import { EmbeddedPostgres } from "../../server/platform/database/embedded-postgres.ts";
import { PostgresDatabase } from "../../server/platform/database/postgres-database.ts";
import { silentLogger } from "../../server/platform/logger.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** Where the tests of this run find a database that has been made and migrated, and was stopped. */
const PREPARED = "PREPARED_DATABASE";

/** Once for all suites of a run, whose tests start dozens of databases: makes one that they copy. */
export async function setup(): Promise<void> {
	if (process.env[PREPARED] !== undefined) return;
	const { path } = await temporaryDirectory("prepared");
	process.env[PREPARED] = path;
	const server = new EmbeddedPostgres({ directory: path, logger: silentLogger(), settings: { fsync: "off" } });
	const database = new PostgresDatabase({ server, logger: silentLogger() });
	await database.start();
	try {
		await database.migrate(migrations);
	} finally {
		await database.stop();
	}
}

/** At the end of the run. */
export async function teardown(): Promise<void> {
	const prepared = process.env[PREPARED];
	delete process.env[PREPARED];
	if (prepared !== undefined) await rm(prepared, { recursive: true, force: true });
}

/** What an embedded database keeps in `directory`, which isn't there yet, as after its first start; the next one is quicker. */
export async function copyPreparedDatabase(directory: string): Promise<void> {
	const prepared = process.env[PREPARED];
	if (prepared === undefined) throw new Error("the prepared database is missing: vitest.config.ts makes it");
	await promisify(execFile)("cp", ["-a", prepared, directory]);
}
