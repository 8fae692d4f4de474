import { expect, test } from "vitest";
import { ADMINISTRATOR_ROLES, PERMISSIONS, type Permission, ROLES, type Role } from "../../../contracts/permissions.ts";
import { ROLE_TABLE } from "../../../server/identity/role-table.ts";

/**
 * The table once more, as a picture: a cell that changes by mistake fails here. Columns, in this order: operator, shift-lead,
 * facility-manager, security-guard, media-custodian, reviewer, risk-manager, auditor; then the administrators of system, security, audit.
 */
const PINNED: Readonly<Record<Permission, string>> = {
	"site.read": "xxxxxxxx xx.",
	"quarantine.read": "xxx..... x..",
	"alarms.read": "xxxx..xx x..",
	"alarms.acknowledge": "xxxx.... ...",
	"alarms.shelve": "xxx..... ...",
	"alarms.service": ".xx..... ...",
	"rules.propose": ".xx..... ...",
	"rules.approve": "..x...x. ...",
	"devices.propose": ".xx..... ...",
	"devices.approve": "..x...x. ...",
	"roster.read": "xxxx...x x..",
	"roster.serve": "xxxx.... ...",
	"roster.manage": ".xx..... ...",
	"contacts.read": "xxx..... ...",
	"access.read": "xxxx.x.x ...",
	"access.personal": "xxxx.x.. ...",
	"access.card-numbers": "..xx.... ...",
	"occupancy.correct": "xxxx.... ...",
	"holders.manage": "..x..... ...",
	"grants.manage": "..x..... ...",
	"controllers.manage": "..x..... ...",
	"personnel.provision": "........ x..",
	"visitors.read": "xxxxxx.x ...",
	"visitors.request": "xxxxxx.. ...",
	"visitors.approve": ".xx..... ...",
	"visitors.desk": ".xxx.... ...",
	"reviews.read": "..x..xxx .x.",
	"reviews.decide": "..x..x.. ...",
	"reviews.manage": "..x..... ...",
	"reviews.sign-off": "..x..... ...",
	"reviews.approve-bulk": "......x. .x.",
	"media.read": "xxxxx.xx ...",
	"media.handle": "xxx.x... ...",
	"media.release": "..x.x... ...",
	"media.manage": "....x... ...",
	"media.certificates": "..x.x.xx ...",
	"media.approve": "..x...x. ...",
	"users.read": "..x..x.x xxx",
	"users.manage": "........ x..",
	"sessions.revoke": "........ .x.",
	"rights.propose": "........ .x.",
	"rights.approve": "..x..... .x.",
	"retention.propose": "........ x..",
	"retention.approve": "..x..... .x.",
	"links.manage": "........ x..",
	"audit.read": ".......x ..x",
	"audit.review": ".......x ...",
	"audit.export-propose": "........ ..x",
	"audit.export-approve": ".......x ...",
	"ledger.read": "..x.xxxx xxx",
};

const cells = ROLES.flatMap((role, column) =>
	(Object.keys(PERMISSIONS) as Permission[]).map((permission): [Role, Permission, boolean] => [
		role,
		permission,
		PINNED[permission].replace(" ", "")[column] === "x",
	]),
);

test.each(cells)("%s, %s: %s", (role, permission, held) => {
	expect(ROLE_TABLE[role].includes(permission)).toBe(held);
});

test("no role names a permission twice, and every permission is somebody's", () => {
	for (const role of ROLES) expect(new Set(ROLE_TABLE[role]).size, role).toBe(ROLE_TABLE[role].length);
	expect(new Set(ROLES.flatMap((role) => ROLE_TABLE[role]))).toEqual(new Set(Object.keys(PERMISSIONS)));
});

test("no administrator works on alarms or sees who passes doors", () => {
	for (const role of ADMINISTRATOR_ROLES)
		expect(ROLE_TABLE[role].filter((permission) => /^(access|alarms)\./.test(permission) && permission !== "alarms.read")).toEqual([]);
});
