import type { NativeResult } from "../../contracts/native-dialect.ts";
import { orderTime, type Reading } from "../../contracts/reading.ts";
import type { UplinkEvent, UplinkStatusEvent } from "../../contracts/uplink.ts";
import { checkEvent, checkReadings, refuseTime } from "./check-message.ts";
import { observeClock } from "./device-clock.ts";
import type { DeviceDirectory, DeviceEntry, DeviceState, PointEntry } from "./device-directory.ts";
import type { DeviceMessage } from "./device-source.ts";
import type { Dialect, Dialects } from "./dialects.ts";
import { type DeviceMark, observeEventNumber } from "./event-numbers.ts";
import type { Decoded, DecodedAccessEvent, DecodedDoorEvent, DecodedReading, Refusal } from "./profiles/profile.ts";

/** Where accepted data goes. MUST call `settle` once all of it is on disk, in the order of the calls, and never before. */
export interface Store {
	add(readings: readonly Reading[], events: readonly UplinkEvent[], marks: readonly DeviceMark[], settle: () => void): void;
}
/** Where refused payloads go; must be cheap, since a broken device may send thousands a second. */
export interface RefusalSink {
	add(device: string, known: boolean, message: DeviceMessage, refusal: Refusal): void;
}

/** Where devices outside the device list are noted; must be cheap. */
export interface SeenSink {
	add(profile: string, part: Decoded, message: DeviceMessage): void;
}

export interface IntakeOptions {
	directory: DeviceDirectory;
	dialects: Dialects;
	store: Store;
	refusals: RefusalSink;
	/** Hears of answers to commands, which are not stored. */
	results?: (device: string, result: NativeResult) => void;
	seen?: SeenSink;
}

/** What of a message is to be stored. */
interface Taken {
	readings: Reading[];
	events: UplinkEvent[];
	marks: DeviceMark[];
}

/** Last happenings of a device whose repetition is known by a key. */
const KEYS = 32;

/**
 * Decodes, checks and normalises what devices send, counts it per device, and hands it on. A message of the native dialect is taken
 * whole or, with a reason, not at all; of another dialect, what the device list asks for is taken and the rest passed over. Either way it is
 * settled, since a device would send a refused one for ever.
 */
export class Intake {
	readonly #options: IntakeOptions;
	/** Refused payloads of devices that are not in the device list. */
	rejectedUnknown = 0;

	constructor(options: IntakeOptions) {
		this.#options = options;
	}

	/** See TakeMessage: `settle` is called when the content is on disk, at once when there is none. */
	take(message: DeviceMessage, settle: () => void): void {
		const readings: Reading[] = [];
		const events: UplinkEvent[] = [];
		const marks: DeviceMark[] = [];
		const { dialects } = this.#options;
		let known = false;
		for (const dialect of dialects.of(message.topic)) {
			const parts = dialects.decoderOf(dialect)(message);
			if (parts === null) continue;
			known = true;
			for (const part of parts) this.#takePart(dialect, part, message, { readings, events, marks });
			break;
		}
		if (!known) this.#refuseTopic(message);
		if (readings.length === 0 && events.length === 0 && marks.length === 0) settle();
		else this.#options.store.add(readings, events, marks, settle);
	}

	/** Counts a log-in or topic that was refused to a device before there was a message to take. */
	refuse(device: string, message: DeviceMessage, refusal: Refusal): void {
		const known = this.#options.directory.device(device);
		if (known) this.#count(known, message, refusal);
		else this.#refuseUnknown(device, message, refusal);
	}

