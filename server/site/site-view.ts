import type { SiteView } from "../../contracts/api.ts";
import { pointIdOf } from "../../contracts/identifiers.ts";
import type { SiteProblem } from "../../contracts/site-check.ts";
import type { World } from "../../contracts/world.ts";

/** The site as the API shows it. `loadedAt` in Unix ms. */
export function siteView(world: World, problems: readonly SiteProblem[], loadedAt: number): SiteView {
	const { site } = world;
	return {
		id: site.id,
		name: site.name,
		timeZone: site.timeZone,
		rooms: site.rooms.map(({ id, name, kind, plan }) => ({ id, name, kind, plan })),
		racks: site.racks.map(({ id, name, room, plan, ratedPower }) => ({ id, name: name ?? id, room, plan, ratedPower: ratedPower ?? null })),
		doors: site.doors.map(({ id, name, from, to, plan, factors, controller, readers }) => ({
			id,
			name,
			from,
			to,
			plan,
			factors,
			point: pointIdOf(controller, id),
			readers,
		})),
		fileProblems: [...problems],
		loadedAt: new Date(loadedAt).toISOString(),
	};
}
