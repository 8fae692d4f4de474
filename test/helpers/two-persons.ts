/** People, accounts and the real services of two-person approval on a real PostgreSQL. */
import type { Permission, Role } from "../../contracts/permissions.ts";
import { ApprovalService } from "../../server/approvals/approval-service.ts";
import { approvalsMigrations } from "../../server/approvals/approvals-migrations.ts";
import type { AuditLog } from "../../server/audit/audit-log.ts";
import { auditMigrations } from "../../server/audit/audit-migrations.ts";
import { rightsKinds } from "../../server/identity/rights-kinds.ts";
import { rightsMigrations } from "../../server/identity/rights-migrations.ts";
import { RightsService } from "../../server/identity/rights-service.ts";
import { ROLE_TABLE } from "../../server/identity/role-table.ts";
import { ledgerMigrations } from "../../server/ledger/ledger-migrations.ts";
import { LedgerService } from "../../server/ledger/ledger-service.ts";
import type { Actor } from "../../server/platform/actor.ts";
import type { Database, Migrations } from "../../server/platform/database/database.ts";
import { silentLogger } from "../../server/platform/logger.ts";
import { retentionMigrations } from "../../server/retention/retention-migrations.ts";
import { RetentionService } from "../../server/retention/retention-service.ts";
import { auditLogIn } from "./audit.ts";

export const twoPersonsMigrations: Migrations = {
	...auditMigrations,
	...ledgerMigrations,
	...approvalsMigrations,
	...rightsMigrations,
	...retentionMigrations,
};

/** Somebody signed in with these roles for every site; the id is the name. */
export function withRoles(name: string, ...roles: Role[]): Actor {
	const permissions = new Map<Permission, ReadonlySet<string>>();
	for (const role of roles) for (const permission of ROLE_TABLE[role]) permissions.set(permission, new Set(["*"]));
	return {
		id: name,
		username: name,
		name,
		roles: roles.map((role) => ({ role, site: "*" })),
		permissions,
		method: "session",
		credential: `session-${name}`,
		address: "192.0.2.1",
		confirmedAt: null,
	};
}

/** The real services, started; every name is an open account until it is closed. */
export async function twoPersons(database: Database, directory: string, clock = { now: () => Date.now() }) {
	const logger = silentLogger();
	const audit: AuditLog = auditLogIn(directory, database, { clock });
	await audit.start();
	const ledger = new LedgerService({ database, keyFile: `${directory}/ledger-key`, site: () => "s", clock, logger });
	const rights = new RightsService({ database, audit, ledger, clock, logger });
	const closed = new Set<string>();
	// `ann+2` is another account of Ann's.
	const samePerson = (one: string, other: string) => one.split("+")[0] === other.split("+")[0];
	const kinds = rightsKinds({
		rights,
		samePerson,
		clock,
		isSite: (id) => id === "s",
		accounts: {
			find: async (_transaction, id) => (id === "nobody" ? null : { id, username: id, name: id, status: closed.has(id) ? "closed" : "active" }),
			close: async (_transaction, id) => void closed.add(id),
		},
	});
	const applied: unknown[] = [];
	const retention = new RetentionService({
		database,
		clock,
		logger,
		first: { audit: 180, readings: 30, "minute-readings": 365, "hour-readings": 1825, visits: 92 },
		apply: async (settings) => void applied.push(settings),
	});
	await retention.start();
	const approvals = new ApprovalService({
		database,
		audit,
		ledger,
		clock,
		logger,
		holds: (...asked) => rights.holds(...asked),
		samePerson,
		people: async (ids) => new Map(ids.map((id) => [id, { id, username: id, name: id }])),
	});
	for (const kind of [kinds.grant, kinds.renewal, kinds.revocation, kinds.closure]) approvals.register(kind as typeof kinds.grant);
	approvals.register(retention.kind);
	return {
		audit,
		ledger,
		rights,
		approvals,
		retention,
		applied,
		closed,
		/** Makes somebody with roles, without approval. */
		async person(name: string, ...roles: Role[]): Promise<Actor> {
			const given = roles.map((role) => ({ role, site: "*" }));
			await database.transaction((transaction) =>
				rights.grantInitially(transaction, { account: name, roles: given, how: "set-up", now: clock.now() }),
			);
			return withRoles(name, ...roles);
		},
		async stop(): Promise<void> {
			await retention.stop();
			await audit.stop();
		},
	};
}
