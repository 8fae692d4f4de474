import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "kysely";
import { parse as parseYaml } from "yaml";
import { parseSite } from "../../contracts/site-check.ts";
import { expandSite } from "../../contracts/world.ts";
import { AuditLog } from "../audit/audit-log.ts";
import { LedgerService } from "../ledger/ledger-service.ts";
import { systemClock } from "../platform/clock.ts";
import type { Config } from "../platform/config.ts";
import { EmbeddedPostgres } from "../platform/database/embedded-postgres.ts";
import { PostgresDatabase } from "../platform/database/postgres-database.ts";
import { externalPostgres, type PostgresServer } from "../platform/database/postgres-server.ts";
import { isPostmasterOf, readPostmaster } from "../platform/database/postmaster.ts";
import { AppError } from "../platform/errors.ts";
import { createLogger } from "../platform/logger.ts";
import { AuthorityFiles } from "./authority-files.ts";
import type { LinksConsole } from "./links-commands.ts";
import { LinksService } from "./links-service.ts";

/** Builds what the links' commands need: on the running server's database, or on its own until `close`. */
export async function openLinksConsole(config: Config): Promise<LinksConsole> {
	const logger = createLogger({ level: "warn", name: "console" });
	const clock = systemClock;
	const site = parseSite(parseYaml(await readFile(config.site, "utf8")));
	if (!("site" in site)) throw new AppError("invalid-site", 400, `${config.site} is not as expected: see watchroom site check.`);
	const world = expandSite(site.site);
	const database = new PostgresDatabase({ server: await serverOf(config), logger, connections: 2 });
	const audit = new AuditLog({ database, clock, logger, keys: config.auditKey, keyFile: config.auditKeyFile });
	const files = new AuthorityFiles(config.data);
	const links = new LinksService({
		database,
		audit,
		// Not started: it appends, and a running server signs.
		ledger: new LedgerService({
			database,
			keyFile: config.ledgerKeyFile ?? join(config.data, "ledger", "key"),
			site: () => world.site.id,
			clock,
			logger,
		}),
		clock,
		logger,
		files,
		required: false,
		knows: { agent: (id) => world.site.agents.some((agent) => agent.id === id), device: (id) => world.devices.has(id) },
	});
	await database.start();
	try {
		const { rows } = await sql<{ there: boolean }>`select to_regclass('link_credentials') is not null as there`.execute(database.tables());
		if (!rows[0]?.there) throw new AppError("no-database", 503, "The database has no tables yet: start the server once, it makes them.");
		await audit.start();
		await links.start();
	} catch (error) {
		await audit.stop().catch(() => undefined);
		await database.stop();
		throw error;
	}
	return {
		links,
		files,
		uplink: { port: config.uplinkPort, tls: config.tls !== null },
		close: async () => {
			await links.stop();
			await audit.stop();
			await database.stop();
		},
	};
}

/** The database of the configuration: also that of a running server, without disturbing it. */
async function serverOf({ databaseUrl, data }: Config): Promise<PostgresServer> {
	if (databaseUrl !== null) return externalPostgres(databaseUrl);
	const directory = join(data, "postgres");
	const cluster = join(directory, "cluster");
	const running = await readPostmaster(cluster);
	if (running?.ready && (await isPostmasterOf(running.pid, cluster))) {
		const password = (await readFile(join(directory, "password"), "utf8")).trim();
		return externalPostgres(`postgres://watchroom:${password}@127.0.0.1:${running.port}/watchroom`);
	}
	return new EmbeddedPostgres({ directory, logger: createLogger({ level: "warn", name: "console" }) });
}
