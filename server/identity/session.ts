/** Rules of sessions: how long one lasts, what one may do (OWASP ASVS 7.3, SP 800-63B 5.2). Times are Unix ms. */
import { type Permission, ROLES } from "../../contracts/permissions.ts";
import type { RoleGrant } from "../platform/actor.ts";
import { ROLE_TABLE, SECOND_FACTOR_ROLES } from "./role-table.ts";

export const IDLE_MS = 30 * 60_000;
export const LONGEST_MS = 12 * 3_600_000;
/** How long a proof of who one is allows harmful acts. */
export const CONFIRMED_MS = 5 * 60_000;
/** The time of last use is written no more often. */
export const TOUCH_MS = 30_000;

export interface SessionTimes {
	lastUsedAt: number;
	endsAt: number;
	confirmedAt: number;
}

export const idleEnd = (session: SessionTimes): number => Math.min(session.lastUsedAt + IDLE_MS, session.endsAt);
export const isOver = (session: SessionTimes, now: number): boolean => now >= idleEnd(session);
export const isConfirmed = (confirmedAt: number | null, now: number): boolean => confirmedAt !== null && now < confirmedAt + CONFIRMED_MS;

/** What has to be done before a session may do anything else. */
export type Hindrance = "second-factor" | "password";

export function hindranceOf(account: { secondFactor: boolean; mustChangePassword: boolean }, roles: readonly RoleGrant[]): Hindrance | null {
	if (account.mustChangePassword) return "password";
	return !account.secondFactor && roles.some(({ role }) => SECOND_FACTOR_ROLES.has(role)) ? "second-factor" : null;
}

/** What roles allow, by site; `scope` cuts a token's down. */
export function permissionsOf(roles: readonly RoleGrant[], scope: readonly Permission[] | null = null): Map<Permission, Set<string>> {
	const permissions = new Map<Permission, Set<string>>();
	for (const { role, site } of roles)
		for (const permission of ROLE_TABLE[role]) {
			if (scope !== null && !scope.includes(permission)) continue;
			const sites = permissions.get(permission) ?? new Set();
			permissions.set(permission, sites.add(site));
		}
	return permissions;
}

export const roleTableView = () =>
	ROLES.map((role) => ({
		role,
		permissions: [...ROLE_TABLE[role]],
		secondFactor: SECOND_FACTOR_ROLES.has(role),
		administrator: role.endsWith("-administrator"),
	}));