	#refuseTopic(message: DeviceMessage): void {
		const device = (message.topic.split("/", 2)[1] ?? "").replace(/[^A-Za-z0-9._-]/g, "_").slice(0, 64);
		this.refuse(device, message, { reason: "bad-topic", detail: "expected watchroom/{device}/{point}, or a topic of another dialect" });
	}

	#refuseUnknown(device: string, message: DeviceMessage, refusal: Refusal): void {
		this.rejectedUnknown++;
		this.#options.refusals.add(device, false, message, refusal);
	}

	#count(device: DeviceEntry, message: DeviceMessage, refusal: Refusal): void {
		device.state.rejected++;
		device.state.revision++;
		this.#options.refusals.add(device.id, true, message, refusal);
	}

	#takePart(dialect: Dialect, said: Decoded, message: DeviceMessage, { readings, events, marks }: Taken): void {
		const { profile } = dialect;
		const devices = this.#options.dialects.devicesOf(dialect, said.device);
		const part = profile.strict || devices.length === 0 ? said : withUsableTimes(said, message.receivedAt);
		if (devices.length === 0) {
			// What can't be read tells nothing that somebody could configure.
			const isReadable = part.refusal === null && (part.unread === undefined || part.readings.length > 0 || part.info !== undefined);
			if (isReadable) this.#options.seen?.add(profile.adoptedAs ?? profile.id, part, message);
			// Of other dialects much is heard that is nobody's business: what can't be read is told, what is not configured is listed.
			if (profile.strict || part.refusal)
				this.#refuseUnknown(
					part.device,
					message,
					part.refusal ?? { reason: "unknown-device", detail: `device ${part.device} is not in the device list` },
				);
			return;
		}
		for (const device of devices) {
			const { state } = device;
			const { keys } = state;
			const { last } = state.events;
			state.lastSeen = message.receivedAt;
			state.revision++;
			const refusal = part.refusal ?? (profile.strict ? this.#accept(device, part, message, readings, events) : null);
			if (refusal) this.#count(device, message, refusal);
			else if (profile.strict) {
				state.accepted += part.readings.length + part.events.length;
				if (part.result) this.#options.results?.(device.id, part.result);
			} else this.#acceptEach(device, part, message, readings, events);
			if (state.keys !== keys || state.events.last !== last) marks.push({ device: device.id, last: state.events.last, keys: state.keys });
		}
	}

	/** All of it or nothing. */
	#accept(device: DeviceEntry, part: Decoded, message: DeviceMessage, readings: Reading[], events: UplinkEvent[]): Refusal | null {
		const { receivedAt } = message;
		const clock = clockAfter(device, part, message);
		const checkedReadings = checkReadings(device, part.readings, receivedAt, clock);
		if (!Array.isArray(checkedReadings)) return checkedReadings;
		const checkedEvents: UplinkEvent[] = [];
		for (const event of part.events) {
			const checked = checkEvent(device, event, receivedAt);
			if ("detail" in checked) return checked;
			checkedEvents.push(checked);
		}
		device.state.clock = clock;
		for (let index = 0; index < checkedReadings.length; index++)
			note(device, checkedReadings[index] as Reading, part.readings[index] as DecodedReading, message, readings);
		let said: UplinkStatusEvent["status"] = "online";
		for (const event of checkedEvents) {
			if (event.type === "status") said = event.status;
			else {
				device.state.events = observeEventNumber(device.state.events, event.seq);
				events.push(event);
			}
		}
		hear(device, said, receivedAt, events);
		return null;
	}

	/** What the device list asks for; a wrong value keeps none of the others back. */
	#acceptEach(device: DeviceEntry, part: Decoded, message: DeviceMessage, readings: Reading[], events: UplinkEvent[]): void {
		const { receivedAt } = message;
		const { state } = device;
		state.unusableClock = part.unusableClock ?? (hasTime(part) ? null : state.unusableClock);
		state.clock = clockAfter(device, part, message);
		const isRepeated = part.key !== undefined && state.keys.includes(part.key);
		if (part.key !== undefined && !isRepeated) remember(state, part.key);
		for (const reading of isRepeated ? [] : part.readings) {
			const door = device.doorsBySource.get(reading.channel);
			if (door !== undefined && device.controls.has(door)) this.#takeEvent(device, doorEvent(reading), message, events);
			if (!device.channels.has(reading.channel)) continue;
			const checked = checkReadings(device, [reading], receivedAt, state.clock);
			if (Array.isArray(checked)) {
				state.accepted++;
				note(device, checked[0] as Reading, reading, message, readings);
			} else this.#count(device, message, { reason: checked.reason, detail: `${reading.channel}: ${checked.detail}` });
		}
		for (const { channel, expected } of isRepeated ? [] : (part.unread ?? []))
			if (device.channels.has(channel) || device.doorsBySource.has(channel))
				this.#count(device, message, { reason: "wrong-type", detail: `${channel}: expected ${expected}` });
		let status: UplinkStatusEvent["status"] = "online";
		for (const event of part.events) {
			if (event.type === "status") status = event.status;
			else this.#takeEvent(device, event, message, events);
		}
		for (const number of part.numbers ?? []) state.events = observeEventNumber(state.events, number);
		if (!part.unborn) hear(device, status, receivedAt, events);
	}

	#takeEvent(device: DeviceEntry, event: DecodedAccessEvent | DecodedDoorEvent | null, message: DeviceMessage, events: UplinkEvent[]): void {
		if (event === null) return;
		const { state } = device;
		if (event.key !== undefined && state.keys.includes(event.key)) return;
		// What a broker has kept of a swipe is no swipe of now, and has no number by which it would be known.
		if (message.retained && event.type === "access" && event.seq === null) return;
		const checked = checkEvent(device, event, message.receivedAt);
		if ("detail" in checked) {
			this.#count(device, message, checked);
			// It has come, if for nothing: it isn't missing.
			if (event.seq !== null) state.events = observeEventNumber(state.events, event.seq);
			return;
		}
		if (checked.type === "status") return;
		if (event.key !== undefined) remember(state, event.key);
		state.accepted++;
		state.events = event.seq === null ? { ...state.events, last: checked.seq } : observeEventNumber(state.events, checked.seq);
		events.push(checked);
	}
}

