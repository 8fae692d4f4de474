import { join } from "node:path";
import { afterAll } from "vitest";
import type { Migrations } from "../../server/platform/database/database.ts";
import { EmbeddedPostgres } from "../../server/platform/database/embedded-postgres.ts";
import { PostgresDatabase } from "../../server/platform/database/postgres-database.ts";
import { externalPostgres } from "../../server/platform/database/postgres-server.ts";
import { silentLogger } from "../../server/platform/logger.ts";
import { copyPreparedDatabase } from "./prepared-database.ts";
import { type TemporaryDirectory, temporaryDirectory } from "./temporary-directory.ts";

interface Cluster {
	server: EmbeddedPostgres;
	admin: PostgresDatabase;
	directory: TemporaryDirectory;
}

let cluster: Promise<Cluster> | undefined;
const open = new Set<PostgresDatabase>();

/** A database of a test's own, with a pool on it. */
export interface TestDatabase {
	database: PostgresDatabase;
	/** For a process that the test starts: `DATABASE_URL`. */
	url: string;
	/** Closes the pool and removes the database, whoever else is connected. */
	drop: () => Promise<void>;
}

/**
 * A fresh, migrated database on a real PostgreSQL. The server starts at the first call in a test file and stops when the file
 * is through, or when its process dies.
 */
export async function testDatabase(migrations: Migrations = {}): Promise<TestDatabase> {
	cluster ??= startCluster();
	const { admin } = await cluster;
	const name = `test_${crypto.randomUUID().replaceAll("-", "")}`;
	await admin.statement(`create database ${name}`);
	const url = admin.url.replace(/[^/]*$/, name);
	const database = new PostgresDatabase({ server: externalPostgres(url), logger: silentLogger(), connections: 5 });
	await database.start();
	open.add(database);
	await database.migrate(migrations);
	return {
		database,
		url,
		drop: async () => {
			open.delete(database);
			await database.stop();
			await admin.statement(`drop database if exists ${name} with (force)`);
		},
	};
}

async function startCluster(): Promise<Cluster> {
	const directory = await temporaryDirectory("postgres");
	const own = join(directory.path, "postgres");
	await copyPreparedDatabase(own);
	const server = new EmbeddedPostgres({
		directory: own,
		logger: silentLogger(),
		// A test kills processes, not the machine.
		settings: { fsync: "off", synchronous_commit: "off", full_page_writes: "off", autovacuum: "off", shared_buffers: "16MB" },
	});
	const admin = new PostgresDatabase({ server, logger: silentLogger(), connections: 2 });
	process.once("exit", () => {
		if (server.pid !== undefined) kill(server.pid);
	});
	await admin.start();
	return { server, admin, directory };
}

function kill(pid: number): void {
	try {
		process.kill(pid, "SIGQUIT");
	} catch {
		// Gone already.
	}
}

afterAll(async () => {
	const running = await cluster?.catch(() => undefined);
	cluster = undefined;
	for (const database of open) await database.stop();
	open.clear();
	await running?.admin.stop();
	await running?.directory.remove();
});
