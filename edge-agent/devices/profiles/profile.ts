import type { PointKind, Quality } from "../../../contracts/kinds.ts";
import type { NativeCommand, NativeResult } from "../../../contracts/native-dialect.ts";
import type { DeviceMapping, REFUSALS, UnusableClock, UplinkAccessEvent, UplinkDoorEvent } from "../../../contracts/uplink.ts";
import type { DeviceMessage } from "../device-source.ts";

export type RefusalReason = (typeof REFUSALS)[number];

/** Why a message is not taken. `detail` names the field and what was expected there. */
export interface Refusal {
	reason: RefusalReason;
	detail: string;
}

/** A reading as the device says it: not yet checked against the device list. */
export interface DecodedReading {
	/** What the device calls what it measures: the `source` of a point in the site file. */
	channel: string;
	/** The device's own time, Unix ms; `null`: it has none that can be used. */
	ts: number | null;
	/** Unknown is no reading at all: never 0, never an empty text. */
	value: number | boolean | string;
	quality: Quality | null;
	/** What is measured, for who puts the device into the site file; `null` or absent: nothing that Watchroom has a word for. */
	kind?: PointKind | null;
	/** As the device says it, see units.ts; absent: none is said, and the value is taken in the point's unit. */
	unit?: string;
	/** A record of the past: kept, and never taken for what is now. */
	historical?: boolean;
}

/** What dialects without event numbers or names of doors leave open. */
interface OpenEvent {
	/** The device's own event number; `null`: it has none, and the agent gives it one. */
	seq: number | null;
	/** What the device calls the door; `null`: the one at which it stands. */
	door: string | null;
	/** Unix ms; `null`: the device has no clock that can be used. */
	ts: number | null;
	/** Tells the same event, sent again, where there is no event number. */
	key?: string;
}
export type DecodedAccessEvent = Omit<UplinkAccessEvent, "ts" | "receivedAt" | "device" | "seq" | "door" | "direction"> &
	OpenEvent & {
		/** `null`: as the reader stands. */
		direction: "in" | "out" | null;
	};
export type DecodedDoorEvent = Omit<UplinkDoorEvent, "ts" | "receivedAt" | "device" | "seq" | "door"> & OpenEvent;
/** An event as the device says it. */
export type DecodedEvent = DecodedAccessEvent | DecodedDoorEvent | { type: "status"; status: "online" | "offline"; ts: number | null };

/** A channel that is in a message, with a value that can't be its own. */
export interface Unread {
	channel: string;
	/** As in "expected a number". */
	expected: string;
}

/** A channel that a device will have, for who puts it into the site file. */
export interface AnnouncedChannel {
	channel: string;
	kind: PointKind | null;
	unit: string | null;
	/** What its words mean, where it says yes or no. */
	words?: Readonly<Record<string, boolean>>;
}

/** What one device says in a message; a gateway's message may hold several devices. */
export interface Decoded {
	/** What the dialect calls the device: its `address` in the site file. */
	device: string;
	/** Where several came in one array, oldest first: a refusal names the index. */
	readings: readonly DecodedReading[];
	events: readonly DecodedEvent[];
	/** What it says and can't mean. What it doesn't know is none of it. */
	unread?: readonly Unread[];
	/** It has not introduced itself, as its dialect asks for: that it speaks doesn't make it online. */
	unborn?: boolean;
	/** The answer to a command. */
	result?: NativeResult;
	/** Numbers of events that are nothing to us, so that they leave no gap. */
	numbers?: readonly number[];
	/** Tells the same happening, told again: its readings count once. */
	key?: string;
	/** What it says of itself (model, firmware, address), for who puts it into the site file. */
	info?: Readonly<Record<string, string>>;
	/** Channels that it announces without saying what they measure now. */
	channels?: readonly AnnouncedChannel[];
	/** Why the times that it sends can't be used; absent: they can, or there are none. */
	unusableClock?: UnusableClock;
	/** Set: nothing of this device's part is taken. */
	refusal: Refusal | null;
}

/**
 * Decodes one agent's messages of one dialect; may keep state (aliases, birth certificates).
 * MUST NOT throw on any payload, and MUST NOT make up a value. Returns one entry per device that it is about; none: nothing of
 * interest; `null`: not of this dialect.
 */
export type Decode = (message: DeviceMessage) => readonly Decoded[] | null;

/** What a decoder is given. */
export interface DecoderContext {
	/** The topic that the dialect's topics begin with; `""` in a dialect whose topics are fixed. */
	base: string;
	/** Publishes on the devices' broker, to who listens now. */
	send(topic: string, payload: string | Buffer): void;
	/** The addresses of this dialect in the device list, for messages about all devices behind a gateway. */
	addresses(): Iterable<string>;
	/** Whether an address is in the device list. */
	isListed(address: string): boolean;
	/** What the site file wants to know of the devices of an address: the sources of their points. */
	channels(address: string): Iterable<string>;
	/** How the site file reads their messages beside the points; `null`: not at all. */
	mapping(address: string): DeviceMapping | null;
	/** The IANA zone of the clock of an address; `null`: nobody knows. */
	timeZone(address: string): string | null;
}

/** A dialect: one file, its samples beside it, one line in `registry.ts`. */
export interface Profile {
	/** As devices of the site file name it. */
	id: string;
	/** As people call it. */
	title: string;
	/** True: what is not in the device list is refused with its reason. Else a device says much that nobody has asked for, and that is passed over. */
	strict?: boolean;
	/** The dialect in which its devices are put into the site file, where that is another one. */
	adoptedAs?: string;
	/** What its topics usually begin with; `null`: they are fixed. */
	base: string | null;
	/** MQTT topic filters of what its devices publish, below a base. `addresses`: those of the device list, where topics depend on them. */
	topics(base: string, addresses: readonly string[]): readonly string[];
	/** The address whose device alone may publish to a topic; `null`: a gateway's; `undefined`: nobody's. */
	owner(topic: string, base: string): string | null | undefined;
	/** Makes the decoder of one agent. */
	decoder(context: DecoderContext): Decode;
	/** The message that carries a command to one of its devices; a dialect without it has no commands. */
	command?(device: string, command: NativeCommand): { topic: string; payload: string };
	/** For the reference page; see scripts/device-dialects.ts. */
	page?: DialectPage;
}

/** What the reference page says of a dialect. */
export interface DialectPage {
	/** What devices speak it and what has to be set on them; Markdown. */
	about: string;
	/** What its `address` is. */
	address: string;
	/** Channels by name, with what they measure and in which unit. */
	channels: readonly (readonly [channel: string, meaning: string])[];
	/** What is passed over, and why. */
	ignores: readonly string[];
	/** How a device stands in the site file; YAML. */
	example: string;
}

/** A decoded message that is refused as a whole. */
export function refused(device: string, reason: RefusalReason, detail: string): readonly Decoded[] {
	return [{ device, readings: [], events: [], refusal: { reason, detail } }];
}
