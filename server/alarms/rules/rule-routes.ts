import { z } from "zod";
import { pageOf } from "../../../contracts/api.ts";
import { prioritySchema } from "../../../contracts/kinds.ts";
import { rackPowerSchema } from "../../../contracts/rack-power.ts";
import { RULE_KINDS } from "../../../contracts/rules.ts";
import { inMemoryPage } from "../../platform/http/in-memory-page.ts";
import { pagingQuery } from "../../platform/http/paging.ts";
import { defineRoute, type Route } from "../../platform/http/route.ts";
import type { LivePoints } from "../../site/live-points.ts";
import type { WorldSource } from "../../site/world-source.ts";
import type { AlarmService } from "../alarm-service.ts";
import { rackPowers } from "./rack-power.ts";

/** One rule as the site file states it, durations in ms, with what its kind adds (limit, level, deadband; change, within, direction; count, within, states; per, measure; after). */
const ruleViewSchema = z.looseObject({
	id: z.string(),
	name: z.string(),
	kind: z.enum(RULE_KINDS),
	priority: prioritySchema,
	/** Which points, as in the site file. */
	on: z.looseObject({}),
	onDelay: z.number(),
	offDelay: z.number(),
	cause: z.string(),
	consequence: z.string(),
	action: z.string(),
	receivers: z.array(z.string()),
	/** Points that it watches; of a rule that combines points, the devices, racks or rooms. */
	points: z.number().int(),
});

export interface RuleRoutesOptions {
	alarms: Pick<AlarmService, "rules">;
	world: WorldSource;
	points: Pick<LivePoints, "get">;
}

/** The rules that alarms are raised by, and what they make of the racks' power. */
export function ruleRoutes({ alarms, world, points }: RuleRoutesOptions): Route[] {
	return [
		defineRoute({
			method: "get",
			path: "/api/v1/racks/power",
			summary: "What each rack draws from its feeds, and what a feed would carry if the other failed now",
			tag: "site",
			permission: "site.read",
			query: z.object(pagingQuery),
			response: pageOf(rackPowerSchema),
			handle: async ({ query }) => {
				const newest = (id: string) => {
					const { value, quality } = points.get(id) ?? { value: null, quality: "bad" };
					return typeof value === "number" && (quality === "good" || quality === "uncertain") ? value : null;
				};
				return inMemoryPage(rackPowers(world.current(), newest), query);
			},
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/rules",
			summary: "The alarm rules in use",
			tag: "alarms",
			permission: "alarms.read",
			query: z.object(pagingQuery),
			response: pageOf(ruleViewSchema),
			handle: async ({ query }) =>
				inMemoryPage(
					alarms.rules().map(({ rule, points }) => ({ ...rule, points })),
					query,
				),
		}),
	];
}
