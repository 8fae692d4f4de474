import type { SeenDevice } from "../../contracts/uplink.ts";
import type { DeviceMessage } from "./device-source.ts";
import type { Decoded } from "./profiles/profile.ts";
import { redact } from "./redact.ts";

/** Devices kept; the one that has been silent for longest goes first. */
export const SEEN_DEVICES = 200;
const CHANNELS = 100;
const DOORS = 32;
const INFOS = 20;
/** The last message of a device is looked at in full this often, ms: much of what is seen is nobody's business. */
const LOOK_EVERY = 1_000;

interface Entry {
	device: SeenDevice;
	channels: Map<string, SeenDevice["channels"][number] & { messages: number }>;
	doors: Set<string>;
	/** Counts up at every change. */
	revision: number;
	told: number;
	lookedAt: number;
}

/**
 * Devices that speak and aren't in the device list, for a person to put there: what they call themselves and their channels, and
 * the last message decoded. Bounded in number, size and work; cards and fingerprints are not kept.
 */
export class SeenDevices {
	readonly #entries = new Map<string, Entry>();
	readonly #isListed: (profile: string, address: string) => boolean;

	/** `isListed`: whether the device list in use holds the device. */
	constructor(isListed: (profile: string, address: string) => boolean) {
		this.#isListed = isListed;
	}

	/** Takes note of what a device outside the list said. */
	add(profile: string, part: Decoded, message: DeviceMessage): void {
		const { receivedAt } = message;
		const key = `${profile}\n${part.device}`;
		const entry = this.#entries.get(key) ?? this.#begin(key, profile, part.device, receivedAt);
		const { device } = entry;
		device.messages++;
		device.lastSeen = receivedAt;
		entry.revision++;
		const channels = part.channels ?? [];
		const isKnown = ({ channel }: { channel: string }) => entry.channels.has(channel);
		let told = "";
		for (const { channel, historical } of part.readings) {
			const known = entry.channels.get(channel);
			if (known && channel !== told && !historical) known.messages++;
			told = channel;
		}
		if (receivedAt - entry.lookedAt < LOOK_EVERY && receivedAt >= entry.lookedAt && part.readings.every(isKnown) && channels.every(isKnown)) return;
		entry.lookedAt = receivedAt;
		for (const { channel, kind, unit, words } of channels)
			if (!isKnown({ channel }) && entry.channels.size < CHANNELS)
				entry.channels.set(channel, { channel: channel.slice(0, 200), kind, unit, value: null, messages: 0, ...(words && { words: { ...words } }) });
		for (const { channel, kind = null, unit = null, value: said } of part.readings) {
			const known = entry.channels.get(channel);
			const value = typeof said === "string" ? said.slice(0, 64) : said;
			if (known || entry.channels.size < CHANNELS)
				entry.channels.set(channel, { channel: channel.slice(0, 200), kind, unit, value, messages: known?.messages ?? 1 });
		}
		for (const event of part.events)
			if (event.type !== "status" && event.door !== null && entry.doors.size < DOORS) entry.doors.add(event.door.slice(0, 200));
		for (const [name, text] of Object.entries(part.info ?? {}))
			if (name in device.info || Object.keys(device.info).length < INFOS) device.info[name.slice(0, 32)] = text.slice(0, 200);
		device.topic = message.topic.slice(0, 256);
		device.payload = printable(redact(message, "", "unknown-device").payload).slice(0, 1024);
	}

	/** Up to `limit` devices that have changed since the server was told, and are still not in the list; `delivered` once it has taken them. */
	unreported(limit: number): { devices: SeenDevice[]; delivered: () => void } {
		for (const [key, { device }] of this.#entries) if (this.#isListed(device.profile, device.address)) this.#entries.delete(key);
		const changed = [...this.#entries.values()].filter(({ revision, told }) => revision !== told).slice(0, limit);
		const revisions = changed.map(({ revision }) => revision);
		return {
			devices: changed.map(({ device, channels, doors }) => ({ ...device, channels: [...channels.values()], doors: [...doors] })),
			delivered: () => {
				for (const [index, entry] of changed.entries()) entry.told = revisions[index] ?? entry.told;
			},
		};
	}

	/** The server may know nothing: after each connection. */
	reset(): void {
		for (const entry of this.#entries.values()) entry.told = -1;
	}

	#begin(key: string, profile: string, address: string, firstSeen: number): Entry {
		if (this.#entries.size >= SEEN_DEVICES) {
			let oldest: [string, number] | null = null;
			for (const [other, { device }] of this.#entries) if (!oldest || device.lastSeen < oldest[1]) oldest = [other, device.lastSeen];
			if (oldest) this.#entries.delete(oldest[0]);
		}
		const device: SeenDevice = {
			profile,
			address: address.slice(0, 200),
			firstSeen,
			lastSeen: firstSeen,
			messages: 0,
			info: {},
			channels: [],
			doors: [],
			topic: "",
			payload: "",
		};
		const entry: Entry = { device, channels: new Map(), doors: new Set(), revision: 0, told: -1, lookedAt: Number.NEGATIVE_INFINITY };
		this.#entries.set(key, entry);
		return entry;
	}
}

/** Binary payloads, in which most is no text, as hexadecimal digits. */
function printable(text: string): string {
	for (const character of text) {
		const code = character.codePointAt(0) ?? 0;
		if (code === 0xfffd || (code < 32 && !/\s/.test(character))) return Buffer.from(text, "utf8").toString("hex");
	}
	return text;
}
