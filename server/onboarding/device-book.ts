import type { Adoption, Resting } from "../../contracts/onboarding.ts";
import type { SiteFile } from "../../contracts/site.ts";
import { expandSite, type World } from "../../contracts/world.ts";
import type { Database } from "../platform/database/database.ts";
import type { Logger } from "../platform/logger.ts";
import { WorldListeners } from "../site/world-listeners.ts";
import type { WorldSource } from "../site/world-source.ts";
import { type DeviceTables, type DeviceVersion, newestDevices } from "./device-store.ts";
import { mergeDevices } from "./merge-devices.ts";

export interface DeviceBookOptions {
	/** The site file. */
	world: WorldSource;
	database: Database;
	logger: Logger;
}

/** An added device, and why it isn't in use. */
export interface BookedDevice extends DeviceVersion {
	definition: Adoption;
	resting: Resting | null;
}

/** The world of the site file with the devices that two people have added; every feature asks here. */
export class DeviceBook implements WorldSource {
	readonly #options: DeviceBookOptions;
	readonly #listeners: WorldListeners;
	#devices: readonly BookedDevice[] = [];
	#newest: ReadonlyMap<string, DeviceVersion> = new Map();
	#world: World | null = null;

	constructor(options: DeviceBookOptions) {
		this.#options = options;
		this.#listeners = new WorldListeners(options.logger);
	}

	/** After the site file and the database, before every feature. */
	async start(): Promise<void> {
		await this.refresh();
		this.#options.world.onChange(() => this.#overlay());
	}

	current(): World {
		return this.#world ?? this.#options.world.current();
	}

	onChange(listener: (world: World) => void): void {
		this.#listeners.add(listener);
	}

	/** The site file alone. */
	file(): SiteFile {
		return this.#options.world.current().site;
	}

	/** The added devices, by id. */
	list(): readonly BookedDevice[] {
		return this.#devices;
	}

	/** Takes over what has been agreed meanwhile. */
	async refresh(): Promise<void> {
		this.#newest = await newestDevices(this.#options.database.tables<DeviceTables>());
		this.#overlay();
	}

	#overlay(): void {
		const { world, logger } = this.#options;
		const added = [...this.#newest.values()].flatMap((version) => (version.definition ? [{ ...version, definition: version.definition }] : []));
		const { site, resting } = mergeDevices(
			world.current().site,
			added.map(({ definition }) => definition),
		);
		this.#devices = added.map((version) => ({ ...version, resting: resting.get(version.device) ?? null }));
		if (resting.size > 0) logger.warn({ devices: Object.fromEntries(resting) }, "devices that two people have added are not in use");
		this.#world = expandSite(site);
		this.#listeners.tell(this.#world);
	}
}
