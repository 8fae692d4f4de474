import { once } from "node:events";
import { z } from "zod";
import { historySchema, rawRowSchema, rollupRowSchema } from "../../contracts/api.ts";
import { pointIdSchema } from "../../contracts/identifiers.ts";
import { valueSchema } from "../../contracts/kinds.ts";
import { instantQuery } from "../platform/http/instant-query.ts";
import { defineRoute, type Route } from "../platform/http/route.ts";
import type { HistoryResult } from "./history.ts";
import { csvHeader, csvRows } from "./history-csv.ts";
import type { Aggregate, HistoryService } from "./history-service.ts";

const params = z.object({ id: pointIdSchema.describe("`{device}:{point}`") });
const range = {
	from: instantQuery.optional().describe("Start of the range, inclusive: ISO 8601 or Unix milliseconds; default an hour before `to`"),
	to: instantQuery.optional().describe("End of the range, exclusive; default now"),
	step: z.enum(["auto", "raw", "1m", "1h"]).default("auto").describe("Resolution; `auto`: the finest that is kept for the range and fits in `limit`"),
};
const query = z.object({
	...range,
	aggregate: z
		.enum(["min", "max", "mean", "last", "count"])
		.optional()
		.describe("Repeats this column as `value` in each 1m or 1h row, so that all steps can be drawn alike"),
	limit: z.coerce.number().int().min(1).max(50_000).default(5000).describe("Most rows in the answer, the oldest first"),
});
const answerSchema = historySchema.extend({
	rows: z.union([z.array(rawRowSchema), z.array(rollupRowSchema.extend({ value: valueSchema.nullable().optional() }))]),
});

/** `GET /api/v1/points/{id}/history` and the same as CSV. */
export function historyRoutes(service: HistoryService): Route[] {
	return [
		defineRoute({
			method: "get",
			path: "/api/v1/points/{id}/history",
			summary: "Series of a point",
			tag: "points",
			permission: "site.read",
			params,
			query,
			response: answerSchema,
			handle: async ({ params, query: { aggregate, ...request } }) =>
				answer(params.id, await service.series({ point: params.id, ...request }), aggregate),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/points/{id}/history.csv",
			summary: "Series of a point as CSV, all rows of the range",
			tag: "points",
			permission: "site.read",
			params,
			query: z.object(range),
			response: "text/csv",
			handle: async ({ params, query: request, response }) => {
				const pages = service.pages({ point: params.id, ...request });
				// What is wrong with the request shows before the first byte.
				const first = await pages.next();
				if (first.done) return;
				response.type("text/csv").attachment(`${params.id.replace(":", "_")}.csv`);
				response.write(csvHeader(first.value.step));
				for (let page: IteratorResult<HistoryResult> = first; !page.done; page = await pages.next()) {
					if (response.destroyed) return;
					if (!response.write(csvRows(page.value))) await Promise.race([once(response, "drain"), once(response, "close")]);
				}
				response.end();
			},
		}),
	];
}

function answer(point: string, result: HistoryResult, aggregate: Aggregate | undefined): z.input<typeof answerSchema> {
	const instant = (ts: number) => new Date(ts).toISOString();
	const { step, truncated } = result;
	if (result.step === "raw") return { point, step, truncated, rows: result.rows.map((row) => ({ ...row, ts: instant(row.ts) })) };
	const rows = result.rows.map((row) => ({ ...row, ts: instant(row.ts), ...(aggregate ? { value: row[aggregate] } : {}) }));
	return { point, step, truncated, rows };
}
