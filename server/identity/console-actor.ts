import type { Actor } from "../platform/actor.ts";
import { ALL_PERMISSIONS } from "./role-table.ts";

/** The administrator at the machine's console, who has the machine anyway. */
export const CONSOLE: Actor = {
	id: "console",
	username: "console",
	name: "Console",
	roles: [],
	permissions: new Map(ALL_PERMISSIONS.map((permission) => [permission, new Set(["*"])])),
	method: "console",
	credential: null,
	address: null,
	confirmedAt: null,
};
