import type { NativeResult } from "../../contracts/native-dialect.ts";
import { orderTime, type Reading } from "../../contracts/reading.ts";
import type { UplinkEvent, UplinkStatusEvent } from "../../contracts/uplink.ts";
import { checkEvent, checkReadings } from "./check-message.ts";
import { observeClock } from "./device-clock.ts";
import type { DeviceDirectory, DeviceEntry, PointEntry } from "./device-directory.ts";
import type { DeviceMessage } from "./device-source.ts";
import { observeEventNumber } from "./event-numbers.ts";
import type { Decode, Decoded, DecodedReading, Profile, Refusal } from "./profiles/profile.ts";
import { refused } from "./profiles/profile.ts";
import { matchesTopic } from "./topic-filter.ts";

/** Where accepted data goes. MUST call `settle` once all of it is on disk, in the order of the calls, and never before. */
export interface Store {
	add(readings: readonly Reading[], events: readonly UplinkEvent[], settle: () => void): void;
}
/** Where refused payloads go; must be cheap, since a broken device may send thousands a second. */
export interface RefusalSink {
	add(device: string, known: boolean, message: DeviceMessage, refusal: Refusal): void;
}

/** Topics whose dialect is remembered; whoever publishes to ever new ones fills no more than this. */
const TOPICS = 50_000;

/**
 * Decodes, checks and normalises what devices send, counts it per device, and hands it on. A message is taken whole or, with a
 * reason, not at all; either way it is settled, since a device would send a refused one for ever.
 */
export class Intake {
	readonly #directory: DeviceDirectory;
	readonly #store: Store;
	readonly #refusals: RefusalSink;
	readonly #results: (device: string, result: NativeResult) => void;
	readonly #dialects: { topics: readonly string[]; decode: Decode }[];
	/** Of topics seen before. */
	readonly #decoders = new Map<string, Decode>();
	/** Refused payloads of devices that are not in the device list. */
	rejectedUnknown = 0;

	/** `results` hears of answers to commands, which are not stored. */
	constructor(
		directory: DeviceDirectory,
		profiles: readonly Profile[],
		store: Store,
		refusals: RefusalSink,
		results: (device: string, result: NativeResult) => void = () => {},
	) {
		this.#results = results;
		this.#directory = directory;
		this.#store = store;
		this.#refusals = refusals;
		this.#dialects = profiles.map((profile) => ({ topics: profile.topics, decode: profile.decoder() }));
	}

	/** See TakeMessage: `settle` is called when the content is on disk, at once when there is none. */
	take(message: DeviceMessage, settle: () => void): void {
		const readings: Reading[] = [];
		const events: UplinkEvent[] = [];
		for (const part of this.#decode(message)) this.#takePart(part, message, readings, events);
		if (readings.length === 0 && events.length === 0) settle();
		else this.#store.add(readings, events, settle);
	}

	/** Counts a log-in or topic that was refused to a device before there was a message to take. */
	refuse(device: string, message: DeviceMessage, refusal: Refusal): void {
		const known = this.#directory.device(device);
		if (known) {
			known.state.rejected++;
			known.state.revision++;
		} else this.rejectedUnknown++;
		this.#refusals.add(device, known !== undefined, message, refusal);
	}

	#decode(message: DeviceMessage): readonly Decoded[] {
		const decode = this.#decoders.get(message.topic) ?? this.#findDecoder(message.topic);
		if (!decode) {
			const device = (message.topic.split("/", 2)[1] ?? "").replace(/[^A-Za-z0-9._-]/g, "_").slice(0, 64);
			return refused(device, "bad-topic", "expected watchroom/{device}/{point}");
		}
		return decode(message, this.#directory);
	}

	#findDecoder(topic: string): Decode | undefined {
		const decode = this.#dialects.find(({ topics }) => topics.some((filter) => matchesTopic(filter, topic)))?.decode;
		if (decode && this.#decoders.size < TOPICS) this.#decoders.set(topic, decode);
		return decode;
	}

	#takePart(part: Decoded, message: DeviceMessage, readings: Reading[], events: UplinkEvent[]): void {
		const device = this.#directory.device(part.device);
		if (!device) {
			this.rejectedUnknown++;
			this.#refusals.add(part.device, false, message, {
				reason: part.refusal?.reason ?? "unknown-device",
				detail: part.refusal?.detail ?? `device ${part.device} is not in the device list`,
			});
			return;
		}
		const { state } = device;
		state.lastSeen = message.receivedAt;
		state.revision++;
		const refusal = part.refusal ?? this.#accept(device, part, message, readings, events);
		if (refusal) {
			state.rejected++;
			this.#refusals.add(part.device, true, message, refusal);
		} else {
			state.accepted += part.readings.length + part.events.length;
			if (part.result) this.#results(device.id, part.result);
		}
	}

	#accept(device: DeviceEntry, part: Decoded, message: DeviceMessage, readings: Reading[], events: UplinkEvent[]): Refusal | null {
		const { receivedAt } = message;
		const { state } = device;
		const clock = clockAfter(device, part, receivedAt);
		const checkedReadings = checkReadings(device, part.readings, receivedAt, clock);
		if (!Array.isArray(checkedReadings)) return checkedReadings;
		const checkedEvents: UplinkEvent[] = [];
		for (const event of part.events) {
			const checked = checkEvent(device, event, receivedAt);
			if ("detail" in checked) return checked;
			checkedEvents.push(checked);
		}
		state.clock = clock;
		for (let index = 0; index < checkedReadings.length; index++) {
			const reading = checkedReadings[index] as Reading;
			const decoded = part.readings[index] as DecodedReading;
			// An old value that a broker kept, without a time of its own: nobody knows how old it is.
			if (message.retained && decoded.ts === null && reading.quality === "good") reading.quality = "uncertain";
			const point = device.points.get(decoded.point) as PointEntry;
			if (!point.latest || orderTime(point.latest) <= orderTime(reading)) point.latest = reading;
			readings.push(reading);
		}
		let said: UplinkStatusEvent["status"] = "online";
		for (const event of checkedEvents) {
			if (event.type === "status") said = event.status;
			else {
				state.events = observeEventNumber(state.events, event.seq);
				events.push(event);
			}
		}
		// A device that speaks is online; only a change is an event, so that repeated births can't fill the outbox.
		if (state.status !== said) {
			state.status = said;
			state.statusAt = receivedAt;
			events.push({ type: "status", device: device.id, status: said, ts: receivedAt, receivedAt });
		}
		return null;
	}
}

/** The device's clock after this message, told from its newest time; times that will be refused say nothing. */
function clockAfter(device: DeviceEntry, part: Decoded, receivedAt: number) {
	let newest = Number.NEGATIVE_INFINITY;
	for (const { ts } of part.readings) if (ts !== null && ts > newest) newest = ts;
	for (const { ts } of part.events) if (ts !== null && ts > newest) newest = ts;
	return Number.isFinite(newest) ? observeClock(device.state.clock, newest, receivedAt) : device.state.clock;
}
