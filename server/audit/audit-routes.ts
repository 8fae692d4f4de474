import { once } from "node:events";
import { z } from "zod";
import { pageOf } from "../../contracts/api.ts";
import { auditExportSchema, auditPageSchema, auditResultSchema, auditReviewSchema, auditTagSchema, signReviewSchema } from "../../contracts/audit.ts";
import { inMemoryPage } from "../platform/http/in-memory-page.ts";
import { booleanQuery, instantQuery } from "../platform/http/instant-query.ts";
import { decodeCursor, pagingQuery } from "../platform/http/paging.ts";
import { defineRoute, type Route } from "../platform/http/route.ts";
import type { AuditService } from "./audit-service.ts";
import type { ExportService } from "./export-service.ts";
import type { ReviewService } from "./review-service.ts";

const position = z.object({ at: z.number(), id: z.uuid() });
const exact = z.string().min(1).max(256);

/** The audit log: search, exports, reviews. */
export function auditRoutes({ search, exports, reviews }: { search: AuditService; exports: ExportService; reviews: ReviewService }): Route[] {
	return [
		defineRoute({
			method: "get",
			path: "/api/v1/audit",
			summary: "Lines of the audit log, newest first; each search is itself a line",
			tag: "audit",
			permission: "audit.read",
			query: z.object({
				...pagingQuery,
				from: instantQuery.optional(),
				to: instantQuery.optional(),
				user: exact.optional().describe("Id or name of an account"),
				operation: z.string().min(1).max(80).optional(),
				tag: auditTagSchema.optional(),
				result: auditResultSchema.optional(),
				highRisk: booleanQuery.optional(),
				object: exact.optional().describe("`{type}:{id}`, or the id alone"),
				address: exact.optional(),
				text: z.string().trim().min(2).max(200).optional().describe("Anywhere in a line; stops after some thousand lines, the cursor goes on"),
			}),
			response: auditPageSchema,
			handle: async ({ actor, query: { limit, cursor, ...query } }) => search.search(actor, query, decodeCursor(cursor, position) ?? null, limit),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/audit/exports",
			summary: "Approved exports whose file is there",
			tag: "audit",
			permission: "audit.read",
			query: z.object(pagingQuery),
			response: pageOf(auditExportSchema),
			handle: async ({ query }) => inMemoryPage(await exports.list(), query),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/audit/exports/{id}/lines.jsonl",
			summary: "The file of an export, for who proposed it; one line of the log a line, oldest first",
			tag: "audit",
			permission: "audit.export-propose",
			params: z.object({ id: z.uuid() }),
			response: "application/jsonl",
			handle: async ({ actor, params, response }) => {
				const pieces = await exports.open(actor, params.id);
				// What is wrong with the file shows before the first byte, as far as it can.
				let piece = await pieces.next();
				response.type("application/jsonl").attachment(`audit-${params.id}.jsonl`);
				for (; !piece.done; piece = await pieces.next()) {
					if (response.destroyed) return;
					if (!response.write(piece.value)) await Promise.race([once(response, "drain"), once(response, "close")]);
				}
				response.end();
			},
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/audit/reviews",
			summary: "Monthly reviews of the audit log, newest first: due, overdue or signed",
			tag: "audit",
			permission: "audit.read",
			query: z.object(pagingQuery),
			response: pageOf(auditReviewSchema),
			handle: async ({ query }) => inMemoryPage(await reviews.list(), query),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/audit/reviews/{id}/sign",
			summary: "Signs that the lines of a period were reviewed; into the ledger",
			tag: "audit",
			permission: "audit.review",
			confirmed: true,
			params: z.object({ id: z.string().regex(/^\d{4}-\d{2}$/, "expected a month such as 2026-11") }),
			body: signReviewSchema,
			response: auditReviewSchema,
			handle: async ({ actor, params, body }) => reviews.sign(actor, params.id, body.remarks),
		}),
	];
}
