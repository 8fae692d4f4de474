/**
 * Tasmota: bare words (LWT, POWER) and JSON (SENSOR, STATE, RESULT, STATUS10). Firmware of its time prints bare `nan`, times without zone, and
 * measured values as a number, an array or an object.
 */
import type { DeviceMessage } from "../device-source.ts";
import { cardOfUid } from "./card-uid.ts";
import { clockOf, type DeviceTime, timeOf } from "./device-time.ts";
import {
	A_NUMBER,
	addUnread,
	booleanOf,
	infoOf,
	isNoValue,
	isObject,
	type JsonObject,
	numberOf,
	own,
	readingOf,
	said,
	statusOf,
	textOf,
	wordOf,
	YES_OR_NO,
} from "./payload.ts";
import { type Decoded, type DecodedAccessEvent, type DecodedReading, type Profile, refused, type Unread } from "./profile.ts";
import {
	BRIDGED_NUMBERS,
	BRIDGED_STATES,
	ENERGY_FIELDS,
	type FieldUnit,
	type Meaning,
	SENSOR_FIELDS,
	tasmotaFilters,
	tasmotaTopics,
} from "./tasmota-fields.ts";

const RELAY = /^POWER\d*$/;
const SWITCH = /^Switch\d+$/;
/** Beside the sensors, or of the device itself. */
const NO_SENSOR: ReadonlySet<string> = new Set(["Time", "TempUnit", "PressureUnit", "SpeedUnit", "Epoch", "Version", "Id", "Address", "Type"]);
/** The processor's own temperature, not that of the room. */
const CHIP = /^ESP(?:32|8266)[^.]*\./;
/** °C that a DS18x20 driver tells of a probe that doesn't answer. */
const GONE = -127;
const BRIDGES: ReadonlySet<string> = new Set(["ZbReceived", "LwReceived"]);
/** A reader on the serial bridge (RDM6300): two digits of version, eight of the tag, two of a checksum. */
const SERIAL_TAG = /^[0-9A-F]{12}$/i;
const STATUS_PARTS: Readonly<Record<string, string>> = { STATUS8: "StatusSNS", STATUS10: "StatusSNS", STATUS11: "StatusSTS" };
const INFO_WORDS: readonly (readonly [word: string, keys: readonly string[]])[] = [
	["module", ["Module", "md"]],
	["version", ["Version", "sw"]],
	["hardware", ["Hardware"]],
	["name", ["DeviceName", "dn"]],
	["host", ["Hostname", "hn"]],
	["ip", ["IPAddress", "ip"]],
	["mac", ["Mac", "mac"]],
];

/** What a message says, before it is put together. */
interface Found {
	device: string;
	readings: DecodedReading[];
	events: DecodedAccessEvent[];
	unread: Unread[];
	/** Of devices behind a bridge. */
	others: Decoded[];
	time: DeviceTime;
	/** The time as the device writes it; with the card it tells a repetition. */
	saidAt: unknown;
	temperature: string;
	pressure: string;
	wrong: string | null;
}

export const tasmota: Profile = {
	id: "tasmota",
	title: "Tasmota",
	base: "",
	topics: tasmotaFilters,
	owner: (topic, base) => (topic.startsWith("tasmota/discovery/") ? null : tasmotaTopics(base)(topic)?.device),
	decoder: ({ base }) => {
		const topicOf = tasmotaTopics(base);
		return (message) => decode(message, topicOf);
	},
	page: {
		about:
			"*Configuration*, *Configure MQTT*: the agent's broker. `Full Topic` may have its prefix first (`%prefix%/%topic%/`) or last (`%topic%/%prefix%/`); any other is the agent's `base`, written as on the device (`dialects: [{ profile: tasmota, base: \"site/%prefix%/%topic%\" }]`). Its times have no zone unless a rule adds one: the time of receipt counts then.",
		address: "`%topic%` of the device; of one behind its Zigbee or LoRaWAN bridge the name, or the short address (`0x4AD6`).",
		channels: [
			["`POWER`, `POWER1`", "relay: on or off"],
			["`Switch1`", "input: on or off"],
			["`SCD40.Temperature`, `SCD40.Humidity`, `SCD40.CarbonDioxide`", "`{sensor}.{field}`: °C or °F as `TempUnit` says, %RH, ppm"],
			["`ESP32.Temperature`", "of the chip: never a room temperature"],
			["`BMP280.Pressure`", "in `PressureUnit`, hPa without it"],
			[
				"`DS18B20:030597946B04.Temperature`",
				"of several probes on one wire by `Id`, since their numbers change; `DS18B20.Temperature` where it says none",
			],
			["`ENERGY.Power`, `.Voltage`, `.Current`, `.Factor`, `.Frequency`, `.Total`", "W, V, A, 1, Hz, kWh"],
			["`ENERGY.Power.2`, `ENERGY.Total.Phase1`", "of several phases"],
			["`Contact`, `Water`, `Fire`, `BatteryPercentage`, … of a bridged device", "true is open, wet, fire; %"],
			["the door at which the reader stands", "a card: RC522, PN532, RDM6300, Wiegand"],
		],
		ignores: [
			"`nan`, `null` and -127 °C of a probe that is gone, without keeping other values of the message back",
			"keys of a Wiegand keypad (`Size` 4 or 8): a PIN is no card",
			"answers to commands (`RESULT` beside relays, switches and cards), `ZbInfo` beside whether a device is reachable",
			"Wi-Fi and uptime, which are told of a device that isn't configured",
			"data blocks and `Auth` of a card. A reader of this dialect decides nothing: a card is an access event with `denied-no-decision`, which is no denial to any rule; the records' own verdict stands beside it",
		],
		example: `- id: A03-power
  kind: power-meter
  profile: tasmota
  address: pow-a03
  points:
    - { id: power, kind: power, source: ENERGY.Power, interval: 5min }
    - { id: energy, kind: energy, source: ENERGY.Total, interval: 5min }`,
	},
};

