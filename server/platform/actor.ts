import type { Permission, Role } from "../../contracts/permissions.ts";

/** A role at a site (`*`: every site). */
export interface RoleGrant {
	role: Role;
	site: string;
}

/** Who does something: a person with a session or a token, the administrator at the machine's console, or the server itself. */
export interface Actor {
	/** Id of the account; `console` and `system` have none of the accounts' ids. */
	id: string;
	username: string;
	name: string;
	roles: readonly RoleGrant[];
	/** What the roles allow, by site; a token's are cut down to its scope. */
	permissions: ReadonlyMap<Permission, ReadonlySet<string>>;
	method: "session" | "token" | "console" | "system";
	/** Id of the session or token; `null` without one. */
	credential: string | null;
	/** IP address; `null` where nothing came over the network. */
	address: string | null;
	/** When the person last proved who they are in this session, Unix ms; `null` for tokens. */
	confirmedAt: number | null;
}

/** Whether somebody has a permission at a site; without a site: at any. */
export function may(actor: Actor, permission: Permission, site?: string): boolean {
	const sites = actor.permissions.get(permission);
	if (sites === undefined) return false;
	return site === undefined || sites.has("*") || sites.has(site);
}

/** The server's own acts: retention, lapses, schedules. */
export const SYSTEM: Actor = {
	id: "system",
	username: "system",
	name: "Watchroom",
	roles: [],
	permissions: new Map(),
	method: "system",
	credential: null,
	address: null,
	confirmedAt: null,
};
