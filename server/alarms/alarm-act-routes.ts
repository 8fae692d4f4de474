import { z } from "zod";
import {
	acknowledgedManySchema,
	acknowledgeManySchema,
	acknowledgeSchema,
	alarmSchema,
	outOfServiceSchema,
	shelveSchema,
} from "../../contracts/api.ts";
import { defineRoute, type Route } from "../platform/http/route.ts";
import type { AlarmService } from "./alarm-service.ts";

const byId = z.object({ id: z.string().min(1).max(64) });
const giveReason = shelveSchema.pick({ reason: true }).partial();

/** What people do to alarms; each answers the alarm as it is then. */
export function alarmActRoutes(alarms: AlarmService): Route[] {
	const common = { method: "post", tag: "alarms", params: byId, response: alarmSchema } as const;
	return [
		defineRoute({
			...common,
			path: "/api/v1/alarms/{id}/acknowledge",
			summary: "Acknowledges the newest occurrence; 409 already-acknowledged, or newer-occurrence when it is not the given one",
			permission: "alarms.acknowledge",
			body: acknowledgeSchema,
			handle: async ({ params, body, actor }) => alarms.acknowledge(params.id, body, actor),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/alarms/acknowledge",
			summary: "Acknowledges several alarms, each for itself and each the occurrence that was seen; says of each whether it was",
			tag: "alarms",
			permission: "alarms.acknowledge",
			body: acknowledgeManySchema,
			response: acknowledgedManySchema,
			handle: async ({ body, actor }) => ({ items: await alarms.acknowledgeMany(body.alarms, body.comment ?? null, actor) }),
		}),
		defineRoute({
			...common,
			path: "/api/v1/alarms/{id}/reset",
			summary: "Resets a latched alarm; 409 not-latched, still-active (the condition holds) or not-acknowledged",
			permission: "alarms.acknowledge",
			body: giveReason,
			handle: async ({ params, body, actor }) => alarms.act(params.id, { kind: "reset", by: actor.username, comment: body.reason ?? null }, actor),
		}),
		defineRoute({
			...common,
			path: "/api/v1/alarms/{id}/shelve",
			summary: "Shelves an alarm for minutes, or as long as the site allows; oneShot: at most until its next return; 409 already-shelved",
			permission: "alarms.shelve",
			body: shelveSchema,
			handle: async ({ params, body, actor }) => alarms.shelve(params.id, body, actor),
		}),
		defineRoute({
			...common,
			path: "/api/v1/alarms/{id}/unshelve",
			summary: "Brings a shelved alarm back before its time; 409 not-shelved",
			permission: "alarms.shelve",
			body: giveReason,
			handle: async ({ params, body, actor }) =>
				alarms.act(params.id, { kind: "unshelved", by: actor.username, comment: body.reason ?? null }, actor),
		}),
		defineRoute({
			...common,
			path: "/api/v1/alarms/{id}/out-of-service",
			summary: "Takes an alarm out of service, or back with outOfService false; 409 already-out-of-service, already-in-service",
			permission: "alarms.service",
			body: outOfServiceSchema,
			handle: async ({ params, body, actor }) => {
				const kind = body.outOfService ? "out-of-service" : "in-service";
				return alarms.act(params.id, { kind, by: actor.username, comment: body.reason }, actor);
			},
		}),
	];
}
