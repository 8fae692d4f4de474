import type { Device } from "../../contracts/api.ts";
import type { Heartbeat } from "../../contracts/uplink.ts";
import { locationText, type WorldDevice } from "../../contracts/world.ts";
import type { Database } from "../platform/database/database.ts";
import type { Logger } from "../platform/logger.ts";
import type { Agents } from "./agents.ts";
import { type DeviceState, deviceStateSchema, takeCounters, takeStatus, UNHEARD, voidUntil } from "./device-state.ts";
import { PersistentStates } from "./persistent-states.ts";
import { sum } from "./total.ts";
import type { WorldSource } from "./world-source.ts";

export interface DevicesOptions {
	world: WorldSource;
	agents: Pick<Agents, "statusOf">;
	database: Database;
	logger: Logger;
}

/** One device's status at a time (Unix ms). */
export interface DeviceStatusChange {
	device: string;
	status: "online" | "offline";
	ts: number;
}

/** The devices of the site: whether they are heard, what they sent and what of it was refused. */
export class Devices {
	readonly #options: DevicesOptions;
	readonly #states: PersistentStates<DeviceState>;

	constructor(options: DevicesOptions) {
		this.#options = options;
		this.#states = new PersistentStates("device", deviceStateSchema, options.database, options.logger);
	}

	/** Reads what was saved. */
	async start(): Promise<void> {
		await this.#states.start();
	}

	/** Idempotent. */
	async stop(): Promise<void> {
		await this.#states.stop();
	}

	/** Takes over the counters of a heartbeat; devices that the site doesn't give to this agent are passed over. */
	heartbeat(agent: string, heartbeat: Heartbeat): void {
		const { devices } = this.#options.world.current();
		for (const counters of heartbeat.devices) {
			if (devices.get(counters.device)?.agent !== agent) continue;
			this.#states.set(counters.device, takeCounters(this.#state(counters.device), counters, heartbeat));
		}
	}

	/** Takes over status messages, in whatever order they come: the newest by its time counts. */
	status(changes: readonly DeviceStatusChange[]): void {
		const { devices } = this.#options.world.current();
		for (const { device, status, ts } of changes) {
			if (devices.has(device)) this.#states.set(device, takeStatus(this.#state(device), status, ts));
		}
	}

	/** The device as the API shows it; `undefined` for one that the site doesn't know. */
	get(id: string): Device | undefined {
		const device = this.#options.world.current().devices.get(id);
		return device && this.#view(device);
	}

	/** All devices of the site. */
	list(): Device[] {
		return Array.from(this.#options.world.current().devices.values(), (device) => this.#view(device));
	}

	/** Whether the device counts as heard now: its agent is, and it has not gone offline. */
	isHeard(id: string): boolean {
		const device = this.#options.world.current().devices.get(id);
		return device !== undefined && this.#options.agents.statusOf(device.agent) === "online" && this.#state(id).status !== "offline";
	}

	/** Up to when, by its agent's clock, what the device said is no longer so because it went offline; `null`: it has not been offline. */
	voidUntil(id: string): number | null {
		return voidUntil(this.#state(id));
	}

	#state(device: string): DeviceState {
		return this.#states.get(device) ?? UNHEARD;
	}

	#view(device: WorldDevice): Device {
		const state = this.#state(device.id);
		return {
			id: device.id,
			name: device.name,
			kind: device.kind,
			agent: device.agent,
			location: locationText(device.location),
			room: device.location.room,
			rack: device.location.rack,
			plan: device.plan,
			feed: device.feed,
			// What an agent that isn't heard said last of a device is no knowledge of it now.
			status: this.#options.agents.statusOf(device.agent) === "online" ? state.status : "unknown",
			lastSeen: state.lastSeen === null ? null : new Date(state.lastSeen).toISOString(),
			accepted: sum(state.accepted),
			rejected: sum(state.rejected),
			sequenceGaps: sum(state.sequenceGaps),
			clockSkewMs: state.clockSkewMs,
			unusableClock: state.unusableClock,
			profile: device.profile,
		};
	}
}
