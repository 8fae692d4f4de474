import { createHash } from "node:crypto";
import type { SeenDeviceView } from "../../contracts/onboarding.ts";
import type { SeenDevice } from "../../contracts/uplink.ts";
import type { Clock } from "../platform/clock.ts";
import type { Realtime } from "../platform/realtime-port.ts";
import type { WorldSource } from "../site/world-source.ts";

/** Kept of one agent at most; the one that has been silent for longest goes first. */
const PER_AGENT = 500;
/** A device that hasn't been heard for so long is forgotten, ms. */
const FORGET_AFTER = 7 * 86_400_000;

export interface SeenDevicesOptions {
	/** The site with the devices that were added to it. */
	world: WorldSource;
	realtime: Realtime;
	clock: Clock;
}

/**
 * Devices that agents hear and the site doesn't know. In memory alone: an agent tells all of them again after each connection.
 * Everybody signed in hears once of a device that speaks for the first time.
 */
export class SeenDevices {
	readonly #options: SeenDevicesOptions;
	/** By agent, dialect and address. */
	readonly #seen = new Map<string, { agent: string; device: SeenDevice }>();
	readonly #startedAt: number;

	constructor(options: SeenDevicesOptions) {
		this.#options = options;
		this.#startedAt = options.clock.now();
	}

	/** What an agent has heard. Never throws. */
	heard(agent: string, devices: readonly SeenDevice[]): void {
		const { world, realtime, clock } = this.#options;
		if (devices.length === 0 || !world.current().site.agents.some(({ id }) => id === agent)) return;
		const configured = this.#configured();
		for (const device of devices) {
			const key = keyOf(agent, device);
			const isNew = !this.#seen.has(key);
			// The newest come last, so that the oldest are found first.
			this.#seen.delete(key);
			this.#seen.set(key, { agent, device });
			// What an agent tells again after a restart of the server is no news.
			if (isNew && device.firstSeen >= this.#startedAt && !configured.has(key))
				realtime.publish(world.current().site.id, "notice", {
					kind: "device-seen",
					at: clock.now(),
					text: `${device.address} (${device.profile}) speaks at ${agent} and is not configured`,
				});
		}
		const ofAgent = [...this.#seen].filter(([, entry]) => entry.agent === agent);
		for (const [key] of ofAgent.slice(0, Math.max(0, ofAgent.length - PER_AGENT))) this.#seen.delete(key);
	}

	/** Those that are still not configured, by agent and address. */
	list(): SeenDeviceView[] {
		const oldest = this.#options.clock.now() - FORGET_AFTER;
		for (const [key, { device }] of this.#seen) if (device.lastSeen < oldest) this.#seen.delete(key);
		const configured = this.#configured();
		return [...this.#seen]
			.filter(([key]) => !configured.has(key))
			.map(([key, { agent, device }]) => viewOf(idOf(key), agent, device))
			.sort((one, other) => compare(one.agent, other.agent) || compare(one.address, other.address) || compare(one.id, other.id));
	}

	/** Ids of what the site knows. */
	#configured(): Set<string> {
		return new Set(Array.from(this.#options.world.current().devices.values(), (device) => keyOf(device.agent, device)));
	}
}

const keyOf = (agent: string, { profile, address }: { profile: string; address: string }) => JSON.stringify([agent, profile, address]);

/** The same device at the same agent has the same id, also after a restart. */
const idOf = (key: string): string => createHash("sha256").update(key).digest("hex").slice(0, 24);

const viewOf = (id: string, agent: string, device: SeenDevice): SeenDeviceView => ({
	id,
	agent,
	...device,
	firstSeen: new Date(device.firstSeen).toISOString(),
	lastSeen: new Date(device.lastSeen).toISOString(),
});

const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);
