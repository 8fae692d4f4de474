import type { Reading } from "../../contracts/reading.ts";
import type { World } from "../../contracts/world.ts";
import { fits } from "../site/value-type.ts";

/**
 * The readings of points that the site knows and whose values have the type that it gives them; the same array when that is all
 * of them. The others are what is left of an earlier site file.
 */
export function keepKnown(readings: Reading[], { points }: World): Reading[] {
	const isKnown = ({ point, value }: Reading) => {
		const known = points.get(point);
		return known !== undefined && fits(value, known);
	};
	return readings.every(isKnown) ? readings : readings.filter(isKnown);
}
