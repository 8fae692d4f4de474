/** Rules of rights: how long a role lasts, what is held, what the system can't do without. */
import { ADMINISTRATOR_ROLES, type Permission, type Role } from "../../contracts/permissions.ts";
import type { RoleGrant } from "../platform/actor.ts";
import { addMonths } from "../platform/calendar.ts";
import { ROLE_TABLE } from "./role-table.ts";

/** A role lasts this many calendar months unless it is asked for again (IAM-5). */
export const LAPSE_MONTHS = 3;
/** A lapse is announced this long before, ms. */
export const ANNOUNCE_BEFORE = 14 * 86_400_000;

/** A role that somebody holds. Times are Unix ms. */
export interface HeldRole extends RoleGrant {
	id: string;
	grantedAt: number;
	/** From this very moment on it counts for nothing. */
	lapsesAt: number;
	/** From 14 days ahead. */
	lapsesSoon: boolean;
}

export const lapseOf = (grantedAt: number): number => addMonths(grantedAt, LAPSE_MONTHS);
export const isLapsed = (grant: { lapsesAt: number }, now: number): boolean => grant.lapsesAt <= now;
export const lapsesSoon = (grant: { lapsesAt: number }, now: number): boolean => grant.lapsesAt - ANNOUNCE_BEFORE <= now;

export function isAdministratorRole(role: Role): boolean {
	return (ADMINISTRATOR_ROLES as readonly Role[]).includes(role);
}

/** The administrator role that stands in the way of another one; `null` where none does (IAM-2: nobody holds two of the three). */
export function administratorConflict(held: readonly { role: Role }[], wanted: Role): Role | null {
	if (!isAdministratorRole(wanted)) return null;
	return held.find(({ role }) => role !== wanted && isAdministratorRole(role))?.role ?? null;
}

/** Whether roles allow something at a site; `*`: at every site. */
export function rolesAllow(held: readonly RoleGrant[], permission: Permission, site: string): boolean {
	return held.some((grant) => (grant.site === "*" || grant.site === site) && ROLE_TABLE[grant.role].includes(permission));
}

/**
 * Why nobody could change rights any more if only these roles were left; `null` where somebody could. It takes one person who
 * proposes and another one who approves, for every site.
 */
export function lockedOut(left: readonly (RoleGrant & { account: string })[]): string | null {
	const holders = (permission: Permission) =>
		new Set(left.filter((grant) => grant.site === "*" && ROLE_TABLE[grant.role].includes(permission)).map(({ account }) => account));
	const proposers = holders("rights.propose");
	const approvers = holders("rights.approve");
	if (proposers.size === 0) return "Nobody would be left who may propose rights.";
	if (approvers.size === 0) return "Nobody would be left who may approve rights.";
	if (proposers.union(approvers).size < 2) return "One person alone would be left to propose and to approve rights.";
	return null;
}
