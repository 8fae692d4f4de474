import { pointIdOf } from "../../contracts/identifiers.ts";
import type { DeviceKind, Value } from "../../contracts/kinds.ts";
import type { Reading } from "../../contracts/reading.ts";
import type { DeviceList, DeviceMapping, UnusableClock } from "../../contracts/uplink.ts";
import { type Accounts, accountsOf } from "./device-access.ts";
import { type DeviceClock, UNSEEN_CLOCK } from "./device-clock.ts";
import { type DeviceMark, type EventNumbers, NO_EVENTS } from "./event-numbers.ts";

/** A point of the device list and what came from it last. */
export interface PointEntry {
	/** `{device}:{point}` */
	id: string;
	type: "number" | "boolean" | "state";
	states: ReadonlySet<string> | null;
	range: { min: number; max: number } | null;
	/** The unit that values are converted to; `null`: they are taken as they come. */
	unit: string | null;
	/** The unit that the device means where it doesn't say. */
	sourceUnit: string | null;
	/** What the device's words mean, by the word. */
	values: ReadonlyMap<string, Value> | null;
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
	/** Why the times that it sends can't be used. */
	unusableClock: UnusableClock | null;
	/** Keys of its last events, where it has no event numbers. */
	keys: readonly string[];
	/** Counts up at every change, so that a heartbeat can tell what is new. */
	revision: number;
}
export interface DeviceEntry {
	id: string;
	kind: DeviceKind;
	profile: string;
	/** What its dialect calls it. */
	address: string;
	/** Doors whose access events it may report. */
	doors: ReadonlySet<string>;
	/** Doors whose state it reports. */
	controls: ReadonlySet<string>;
	/** Its doors by what it calls them. */
	doorsBySource: ReadonlyMap<string, string>;
	/** Which way each door is passed at which it stands. */
	directions: ReadonlyMap<string, "in" | "out">;
	points: Map<string, PointEntry>;
	/** Its points by what it calls them. */
	channels: Map<string, PointEntry>;
	/** How its messages are read beside the points. */
	mapping: DeviceMapping | null;
	/** Of its clock; `null`: nobody knows. */
	timeZone: string | null;
	state: DeviceState;
}

const NOBODY: readonly DeviceEntry[] = [];

/** The devices that this agent hears: the server's list, with what has been seen of each. */
export class DeviceDirectory {
	#devices = new Map<string, DeviceEntry>();
	/** By profile, then by address. */
	#addresses = new Map<string, Map<string, DeviceEntry[]>>();
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

	/** The devices that a dialect calls so. */
	at(profile: string, address: string): readonly DeviceEntry[] {
		return this.#addresses.get(profile)?.get(address) ?? NOBODY;
	}

	/** What a dialect calls its devices. */
	addresses(profile: string): Iterable<string> {
		return this.#addresses.get(profile)?.keys() ?? [];
	}

	/** Ids of the devices that speak a dialect. */
	ofProfile(profile: string): string[] {
		return [...(this.#addresses.get(profile)?.values() ?? [])].flat().map(({ id }) => id);
	}

	devices(): IterableIterator<DeviceEntry> {
		return this.#devices.values();
	}

	/** Takes a new list; devices and points that stay keep what has been seen of them. */
	replace(list: DeviceList): void {
		const devices = new Map<string, DeviceEntry>();
		const addresses = new Map<string, Map<string, DeviceEntry[]>>();
		const allDoors = new Set(list.devices.flatMap((device) => device.doors));
		for (const device of list.devices) {
			const known = this.#devices.get(device.id);
			const points = new Map<string, PointEntry>();
			const channels = new Map<string, PointEntry>();
			for (const spec of device.points) {
				const entry: PointEntry = {
					id: pointIdOf(device.id, spec.point),
					type: spec.type,
					states: spec.states === null ? null : new Set(spec.states),
					range: spec.range,
					unit: spec.unit ?? null,
					sourceUnit: spec.sourceUnit ?? null,
					values: spec.values === undefined ? null : new Map(Object.entries(spec.values)),
					latest: known?.points.get(spec.point)?.latest ?? null,
				};
				points.set(spec.point, entry);
				channels.set(spec.source ?? spec.point, entry);
			}
			const { id, kind, profile, address = id, doorSources = {}, directions = {}, mapping = null, timeZone = list.timeZone ?? null } = device;
			// A list saved before lists told controllers and readers apart names each door with its controller only.
			const doors = device.controls ? new Set(device.doors) : allDoors;
			const controls = new Set(device.controls ?? device.doors);
			const entry: DeviceEntry = {
				id,
				kind,
				profile,
				address,
				doors,
				controls,
				doorsBySource: new Map([...doors].map((door) => [doorSources[door] ?? door, door])),
				directions: new Map(Object.entries(directions)),
				points,
				channels,
				mapping,
				timeZone,
				state: known?.state ?? newState(),
			};
			devices.set(id, entry);
			const ofProfile = addresses.get(profile) ?? new Map<string, DeviceEntry[]>();
			addresses.set(profile, ofProfile);
			ofProfile.set(address, [...(ofProfile.get(address) ?? []), entry]);
		}
		this.#addresses = addresses;
		this.#devices = devices;
		this.#version = list.version;
		this.#accounts = accountsOf(list);
	}

	/** Sets by what repetitions were known when the agent was last stopped. */
	restoreMarks(marks: Iterable<DeviceMark>): void {
		for (const { device, last, keys } of marks) {
			const state = this.#devices.get(device)?.state;
			if (state?.events.last === null) state.events = { ...NO_EVENTS, last };
			if (state?.keys.length === 0) state.keys = keys;
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
		unusableClock: null,
		keys: [],
		revision: 0,
	};
}