function decode(message: DeviceMessage, topicOf: ReturnType<typeof tasmotaTopics>): readonly Decoded[] | null {
	if (message.topic.startsWith("tasmota/discovery/")) return discovered(message);
	const topic = topicOf(message.topic);
	if (!topic) return null;
	const { device, leaf } = topic;
	const text = textOf(message)?.trim();
	if (text === undefined) return refused(device, "too-large", "expected at most 64 KiB");
	if (text === "") return [];
	if (leaf === "LWT") return lastWill(device, text);
	if (RELAY.test(leaf)) {
		const on = booleanOf(text);
		if (on === null) return isNoValue(text) ? [] : [said(device, { unread: [{ channel: leaf, expected: YES_OR_NO }] })];
		return [said(device, { readings: [readingOf(leaf, on, "switch-state")] })];
	}
	const body = tolerant(text);
	if (body === undefined) return isJsonLeaf(leaf) ? refused(device, "not-json", "expected a JSON object") : [];
	const part = STATUS_PARTS[leaf];
	const inside = part === undefined ? body : body[part];
	if (!isObject(inside)) return [];
	if (leaf === "SENSOR" || leaf === "tag_scanned" || part === "StatusSNS") return ofSensors(device, inside);
	if (leaf === "ENERGY") return ofSensors(device, { Time: inside.Time, ENERGY: inside });
	if (leaf === "STATE" || part === "StatusSTS") return ofState(device, inside);
	if (leaf === "RESULT") return ofResult(device, inside);
	if (/^(?:INFO\d|STATUS[125]?)$/.test(leaf)) return introduced(device, inside);
	return [];
}

const isJsonLeaf = (leaf: string) => /^(?:SENSOR|STATE|RESULT|ENERGY|tag_scanned|INFO\d|STATUS\d*)$/.test(leaf);

/** A JSON object in which numbers that are none are unknown; `undefined`: it is none. */
function tolerant(text: string): JsonObject | undefined {
	for (const attempt of [text, text.replace(/([:[,]\s*)-?(?:nan|inf(?:inity)?)(?=\s*[,}\]])/gi, "$1null")])
		try {
			const json: unknown = JSON.parse(attempt);
			return isObject(json) ? json : undefined;
		} catch {}
	return undefined;
}

function lastWill(device: string, text: string): readonly Decoded[] {
	const word = text.toLowerCase();
	if (word === "online" || word === "offline") return [statusOf(device, word === "online")];
	return refused(device, "wrong-type", "LWT: expected Online or Offline");
}

function ofSensors(device: string, body: JsonObject): readonly Decoded[] {
	const found = findings(device, body);
	for (const [key, value] of Object.entries(body)) {
		if (NO_SENSOR.has(key)) continue;
		if (SWITCH.test(key) || RELAY.test(key)) addSwitch(found, key, value);
		else if (key === "ENERGY") addEnergy(found, value);
		else if (BRIDGES.has(key)) addBridged(found, value);
		else if (key === "ZbInfo") addReachable(found, value);
		else if (isObject(value)) addSensor(found, key, value, 0);
		else addField(found, key, key, value);
	}
	return together(found);
}

