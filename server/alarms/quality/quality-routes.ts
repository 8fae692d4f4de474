import { z } from "zod";
import { alarmQualitySchema, qualityPeriodSchema } from "../../../contracts/alarm-quality.ts";
import { idSchema } from "../../../contracts/identifiers.ts";
import { instantQuery } from "../../platform/http/instant-query.ts";
import { defineRoute, type Route } from "../../platform/http/route.ts";
import type { QualityService } from "./quality-service.ts";

const DAY = 86_400_000;
/** Longest window of the figures, and of their comparison by shift or day, ms. */
const LONGEST = 366 * DAY;
const LONGEST_BY_DAY = 62 * DAY;

const windowQuery = { from: instantQuery, to: instantQuery, room: idSchema.optional() };

/** The alarm system's performance (ISA-18.2, clause 16). */
export function qualityRoutes(quality: QualityService): Route[] {
	return [
		defineRoute({
			method: "get",
			path: "/api/v1/alarms/quality",
			summary: "Figures of the alarms raised from (inclusive) to (exclusive) against the targets of ISA-18.2, with floods and worst offenders",
			tag: "alarms",
			permission: "alarms.read",
			query: z.object(windowQuery).superRefine(checkWindow),
			response: alarmQualitySchema,
			handle: async ({ query: { from, to, room } }) => quality.quality({ from, to }, room),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/alarms/quality/periods",
			summary: "The same figures for each shift, day or month that begins in the window, oldest first",
			tag: "alarms",
			permission: "alarms.read",
			query: z.object({ ...windowQuery, by: z.enum(["shift", "day", "month"]) }).superRefine((query, context) => {
				checkWindow(query, context);
				if (query.by !== "month" && query.to - query.from > LONGEST_BY_DAY)
					context.addIssue({ code: "custom", path: ["to"], message: "expected at most 62 days after from; by month, 366" });
			}),
			response: z.object({ items: z.array(qualityPeriodSchema) }),
			handle: async ({ query: { from, to, by, room } }) => ({ items: await quality.periods({ from, to }, by, room) }),
		}),
	];
}

function checkWindow(
	{ from, to }: { from: number; to: number },
	context: { addIssue: (issue: { code: "custom"; path: string[]; message: string }) => void },
) {
	if (to <= from) context.addIssue({ code: "custom", path: ["to"], message: "expected to be later than from" });
	else if (to - from > LONGEST) context.addIssue({ code: "custom", path: ["to"], message: "expected at most 366 days after from" });
}
