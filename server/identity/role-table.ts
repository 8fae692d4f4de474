import { PERMISSIONS, type Permission, type Role } from "../../contracts/permissions.ts";

/** What each role may do: least privilege (IAM-2), function and field grain (IAM-3). A cell that isn't here is a refusal. */
export const ROLE_TABLE: Readonly<Record<Role, readonly Permission[]>> = {
	operator: ["site.read", "quarantine.read", "alarms.read", "alarms.acknowledge", "access.read", "access.personal"],
	"shift-lead": ["site.read", "quarantine.read", "alarms.read", "alarms.acknowledge", "access.read", "access.personal"],
	"facility-manager": [
		"site.read",
		"quarantine.read",
		"alarms.read",
		"alarms.acknowledge",
		"access.read",
		"access.personal",
		"access.card-numbers",
		"users.read",
		"rights.approve",
		"retention.approve",
		"ledger.read",
	],
	"security-guard": ["site.read", "alarms.read", "alarms.acknowledge", "access.read", "access.personal", "access.card-numbers"],
	"media-custodian": ["site.read", "ledger.read"],
	reviewer: ["site.read", "access.read", "access.personal", "users.read", "ledger.read"],
	"risk-manager": ["site.read", "alarms.read", "ledger.read"],
	auditor: ["site.read", "alarms.read", "access.read", "users.read", "audit.read", "audit.review", "audit.export-approve", "ledger.read"],
	"system-administrator": [
		"site.read",
		"quarantine.read",
		"alarms.read",
		"users.read",
		"users.manage",
		"links.manage",
		"retention.propose",
		"ledger.read",
	],
	"security-administrator": ["site.read", "users.read", "sessions.revoke", "rights.propose", "rights.approve", "retention.approve", "ledger.read"],
	"audit-administrator": ["users.read", "audit.read", "audit.export-propose", "ledger.read"],
};

/** Roles whose holders must have a second factor: everything that can change rights, records or settings. */
export const SECOND_FACTOR_ROLES: ReadonlySet<Role> = new Set<Role>([
	"facility-manager",
	"media-custodian",
	"reviewer",
	"risk-manager",
	"auditor",
	"system-administrator",
	"security-administrator",
	"audit-administrator",
]);

/** Every permission, for the administrator at the machine's console. */
export const ALL_PERMISSIONS = Object.keys(PERMISSIONS) as readonly Permission[];
