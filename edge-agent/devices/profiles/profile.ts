import type { Quality } from "../../../contracts/kinds.ts";
import type { NativeCommand, NativeResult } from "../../../contracts/native-dialect.ts";
import type { REFUSALS, UplinkAccessEvent, UplinkDoorEvent } from "../../../contracts/uplink.ts";
import type { DeviceDirectory } from "../device-directory.ts";
import type { DeviceMessage } from "../device-source.ts";

export type RefusalReason = (typeof REFUSALS)[number];

/** Why a message is not taken. `detail` names the field and what was expected there. */
export interface Refusal {
	reason: RefusalReason;
	detail: string;
}

/** A reading as the device says it: not yet checked against the device list. */
export interface DecodedReading {
	point: string;
	/** The device's own time, Unix ms; `null`: it has none. */
	ts: number | null;
	value: number | boolean | string;
	quality: Quality | null;
}
/** An event as the device says it; `ts` `null`: the device has no clock. */
export type DecodedEvent =
	| (Omit<UplinkAccessEvent, "ts" | "receivedAt" | "device"> & { ts: number | null })
	| (Omit<UplinkDoorEvent, "ts" | "receivedAt" | "device"> & { ts: number | null })
	| { type: "status"; status: "online" | "offline"; ts: number | null };

/** What one device says in a message; a gateway's message may hold several devices. */
export interface Decoded {
	device: string;
	/** Where several came in one array, oldest first: a refusal names the index. */
	readings: readonly DecodedReading[];
	events: readonly DecodedEvent[];
	/** The answer to a command. */
	result?: NativeResult;
	/** Set: nothing of this device's part is taken. */
	refusal: Refusal | null;
}

/**
 * Decodes one agent's messages of one dialect; may keep state (aliases, birth certificates).
 * MUST NOT throw on any payload. Returns one entry per device it is about; none: nothing of interest.
 */
export type Decode = (message: DeviceMessage, devices: DeviceDirectory) => readonly Decoded[];

/** A dialect: one file, one line in `registry.ts`. */
export interface Profile {
	/** As devices of the site file name it. */
	id: string;
	/** MQTT topic filters of what its devices publish. */
	topics: readonly string[];
	/** Makes the decoder of one agent. */
	decoder(): Decode;
	/** The message that carries a command to one of its devices; a dialect without it has no commands. */
	command?(device: string, command: NativeCommand): { topic: string; payload: string };
}

/** A decoded message that is refused as a whole. */
export function refused(device: string, reason: RefusalReason, detail: string): readonly Decoded[] {
	return [{ device, readings: [], events: [], refusal: { reason, detail } }];
}
