import type { SessionView } from "../../../../contracts/identity.ts";
import type { Permission } from "../../../../contracts/permissions.ts";

interface PageRow {
	to: string;
	name: string;
	/** One of them is enough. */
	needs: readonly Permission[];
}

/** The main navigation: what one watches, who may go where, and who may do what and has done what. */
export const GROUPS = [
	{
		name: "watch",
		pages: [
			{ to: "/", name: "overview", needs: ["site.read"] },
			{ to: "/alarms", name: "alarms", needs: ["alarms.read"] },
			{ to: "/points", name: "points", needs: ["site.read"] },
			{ to: "/devices", name: "devices", needs: ["site.read"] },
		],
	},
	{
		name: "alarming",
		pages: [
			{ to: "/alarms/quality", name: "quality", needs: ["alarms.read"] },
			{ to: "/rules", name: "rules", needs: ["alarms.read"] },
			{ to: "/roster", name: "roster", needs: ["roster.read"] },
			{ to: "/notifications", name: "notifications", needs: ["alarms.read"] },
		],
	},
	{
		name: "access",
		pages: [
			{ to: "/access", name: "console", needs: ["access.read"] },
			{ to: "/access/muster", name: "muster", needs: ["access.read"] },
			{ to: "/access/holders", name: "holders", needs: ["access.read"] },
			{ to: "/access/credentials", name: "credentials", needs: ["access.read"] },
			{ to: "/access/grants", name: "grants", needs: ["access.read"] },
			{ to: "/visitors", name: "visitors", needs: ["visitors.read"] },
			{ to: "/reviews", name: "reviews", needs: ["reviews.read"] },
			{ to: "/access/leavers", name: "leavers", needs: ["access.read"] },
			{ to: "/access/controllers", name: "controllers", needs: ["access.read"] },
			{ to: "/access/import", name: "import", needs: ["holders.manage"] },
		],
	},
	{
		name: "media",
		pages: [
			{ to: "/media", name: "orders", needs: ["media.read"] },
			{ to: "/media/incidents", name: "mediaIncidents", needs: ["media.read"] },
			{ to: "/media/equipment", name: "equipment", needs: ["media.read"] },
			{ to: "/media/stores", name: "stores", needs: ["media.read"] },
			{ to: "/media/policy", name: "policy", needs: ["media.read"] },
		],
	},
	{
		name: "evidence",
		pages: [
			{ to: "/users", name: "users", needs: ["users.read"] },
			{
				to: "/changes",
				name: "changes",
				needs: [
					"rights.propose",
					"rights.approve",
					"reviews.decide",
					"reviews.approve-bulk",
					"media.manage",
					"media.approve",
					"rules.propose",
					"rules.approve",
					"devices.propose",
					"devices.approve",
					"retention.propose",
					"retention.approve",
					"audit.export-propose",
					"audit.export-approve",
				],
			},
			{ to: "/audit", name: "audit", needs: ["audit.read"] },
			{ to: "/ledger", name: "ledger", needs: ["ledger.read"] },
		],
	},
] as const satisfies readonly { name: string; pages: readonly PageRow[] }[];
export type PageAddress = (typeof GROUPS)[number]["pages"][number]["to"];

/** Every page of the navigation, in its order. */
export const PAGES = GROUPS.flatMap(({ pages }) => [...pages]);

/** Pages below one of the navigation that take something else than it does. */
const BELOW: readonly { to: string; needs: readonly Permission[] }[] = [{ to: "/users/import", needs: ["personnel.provision"] }];

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

const maySee = (session: Holder, { needs }: { needs: readonly Permission[] }) => needs.some((permission) => mayDo(session, permission));

/** What somebody is offered, by group; no group without a page. */
export const groupsOf = (session: Holder) =>
	GROUPS.map(({ name, pages }) => ({ name, pages: pages.filter((page) => maySee(session, page)) })).filter(({ pages }) => pages.length > 0);

export const pagesOf = (session: Holder) => PAGES.filter((page) => maySee(session, page));

export const startPageOf = (session: Holder): PageAddress | "/account" => START.find(([permission]) => mayDo(session, permission))?.[1] ?? "/account";

/** The page that an address belongs to: of those that it lies at or below, the nearest. */
function nearest<P extends { to: string }>(pages: readonly P[], path: string): P | undefined {
	const above = pages.filter(({ to }) => path === to || (to !== "/" && path.startsWith(`${to}/`)));
	return above.reduce<P | undefined>((best, page) => (best && best.to.length > page.to.length ? best : page), undefined);
}

/** The page of the navigation that an address belongs to. */
export const pageAt = (path: string): PageAddress | undefined => nearest(PAGES, path)?.to;

/** The permission that somebody lacks for the page at an address; `null` when they may see it, or when there is no such page. */
export function lackedFor(session: Holder, path: string): Permission | null {
	const page = nearest<{ to: string; needs: readonly Permission[] }>([...PAGES, ...BELOW], path);
	return page && !maySee(session, page) ? (page.needs[0] ?? null) : null;
}