/** So that what is told again is known. */
function remember(state: DeviceState, key: string): void {
	state.keys = [...state.keys, key].slice(-KEYS);
}

/** Takes a reading for its point. */
function note(device: DeviceEntry, reading: Reading, decoded: DecodedReading, message: DeviceMessage, readings: Reading[]): void {
	// An old value that a broker kept, without a time of its own: nobody knows how old it is.
	if (message.retained && decoded.ts === null && reading.quality === "good") reading.quality = "uncertain";
	const point = device.channels.get(decoded.channel) as PointEntry;
	if (!reading.historical && (!point.latest || orderTime(point.latest) <= orderTime(reading))) point.latest = reading;
	readings.push(reading);
}

/** A device that speaks is online; only a change is an event, so that repeated births can't fill the outbox. */
function hear({ id, state }: DeviceEntry, said: UplinkStatusEvent["status"], receivedAt: number, events: UplinkEvent[]): void {
	if (state.status === said) return;
	state.status = said;
	state.statusAt = receivedAt;
	events.push({ type: "status", device: id, status: said, ts: receivedAt, receivedAt });
}

/** A contact that stands for a door, as a door's event; `null`: it tells of the past, or nothing of a door. */
function doorEvent({ channel, value, ts, historical }: DecodedReading): DecodedDoorEvent | null {
	const state = value === true || value === "open" ? "open" : value === false || value === "closed" ? "closed" : null;
	return state === null || historical ? null : { type: "door", seq: null, door: channel, state, ts };
}

/** The part with the time of receipt in place of times that can't be true; records of the past whose time can't be true are left out. */
function withUsableTimes(part: Decoded, receivedAt: number): Decoded {
	const isWrong = ({ ts }: { ts: number | null }) => ts !== null && refuseTime(ts, receivedAt) !== null;
	if (!part.readings.some(isWrong) && !part.events.some(isWrong) && !part.readings.some(({ historical, ts }) => historical && ts === null))
		return part;
	return {
		...part,
		readings: part.readings.flatMap((reading) => {
			const wrong = reading.ts === null || isWrong(reading);
			return reading.historical && wrong ? [] : wrong ? { ...reading, ts: null } : reading;
		}),
		events: part.events.map((event) => (isWrong(event) ? { ...event, ts: null } : event)),
		unusableClock: part.unusableClock ?? "not-set",
	};
}

const hasTime = ({ readings, events }: Decoded) => readings.some(({ ts }) => ts !== null) || events.some(({ ts }) => ts !== null);

/**
 * The device's clock after this message, told from its newest time; times that will be refused say nothing, nor do those of a message
 * that a broker has kept for who knows how long.
 */
function clockAfter(device: DeviceEntry, part: Decoded, { receivedAt, retained }: DeviceMessage) {
	if (retained) return device.state.clock;
	let newest = Number.NEGATIVE_INFINITY;
	for (const { ts, historical } of part.readings) if (ts !== null && ts > newest && !historical) newest = ts;
	for (const { ts } of part.events) if (ts !== null && ts > newest) newest = ts;
	return Number.isFinite(newest) ? observeClock(device.state.clock, newest, receivedAt) : device.state.clock;
}
