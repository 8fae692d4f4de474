import { z } from "zod";
import { pageOf } from "../../contracts/api.ts";
import { leaverDetailSchema, leaverViewSchema, personnelImportSchema } from "../../contracts/personnel.ts";
import { booleanQuery } from "../platform/http/instant-query.ts";
import { pagingQuery } from "../platform/http/paging.ts";
import { defineRoute, type Route } from "../platform/http/route.ts";
import type { PersonnelImports } from "./personnel-imports.ts";
import type { PersonnelService } from "./personnel-service.ts";

const tag = "personnel";
const byId = z.object({ id: z.uuid() });
const FILE_LIMIT = 1024 * 1024;

/** Leavers with their clocks, and the HR system's files. */
export function personnelRoutes(personnel: PersonnelService, imports: PersonnelImports): Route[] {
	return [
		defineRoute({
			method: "get",
			path: "/api/v1/personnel/leavers",
			summary: "Leavers, the newest first, each with its clock",
			tag,
			permission: "access.read",
			readsPersonal: "leaver.list",
			query: z.object(pagingQuery),
			response: pageOf(leaverViewSchema),
			handle: ({ query }) => personnel.leavers(query),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/personnel/leavers/{id}",
			summary: "One leaver: controllers, cards to hand back, what needs a new sponsor",
			tag,
			permission: "access.read",
			readsPersonal: "leaver.read",
			params: byId,
			response: leaverDetailSchema,
			handle: ({ params }) => personnel.leaver(params.id),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/personnel/leavers/{id}/cards/{credential}/returned",
			summary: "A leaver's card was handed back",
			tag,
			permission: "holders.manage",
			params: z.object({ id: z.uuid(), credential: z.uuid() }),
			response: leaverDetailSchema,
			handle: ({ params, actor }) => personnel.cardReturned(params.id, params.credential, actor),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/personnel/import",
			summary: "A file of the HR system: joiners, movers, leavers",
			tag,
			permission: "personnel.provision",
			query: z.object({
				dryRun: booleanQuery.optional().describe("true: shows every row's fate and changes nothing"),
				full: booleanQuery.optional().describe("true: whoever came by a file and is missing from this one has left"),
				expectLeavers: z.coerce.number().int().min(0).optional().describe("Exactly so many leave: needed for more than the limit"),
			}),
			body: z.string().min(1, "expected a CSV file"),
			bodyText: { type: "text/csv", limit: FILE_LIMIT },
			response: personnelImportSchema,
			handle: ({ query, body, actor }) => imports.run(body, query, actor),
		}),
	];
}
