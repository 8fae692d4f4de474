import type { Value } from "../../contracts/kinds.ts";
import type { WorldPoint } from "../../contracts/world.ts";

const TYPE_OF = { number: "number", boolean: "boolean", state: "string" } as const;

/** Whether a value is of the type that the point has in the site file. */
export function fits(value: Value, point: WorldPoint): boolean {
	return typeof value === TYPE_OF[point.type];
}
