import { sql } from "kysely";
import { AppError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { configuredPostgres } from "./configured-postgres.ts";
import { PostgresDatabase } from "./postgres-database.ts";

/**
 * The database of a configuration for a command, started: that of a running server, which goes on undisturbed, or one of the command's
 * own until `stop`. `table`: one that the server's migrations make. Throws AppError `no-database` before the server's first start.
 */
export async function openConsoleDatabase(
	config: { databaseUrl: string | null; data: string },
	{ table, connections, logger }: { table: string; connections: number; logger: Logger },
): Promise<PostgresDatabase> {
	const database = new PostgresDatabase({ server: await configuredPostgres(config, logger), logger, connections });
	await database.start();
	try {
		const { rows } = await sql<{ there: boolean }>`select to_regclass(${table}) is not null as there`.execute(database.tables());
		if (!rows[0]?.there) throw new AppError("no-database", 503, "The database has no tables yet: start the server once, it makes them.");
		return database;
	} catch (error) {
		await database.stop();
		throw error;
	}
}
