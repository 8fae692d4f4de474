import { z } from "zod";
import { findingKindSchema, findingViewSchema, musterRowSchema, occupancyCorrectionSchema, occupancySchema } from "../../../contracts/access.ts";
import { pageOf } from "../../../contracts/api.ts";
import { idSchema } from "../../../contracts/identifiers.ts";
import { PERMISSIONS } from "../../../contracts/permissions.ts";
import { may } from "../../platform/actor.ts";
import { AppError } from "../../platform/errors.ts";
import { inMemoryPage } from "../../platform/http/in-memory-page.ts";
import { instantQuery } from "../../platform/http/instant-query.ts";
import { decodeCursor, pagingQuery } from "../../platform/http/paging.ts";
import { defineRoute, type Route } from "../../platform/http/route.ts";
import type { AccessMonitor } from "./access-monitor.ts";
import { musterCsv } from "./muster-csv.ts";
import { musterOf } from "./occupancy.ts";

const tag = "access";
const position = z.object({ at: z.number(), id: z.number() });

/** Findings, and who is where. `site`: id of the site that they belong to. */
export function monitorRoutes(monitor: AccessMonitor, site: () => string): Route[] {
	return [
		defineRoute({
			method: "get",
			path: "/api/v1/access/findings",
			summary: "What access and door events tell beyond themselves, newest first",
			tag,
			permission: "access.read",
			readsPersonal: "finding.list",
			query: z.object({
				...pagingQuery,
				door: idSchema.optional(),
				holder: idSchema.optional(),
				kind: findingKindSchema.optional(),
				from: instantQuery.optional().describe("Device time, inclusive"),
				to: instantQuery.optional().describe("Device time, exclusive"),
			}),
			response: pageOf(findingViewSchema),
			handle: async ({ query: { limit, cursor, ...filter }, actor }) => {
				if (filter.holder !== undefined && !may(actor, "access.personal", site()))
					throw new AppError("forbidden", 403, `You may not ask for one holder: it takes the right to ${PERMISSIONS["access.personal"]}.`);
				return monitor.findings(filter, { limit, after: decodeCursor(cursor, position) ?? null });
			},
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/access/occupancy",
			summary: "Who is in which zone, by what the doors have said",
			tag,
			permission: "access.read",
			readsPersonal: "occupancy.read",
			response: occupancySchema,
			handle: () => monitor.occupancy(),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/access/muster",
			summary: "Everybody who is inside, zone by zone: the list to call out in an emergency",
			tag,
			permission: "access.read",
			readsPersonal: "occupancy.muster",
			query: z.object(pagingQuery),
			response: pageOf(musterRowSchema),
			handle: async ({ query }) => inMemoryPage(musterOf(await monitor.occupancy()), query),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/access/muster.csv",
			summary: "The muster list as CSV, everybody by name",
			tag,
			// A file is handed on as it is: nothing in it is masked.
			permission: "access.personal",
			readsPersonal: "occupancy.muster",
			response: "text/csv",
			handle: async ({ response }) => {
				const csv = musterCsv(musterOf(await monitor.occupancy()));
				response.type("text/csv").attachment("muster.csv").send(csv);
			},
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/access/occupancy/corrections",
			summary: "Say where somebody is whom the doors have lost",
			tag,
			permission: "occupancy.correct",
			body: occupancyCorrectionSchema,
			response: occupancySchema,
			handle: ({ body, actor }) => monitor.correct(body.holder, body.room, body.reason, actor),
		}),
	];
}
