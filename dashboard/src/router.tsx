import { createRootRoute, createRoute, createRouter, lazyRouteComponent, parseSearchWith, stringifySearchWith } from "@tanstack/react-router";
import { z } from "zod";
import { PRIORITIES } from "../../contracts/kinds.ts";
import { Gate } from "./features/session/Gate.tsx";
import { NotFoundPage } from "./features/shell/NotFoundPage.tsx";
import { PageFailed } from "./features/shell/PageFailed.tsx";
import { Loading } from "./ui/Loaded.tsx";

/** The router takes `7` and `true` of an address for what they look like. */
const text = z
	.union([z.string(), z.number().transform(String), z.boolean().transform(String)])
	.optional()
	.catch(undefined);

const root = createRootRoute({ component: Gate, notFoundComponent: NotFoundPage });

const overview = createRoute({
	getParentRoute: () => root,
	path: "/",
	validateSearch: z.object({ at: text }),
	component: lazyRouteComponent(() => import("./features/overview/OverviewPage.tsx"), "OverviewPage"),
});
const alarms = createRoute({
	getParentRoute: () => root,
	path: "/alarms",
	validateSearch: z.object({
		priority: z.enum(PRIORITIES).optional().catch(undefined),
		tab: z.enum(["aside", "history"]).optional().catch(undefined),
		alarm: text,
	}),
	component: lazyRouteComponent(() => import("./features/alarms/AlarmsPage.tsx"), "AlarmsPage"),
});
const alarmQuality = createRoute({
	getParentRoute: () => root,
	path: "/alarms/quality",
	validateSearch: z.object({ range: text, room: text }),
	component: lazyRouteComponent(() => import("./features/alarms/quality/QualityPage.tsx"), "QualityPage"),
});
const rules = createRoute({
	getParentRoute: () => root,
	path: "/rules",
	/** `add`: the form of a new rule. */
	validateSearch: z.object({ search: text, kind: text, priority: text, add: text }),
	component: lazyRouteComponent(() => import("./features/rules/RulesPage.tsx"), "RulesPage"),
});
const rule = createRoute({
	getParentRoute: () => root,
	path: "/rules/$rule",
	/** Versions to compare. */
	validateSearch: z.object({ from: text, to: text }),
	component: lazyRouteComponent(() => import("./features/rules/RulePage.tsx"), "RulePage"),
});
const ruleForm = createRoute({
	getParentRoute: () => root,
	path: "/rules/$rule/change",
	/** `because`: what is wrong with its alarms, by comma. */
	validateSearch: z.object({ because: text }),
	component: lazyRouteComponent(() => import("./features/rules/RuleFormPage.tsx"), "RuleFormPage"),
});
const roster = createRoute({
	getParentRoute: () => root,
	path: "/roster",
	component: lazyRouteComponent(() => import("./features/roster/RosterPage.tsx"), "RosterPage"),
});
const notifications = createRoute({
	getParentRoute: () => root,
	path: "/notifications",
	component: lazyRouteComponent(() => import("./features/notifications/NotificationsPage.tsx"), "NotificationsPage"),
});
const points = createRoute({
	getParentRoute: () => root,
	path: "/points",
	validateSearch: z.object({ search: text, room: text, kind: text, quality: text, page: text }),
	component: lazyRouteComponent(() => import("./features/points/PointsPage.tsx"), "PointsPage"),
});
const point = createRoute({
	getParentRoute: () => root,
	path: "/points/$point",
	/** `with`: ids of further points, by comma. `range`: one of the ranges, or `{from}-{to}` in Unix ms. */
	validateSearch: z.object({ with: text, range: text }),
	component: lazyRouteComponent(() => import("./features/points/PointPage.tsx"), "PointPage"),
});
const access = createRoute({
	getParentRoute: () => root,
	path: "/access",
	validateSearch: z.object({ door: text, result: text, search: text }),
	component: lazyRouteComponent(() => import("./features/access/AccessPage.tsx"), "AccessPage"),
});
const holders = createRoute({
	getParentRoute: () => root,
	path: "/access/holders",
	validateSearch: z.object({ search: text, kind: text, status: text, post: text, zone: text }),
	component: lazyRouteComponent(() => import("./features/access/HoldersPage.tsx"), "HoldersPage"),
});
const credentials = createRoute({
	getParentRoute: () => root,
	path: "/access/credentials",
	validateSearch: z.object({ state: text, kind: text, number: text }),
	component: lazyRouteComponent(() => import("./features/access/CredentialsPage.tsx"), "CredentialsPage"),
});
const holder = createRoute({
	getParentRoute: () => root,
	path: "/access/holders/$holder",
	component: lazyRouteComponent(() => import("./features/access/HolderPage.tsx"), "HolderPage"),
});
const grants = createRoute({
	getParentRoute: () => root,
	path: "/access/grants",
	validateSearch: z.object({ show: text, zone: text }),
	component: lazyRouteComponent(() => import("./features/access/GrantsPage.tsx"), "GrantsPage"),
});
const controllers = createRoute({
	getParentRoute: () => root,
	path: "/access/controllers",
	component: lazyRouteComponent(() => import("./features/access/ControllersPage.tsx"), "ControllersPage"),
});
const controller = createRoute({
	getParentRoute: () => root,
	path: "/access/controllers/$controller",
	component: lazyRouteComponent(() => import("./features/access/ControllerPage.tsx"), "ControllerPage"),
});
const muster = createRoute({
	getParentRoute: () => root,
	path: "/access/muster",
	component: lazyRouteComponent(() => import("./features/access/MusterPage.tsx"), "MusterPage"),
});
const leavers = createRoute({
	getParentRoute: () => root,
	path: "/access/leavers",
	validateSearch: z.object({ leaver: text }),
	component: lazyRouteComponent(() => import("./features/leavers/LeaversPage.tsx"), "LeaversPage"),
});
const visitors = createRoute({
	getParentRoute: () => root,
	path: "/visitors",
	validateSearch: z.object({ show: text, day: text }),
	component: lazyRouteComponent(() => import("./features/visitors/VisitorsPage.tsx"), "VisitorsPage"),
});
const visit = createRoute({
	getParentRoute: () => root,
	path: "/visitors/$visit",
	component: lazyRouteComponent(() => import("./features/visitors/VisitPage.tsx"), "VisitPage"),
});
const door = createRoute({
	getParentRoute: () => root,
	path: "/access/doors/$door",
	component: lazyRouteComponent(() => import("./features/access/DoorPage.tsx"), "DoorPage"),
});
const accessImport = createRoute({
	getParentRoute: () => root,
	path: "/access/import",
	component: lazyRouteComponent(() => import("./features/access/ImportPage.tsx"), "ImportPage"),
});
const media = createRoute({
	getParentRoute: () => root,
	path: "/media",
	validateSearch: z.object({ serial: text }),
	component: lazyRouteComponent(() => import("./features/custody/MediaPage.tsx"), "MediaPage"),
});
const mediaBatch = createRoute({
	getParentRoute: () => root,
	path: "/media/batches/$batch",
	component: lazyRouteComponent(() => import("./features/custody/BatchPage.tsx"), "BatchPage"),
});
const medium = createRoute({
	getParentRoute: () => root,
	path: "/media/$medium",
	component: lazyRouteComponent(() => import("./features/custody/MediumPage.tsx"), "MediumPage"),
});
const mediaIncidents = createRoute({
	getParentRoute: () => root,
	path: "/media/incidents",
	component: lazyRouteComponent(() => import("./features/custody/IncidentsPage.tsx"), "IncidentsPage"),
});
const mediaEquipment = createRoute({
	getParentRoute: () => root,
	path: "/media/equipment",
	component: lazyRouteComponent(() => import("./features/custody/EquipmentPage.tsx"), "EquipmentPage"),
});
const mediaStores = createRoute({
	getParentRoute: () => root,
	path: "/media/stores",
	validateSearch: z.object({ store: text }),
	component: lazyRouteComponent(() => import("./features/custody/StoresPage.tsx"), "StoresPage"),
});
const mediaPolicy = createRoute({
	getParentRoute: () => root,
	path: "/media/policy",
	validateSearch: z.object({ version: text }),
	component: lazyRouteComponent(() => import("./features/custody/PolicyPage.tsx"), "PolicyPage"),
});
const custody = [media, mediaBatch, medium, mediaIncidents, mediaEquipment, mediaStores, mediaPolicy] as const;
const physical = [
	visitors,
	visit,
	leavers,
	door,
	accessImport,
	access,
	holders,
	holder,
	credentials,
	grants,
	controllers,
	controller,
	muster,
] as const;
const reviews = createRoute({
	getParentRoute: () => root,
	path: "/reviews",
	component: lazyRouteComponent(() => import("./features/reviews/ReviewsPage.tsx"), "ReviewsPage"),
});
const review = createRoute({
	getParentRoute: () => root,
	path: "/reviews/$review",
	validateSearch: z.object({
		tab: z.enum(["overview"]).optional().catch(undefined),
		whose: text,
		zone: text,
		risk: text,
		hint: text,
		decision: text,
		search: text,
		sort: text,
		group: text,
	}),
	component: lazyRouteComponent(() => import("./features/reviews/ReviewPage.tsx"), "ReviewPage"),
});
const devices = createRoute({
	getParentRoute: () => root,
	path: "/devices",
	validateSearch: z.object({ search: text, abnormal: text }),
	component: lazyRouteComponent(() => import("./features/devices/DevicesPage.tsx"), "DevicesPage"),
});
const device = createRoute({
	getParentRoute: () => root,
	path: "/devices/$device",
	component: lazyRouteComponent(() => import("./features/devices/DevicePage.tsx"), "DevicePage"),
});
const agent = createRoute({
	getParentRoute: () => root,
	path: "/devices/agents/$agent",
	component: lazyRouteComponent(() => import("./features/devices/AgentPage.tsx"), "AgentPage"),
});

