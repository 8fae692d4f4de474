/**
 * Ruuvi Gateway: per advertisement one JSON message, raw (the tag's bytes in `data`) or decoded by the gateway. Of the bytes, data formats 3
 * (RAWv1) and 5 (RAWv2) are read; format 5 has a word for "not known" in every field.
 */
import { clockOf, secondsTime, timeOf } from "./device-time.ts";
import { type JsonObject, numberOf, objectOf, readingOf, said, statusOf, wordOf } from "./payload.ts";
import type { Decode, Decoded, DecodedReading, DecoderContext, Profile } from "./profile.ts";

/** What a tag says; what it doesn't know is absent. */
export interface RuuviValues {
	/** °C, %RH, Pa, g, V, dBm. */
	temperature?: number;
	humidity?: number;
	pressure?: number;
	accX?: number;
	accY?: number;
	accZ?: number;
	voltage?: number;
	txPower?: number;
	movement?: number;
	seq?: number;
	mac?: string;
}

const FIELDS = [
	["temperature", "temperature", "C"],
	["humidity", "humidity", "%"],
	["pressure", "pressure", "Pa"],
	["voltage", "voltage", "V"],
	["accelX", null, "g"],
	["accelY", null, "g"],
	["accelZ", null, "g"],
	["movementCounter", "count", "1"],
] as const;

export const ruuvi: Profile = {
	id: "ruuvi",
	title: "Ruuvi Gateway",
	base: "ruuvi",
	topics: (base) => [`${base}/+/+`],
	// A gateway speaks for all tags around it.
	owner: (topic, base) => (topic.startsWith(`${base}/`) ? null : undefined),
	decoder,
	page: {
		about: "*MQTT server*: the agent, prefix `ruuvi/{gateway}` as it is; raw and decoded payloads are both understood.",
		address: "The tag's MAC address, `EF:2E:0A:68:DC:30`, whichever gateway hears it. A gateway is known by its own.",
		channels: [
			["`temperature`, `humidity`, `pressure`", "°C, %RH, Pa"],
			["`voltage`", "of the battery, V"],
			["`accelX`, `accelY`, `accelZ`", "g"],
			["`movementCounter`", "1"],
		],
		ignores: ["other makers' advertisements", "fields whose value is the format's word for “not known”"],
		example: `- id: A03-tag
  kind: temperature-sensor
  profile: ruuvi
  address: EF:2E:0A:68:DC:30
  points:
    - { id: temperature, kind: temperature, interval: 60s }
    - { id: humidity, kind: humidity, interval: 60s }`,
	},
};

const MAC = /^[0-9A-F]{2}(?::[0-9A-F]{2}){5}$/i;

function decoder({ base }: DecoderContext): Decode {
	return (message) => {
		const [gateway = "", last = "", more] = message.topic.slice(base.length + 1).split("/");
		if (more !== undefined) return [];
		if (message.payload.length === 0) return [];
		const read = objectOf(message, last);
		if ("refusal" in read) return read.refusal;
		const { body } = read;
		if (last === "gw_status") return body.state === "online" || body.state === "offline" ? [statusOf(gateway, body.state === "online")] : [];
		return advertisement(body, last);
	};
}

function advertisement(body: JsonObject, last: string): readonly Decoded[] {
	const bytes = typeof body.data === "string" ? manufacturerData(body.data) : null;
	const raw = bytes === null ? null : ruuviValues(bytes);
	const decoded = FIELDS.flatMap(([field, kind, unit]): DecodedReading[] => {
		const value = typeof body[field] === "number" ? numberOf(body[field]) : null;
		return value === null ? [] : [readingOf(field, value, kind, unit)];
	});
	const isDecoded = typeof body.dataFormat === "number" || decoded.length > 0;
	if (!isDecoded && raw === null) return [];
	const device = [wordOf(body.id), last, raw?.mac].find((name) => typeof name === "string" && MAC.test(name))?.toUpperCase();
	if (device === undefined) return [];
	const seconds = numberOf(body.ts) ?? numberOf(body.gwts);
	const time = seconds === null ? timeOf(null) : secondsTime(seconds);
	const readings = isDecoded ? decoded : rawReadings(raw ?? {});
	for (const reading of readings) reading.ts = time.ts;
	return [said(device, { readings, ...clockOf(time) })];
}

