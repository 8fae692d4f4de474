import { pointIdOf } from "../../contracts/identifiers.ts";
import type { DeviceKind } from "../../contracts/kinds.ts";
import type { Reading } from "../../contracts/reading.ts";
import type { DeviceList } from "../../contracts/uplink.ts";
import { type Accounts, accountsOf } from "./device-access.ts";
import { type DeviceClock, UNSEEN_CLOCK } from "./device-clock.ts";
import { type EventNumbers, NO_EVENTS } from "./event-numbers.ts";

/** A point of the device list and what came from it last. */
export interface PointEntry {
	/** `{device}:{point}` */
	id: string;
	type: "number" | "boolean" | "state";
	states: ReadonlySet<string> | null;
	range: { min: number; max: number } | null;
	/** Its reading with the newest device time. */
	latest: Reading | null;
}
/** What the agent knows of a device since it started (EDG-5, EDG-6, EDG-7). */
export interface DeviceState {
	accepted: number;
	rejected: number;
	lastSeen: number | null;
	status: "online" | "offline" | "unknown";
	statusAt: number | null;
	clock: DeviceClock;
	events: EventNumbers;
	/** Counts up at every change, so that a heartbeat can tell what is new. */
	revision: number;
}
export interface DeviceEntry {
	id: string;
	kind: DeviceKind;
	profile: string;
	/** Doors whose access events it may report. */
	doors: ReadonlySet<string>;
	/** Doors whose state it reports. */
	controls: ReadonlySet<string>;
	points: Map<string, PointEntry>;
	state: DeviceState;
}

/** The devices that this agent hears: the server's list, with what has been seen of each. */
export class DeviceDirectory {
	#devices = new Map<string, DeviceEntry>();
	#version: string | null = null;
	#accounts: Accounts = new Map();

	/** Of the list in use; `null` before there is one. */
	get version(): string | null {
		return this.#version;
	}

	/** What devices log in with. */
	get accounts(): Accounts {
		return this.#accounts;
	}

	device(id: string): DeviceEntry | undefined {
		return this.#devices.get(id);
	}

	devices(): IterableIterator<DeviceEntry> {
		return this.#devices.values();
	}

	/** Takes a new list; devices and points that stay keep what has been seen of them. */
	replace(list: DeviceList): void {
		const devices = new Map<string, DeviceEntry>();
		const allDoors = new Set(list.devices.flatMap((device) => device.doors));
		for (const device of list.devices) {
			const known = this.#devices.get(device.id);
			const points = new Map<string, PointEntry>();
			for (const spec of device.points)
				points.set(spec.point, {
					id: pointIdOf(device.id, spec.point),
					type: spec.type,
					states: spec.states === null ? null : new Set(spec.states),
					range: spec.range,
					latest: known?.points.get(spec.point)?.latest ?? null,
				});
			const { id, kind, profile } = device;
			// A list saved before lists told controllers and readers apart names each door with its controller only.
			const doors = device.controls ? new Set(device.doors) : allDoors;
			const controls = new Set(device.controls ?? device.doors);
			devices.set(id, { id, kind, profile, doors, controls, points, state: known?.state ?? newState() });
		}
		this.#devices = devices;
		this.#version = list.version;
		this.#accounts = accountsOf(list);
	}

	/** Sets where the event numbers of devices stood when the agent was last stopped. */
	restoreEventNumbers(last: ReadonlyMap<string, number>): void {
		for (const [id, number] of last) {
			const entry = this.#devices.get(id);
			if (entry && entry.state.events.last === null) entry.state.events = { ...NO_EVENTS, last: number };
		}
	}

	/** Newest reading of every point that has one. */
	latest(): Reading[] {
		const readings: Reading[] = [];
		for (const device of this.#devices.values()) for (const point of device.points.values()) if (point.latest) readings.push(point.latest);
		return readings;
	}

	/** Takes a reading from before the restart as the point's newest, unless a newer one is known. */
	restoreLatest(reading: Reading): void {
		const colon = reading.point.indexOf(":");
		const point = this.#devices.get(reading.point.slice(0, colon))?.points.get(reading.point.slice(colon + 1));
		if (point && (!point.latest || point.latest.ts <= reading.ts)) point.latest = reading;
	}
}

function newState(): DeviceState {
	return {
		accepted: 0,
		rejected: 0,
		lastSeen: null,
		status: "unknown",
		statusAt: null,
		clock: UNSEEN_CLOCK,
		events: NO_EVENTS,
		revision: 0,
	};
}
