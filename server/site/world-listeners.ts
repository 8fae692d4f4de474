import type { World } from "../../contracts/world.ts";
import type { Logger } from "../platform/logger.ts";

/** Those who follow the site, see {@link WorldSource.onChange}. */
export class WorldListeners {
	readonly #listeners: ((world: World) => void)[] = [];
	readonly #logger: Logger;

	constructor(logger: Logger) {
		this.#logger = logger;
	}

	add(listener: (world: World) => void): void {
		this.#listeners.push(listener);
	}

	/** Tells each of the new world, also after one that could not take it over. */
	tell(world: World): void {
		for (const listener of this.#listeners) {
			try {
				listener(world);
			} catch (error) {
				this.#logger.error({ err: error }, "a part of the server could not take over the changed site");
			}
		}
	}
}
