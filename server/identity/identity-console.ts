import { join } from "node:path";
import { AuditLog } from "../audit/audit-log.ts";
import { LedgerService } from "../ledger/ledger-service.ts";
import { systemClock } from "../platform/clock.ts";
import type { Config } from "../platform/config.ts";
import { openConsoleDatabase } from "../platform/database/console-database.ts";
import type { PostgresDatabase } from "../platform/database/postgres-database.ts";
import { createLogger } from "../platform/logger.ts";
import { type IdentityServices, identityServices } from "./identity.ts";
import { RightsService } from "./rights-service.ts";

/**
 * Accounts for the commands: on the running server's database, or with one of their own until the work is done. Throws AppError
 * `no-database` before the server's first start.
 */
export async function withIdentity<T>(config: Config, work: (identity: IdentityServices, database: PostgresDatabase) => Promise<T>): Promise<T> {
	const logger = createLogger({ level: "warn", name: "console" });
	const clock = systemClock;
	const database = await openConsoleDatabase(config, { table: "accounts", connections: 3, logger });
	const audit = new AuditLog({ database, clock, logger, keys: config.auditKey, keyFile: config.auditKeyFile });
	// Not started: it appends, and a running server signs.
	const keyFile = config.ledgerKeyFile ?? join(config.data, "ledger", "key");
	const ledger = new LedgerService({ database, keyFile, site: () => "console", clock, logger });
	try {
		await audit.start();
		const rights = new RightsService({ database, audit, ledger, clock, logger });
		return await work(identityServices({ database, rights, audit, secrets: audit.secrets, ledger, clock, logger, secure: false }), database);
	} finally {
		await audit.stop().catch((error: unknown) => logger.warn({ err: error }, "the audit log could not be closed cleanly"));
		await database.stop();
	}
}
