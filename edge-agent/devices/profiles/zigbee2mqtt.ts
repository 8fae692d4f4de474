/**
 * Zigbee2MQTT: one JSON object per device and message, or a bare value per attribute. Friendly names may hold "/", so that a topic alone
 * doesn't tell a device from an attribute: an object is a device's, a bare value an attribute's.
 */
import type { PointKind } from "../../../contracts/kinds.ts";
import type { DeviceMessage } from "../device-source.ts";
import { clockOf, NO_TIME, timeOf } from "./device-time.ts";
import {
	A_NUMBER,
	A_VALUE,
	addUnread,
	booleanOf,
	infoOf,
	isObject,
	type JsonObject,
	jsonOf,
	numberOf,
	own,
	readingOf,
	said,
	statusOf,
	textOf,
	wordOf,
	YES_OR_NO,
} from "./payload.ts";
import { type Decoded, type DecodedReading, type Profile, refused, type Unread } from "./profile.ts";

/** Numbers, also where they come as text. */
const NUMBERS: Readonly<Record<string, readonly [kind: PointKind | null, unit: string]>> = {
	temperature: ["temperature", "C"],
	local_temperature: ["temperature", "C"],
	humidity: ["humidity", "%"],
	pressure: ["pressure", "hPa"],
	co2: ["co2", "ppm"],
	battery: ["charge", "%"],
	power: ["power", "W"],
	power_apparent: ["apparent-power", "VA"],
	power_reactive: [null, "var"],
	power_factor: ["power-factor", "1"],
	current: ["current", "A"],
	energy: ["energy", "kWh"],
	produced_energy: ["energy", "kWh"],
	ac_frequency: ["frequency", "Hz"],
	// Of the device's chip, not of the room.
	device_temperature: [null, "C"],
	illuminance: [null, "lx"],
	illuminance_lux: [null, "lx"],
	soil_moisture: [null, "%"],
};
const BOOLEANS: Readonly<Record<string, PointKind | null>> = {
	state: "switch-state",
	smoke: "smoke",
	water_leak: "leak",
	tamper: "tamper",
	battery_low: null,
	gas: null,
	carbon_monoxide: null,
	vibration: null,
	occupancy: null,
	presence: null,
};
/** Which of several relays, phases or probes of a device is meant; the channel keeps it. */
const ENDPOINT = /_(?:l\d+|\d+|left|right|center|top|bottom|phase_[abc])$/;
/** Of the radio and of the message, not of what is measured. */
const PASSED_OVER: ReadonlySet<string> = new Set(["last_seen", "elapsed", "linkquality", "device"]);
/** Types of bridge/event and, in old versions, of bridge/log. */
const EVENTS: ReadonlySet<string> = new Set([
	"device_joined",
	"device_announce",
	"device_interview",
	"device_leave",
	"device_connected",
	"device_removed",
	"pairing",
]);

export const zigbee2mqtt: Profile = {
	id: "zigbee2mqtt",
	title: "Zigbee2MQTT",
	base: "zigbee2mqtt",
	topics: (base) => [`${base}/#`],
	// The gateway speaks for all devices.
	owner: () => null,
	decoder: (context) => {
		const skipped = context.base.length + 1;
		return (message) => decode(message, message.topic.slice(skipped), () => context.addresses());
	},
	page: {
		about:
			"*Settings*, *MQTT*: the agent's broker; the base topic may be another one. All outputs (`json`, `attribute`, `attribute_and_json`) are read. `last_seen: ISO_8601` tells when a device spoke; *availability* tells when it has gone.",
		address:
			"The friendly name, which may hold `/` (`hall-a/leak-3`). The gateway itself is `bridge`; when it goes offline, so do all devices of the site file behind it.",
		channels: [
			["`temperature`, `humidity`, `pressure`, `co2`", "°C, %RH, hPa, ppm"],
			["`contact`", "true is **open**: the other way round than in the message, where true means that the magnet is near"],
			["`smoke`, `water_leak`, `tamper`, `battery_low`, `occupancy`, `vibration`", "true or false"],
			["`state`, `state_l1`", "on or off; the words of a lock or a cover as they are"],
			[
				"`power`, `current`, `voltage`, `energy`, `ac_frequency`, `power_factor`",
				"W, A, V, kWh, Hz, 1; with `_phase_b` and the like where there are several",
			],
			["`battery`", "charge, %"],
			["`voltage` of a battery device", "mV"],
			["`device_temperature`", "of the chip: never a room temperature"],
			["`action`", "a button's word, as it comes"],
			["any other attribute", "number, boolean or text, as it comes"],
		],
		ignores: [
			"`null`, and an empty retained message, with which a device is removed",
			"`linkquality`: of the radio",
			"nested objects: `update.state` is the firmware's, not the relay's",
			"`bridge/…` beside its state, its device list and the events of devices that join or leave, which are listed as seen",
			"topics that end in `/set` or `/get`",
		],
		example: `- id: hall-a-leak
  kind: water-leak-detector
  profile: zigbee2mqtt
  address: hall-a/leak-3
  points:
    - { id: leak, kind: leak, type: boolean, source: water_leak, interval: 60min }
    - { id: battery, kind: charge, source: battery, interval: 24h }`,
	},
};

