import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "../logger.ts";
import { EmbeddedPostgres } from "./embedded-postgres.ts";
import { externalPostgres, type PostgresServer } from "./postgres-server.ts";
import { isPostmasterOf, readPostmaster } from "./postmaster.ts";
import { SERVER_ROLE, serverRolePassword } from "./server-role.ts";

/**
 * The database of a configuration, for a command beside the server: `DATABASE_URL`; else the one that a running server started,
 * which goes on undisturbed; else one of the command's own, on the same data until it stops.
 */
export async function configuredPostgres(config: { databaseUrl: string | null; data: string }, logger: Logger): Promise<PostgresServer> {
	if (config.databaseUrl !== null) return externalPostgres(config.databaseUrl);
	const directory = join(config.data, "postgres");
	const cluster = join(directory, "cluster");
	const running = await readPostmaster(cluster);
	if (running?.ready && (await isPostmasterOf(running.pid, cluster))) {
		const password = (await readFile(join(directory, "password"), "utf8")).trim();
		const url = (user: string, secret: string) => `postgres://${user}:${secret}@127.0.0.1:${running.port}/watchroom`;
		return { ...externalPostgres(url("watchroom", password)), serverUrl: () => url(SERVER_ROLE, serverRolePassword(password)) };
	}
	return new EmbeddedPostgres({ directory, logger });
}