function rawReadings({ temperature, humidity, pressure, voltage, accX, accY, accZ, movement }: RuuviValues): DecodedReading[] {
	const values = [temperature, humidity, pressure, voltage, accX, accY, accZ, movement];
	return FIELDS.flatMap(([field, kind, unit], index) => {
		const value = values[index];
		return value === undefined ? [] : [readingOf(field, value, kind, unit)];
	});
}

/** What stands behind Ruuvi's company identifier, 0x0499, in an advertisement; `null`: it is somebody else's, or cut off. */
function manufacturerData(hex: string): Buffer | null {
	if (hex.length > 1_000 || hex.length % 2 === 1 || !/^[0-9A-F]*$/i.test(hex)) return null;
	const bytes = Buffer.from(hex, "hex");
	for (let at = 0; at + 1 < bytes.length; ) {
		const length = bytes[at] ?? 0;
		const end = at + 1 + length;
		if (length === 0 || end > bytes.length) return null;
		if (bytes[at + 1] === 0xff && length >= 4 && bytes.readUInt16LE(at + 2) === 0x0499) return bytes.subarray(at + 4, end);
		at = end;
	}
	return null;
}

/** Manufacturer data without the company identifier; `null`: of no format that is known here. */
export function ruuviValues(bytes: Buffer): RuuviValues | null {
	if (bytes[0] === 5 && bytes.length >= 24) return format5(bytes);
	return bytes[0] === 3 && bytes.length >= 14 ? format3(bytes) : null;
}

function format5(bytes: Buffer): RuuviValues {
	const signed = (at: number) => known(bytes.readInt16BE(at), -0x8000);
	const unsigned = (at: number) => known(bytes.readUInt16BE(at), 0xffff);
	const power = bytes.readUInt16BE(13);
	const mac = bytes.subarray(18, 24);
	return {
		...field("temperature", scaled(signed(1), 0.005)),
		...field("humidity", scaled(unsigned(3), 0.0025)),
		...field("pressure", shifted(unsigned(5), 50_000)),
		...field("accX", scaled(signed(7), 0.001)),
		...field("accY", scaled(signed(9), 0.001)),
		...field("accZ", scaled(signed(11), 0.001)),
		...field("voltage", scaled(shifted(known(power >> 5, 0x7ff), 1_600), 0.001)),
		...field("txPower", shifted(scaled(known(power & 31, 31), 2), -40)),
		...field("movement", known(bytes[15] ?? 0xff, 0xff)),
		...field("seq", unsigned(16)),
		...(mac.every((byte) => byte === 0xff) ? {} : { mac: [...mac].map((byte) => byte.toString(16).padStart(2, "0").toUpperCase()).join(":") }),
	};
}

/** Its temperature is a sign, whole degrees and hundredths. */
function format3(bytes: Buffer): RuuviValues {
	const degrees = ((bytes[2] ?? 0) & 0x7f) + (bytes[3] ?? 0) / 100;
	const acceleration = (at: number) => bytes.readInt16BE(at) / 1000;
	return {
		humidity: (bytes[1] ?? 0) / 2,
		temperature: (bytes[2] ?? 0) >= 0x80 ? -degrees : degrees,
		pressure: bytes.readUInt16BE(4) + 50_000,
		accX: acceleration(6),
		accY: acceleration(8),
		accZ: acceleration(10),
		voltage: bytes.readUInt16BE(12) / 1000,
	};
}

const known = (value: number, unknown: number) => (value === unknown ? undefined : value);
const shifted = (value: number | undefined, by: number) => (value === undefined ? undefined : value + by);
/** Without the digits that binary fractions add. */
const scaled = (value: number | undefined, by: number) => (value === undefined ? undefined : Math.round(value * by * 1e4) / 1e4);
function field<K extends keyof RuuviValues>(name: K, value: number | undefined): RuuviValues {
	return value === undefined ? {} : { [name]: value };
}
