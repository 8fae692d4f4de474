import type { SessionView } from "../../../../contracts/identity.ts";
import type { Permission } from "../../../../contracts/permissions.ts";

/** A page of the main navigation and what it takes; one of `needs` is enough. */
export const PAGES = [
	{ to: "/", name: "overview", needs: ["site.read"] },
	{ to: "/alarms", name: "alarms", needs: ["alarms.read"] },
	{ to: "/points", name: "points", needs: ["site.read"] },
	{ to: "/access", name: "access", needs: ["access.read"] },
	{ to: "/visitors", name: "visitors", needs: ["visitors.read"] },
	{ to: "/reviews", name: "reviews", needs: ["reviews.read"] },
	{ to: "/devices", name: "devices", needs: ["site.read"] },
	{
		to: "/changes",
		name: "changes",
		needs: [
			"rights.propose",
			"rights.approve",
			"reviews.decide",
			"reviews.approve-bulk",
			"retention.propose",
			"retention.approve",
			"audit.export-propose",
			"audit.export-approve",
		],
	},
	{ to: "/users", name: "users", needs: ["users.read"] },
	{ to: "/audit", name: "audit", needs: ["audit.read"] },
	{ to: "/ledger", name: "ledger", needs: ["ledger.read"] },
] as const satisfies readonly { to: string; name: string; needs: readonly Permission[] }[];
export type PageAddress = (typeof PAGES)[number]["to"];

/** Where people begin: the first row whose permission they have. */
const START: readonly (readonly [Permission, PageAddress])[] = [
	["audit.read", "/audit"],
	["rights.propose", "/changes"],
	["users.manage", "/users"],
	["site.read", "/"],
];

type Holder = Pick<SessionView, "permissions">;

/** Whether somebody may do something at any site. The server decides for itself; this only keeps a page from offering what it refuses. */
export const mayDo = (session: Holder, permission: Permission): boolean => (session.permissions[permission]?.length ?? 0) > 0;

export const pagesOf = (session: Holder) => PAGES.filter(({ needs }) => needs.some((permission) => mayDo(session, permission)));

export const startPageOf = (session: Holder): PageAddress | "/account" => START.find(([permission]) => mayDo(session, permission))?.[1] ?? "/account";

/** The permission that somebody lacks for the page at an address; `null` when they may see it, or when there is no such page. */
export function lackedFor(session: Holder, path: string): Permission | null {
	const page = PAGES.find(({ to }) => path === to || (to !== "/" && path.startsWith(`${to}/`)));
	return page && !page.needs.some((permission) => mayDo(session, permission)) ? page.needs[0] : null;
}
