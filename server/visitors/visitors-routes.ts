import { z } from "zod";
import { pageOf } from "../../contracts/api.ts";
import { idSchema } from "../../contracts/identifiers.ts";
import type { Permission } from "../../contracts/permissions.ts";
import {
	checkInSchema,
	issueBadgeSchema,
	visitActSchema,
	visitorBadgeInputSchema,
	visitorBadgeSchema,
	visitReasonSchema,
	visitRequestSchema,
	visitStateSchema,
	visitViewSchema,
} from "../../contracts/visitors.ts";
import { type Actor, may } from "../platform/actor.ts";
import { inMemoryPage } from "../platform/http/in-memory-page.ts";
import { instantQuery } from "../platform/http/instant-query.ts";
import { pagingQuery } from "../platform/http/paging.ts";
import { defineRoute, type Route } from "../platform/http/route.ts";
import type { VisitorsService } from "./visitors-service.ts";

const tag = "visitors";
const byId = z.object({ id: z.uuid() });
const nothing = z.strictObject({});

/** Visits and the pool of badges. `site`: id of the site that they belong to. */
export function visitorsRoutes(visitors: VisitorsService, site: () => string): Route[] {
	const act = (path: string, summary: string, permission: Permission, handle: (id: string, actor: Actor) => ReturnType<VisitorsService["get"]>) =>
		defineRoute({
			method: "post",
			path: `/api/v1/visitors/{id}/${path}`,
			summary,
			tag,
			permission,
			params: byId,
			body: nothing,
			response: visitViewSchema,
			handle: ({ params, actor }) => handle(params.id, actor),
		});
	return [
		defineRoute({
			method: "get",
			path: "/api/v1/visitors",
			summary: "Visits, those that begin last come first",
			tag,
			permission: "visitors.read",
			readsPersonal: "visit.list",
			query: z.object({
				...pagingQuery,
				state: visitStateSchema.optional(),
				from: instantQuery.optional().describe("Only visits that last beyond this"),
				to: instantQuery.optional().describe("Only visits that begin before this"),
			}),
			response: pageOf(visitViewSchema),
			handle: ({ query }) => visitors.list(query),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/visitors",
			summary: "Ask for a visit",
			tag,
			permission: "visitors.request",
			refusesBiometrics: true,
			body: visitRequestSchema,
			status: 201,
			response: visitViewSchema,
			handle: ({ body, actor }) => visitors.request(body, actor),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/visitors/{id}",
			summary: "One visit",
			tag,
			permission: "visitors.read",
			readsPersonal: "visit.read",
			params: byId,
			response: visitViewSchema,
			handle: ({ params }) => visitors.get(params.id),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/visitors/{id}/history",
			summary: "Who did what with a visit, the oldest first",
			tag,
			permission: "visitors.read",
			readsPersonal: "visit.history",
			params: byId,
			query: z.object(pagingQuery),
			response: pageOf(visitActSchema),
			handle: async ({ params, query }) => inMemoryPage(await visitors.history(params.id), query),
		}),
		act("approve", "Approve a visit that one neither asked for nor hosts nor escorts", "visitors.approve", (id, actor) =>
			visitors.approve(id, actor),
		),
		defineRoute({
			method: "post",
			path: "/api/v1/visitors/{id}/reject",
			summary: "Reject a visit",
			tag,
			permission: "visitors.approve",
			params: byId,
			body: visitReasonSchema,
			response: visitViewSchema,
			handle: ({ params, body, actor }) => visitors.reject(params.id, body.reason, actor),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/visitors/{id}/cancel",
			summary: "Cancel a visit before the badge is issued",
			tag,
			permission: "visitors.request",
			params: byId,
			body: visitReasonSchema,
			response: visitViewSchema,
			handle: ({ params, body, actor }) => visitors.cancel(params.id, body.reason, actor, may(actor, "visitors.approve", site())),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/visitors/{id}/check-in",
			summary: "The visitor's identity document was checked at the desk",
			tag,
			permission: "visitors.desk",
			refusesBiometrics: true,
			params: byId,
			body: checkInSchema,
			response: visitViewSchema,
			handle: ({ params, body, actor }) => visitors.checkIn(params.id, body, actor),
		}),
		act("accept-escort", "The escort accepts, with their own account", "visitors.request", (id, actor) => visitors.acceptEscort(id, actor)),
		defineRoute({
			method: "post",
			path: "/api/v1/visitors/{id}/badge",
			summary: "Issue a badge of the pool",
			tag,
			permission: "visitors.desk",
			params: byId,
			body: issueBadgeSchema,
			response: visitViewSchema,
			handle: ({ params, body, actor }) => visitors.badge(params.id, body.badge, actor),
		}),
		act("check-out", "The visitor leaves", "visitors.desk", (id, actor) => visitors.checkOut(id, actor)),
		act("badge-returned", "The badge was handed back", "visitors.desk", (id, actor) => visitors.badgeReturned(id, actor)),
		defineRoute({
			method: "get",
			path: "/api/v1/visitor-badges",
			summary: "The pool of badges",
			tag,
			permission: "visitors.read",
			readsPersonal: "visitor-badge.list",
			query: z.object(pagingQuery),
			response: pageOf(visitorBadgeSchema),
			handle: async ({ query }) => inMemoryPage(await visitors.pool(), query),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/visitor-badges",
			summary: "Put a badge into the pool",
			tag,
			permission: "holders.manage",
			body: visitorBadgeInputSchema,
			status: 201,
			response: visitorBadgeSchema,
			handle: ({ body, actor }) => visitors.addBadge(body, actor),
		}),
		defineRoute({
			method: "delete",
			path: "/api/v1/visitor-badges/{id}",
			summary: "Take a badge that no visitor has out of the pool",
			tag,
			permission: "holders.manage",
			params: z.object({ id: idSchema }),
			status: 204,
			response: z.undefined(),
			handle: async ({ params, actor }) => {
				await visitors.removeBadge(params.id, actor);
				return undefined;
			},
		}),
	];
}
