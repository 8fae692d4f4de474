import { join } from "node:path";
import type { AuditLine } from "../../server/audit/audit.ts";
import { AuditLog, type AuditLogOptions } from "../../server/audit/audit-log.ts";
import type { Actor } from "../../server/platform/actor.ts";
import type { Database } from "../../server/platform/database/database.ts";
import { silentLogger } from "../../server/platform/logger.ts";

/** Somebody with nothing but a name. */
export function person(name: string, more: Partial<Actor> = {}): Actor {
	return {
		id: `id-${name}`,
		username: name,
		name,
		roles: [],
		permissions: new Map(),
		method: "session",
		credential: "s1",
		address: "192.0.2.7",
		confirmedAt: null,
		...more,
	};
}

/** A line about somebody's change, with what is given instead. */
export function auditLine(more: Partial<AuditLine> = {}): AuditLine {
	return { tag: "change", operation: "user.update", actor: person("mallory"), object: { type: "user", id: "u-77" }, result: "ok", ...more };
}

/** An audit log with its keys in `directory`, not started yet. */
export function auditLogIn(directory: string, database: Database, more: Partial<AuditLogOptions> = {}): AuditLog {
	const clock = { now: () => Date.now() };
	return new AuditLog({ database, clock, logger: silentLogger(), keys: null, keyFile: join(directory, "keys", "audit-keys.json"), ...more });
}
