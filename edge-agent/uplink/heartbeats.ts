import type { DeviceCounters, Heartbeat } from "../../contracts/uplink.ts";
import type { DeviceDirectory, DeviceEntry } from "../devices/device-directory.ts";
import type { Quarantine } from "../devices/quarantine.ts";
import type { SeenDevices } from "../devices/seen-devices.ts";
import type { Outbox } from "../outbox/outbox.ts";

/** Devices in one heartbeat. */
const DEVICES = 500;
/** Heartbeats sent at one time; what changed beyond that waits for the next time. */
const MESSAGES = 4;
const QUARANTINE_ENTRIES = 50;
const SEEN_DEVICES = 20;

export interface HeartbeatSources {
	directory: DeviceDirectory;
	quarantine: Quarantine;
	outbox: Outbox;
	rejectedUnknown: () => number;
	/** What the ledger's witness has seen; absent where there is none. */
	witness?: () => { size: number; fork: string | null };
	/** Devices outside the device list. */
	seen?: Pick<SeenDevices, "unreported" | "reset">;
	/** Unix ms. */
	startedAt: number;
}

/** Makes heartbeats: the agent's own state, and of the devices what has changed since the last one (all of them after `reset`). */
export class Heartbeats {
	readonly #sources: HeartbeatSources;
	/** Revision of each device that the server has been told. */
	#told = new Map<string, number>();

	constructor(sources: HeartbeatSources) {
		this.#sources = sources;
	}

	/** The server may know nothing: after each connection. */
	reset(): void {
		this.#told.clear();
		this.#sources.seen?.reset();
	}

	/** At least one message; `delivered` must be called once the server's broker has taken it. */
	next(now: number): { heartbeat: Heartbeat; delivered: () => void }[] {
		const { directory, quarantine, outbox, rejectedUnknown, startedAt, witness } = this.#sources;
		const changed: DeviceEntry[] = [];
		for (const device of directory.devices()) {
			if (this.#told.get(device.id) === device.state.revision) continue;
			changed.push(device);
			if (changed.length === DEVICES * MESSAGES) break;
		}
		const { entries, upTo } = quarantine.unreported(QUARANTINE_ENTRIES);
		const seen = this.#sources.seen?.unreported(SEEN_DEVICES);
		const messages: { heartbeat: Heartbeat; delivered: () => void }[] = [];
		for (let from = 0; from === 0 || from < changed.length; from += DEVICES) {
			const devices = changed.slice(from, from + DEVICES);
			const told = devices.map((device) => [device.id, device.state.revision] as const);
			messages.push({
				heartbeat: {
					sentAt: now,
					startedAt,
					devicesVersion: directory.version,
					outbox: outbox.stats(),
					dropped: outbox.dropped,
					rejectedUnknown: rejectedUnknown(),
					...(witness ? { witness: witness() } : {}),
					devices: devices.map(countersOf),
					quarantine: from === 0 ? entries : [],
					...(from === 0 && seen && seen.devices.length > 0 ? { seen: seen.devices } : {}),
				},
				delivered: () => {
					for (const [id, revision] of told) this.#told.set(id, revision);
					if (from > 0) return;
					quarantine.reported(upTo);
					seen?.delivered();
				},
			});
		}
		return messages;
	}
}

function countersOf({ id, state }: DeviceEntry): DeviceCounters {
	return {
		device: id,
		accepted: state.accepted,
		rejected: state.rejected,
		sequenceGaps: state.events.missing,
		clockSkewMs: state.clock.skew === null ? null : Math.round(state.clock.skew),
		lastSeen: state.lastSeen,
		status: state.status,
		unusableClock: state.unusableClock,
	};
}
