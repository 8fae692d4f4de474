import type { World } from "../../contracts/world.ts";

/** The site as it is in use now; features ask here and hear of a reload. */
export interface WorldSource {
	current(): World;
	/** Calls `listener` with the new world after each reload, synchronously and in the order of registration. */
	onChange(listener: (world: World) => void): void;
}
