import type { Reading } from "../../contracts/reading.ts";
import type { World } from "../../contracts/world.ts";

const TYPE_OF = { number: "number", boolean: "boolean", state: "string" } as const;

/**
 * The readings of points that the site knows and whose values have the type that it gives them; the same array when that is all
 * of them. The others are what is left of an earlier site file.
 */
export function keepKnown(readings: Reading[], { points }: World): Reading[] {
	const fits = ({ point, value }: Reading) => {
		const known = points.get(point);
		return known !== undefined && typeof value === TYPE_OF[known.type];
	};
	return readings.every(fits) ? readings : readings.filter(fits);
}
