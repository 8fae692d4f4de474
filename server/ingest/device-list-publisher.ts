import { type DeviceAccount, uplinkTopic } from "../../contracts/uplink.ts";
import type { World } from "../../contracts/world.ts";
import { deviceListFor } from "../site/device-lists.ts";
import type { WorldSource } from "../site/world-source.ts";
import type { UplinkTransport } from "./uplink-transport.ts";

/** Accounts of devices at their agents' brokers. */
export interface DeviceAccounts {
	current(): readonly DeviceAccount[];
	onChange(listener: () => void): void;
}
const NO_ACCOUNTS: DeviceAccounts = { current: () => [], onChange: () => {} };

/** Gives every agent its device list, retained, at the start and whenever its content has changed (EDG-9). */
export class DeviceListPublisher {
	readonly #world: WorldSource;
	readonly #transport: Pick<UplinkTransport, "publish">;
	readonly #accounts: DeviceAccounts;
	readonly #versions = new Map<string, string>();

	constructor(world: WorldSource, transport: Pick<UplinkTransport, "publish">, accounts: DeviceAccounts = NO_ACCOUNTS) {
		this.#world = world;
		this.#accounts = accounts;
		this.#transport = transport;
	}

	/** Begins to follow the site. */
	start(): void {
		this.#world.onChange((world) => this.#publish(world));
		this.#accounts.onChange(() => this.#publish(this.#world.current()));
	}

	/** Publishes all lists, changed or not: at the start, and to a broker that may have lost them. */
	publishAll(): void {
		const agents = [...this.#versions.keys()];
		this.#versions.clear();
		for (const agent of agents) this.#versions.set(agent, "");
		this.#publish(this.#world.current());
	}

	/** The version that an agent should work with; `undefined` for one that the site doesn't know. */
	version(agent: string): string | undefined {
		return this.#versions.get(agent);
	}

	#publish(world: World): void {
		// An agent that is no longer in the site is told that it has no devices.
		const agents = new Set([...world.site.agents.map(({ id }) => id), ...this.#versions.keys()]);
		for (const agent of agents) {
			const list = deviceListFor(world, agent, this.#accounts.current());
			if (this.#versions.get(agent) === list.version) continue;
			this.#versions.set(agent, list.version);
			this.#transport.publish(uplinkTopic(agent, "devices"), JSON.stringify(list), { retain: true });
		}
	}
}
