import { z } from "zod";
import { pageOf } from "../../../contracts/api.ts";
import { rackPowerSchema } from "../../../contracts/rack-power.ts";
import { inMemoryPage } from "../../platform/http/in-memory-page.ts";
import { pagingQuery } from "../../platform/http/paging.ts";
import { defineRoute, type Route } from "../../platform/http/route.ts";
import type { LivePoints } from "../../site/live-points.ts";
import type { WorldSource } from "../../site/world-source.ts";
import { rackPowers } from "./rack-power.ts";

/** How the racks hang on their feeds. */
export function rackPowerRoutes(world: WorldSource, points: Pick<LivePoints, "get">): Route[] {
	const newest = (id: string) => {
		const { value, quality } = points.get(id) ?? { value: null, quality: "bad" };
		return typeof value === "number" && (quality === "good" || quality === "uncertain") ? value : null;
	};
	return [
		defineRoute({
			method: "get",
			path: "/api/v1/racks/power",
			summary: "What each rack draws from its feeds, and what a feed would carry if the other failed now",
			tag: "site",
			permission: "site.read",
			query: z.object(pagingQuery),
			response: pageOf(rackPowerSchema),
			handle: async ({ query }) => inMemoryPage(rackPowers(world.current(), newest), query),
		}),
	];
}
