/** Roles and permissions by name. Which role has which permission is the server's table (server/identity/role-table.ts). */
import { z } from "zod";

export const ROLES = [
	"operator",
	"shift-lead",
	"facility-manager",
	"security-guard",
	"media-custodian",
	"reviewer",
	"risk-manager",
	"auditor",
	"system-administrator",
	"security-administrator",
	"audit-administrator",
] as const;
export const roleSchema = z.enum(ROLES);
export type Role = z.infer<typeof roleSchema>;

/** Nobody holds two of these (IAM-2). */
export const ADMINISTRATOR_ROLES = ["system-administrator", "security-administrator", "audit-administrator"] as const satisfies readonly Role[];

/** What a person may do, with the words in which a page or a refusal says it. */
export const PERMISSIONS = {
	"site.read": "see rooms, racks, devices, points and their history",
	"quarantine.read": "see what was refused from devices",
	"alarms.read": "see alarms and rules",
	"alarms.acknowledge": "acknowledge and reset alarms",
	"alarms.shelve": "shelve alarms for a time",
	"alarms.service": "take alarms out of service and back",
	"roster.read": "see the duty roster",
	"roster.serve": "be on duty: swap duties, report absences, hand over",
	"roster.manage": "plan the duty roster",
	"contacts.read": "see where people on duty are reached",
	"rules.propose": "propose that an alarm rule is added, changed or deleted",
	"rules.approve": "approve that an alarm rule is added, changed or deleted",
	"devices.propose": "propose that a device is added, changed or removed",
	"devices.approve": "approve that a device is added, changed or removed",
	"access.read": "see access events",
	"access.personal": "see the names of card holders",
	"access.card-numbers": "see whole card numbers",
	"occupancy.correct": "correct who is where",
	"holders.manage": "register holders, their cards and fingerprints",
	"grants.manage": "give and take access to zones",
	"controllers.manage": "read back and repair the access lists of door controllers",
	"personnel.provision": "report who joins, moves and leaves",
	"visitors.read": "see visits",
	"visitors.request": "ask for a visit and escort visitors",
	"visitors.approve": "approve visits",
	"visitors.desk": "receive visitors and issue their badges",
	"reviews.read": "see access reviews and their reports",
	"reviews.decide": "decide on items of access reviews",
	"reviews.manage": "start access reviews and reassign their items",
	"reviews.sign-off": "sign access reviews off",
	"reviews.approve-bulk": "approve that a review revokes a large share",
	"media.read": "see storage media, their chains of custody and certificates",
	"media.handle": "remove, hand over, destroy and verify storage media",
	"media.release": "let destroyed media leave",
	"media.manage": "open and close work orders for media, keep stores and machines, and propose how an incident ends",
	"media.certificates": "hand out certificates of destroyed media with the names of who signed them",
	"media.approve": "approve the policy of media destruction and how an incident ends",
	"users.read": "see accounts and their roles",
	"users.manage": "create, change and close accounts",
	"sessions.revoke": "end other people's sessions and tokens",
	"rights.propose": "propose that somebody gets or loses a role",
	"rights.approve": "approve that somebody gets or loses a role",
	"retention.propose": "propose how long data is kept",
	"retention.approve": "approve how long data is kept",
	"links.manage": "enrol agents and set devices' passwords",
	"audit.read": "search the audit log",
	"audit.review": "sign the periodic review of the audit log",
	"audit.export-propose": "propose an export of the audit log",
	"audit.export-approve": "approve an export of the audit log",
	"ledger.read": "read the ledger and its proofs",
} as const;
export type Permission = keyof typeof PERMISSIONS;
export const permissionSchema = z.enum(Object.keys(PERMISSIONS) as [Permission, ...Permission[]]);
