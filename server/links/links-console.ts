import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse as parseYaml } from "yaml";
import { parseSite } from "../../contracts/site-check.ts";
import { expandSite } from "../../contracts/world.ts";
import { AuditLog } from "../audit/audit-log.ts";
import { LedgerService } from "../ledger/ledger-service.ts";
import { systemClock } from "../platform/clock.ts";
import type { Config } from "../platform/config.ts";
import { openConsoleDatabase } from "../platform/database/console-database.ts";
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
	const database = await openConsoleDatabase(config, { table: "link_credentials", connections: 2, logger });
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
	try {
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
