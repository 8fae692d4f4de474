import type { RackPower } from "../../../contracts/rack-power.ts";
import type { World } from "../../../contracts/world.ts";
import { carries, type Input, MEASURE_TABLE } from "./measures.ts";

const FEEDS = ["A", "B"] as const;

/**
 * What each rack with power meters on a feed draws, and what a feed would carry if the other failed now; one that carries nothing now
 * carries nothing then. The meters are the points of kind power of its PDUs; `newest` gives the newest value of a point, `null` where
 * nothing good is known.
 */
export function rackPowers(world: World, newest: (point: string) => number | null): RackPower[] {
	const meters = new Map<string, Input[]>();
	for (const { kind, feed, points } of world.devices.values())
		for (const point of points) {
			const { rack } = point.location;
			if (kind !== "pdu" || feed === null || rack === null || point.kind !== "power") continue;
			const inputs = meters.get(rack) ?? [];
			meters.set(rack, inputs);
			inputs.push({ point, feed });
		}
	return world.site.racks.flatMap(({ id, name = id, room, feedPower, ratedPower }) => {
		const inputs = meters.get(id);
		if (!inputs) return [];
		const rating = feedPower ?? ratedPower ?? null;
		const values = Float64Array.from(inputs, ({ point }) => newest(point.id) ?? Number.NaN);
		const hangsOn = (feed: "A" | "B") => inputs.some((input) => input.feed === feed);
		const loadOf = (feed: "A" | "B") => {
			const load = inputs.reduce((sum, input, index) => (input.feed === feed ? sum + (values[index] as number) : sum), 0);
			return Number.isNaN(load) ? null : load;
		};
		const load = { A: loadOf("A"), B: loadOf("B") };
		const isDead = (feed: "A" | "B") => load.A !== null && load.B !== null && !carries(load[feed] ?? 0, load.A + load.B);
		const percent = MEASURE_TABLE["failover-load"]({ inputs, values, feedPower: rating });
		const known = percent === null || Number.isNaN(percent) ? null : Math.round(percent * 10) / 10;
		const ifFails = FEEDS.filter(hangsOn).map((feed) => {
			const carriedBy = FEEDS.find((other) => other !== feed && hangsOn(other) && !isDead(other)) ?? null;
			return { feed, carriedBy, percent: carriedBy === null ? null : known };
		});
		return [{ id, name, room, feedPower: rating, load, ifFails }];
	});
}