function decode(message: DeviceMessage, name: string, addresses: () => Iterable<string>): readonly Decoded[] {
	if (name.startsWith("bridge/")) return ofBridge(message, name.slice("bridge/".length), addresses);
	if (/\/(?:set|get)(?:\/|$)/.test(name) || name === "" || message.payload.length === 0) return [];
	if (name.endsWith("/availability")) return availability(message, name.slice(0, -"/availability".length));
	const text = textOf(message)?.trim();
	if (text?.startsWith("{") === false && name.includes("/")) return ofAttribute(text, name);
	const parsed = jsonOf(message);
	if ("reason" in parsed) return refused(name, parsed.reason, parsed.detail);
	return isObject(parsed.json) ? ofDevice(parsed.json, name) : refused(name, "wrong-shape", "expected a JSON object");
}

function ofDevice(body: JsonObject, device: string): readonly Decoded[] {
	const time = timeOf(body.last_seen);
	const byBattery = "battery" in body || "battery_low" in body || (isObject(body.device) && body.device.powerSource === "Battery");
	const readings: DecodedReading[] = [];
	const unread: Unread[] = [];
	for (const key of Object.keys(body)) {
		const reading = readingFrom(key, body[key], byBattery, time.ts, unread);
		if (reading) readings.push(reading);
	}
	const info = isObject(body.device) ? describedBy(body.device) : {};
	const hasInfo = Object.keys(info).length > 0;
	// An object attribute such as `lamp/color` is no device.
	if (readings.length === 0 && unread.length === 0 && !hasInfo && !("linkquality" in body) && !("last_seen" in body)) return [];
	return [said(device, { readings, ...(unread.length > 0 && { unread }), ...clockOf(time), ...(hasInfo && { info }) })];
}

/** A bare value: of an attribute, the topic's last level. */
function ofAttribute(text: string, name: string): readonly Decoded[] {
	const at = name.lastIndexOf("/");
	const [device, key] = [name.slice(0, at), name.slice(at + 1)];
	const unread: Unread[] = [];
	const reading = readingFrom(key, text, false, NO_TIME.ts, unread);
	return reading ? [said(device, { readings: [reading] })] : unread.length > 0 ? [said(device, { unread })] : [];
}

/** `null`: it says nothing, or not what such an attribute says: then it is `unread`. */
function readingFrom(key: string, value: unknown, byBattery: boolean, ts: number | null, unread: Unread[]): DecodedReading | null {
	if (value === null || value === "" || value === "null" || PASSED_OVER.has(key)) return null;
	const name = Object.hasOwn(NUMBERS, key) || Object.hasOwn(BOOLEANS, key) ? key : key.replace(ENDPOINT, "");
	const number = own(NUMBERS, name);
	if (number || name === "voltage") {
		const measured = numberOf(value);
		if (measured === null) return unreadable(unread, key, value, A_NUMBER);
		const [kind, unit] = number ?? ["voltage" as const, voltageUnit(measured, byBattery)];
		return readingOf(key, measured, kind, unit, ts);
	}
	if (name === "contact") {
		const closed = booleanOf(value);
		return closed === null ? unreadable(unread, key, value, YES_OR_NO) : readingOf(key, !closed, "contact", undefined, ts);
	}
	if (Object.hasOwn(BOOLEANS, name)) {
		const is = booleanOf(value);
		if (is !== null) return readingOf(key, is, own(BOOLEANS, name) ?? null, undefined, ts);
		if (name !== "state") return unreadable(unread, key, value, YES_OR_NO);
	}
	if (typeof value === "boolean") return readingOf(key, value, null, undefined, ts);
	const plain = typeof value === "string" && !/^(?:true|false)$/i.test(value) ? (numberOf(value) ?? wordOf(value, 64)) : value;
	if (typeof plain === "number" && Number.isFinite(plain)) return readingOf(key, plain, null, undefined, ts);
	// Objects are another matter than what the device measures.
	if (typeof plain !== "string") return isObject(value) ? null : unreadable(unread, key, value, A_VALUE);
	return readingOf(key, booleanOf(plain) ?? plain, null, undefined, ts);
}

