import type { Rule } from "../../../contracts/rules.ts";
import type { World, WorldPoint } from "../../../contracts/world.ts";
import type { Message } from "../../../simulators/simulation.ts";

const matches = (wanted: readonly string[] | undefined, value: string | null) => !wanted || (value !== null && wanted.includes(value));

function watches(rule: Rule, point: WorldPoint, world: World): boolean {
	const { on } = rule;
	return (
		matches(on.pointKind, point.kind) &&
		matches(on.deviceKind, world.devices.get(point.device)?.kind ?? null) &&
		matches(on.room, point.location.room) &&
		matches(on.rack, point.location.rack) &&
		matches(on.device, point.device) &&
		matches(on.point, point.point)
	);
}

/** The limit and state rules that a value breaks, without any delay or deadband; point ids to a test of their values. */
export function brokenRules(world: World): (message: Message) => string[] {
	const rulesOf = new Map<string, Rule[]>();
	for (const point of world.points.values())
		rulesOf.set(
			point.id,
			world.site.rules.filter((rule) => watches(rule, point, world)),
		);
	return (message) => {
		if (message.type === "access") return [];
		const id = message.type === "door" ? `${message.device}:${message.body.door}` : `${message.device}:${message.point}`;
		const value = message.type === "door" ? message.body.state : message.value;
		const broken: string[] = [];
		for (const rule of rulesOf.get(id) ?? []) {
			if (rule.kind === "state" && rule.states.includes(value as string | boolean)) broken.push(rule.id);
			if (rule.kind === "limit" && typeof value === "number" && (rule.level.startsWith("high") ? value > rule.limit : value < rule.limit))
				broken.push(rule.id);
		}
		return broken;
	};
}
