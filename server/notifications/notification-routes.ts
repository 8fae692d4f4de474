import type { Response } from "express";
import { z } from "zod";
import { pageOf } from "../../contracts/api.ts";
import { channelSchema } from "../../contracts/notification-policy.ts";
import { DELIVERY_STATES, deliverySchema, notificationStateSchema, pageViewSchema, testAlarmSchema } from "../../contracts/notifications.ts";
import { AppError } from "../platform/errors.ts";
import { inMemoryPage } from "../platform/http/in-memory-page.ts";
import { pagingQuery } from "../platform/http/paging.ts";
import { defineRoute, type Route } from "../platform/http/route.ts";
import type { NotificationViews } from "./notification-views.ts";
import { donePage, proofPage, unknownPage } from "./proof-page.ts";
import type { TestAlarms } from "./test-alarms.ts";

const tag = "notifications";
const alarm = z.string().min(1).max(64).optional();
const byToken = z.object({ token: z.string().regex(/^[\w-]{16,64}$/) });

/** Who was told what, and test alarms. */
export function notificationRoutes({ views, tests }: { views: NotificationViews; tests: TestAlarms }): Route[] {
	return [
		defineRoute({
			method: "get",
			path: "/api/v1/notifications",
			summary: "The delivery log, the newest first: what each receiver was told by each channel, with every try",
			tag,
			permission: "alarms.read",
			query: z.object({
				...pagingQuery,
				alarm: alarm.describe("Only of this alarm"),
				person: z.string().min(1).max(64).optional().describe("Only to this username"),
				channel: channelSchema.optional(),
				state: z.enum(DELIVERY_STATES).optional(),
			}),
			response: pageOf(deliverySchema),
			handle: ({ query }) => views.deliveries(query),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/notifications/state",
			summary: "Whether people are reached now: channels, who is on duty, what must be shown loudly",
			tag,
			permission: "alarms.read",
			response: notificationStateSchema,
			handle: () => views.state(),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/notifications/pages",
			summary: "What was decided of each occurrence of an alarm, and whom it calls next; without an alarm of all that wait for an answer",
			tag,
			permission: "alarms.read",
			query: z.object({ ...pagingQuery, alarm }),
			response: pageOf(pageViewSchema),
			handle: async ({ query }) => inMemoryPage(await views.pages(query.alarm), query),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/notifications/tests",
			summary: "Test alarms with who has confirmed them, the newest first",
			tag,
			permission: "alarms.read",
			query: z.object(pagingQuery),
			response: pageOf(testAlarmSchema),
			handle: async ({ query }) => inMemoryPage(await tests.list(), query),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/notifications/tests",
			summary: "Starts a test alarm now; 409 test-running while one is under way",
			tag,
			permission: "roster.manage",
			body: z.strictObject({}),
			status: 201,
			response: testAlarmSchema,
			handle: async ({ actor }) => tests.get(await tests.begin(actor)),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/notifications/proofs/{token}",
			summary: "The page on which a receiver confirms a test alarm; opening it confirms nothing, since mail programs open links by themselves",
			tag,
			permission: "public",
			params: byToken,
			response: "text/html",
			handle: async ({ params, response }) => page(response, async () => proofPage(await tests.proof(params.token))),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/notifications/proofs/{token}",
			summary: "Confirms a test alarm, once: used again, the link says when it was confirmed",
			tag,
			permission: "public",
			params: byToken,
			response: "text/html",
			handle: async ({ params, response }) =>
				page(response, async () => {
					const first = await tests.confirm(params.token);
					return first ? donePage() : proofPage(await tests.proof(params.token));
				}),
		}),
	];
}

async function page(response: Response, make: () => Promise<string>): Promise<void> {
	const html = await make().catch((error: unknown) => {
		if (!(error instanceof AppError) || error.code !== "unknown-link") throw error;
		response.status(404);
		return unknownPage();
	});
	response.type("html").send(html);
}