function ofState(device: string, body: JsonObject): readonly Decoded[] {
	const found = findings(device, body);
	for (const [key, value] of Object.entries(body)) if (RELAY.test(key)) addSwitch(found, key, value);
	const wifi = isObject(body.Wifi) ? body.Wifi : {};
	const info = infoOf({
		uptime: body.Uptime,
		vcc: withUnit(body.Vcc, "V"),
		wifiRssi: withUnit(wifi.RSSI, "%"),
		wifiSignal: withUnit(wifi.Signal, "dBm"),
	});
	return together(found, info);
}

/** An answer to a command or what has just happened; nothing else of it is a measurement. */
function ofResult(device: string, body: JsonObject): readonly Decoded[] {
	const found = findings(device, body);
	for (const [key, value] of Object.entries(body)) {
		const action = isObject(value) ? value.Action : value;
		// A button's `TOGGLE` and the like are no state.
		if (RELAY.test(key) || SWITCH.test(key)) addSwitch(found, key, booleanOf(action));
		else if (BRIDGES.has(key)) addBridged(found, value);
		else if (key === "SSerialReceived" && typeof value === "string" && SERIAL_TAG.test(value)) addCard(found, value.slice(2, 10));
	}
	return found.readings.length + found.events.length + found.others.length > 0 ? together(found) : [];
}

function findings(device: string, body: JsonObject): Found {
	const temperature = body.TempUnit === "F" || body.TempUnit === "K" ? body.TempUnit : "C";
	const pressure = wordOf(body.PressureUnit, 16) ?? "hPa";
	return { device, readings: [], events: [], unread: [], others: [], time: timeOf(body.Time), saidAt: body.Time, temperature, pressure, wrong: null };
}

function together({ device, readings, events, unread, others, time, wrong }: Found, info: Record<string, string> = {}): readonly Decoded[] {
	const timed = readings.map((reading) => ({ ...reading, ts: time.ts }));
	const part = said(device, {
		readings: timed,
		events,
		...(unread.length > 0 && { unread }),
		...clockOf(time),
		...(Object.keys(info).length > 0 && { info }),
	});
	return [part, ...others, ...(wrong === null ? [] : refused(device, "wrong-type", wrong))];
}

function addSwitch(found: Found, key: string, value: unknown): void {
	const on = booleanOf(value);
	if (on !== null) found.readings.push(readingOf(key, on, RELAY.test(key) ? "switch-state" : null));
	else addUnread(found.unread, key, value, YES_OR_NO);
}

/** A sensor's object; some hold several probes, each in an object of its own. */
function addSensor(found: Found, key: string, sensor: JsonObject, depth: number): void {
	if ("UID" in sensor) {
		const { UID: uid, Size: bits } = sensor;
		// Of 4 and 8 bits are the keys of a keypad: a PIN is no card.
		if (bits === 4 || bits === 8) return;
		// A number that has been rounded is another card's.
		if (typeof uid === "number" && !Number.isSafeInteger(uid)) found.wrong = `${key}.UID: expected a number below 2^53, or a text`;
		else addCard(found, uid);
		return;
	}
	const id = wordOf(sensor.Id ?? sensor.Address, 64);
	const type = wordOf(sensor.Type, 32) ?? key.replace(/[-_]\d+$/, "");
	const name = id === null ? key : `${type}:${id}`;
	for (const [field, value] of Object.entries(sensor)) {
		if (NO_SENSOR.has(field)) continue;
		if (!isObject(value)) addField(found, `${name}.${field}`, field, value);
		else if (depth < 2) addSensor(found, "Id" in value || "Address" in value ? field : `${name}.${field}`, value, depth + 1);
	}
}

function addField(found: Found, channel: string, field: string, value: unknown): void {
	const number = numberOf(value);
	const [kind, unit]: Meaning = own(SENSOR_FIELDS, field.replace(/\d+$/, "")) ?? own(SENSOR_FIELDS, field) ?? [null];
	if (typeof value === "boolean") found.readings.push(readingOf(channel, value));
	else if (number === null) addUnread(found.unread, channel, value, A_NUMBER);
	else if (!(unit === "TEMP" && number === GONE && found.temperature === "C"))
		found.readings.push(readingOf(channel, number, CHIP.test(channel) ? null : kind, unitOf(found, unit)));
}

function unitOf({ temperature, pressure }: Found, unit: FieldUnit | undefined): string | undefined {
	return unit === "TEMP" ? temperature : unit === "PRESSURE" ? pressure : unit;
}

