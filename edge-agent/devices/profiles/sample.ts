import type { DeviceMapping, UnusableClock } from "../../../contracts/uplink.ts";
import type { AnnouncedChannel, DecodedEvent, RefusalReason } from "./profile.ts";

/** One message as a device of the dialect would send it, and all that must come of it. Written afresh, quoted from nobody. */
export interface Sample {
	/** What it shows; with the dialect's name the title of its test. */
	about: string;
	/** Messages that came before it, for a dialect that remembers. */
	after?: readonly Said[];
	topic: string;
	/** Text, or bytes. */
	payload: string | Buffer;
	/** The base topic, where it isn't the usual one. */
	base?: string;
	/** Addresses in the device list. */
	addresses?: readonly string[];
	/** Sources of the points of its address, and how its messages are read beside them, for a dialect that goes by these. */
	channels?: readonly string[];
	mapping?: DeviceMapping;
	/** Of the clock of its address, for a dialect that writes local time. */
	timeZone?: string;
	/** By address; an empty list: passed over; `null`: not of this dialect. */
	expect: readonly ExpectedPart[] | null;
	/** What the decoder publishes, as topics. */
	sends?: readonly string[];
}
export interface Said {
	topic: string;
	payload: string | Buffer;
}
export interface ExpectedPart {
	device: string;
	/** All of them, by channel: the value, or value and unit. */
	readings?: Readonly<Record<string, ExpectedValue>>;
	/** All of them, with what matters of each. */
	events?: readonly Partial<DecodedEvent>[];
	/** `online` or `offline`, where it says so. */
	status?: "online" | "offline";
	/** Device time of all readings and events, Unix ms; not looked at where it isn't given. */
	ts?: number | null;
	unusableClock?: UnusableClock;
	historical?: boolean;
	refused?: RefusalReason;
	numbers?: readonly number[];
	info?: Readonly<Record<string, string>>;
	announces?: readonly AnnouncedChannel[];
}
export type ExpectedValue = number | boolean | string | readonly [value: number, unit: string];