function unreadable(unread: Unread[], channel: string, value: unknown, expected: string): null {
	addUnread(unread, channel, value, expected);
	return null;
}

/** mV on battery devices, V on mains; a bare attribute shows it by its size. */
function voltageUnit(value: number, byBattery: boolean): string {
	return value >= (byBattery ? 100 : 1_000) ? "mV" : "V";
}

function availability(message: DeviceMessage, device: string): readonly Decoded[] {
	const online = onlineOf(message);
	return online === null ? refused(device, "wrong-type", "availability: expected online or offline") : [statusOf(device, online)];
}

/** Of a text or of JSON. */
function onlineOf(message: DeviceMessage): boolean | null {
	const parsed = jsonOf(message);
	const state = "reason" in parsed ? textOf(message)?.trim() : isObject(parsed.json) ? parsed.json.state : parsed.json;
	return state === "online" ? true : state === "offline" ? false : null;
}

function ofBridge(message: DeviceMessage, name: string, addresses: () => Iterable<string>): readonly Decoded[] {
	if (message.payload.length === 0) return [];
	if (name === "state") {
		const online = onlineOf(message);
		if (online === null) return refused("bridge", "wrong-type", "state: expected online or offline");
		// Nobody hears the devices while the gateway is gone; when it is back, each of them speaks for itself.
		const others = online ? [] : [...addresses()].filter((address) => address !== "bridge");
		return [statusOf("bridge", online), ...others.map((address) => statusOf(address, false))];
	}
	if (name !== "event" && name !== "log" && name !== "devices") return [];
	const parsed = jsonOf(message);
	// A list of many devices may be too large, and is nothing but an introduction.
	if ("reason" in parsed) return parsed.reason === "too-large" ? [] : refused("bridge", parsed.reason, parsed.detail);
	const { json } = parsed;
	if (name === "devices") return Array.isArray(json) ? json.slice(0, 1_000).flatMap(introduced) : [];
	return isObject(json) && typeof json.type === "string" && EVENTS.has(json.type) ? ofEvent(json, json.type) : [];
}

function introduced(device: unknown): Decoded[] {
	if (!isObject(device) || device.type === "Coordinator") return [];
	const name = wordOf(device.friendly_name);
	return name === null ? [] : [said(name, { info: describedBy(device) })];
}

/** A device that joins the network matters to security: it is listed as seen, with what is known of it. */
function ofEvent(body: JsonObject, type: string): Decoded[] {
	const about = [body.data, body.meta, body.message].find(isObject);
	const name = about && (wordOf(about.friendly_name) ?? wordOf(about.ieee_address));
	if (!about || !name) return [];
	const word = type === "pairing" ? (wordOf(body.message, 64) ?? type) : type;
	const info = { event: word, ...describedBy(about) };
	return word === "device_leave" || word === "device_removed" ? [{ ...statusOf(name, false), info }] : [said(name, { info })];
}

/** In the words of all the places in which devices are described. */
function describedBy(body: JsonObject): Record<string, string> {
	const definition = isObject(body.definition) ? body.definition : {};
	return infoOf({
		ieee: body.ieee_address ?? body.ieeeAddr,
		vendor: definition.vendor ?? body.vendor ?? body.manufacturerName ?? body.manufName,
		model: definition.model ?? body.model ?? body.modelId ?? body.model_id,
		description: definition.description ?? body.description,
		power: body.power_source ?? body.powerSource,
		status: body.status,
		supported: typeof body.supported === "boolean" ? String(body.supported) : null,
	});
}
