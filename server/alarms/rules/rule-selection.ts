import type { Rule, Selector } from "../../../contracts/rules.ts";
import type { World, WorldDevice, WorldPoint } from "../../../contracts/world.ts";

/** Whether a rule watches a point: every property that the selector names must match. */
export function selects(selector: Selector, point: WorldPoint, device: WorldDevice): boolean {
	const { pointKind, deviceKind, room, rack } = selector;
	return (
		among(pointKind, point.kind) &&
		among(deviceKind, device.kind) &&
		among(room, point.location.room) &&
		among(rack, point.location.rack) &&
		among(selector.device, point.device) &&
		among(selector.point, point.point)
	);
}

/** The rules on each point that has any, in the order of the site file; those that combine points are none of a single one. */
export function rulesByPoint(world: World): Map<WorldPoint, Rule[]> {
	const found = new Map<WorldPoint, Rule[]>();
	const single = world.site.rules.filter(({ kind }) => kind !== "combination");
	for (const device of world.devices.values())
		for (const point of device.points) {
			const rules = single.filter((rule) => selects(rule.on, point, device));
			if (rules.length > 0) found.set(point, rules);
		}
	return found;
}

function among<T>(list: readonly T[] | undefined, value: T | null): boolean {
	return list === undefined || (value !== null && list.includes(value));
}
