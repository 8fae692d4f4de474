import { z } from "zod";
import { pageOf } from "../../contracts/api.ts";
import {
	batchInputSchema,
	batchViewSchema,
	closeBatchSchema,
	emptyBaySchema,
	mediaImportSchema,
	reconciliationViewSchema,
} from "../../contracts/media-orders.ts";
import { pagingQuery } from "../platform/http/paging.ts";
import { defineRoute, type Route } from "../platform/http/route.ts";
import type { OrdersService } from "./orders-service.ts";

const tag = "media";
const byId = z.object({ id: z.uuid() });
const CSV = { type: "text/csv", limit: 2 * 1024 * 1024 };

/** Work orders of media. */
export function ordersRoutes(orders: OrdersService): Route[] {
	return [
		defineRoute({
			method: "get",
			path: "/api/v1/media/batches",
			summary: "Work orders, the newest first",
			tag,
			permission: "media.read",
			query: z.object({ ...pagingQuery, state: z.enum(["open", "closed"]).optional() }),
			response: pageOf(batchViewSchema),
			handle: ({ query: { state, ...page } }) => orders.list({ ...page, open: state && state === "open" }),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/media/batches",
			summary: "Open a work order; its media are held to the policy in force now",
			tag,
			permission: "media.manage",
			body: batchInputSchema,
			status: 201,
			response: batchViewSchema,
			handle: ({ body, actor }) => orders.open(body, actor),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/media/batches/{id}",
			summary: "One work order",
			tag,
			permission: "media.read",
			params: byId,
			response: batchViewSchema,
			handle: ({ params }) => orders.get(params.id),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/media/batches/{id}/import",
			summary: "Register media from a CSV file: without `hash` a dry run that shows every row's fate, with the hash of one exactly that",
			tag,
			permission: "media.manage",
			params: byId,
			query: z.object({
				hash: z
					.string()
					.regex(/^[0-9a-f]{64}$/, { error: "expected the hash of a dry run" })
					.optional(),
			}),
			bodyText: CSV,
			body: z.string().min(1, { error: "expected a CSV file" }),
			response: mediaImportSchema,
			handle: ({ params, query, body, actor }) =>
				query.hash === undefined ? orders.dryRun(params.id, body) : orders.import(params.id, body, query.hash, actor),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/media/batches/{id}/bays",
			summary: "Account for a bay of the order that was found empty",
			tag,
			permission: "media.handle",
			params: byId,
			body: emptyBaySchema,
			response: batchViewSchema,
			handle: ({ params, body, actor }) => orders.emptyBay(params.id, body, actor),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/media/batches/{id}/reconciliation",
			summary: "What was removed, destroyed and certified, as sets of serial numbers, and where they differ",
			tag,
			permission: "media.read",
			params: byId,
			response: reconciliationViewSchema,
			handle: ({ params }) => orders.reconciliation(params.id),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/media/batches/{id}/close",
			summary: "Close a work order: only when removed = destroyed = certified",
			tag,
			permission: "media.manage",
			confirmed: true,
			params: byId,
			body: closeBatchSchema,
			response: batchViewSchema,
			handle: ({ params, body, actor }) => orders.close(params.id, body.deviations, actor),
		}),
	];
}
