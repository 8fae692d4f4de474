import { selects } from "../../../contracts/rule-selection.ts";
import type { AccessCountRule, Rule } from "../../../contracts/rules.ts";
import type { World, WorldPoint } from "../../../contracts/world.ts";

/** The rules on each point that has any, in the order of the site file; those that combine points or count access events are none of a single one. */
export function rulesByPoint(world: World): Map<WorldPoint, Rule[]> {
	const found = new Map<WorldPoint, Rule[]>();
	const single = world.site.rules.filter(({ kind }) => kind !== "combination" && kind !== "access-count");
	for (const device of world.devices.values())
		for (const point of device.points) {
			const rules = single.filter((rule) => selects(rule.on, point, device));
			if (rules.length > 0) found.set(point, rules);
		}
	return found;
}

/** A rule that counts access events, with the doors at which it does. */
export interface AccessCount {
	rule: AccessCountRule;
	doors: ReadonlySet<string>;
}

/** The rules that count access events, in the order of the site file. */
export function accessCounts(world: World): AccessCount[] {
	return world.site.rules.flatMap((rule) => (rule.kind === "access-count" ? accessCount(rule, world) : []));
}

/** A rule that counts access events, with the doors that it selects by the points of their states. */
export function accessCount(rule: AccessCountRule, world: World): AccessCount {
	const doors = [...world.devices.values()].flatMap((device) =>
		device.points.filter((point) => point.kind === "door-state" && selects(rule.on, point, device)).map(({ point }) => point),
	);
	return { rule, doors: new Set(doors) };
}
