import { z } from "zod";
import { pageOf } from "../../contracts/api.ts";
import { idSchema } from "../../contracts/identifiers.ts";
import { evidencePackSchema } from "../../contracts/ledger.ts";
import {
	assignmentSchema,
	attestedSchema,
	attestSchema,
	decidedManySchema,
	decideItemSchema,
	decideManySchema,
	reassignSchema,
	resolveSchema,
	reviewDecisionSchema,
	reviewItemSchema,
	reviewRiskSchema,
	reviewSchema,
	startReviewSchema,
	submittedSchema,
} from "../../contracts/reviews.ts";
import type { LedgerService } from "../ledger/ledger-service.ts";
import { AppError, conflict } from "../platform/errors.ts";
import { inMemoryPage } from "../platform/http/in-memory-page.ts";
import { booleanQuery } from "../platform/http/instant-query.ts";
import { decodeCursor, pagingQuery } from "../platform/http/paging.ts";
import { defineRoute, type Route } from "../platform/http/route.ts";
import type { ReviewCampaigns } from "./review-campaigns.ts";
import type { ReviewClosing } from "./review-closing.ts";
import type { ReviewReports } from "./review-reports.ts";
import type { ReviewService } from "./review-service.ts";

const tag = "reviews";
const byId = z.object({ id: z.uuid() });
const byItem = z.object({ id: z.uuid(), item: z.uuid() });
const MEDIA = { json: "application/json", csv: "text/csv", pdf: "application/pdf" } as const;

export interface ReviewRoutesOptions {
	reviews: ReviewService;
	campaigns: ReviewCampaigns;
	closing: ReviewClosing;
	reports: ReviewReports;
	ledger: LedgerService;
}

/** Access reviews: items, decisions, signature, reports. */
export function reviewRoutes(options: ReviewRoutesOptions): Route[] {
	return [...reads(options), ...acts(options)];
}

function reads({ reviews, reports, ledger }: ReviewRoutesOptions): Route[] {
	return [
		defineRoute({
			method: "get",
			path: "/api/v1/reviews",
			summary: "Access reviews, the newest first",
			tag,
			permission: "reviews.read",
			query: z.object(pagingQuery),
			response: pageOf(reviewSchema),
			handle: async ({ query, actor }) => inMemoryPage(await reviews.list(actor), query),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/reviews/{id}",
			summary: "One review with its figures",
			tag,
			permission: "reviews.read",
			params: byId,
			response: reviewSchema,
			handle: ({ params, actor }) => reviews.get(params.id, actor),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/reviews/{id}/items",
			summary: "A review's items by number",
			tag,
			permission: "reviews.read",
			readsPersonal: "review.items",
			params: byId,
			query: z.object({
				...pagingQuery,
				mine: booleanQuery.optional().describe("true: only those that are assigned to whoever asks"),
				zone: idSchema.optional(),
				risk: reviewRiskSchema.optional(),
				decision: z.union([reviewDecisionSchema, z.literal("none")]).optional(),
				submitted: booleanQuery.optional(),
			}),
			response: pageOf(reviewItemSchema),
			handle: ({ params, query: { limit, cursor, mine, ...filter }, actor }) =>
				reviews.items(
					params.id,
					{ ...filter, ...(mine === true && { assignee: actor.id }) },
					{ limit, after: decodeCursor(cursor, z.number().int()) ?? 0 },
					actor,
				),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/reviews/{id}/items/{item}",
			summary: "One item",
			tag,
			permission: "reviews.read",
			readsPersonal: "review.item",
			params: byItem,
			response: reviewItemSchema,
			handle: ({ params, actor }) => reviews.item(params.id, params.item, actor),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/reviews/{id}/items/{item}/assignments",
			summary: "Who an item was assigned to, the oldest first",
			tag,
			permission: "reviews.read",
			params: byItem,
			query: z.object(pagingQuery),
			response: pageOf(assignmentSchema),
			handle: async ({ params, query }) => inMemoryPage(await reviews.assignments(params.id, params.item), query),
		}),
		...(["json", "csv", "pdf"] as const).map((format) =>
			defineRoute({
				method: "get",
				path: `/api/v1/reviews/{id}/report.${format}`,
				summary: `A review's report as ${format.toUpperCase()}; before the signature a draft of it`,
				tag,
				permission: "reviews.read",
				readsPersonal: "review.report",
				params: byId,
				response: MEDIA[format],
				handle: async ({ params, actor, response }) => {
					const { body, name, hash } = await reports.of(params.id, format, actor);
					if (hash !== null) response.setHeader("x-content-hash", `sha256:${hash}`);
					response.attachment(name).type(MEDIA[format]).send(body);
				},
			}),
		),
		defineRoute({
			method: "get",
			path: "/api/v1/reviews/{id}/evidence",
			summary: "Evidence pack of the newest report's hash in the ledger",
			tag,
			permission: "reviews.read",
			params: byId,
			response: evidencePackSchema,
			handle: async ({ params, actor }) => {
				const { report } = await reviews.get(params.id, actor);
				if (report === null) throw conflict("not-signed", "The review has not been signed off: nothing of it stands in the ledger but its snapshot.");
				return ledger.evidence(report.ledgerIndex);
			},
		}),
	];
}