const seenDevice = createRoute({
	getParentRoute: () => root,
	path: "/devices/seen/$seen",
	component: lazyRouteComponent(() => import("./features/devices/SeenDevicePage.tsx"), "SeenDevicePage"),
});

const logIn = createRoute({ getParentRoute: () => root, path: "/log-in" });
const setUp = createRoute({
	getParentRoute: () => root,
	path: "/set-up/$token",
	component: lazyRouteComponent(() => import("./features/set-up/SetUpPage.tsx"), "SetUpPage"),
});
const account = createRoute({
	getParentRoute: () => root,
	path: "/account",
	component: lazyRouteComponent(() => import("./features/account/AccountPage.tsx"), "AccountPage"),
});
const users = createRoute({
	getParentRoute: () => root,
	path: "/users",
	validateSearch: z.object({ search: text }),
	component: lazyRouteComponent(() => import("./features/users/UsersPage.tsx"), "UsersPage"),
});
const personnelImport = createRoute({
	getParentRoute: () => root,
	path: "/users/import",
	component: lazyRouteComponent(() => import("./features/users/PersonnelImportPage.tsx"), "PersonnelImportPage"),
});
const user = createRoute({
	getParentRoute: () => root,
	path: "/users/$user",
	component: lazyRouteComponent(() => import("./features/users/UserPage.tsx"), "UserPage"),
});
const roles = createRoute({
	getParentRoute: () => root,
	path: "/roles",
	component: lazyRouteComponent(() => import("./features/users/RolesPage.tsx"), "RolesPage"),
});
const changes = createRoute({
	getParentRoute: () => root,
	path: "/changes",
	validateSearch: z.object({ tab: z.enum(["mine", "decided"]).optional().catch(undefined), change: text }),
	component: lazyRouteComponent(() => import("./features/changes/ChangesPage.tsx"), "ChangesPage"),
});
const audit = createRoute({
	getParentRoute: () => root,
	path: "/audit",
	validateSearch: z.object({
		tab: z.enum(["reviews", "exports"]).optional().catch(undefined),
		from: text,
		to: text,
		user: text,
		operation: text,
		tag: text,
		result: text,
		object: text,
		text,
		line: text,
	}),
	component: lazyRouteComponent(() => import("./features/audit/AuditPage.tsx"), "AuditPage"),
});
const ledger = createRoute({
	getParentRoute: () => root,
	path: "/ledger",
	component: lazyRouteComponent(() => import("./features/ledger/LedgerPage.tsx"), "LedgerPage"),
});
const ledgerEntry = createRoute({
	getParentRoute: () => root,
	path: "/ledger/$index",
	component: lazyRouteComponent(() => import("./features/ledger/EntryPage.tsx"), "EntryPage"),
});
const people = [logIn, setUp, account, users, personnelImport, user, roles, changes, audit, ledger, ledgerEntry] as const;

/** The pages and their addresses. Search parameters are plain text, as people would write them. */
export function createAppRouter() {
	return createRouter({
		routeTree: root.addChildren([
			overview,
			alarms,
			alarmQuality,
			rules,
			rule,
			ruleForm,
			roster,
			notifications,
			points,
			point,
			...physical,
			...custody,
			reviews,
			review,
			devices,
			device,
			agent,
			seenDevice,
			...people,
		]),
		parseSearch: parseSearchWith((value) => value),
		stringifySearch: stringifySearchWith(String),
		defaultPendingComponent: () => <Loading rows={10} />,
		defaultErrorComponent: PageFailed,
		defaultPreload: "intent",
		scrollRestoration: true,
	});
}
export type AppRouter = ReturnType<typeof createAppRouter>;

declare module "@tanstack/react-router" {
	interface Register {
		router: AppRouter;
	}
}
