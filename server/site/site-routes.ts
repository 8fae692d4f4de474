import { z } from "zod";
import { agentSchema, deviceSchema, pageOf, pointSchema, quarantinedSchema, siteViewSchema } from "../../contracts/api.ts";
import { idSchema, pointIdSchema } from "../../contracts/identifiers.ts";
import { liveQualitySchema, pointKindSchema } from "../../contracts/kinds.ts";
import { planRectangleSchema } from "../../contracts/site.ts";
import { notFound } from "../platform/errors.ts";
import { inMemoryPage } from "../platform/http/in-memory-page.ts";
import { decodeCursor, pageOfRows, pagingQuery } from "../platform/http/paging.ts";
import { defineRoute, type Route } from "../platform/http/route.ts";
import type { Agents } from "./agents.ts";
import type { Devices } from "./devices.ts";
import type { LivePoints } from "./live-points.ts";
import type { Quarantine } from "./quarantine.ts";
import type { SiteService } from "./site-service.ts";

/** A floor plan and its tables need everything at once. */
const livePaging = {
	...pagingQuery,
	limit: z.coerce.number().int().min(1).max(20_000).default(1000).describe("Most items on the page, 1 to 20000"),
};
const quarantineQuery = z.object(pagingQuery);
const quarantinePosition = z.object({ id: z.string().regex(/^\d{1,18}$/) });
const byId = z.object({ id: idSchema });
const locationSchema = z.object({
	/** `{site}/{room}[/{rack}]` */
	id: z.string(),
	type: z.enum(["room", "rack"]),
	name: z.string(),
	room: z.string(),
	rack: z.string().nullable(),
	/** Kind of the room. */
	kind: z.string(),
	plan: planRectangleSchema,
	/** Rated power of a rack, W. */
	ratedPower: z.number().nullable(),
});

export interface SiteRoutesOptions {
	site: Pick<SiteService, "current" | "view">;
	points: LivePoints;
	devices: Devices;
	agents: Agents;
	quarantine: Quarantine;
}

/** The watched world and its live state. */
export function siteRoutes({ site, points, devices, agents, quarantine }: SiteRoutesOptions): Route[] {
	const quarantinePage = async (of: { device: string } | { agent: string }, { limit, cursor }: z.output<typeof quarantineQuery>) => {
		const after = decodeCursor(cursor, quarantinePosition);
		const entries = await quarantine.list(of, limit + 1, after?.id ?? null);
		return pageOfRows(
			entries,
			limit,
			(entry) => entry,
			({ id }) => ({ id }),
		);
	};
	return [
		defineRoute({
			method: "get",
			path: "/api/v1/sites",
			summary: "The sites that this server watches",
			tag: "site",
			permission: "site.read",
			query: z.object(livePaging),
			response: pageOf(siteViewSchema),
			handle: async ({ query }) => inMemoryPage([site.view()], query),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/sites/{id}",
			summary: "One site with its floor plan, and what is wrong with its file",
			tag: "site",
			permission: "site.read",
			params: byId,
			response: siteViewSchema,
			handle: async ({ params }) => {
				const view = site.view();
				if (view.id !== params.id) throw notFound("site", params.id);
				return view;
			},
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/locations",
			summary: "Rooms and racks",
			tag: "site",
			permission: "site.read",
			query: z.object(livePaging),
			response: pageOf(locationSchema),
			handle: async ({ query }) => inMemoryPage(locations(site), query),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/points",
			summary: "Points with their newest values",
			tag: "site",
			permission: "site.read",
			query: z.object({
				...livePaging,
				device: idSchema.optional(),
				room: idSchema.optional(),
				rack: idSchema.optional(),
				kind: pointKindSchema.optional(),
				quality: liveQualitySchema.optional(),
			}),
			response: pageOf(pointSchema),
			handle: async ({ query: { limit, cursor, ...wanted } }) =>
				inMemoryPage(
					points.list().filter((point) => matches(point, wanted)),
					{ limit, cursor },
				),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/points/{id}",
			summary: "One point with its newest value",
			tag: "site",
			permission: "site.read",
			params: z.object({ id: pointIdSchema }),
			response: pointSchema,
			handle: async ({ params }) => found(points.get(params.id), "point", params.id),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/devices",
			summary: "Devices with their counters",
			tag: "site",
			permission: "site.read",
			query: z.object({ ...livePaging, agent: idSchema.optional(), room: idSchema.optional(), rack: idSchema.optional() }),
			response: pageOf(deviceSchema),
			handle: async ({ query: { limit, cursor, ...wanted } }) =>
				inMemoryPage(
					devices.list().filter((device) => matches(device, wanted)),
					{ limit, cursor },
				),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/devices/{id}",
			summary: "One device with its counters",
			tag: "site",
			permission: "site.read",
			params: byId,
			response: deviceSchema,
			handle: async ({ params }) => found(devices.get(params.id), "device", params.id),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/devices/{id}/quarantine",
			summary: "What this device sent that was refused, newest first",
			tag: "site",
			permission: "quarantine.read",
			params: byId,
			query: quarantineQuery,
			response: pageOf(quarantinedSchema),
			handle: async ({ params, query }) => {
				found(devices.get(params.id), "device", params.id);
				return quarantinePage({ device: params.id }, query);
			},
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/agents",
			summary: "Edge agents with their outboxes",
			tag: "site",
			permission: "site.read",
			query: z.object(livePaging),
			response: pageOf(agentSchema),
			handle: async ({ query }) => inMemoryPage(agents.list(), query),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/agents/{id}",
			summary: "One edge agent with its outbox",
			tag: "site",
			permission: "site.read",
			params: byId,
			response: agentSchema,
			handle: async ({ params }) => found(agents.get(params.id), "agent", params.id),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/agents/{id}/quarantine",
			summary: "Everything that this agent refused, that of unknown devices included, newest first",
			tag: "site",
			permission: "quarantine.read",
			params: byId,
			query: quarantineQuery,
			response: pageOf(quarantinedSchema),
			handle: async ({ params, query }) => {
				found(agents.get(params.id), "agent", params.id);
				return quarantinePage({ agent: params.id }, query);
			},
		}),
	];
}

function found<T>(item: T | undefined, what: string, id: string): T {
	if (item === undefined) throw notFound(what, id);
	return item;
}

/** Whether every wanted field that is given equals the item's. */
function matches<T extends object>(item: T, wanted: { [key in keyof T]?: T[key] | undefined }): boolean {
	return (Object.keys(wanted) as (keyof T)[]).every((key) => wanted[key] === undefined || wanted[key] === item[key]);
}

function locations(site: Pick<SiteService, "current">): z.output<typeof locationSchema>[] {
	const { site: file } = site.current();
	const kinds = new Map(file.rooms.map(({ id, kind }) => [id, kind]));
	return [
		...file.rooms.map(({ id, name, kind, plan }) => ({
			id: `${file.id}/${id}`,
			type: "room" as const,
			name,
			room: id,
			rack: null,
			kind,
			plan,
			ratedPower: null,
		})),
		...file.racks.map(({ id, name, room, plan, ratedPower }) => ({
			id: `${file.id}/${room}/${id}`,
			type: "rack" as const,
			name: name ?? id,
			room,
			rack: id,
			kind: kinds.get(room) ?? "other",
			plan,
			ratedPower: ratedPower ?? null,
		})),
	];
}