/** One value, or one per phase in an array or an object. */
function addEnergy(found: Found, energy: unknown): void {
	if (!isObject(energy)) return;
	for (const [field, value] of Object.entries(energy)) {
		const meaning = own(ENERGY_FIELDS, field);
		if (!meaning) continue;
		const phases: readonly (readonly [string, unknown])[] = Array.isArray(value)
			? value.map((one: unknown, index) => [`.${index + 1}`, one] as const)
			: isObject(value)
				? Object.entries(value).map(([phase, one]) => [`.${phase}`, one] as const)
				: [["", value]];
		for (const [phase, one] of phases) {
			const number = numberOf(one);
			if (number === null) addUnread(found.unread, `ENERGY.${field}${phase}`, one, A_NUMBER);
			else found.readings.push(readingOf(`ENERGY.${field}${phase}`, number, ...meaning));
		}
	}
}

/** Each device behind a bridge is one of its own. */
function addBridged(found: Found, devices: unknown): void {
	if (!isObject(devices)) return;
	for (const [key, body] of Object.entries(devices)) {
		if (!isObject(body)) continue;
		const readings: DecodedReading[] = [];
		const unread: Unread[] = [];
		for (const [field, value] of Object.entries(body)) {
			const state = Object.hasOwn(BRIDGED_STATES, field) ? booleanOf(value) : null;
			const number = own(BRIDGED_NUMBERS, field);
			const measured = number && numberOf(value);
			if (state !== null) readings.push(readingOf(field, state, own(BRIDGED_STATES, field) ?? null, undefined, found.time.ts));
			else if (number && measured !== null && measured !== undefined && number[1] !== undefined)
				readings.push(readingOf(field, measured, number[0], unitOf(found, number[1]), found.time.ts));
			else if (number?.[1] !== undefined || Object.hasOwn(BRIDGED_STATES, field))
				addUnread(unread, field, value, number?.[1] === undefined ? YES_OR_NO : A_NUMBER);
		}
		const info = infoOf({ model: body.ModelId, vendor: body.Manufacturer, shortAddress: body.Device, ieee: body.IEEEAddr });
		found.others.push(
			said(wordOf(body.Name) ?? wordOf(body.Device) ?? key, {
				readings,
				...(unread.length > 0 && { unread }),
				...(Object.keys(info).length > 0 && { info }),
				...clockOf(found.time),
			}),
		);
	}
}

/** What the bridge remembers of its devices is old; whether it reaches them is not. */
function addReachable(found: Found, devices: unknown): void {
	if (!isObject(devices)) return;
	for (const [key, body] of Object.entries(devices))
		if (isObject(body) && typeof body.Reachable === "boolean")
			found.others.push(statusOf(wordOf(body.Name) ?? wordOf(body.Device) ?? key, body.Reachable));
}

/** `uid`: hexadecimal text, or a number. The reader tells nobody to open. */
function addCard(found: Found, uid: unknown): void {
	const card = typeof uid === "number" ? cardOfUid(String(uid), "decimal") : typeof uid === "string" ? cardOfUid(uid.replace(/^0x|h$/gi, "")) : null;
	if (card === null) {
		found.wrong = "UID: expected hexadecimal digits or a number";
		return;
	}
	const {
		time: { ts },
		saidAt: time,
	} = found;
	const common = { type: "access", seq: null, door: null, direction: null, method: "card", fingerprint: null, ts } as const;
	const key = typeof time === "string" ? { key: `${card.facility}-${card.number}@${time}` } : {};
	found.events.push({ ...common, card, result: "denied", reason: "denied-no-decision", ...key });
}

function introduced(device: string, body: JsonObject): readonly Decoded[] {
	const [inside] = Object.values(body).filter(isObject);
	const info = describedBy({ ...inside, ...body });
	return Object.keys(info).length > 0 ? [said(device, { info })] : [];
}

/** `tasmota/discovery/{mac}/config` names the device by its topic. */
function discovered(message: DeviceMessage): readonly Decoded[] {
	const body = tolerant(textOf(message) ?? "");
	const device = body && wordOf(body.t);
	return body && device ? [said(device, { info: describedBy(body) })] : [];
}

function describedBy(body: JsonObject): Record<string, string> {
	return infoOf(Object.fromEntries(INFO_WORDS.map(([word, keys]) => [word, keys.map((key) => body[key]).find((value) => wordOf(value) !== null)])));
}

const withUnit = (value: unknown, unit: string) => (typeof value === "number" && Number.isFinite(value) ? `${value} ${unit}` : null);