function acts({ reviews, campaigns, closing }: ReviewRoutesOptions): Route[] {
	return [
		defineRoute({
			method: "post",
			path: "/api/v1/reviews",
			summary: "Start this month's review now, where it hasn't been started yet",
			tag,
			permission: "reviews.manage",
			body: startReviewSchema,
			status: 201,
			response: reviewSchema,
			handle: async ({ body, actor }) => reviews.get(await campaigns.begin(body.subject, actor), actor),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/reviews/{id}/items/{item}/decision",
			summary: "Decide on an item; a draft until it is submitted",
			tag,
			permission: "reviews.decide",
			params: byItem,
			body: decideItemSchema,
			response: reviewItemSchema,
			handle: ({ params, body, actor }) => reviews.decide(params.id, params.item, body, actor),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/reviews/{id}/decisions",
			summary: "Decide on many items, each for itself: what a page kept while the connection was broken",
			tag,
			permission: "reviews.decide",
			params: byId,
			body: decideManySchema,
			response: decidedManySchema,
			handle: async ({ params, body, actor }) => {
				const items: z.input<typeof decidedManySchema>["items"] = [];
				for (const { item, ...asked } of body.decisions)
					try {
						const { version } = await reviews.decide(params.id, item, asked, actor);
						items.push({ item, ok: true, version, code: null, detail: null });
					} catch (error) {
						if (!(error instanceof AppError) || error.status >= 500) throw error;
						items.push({ item, ok: false, version: null, code: error.code, detail: error.message });
					}
				return { items };
			},
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/reviews/{id}/attest",
			summary: "Keep unchanged low-risk items together",
			tag,
			permission: "reviews.decide",
			params: byId,
			body: attestSchema,
			response: attestedSchema,
			handle: ({ params, body, actor }) => reviews.attest(params.id, body, actor),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/reviews/{id}/submit",
			summary: "Carry out one's own drafts: what is revoked is taken at once",
			tag,
			permission: "reviews.decide",
			params: byId,
			response: submittedSchema,
			handle: ({ params, actor }) => reviews.submit(params.id, actor),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/reviews/{id}/items/{item}/reassign",
			summary: "Give an item to another reviewer",
			tag,
			permission: "reviews.manage",
			params: byItem,
			body: reassignSchema,
			response: reviewItemSchema,
			handle: ({ params, body, actor }) => reviews.reassign(params.id, params.item, body, actor),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/reviews/{id}/items/{item}/resolve",
			summary: "Say what came of the later use of a revoked badge",
			tag,
			permission: "reviews.manage",
			params: byItem,
			body: resolveSchema,
			response: reviewItemSchema,
			handle: ({ params, body, actor }) => closing.resolve(params.id, params.item, body.reason, actor),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/reviews/{id}/sign-off",
			summary: "Sign a review off once every item is decided and submitted",
			tag,
			permission: "reviews.sign-off",
			confirmed: true,
			params: byId,
			response: reviewSchema,
			handle: async ({ params, actor }) => {
				await closing.signOff(params.id, actor);
				return reviews.get(params.id, actor);
			},
		}),
	];
}
