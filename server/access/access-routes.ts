import { z } from "zod";
import { accessEventViewSchema, doorEventViewSchema, doorViewSchema, pageOf, sequenceGapSchema } from "../../contracts/api.ts";
import { idSchema } from "../../contracts/identifiers.ts";
import { PERMISSIONS } from "../../contracts/permissions.ts";
import { may } from "../platform/actor.ts";
import { AppError } from "../platform/errors.ts";
import { inMemoryPage } from "../platform/http/in-memory-page.ts";
import { booleanQuery, instantQuery } from "../platform/http/instant-query.ts";
import { decodeCursor, pagingQuery } from "../platform/http/paging.ts";
import { defineRoute, type Route } from "../platform/http/route.ts";
import type { AccessService } from "./access-service.ts";

const position = z.object({ ts: z.number(), id: z.number() });
const range = {
	from: instantQuery.optional().describe("Device time, inclusive"),
	to: instantQuery.optional().describe("Device time, exclusive"),
};
/** Access and door events and the doors' states. */
export function accessRoutes(access: AccessService): Route[] {
	return [
		defineRoute({
			method: "get",
			path: "/api/v1/access/events",
			summary: "Access events, newest first by device time",
			tag: "access",
			permission: "access.read",
			readsPersonal: "access.read-events",
			query: z.object({
				...pagingQuery,
				...range,
				door: idSchema.optional(),
				device: idSchema.optional(),
				holder: idSchema.optional().describe("Id of the holder"),
				result: z.enum(["granted", "denied"]).optional(),
			}),
			response: pageOf(accessEventViewSchema),
			handle: async ({ query: { limit, cursor, ...filter }, actor }) => {
				// Whose ids are hidden can't be searched for either.
				if (filter.holder !== undefined && !may(actor, "access.personal", access.site()))
					throw new AppError("forbidden", 403, `You may not ask for one holder: it takes the right to ${PERMISSIONS["access.personal"]}.`);
				return access.accessEvents(filter, { limit, after: decodeCursor(cursor, position) ?? null });
			},
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/access/doors",
			summary: "All doors with their states now",
			tag: "access",
			permission: "site.read",
			query: z.object(pagingQuery),
			response: pageOf(doorViewSchema),
			handle: async ({ query }) => inMemoryPage(access.doors(), query),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/access/door-events",
			summary: "Door events, newest first by device time",
			tag: "access",
			permission: "site.read",
			query: z.object({ ...pagingQuery, ...range, door: idSchema.optional(), device: idSchema.optional() }),
			response: pageOf(doorEventViewSchema),
			handle: async ({ query: { limit, cursor, ...filter } }) => access.doorEvents(filter, { limit, after: decodeCursor(cursor, position) ?? null }),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/devices/{id}/sequence-gaps",
			summary: "Event numbers of a device that are missing, the newest gap first",
			tag: "access",
			permission: "site.read",
			params: z.object({ id: idSchema }),
			query: z.object({ ...pagingQuery, filled: booleanQuery.optional().describe("true: also gaps that late events have filled") }),
			response: pageOf(sequenceGapSchema),
			handle: async ({ params, query }) =>
				access.sequenceGaps(params.id, {
					filled: query.filled ?? false,
					limit: query.limit,
					before: decodeCursor(query.cursor, z.number().int()) ?? null,
				}),
		}),
	];
}
