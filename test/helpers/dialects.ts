/** Dialects by their decoders alone: one decoder, messages in, decoded parts out. */
import type { DeviceMapping } from "../../contracts/uplink.ts";
import type { DeviceMessage } from "../../edge-agent/devices/device-source.ts";
import type { Decoded, Profile } from "../../edge-agent/devices/profiles/profile.ts";
import type { Sample } from "../../edge-agent/devices/profiles/sample.ts";

/** When messages are received unless said otherwise: later than every time in the samples. */
export const RECEIVED = Date.UTC(2026, 10, 1);

export interface Listener {
	/** The parts; `null`: not of this dialect. */
	hear(topic: string, payload: string | Buffer, receivedAt?: number): readonly Decoded[] | null;
	/** What the decoder has published. */
	sent: { topic: string; payload: Buffer }[];
}

export interface ListenerOptions {
	base?: string | undefined;
	addresses?: readonly string[] | undefined;
	/** Sources of the points of every address. */
	channels?: readonly string[] | undefined;
	mapping?: DeviceMapping | null | undefined;
	/** Of the clock of every address. */
	timeZone?: string | null | undefined;
}

/** A fresh decoder of a dialect. */
export function listener(
	profile: Profile,
	{ base = profile.base ?? "", addresses = [], channels = [], mapping = null, timeZone = null }: ListenerOptions = {},
): Listener {
	const sent: Listener["sent"] = [];
	const decode = profile.decoder({
		base,
		send: (topic, payload) => sent.push({ topic, payload: typeof payload === "string" ? Buffer.from(payload) : payload }),
		addresses: () => addresses,
		isListed: (address) => addresses.includes(address),
		channels: () => channels,
		mapping: () => mapping,
		timeZone: () => timeZone,
	});
	return {
		sent,
		hear: (topic, payload, receivedAt = RECEIVED) => {
			const message: DeviceMessage = { topic, payload: typeof payload === "string" ? Buffer.from(payload) : payload, receivedAt, retained: false };
			return decode(message);
		},
	};
}

/** A dialect's own samples; empty where it has none (the native one has tests of its own). */
export async function samplesOf(profile: Profile): Promise<readonly Sample[]> {
	if (profile.strict) return [];
	const module = (await import(`../../edge-agent/devices/profiles/${profile.id}.samples.ts`)) as { samples: readonly Sample[] };
	return module.samples;
}

/** A decoder that has heard what came before a sample. */
export function listenerFor(profile: Profile, { base, addresses, channels, mapping, timeZone, after = [] }: Sample): Listener {
	const made = listener(profile, { base, addresses, channels, mapping, timeZone });
	for (const { topic, payload } of after) made.hear(topic, payload);
	made.sent.length = 0;
	return made;
}
