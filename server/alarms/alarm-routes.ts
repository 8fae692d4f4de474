import { z } from "zod";
import { ALARM_STATES, alarmSchema, alarmSummarySchema, alarmTransitionSchema, pageOf } from "../../contracts/api.ts";
import { idSchema, pointIdSchema } from "../../contracts/identifiers.ts";
import { prioritySchema } from "../../contracts/kinds.ts";
import { booleanQuery, instantQuery } from "../platform/http/instant-query.ts";
import { decodeCursor, pagingQuery } from "../platform/http/paging.ts";
import { defineRoute, type Route } from "../platform/http/route.ts";
import type { AlarmService } from "./alarm-service.ts";

const byId = z.object({ id: z.string().min(1).max(64) });
const alarmPosition = z.object({ raisedAt: z.number(), id: z.string() });
const transitionPosition = z.object({ at: z.number(), id: z.number() });

/** The alarms, to read; what people do to alarms is in alarm-act-routes.ts. */
export function alarmRoutes(alarms: AlarmService): Route[] {
	return [
		defineRoute({
			method: "get",
			path: "/api/v1/alarms",
			summary: "Alarms, newest occurrence first. Without a filter other than priority and room: the open ones (every state but normal)",
			tag: "alarms",
			permission: "alarms.read",
			query: z.object({
				...pagingQuery,
				active: booleanQuery.optional(),
				acknowledged: booleanQuery.optional(),
				latched: booleanQuery.optional(),
				shelved: booleanQuery.optional(),
				suppressed: booleanQuery.optional(),
				outOfService: booleanQuery.optional(),
				causeId: z.string().min(1).max(64).optional(),
				state: z.enum(ALARM_STATES).optional(),
				priority: prioritySchema.optional(),
				point: pointIdSchema.optional(),
				room: idSchema.optional(),
				rule: idSchema.optional(),
			}),
			response: pageOf(alarmSchema),
			handle: async ({ query: { limit, cursor, ...filter } }) => {
				const { priority: _, room: __, ...narrowing } = filter;
				const open = Object.values(narrowing).every((value) => value === undefined);
				return alarms.list({ ...filter, open }, { limit, after: decodeCursor(cursor, alarmPosition) ?? null });
			},
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/alarms/summary",
			summary: "How many alarms there are now: in the list by priority, and shelved, suppressed, out of service, latched, symptoms",
			tag: "alarms",
			permission: "alarms.read",
			response: alarmSummarySchema,
			handle: async () => alarms.summary(),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/alarms/{id}",
			summary: "One alarm",
			tag: "alarms",
			permission: "alarms.read",
			params: byId,
			response: alarmSchema,
			handle: async ({ params }) => alarms.get(params.id),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/alarms/{id}/transitions",
			summary: "Every change of an alarm, the newest recorded first",
			tag: "alarms",
			permission: "alarms.read",
			params: byId,
			query: z.object(pagingQuery),
			response: pageOf(alarmTransitionSchema),
			handle: async ({ params, query }) =>
				alarms.transitions(params.id, { limit: query.limit, before: decodeCursor(query.cursor, z.number().int()) ?? null }),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/points/{id}/alarm-transitions",
			summary: "A point's alarm transitions from (inclusive) to (exclusive) in event time, oldest first, for trends; without times the last day",
			tag: "alarms",
			permission: "alarms.read",
			params: z.object({ id: pointIdSchema }),
			query: z.object({ ...pagingQuery, from: instantQuery.optional(), to: instantQuery.optional() }),
			response: pageOf(alarmTransitionSchema),
			handle: async ({ params, query: { from, to, limit, cursor } }) =>
				alarms.transitionsOfPoint(params.id, { from, to }, { limit, after: decodeCursor(cursor, transitionPosition) ?? null }),
		}),
	];
}
