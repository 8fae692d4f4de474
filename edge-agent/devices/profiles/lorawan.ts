/** What ChirpStack and The Things Stack have in common: an uplink that was decoded by the network server, or its bytes. */
import type { PointKind } from "../../../contracts/kinds.ts";
import { type DeviceTime, timeOf } from "./device-time.ts";
import { MILESIGHT_PORT, milesightReadings } from "./milesight.ts";
import { isObject, type JsonObject, numberOf, readingOf, remembered } from "./payload.ts";
import type { DecodedReading } from "./profile.ts";

export interface LorawanUplink {
	/** As decoded by the network server. */
	decoded: unknown;
	/** Base64. */
	bytes: unknown;
	port: unknown;
	/** What the network server calls the model; `""`: nothing. */
	model: string;
	time: DeviceTime;
}

/** The readings of an uplink; its bytes are read only where the network server has not decoded them. */
export function uplinkReadings({ decoded, bytes: text, port, model, time: { ts } }: LorawanUplink): DecodedReading[] {
	if (isObject(decoded) && Object.keys(decoded).length > 0) return decodedReadings(decoded, text, ts);
	const bytes = port === MILESIGHT_PORT ? bytesOf(text) : null;
	return bytes === null ? [] : milesightReadings(bytes, model, ts);
}

/** `null`: no base64. */
function bytesOf(text: unknown): Buffer | null {
	if (typeof text !== "string" || text.length > 2_000 || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return null;
	return Buffer.from(text, "base64");
}

/** By the name of a decoder's field. Vendors name freely: what no rule knows is passed on as it is. */
const NAMES: readonly (readonly [name: RegExp, kind: PointKind | null, unit: string])[] = [
	[/(?:^|[._])Bat(?:tery)?_?V(?:olt(?:age)?)?$/i, "voltage", "V"],
	[/(?:^|[._])TempC?(?:erature)?(?:[_\d]|$)/i, "temperature", "C"],
	[/(?:^|[._])Hum(?:idity)?(?:_|$)/i, "humidity", "%"],
	[/(?:^|[._])co2$/i, "co2", "ppm"],
	[/(?:^|[._])(?:barometric_)?pressure$/i, "pressure", "hPa"],
	[/(?:^|[._])ADC_CH\d+V$/i, "voltage", "V"],
	[/(?:^|[._])vdd$/i, "voltage", "mV"],
];
/** Words of decoders for yes and no, by the name of the field; true is open, wet, taken off. */
const WORDS: readonly (readonly [name: RegExp, kind: PointKind, yes: RegExp, no: RegExp])[] = [
	[/leak/i, "leak", /^(?:leak|leaking|leakage|leaked|alarm|yes)$/i, /^(?:normal|no leak|dry|no)$/i],
	[/^(?:door|door_state|magnet|magnet_status|contact)$/i, "contact", /^open(?:ed)?$/i, /^closed?$/i],
	[/tamper|install/i, "tamper", /^(?:uninstalled|tampered|removed)$/i, /^(?:installed|normal)$/i],
];
/** Largest values of 16 bits, in the decimals that decoders give them: no probe. */
const NO_PROBE = new Set([327.67, 327.68, 327.66, 3276.7, 3276.8, 32767, 655.35, 6553.5, 65535, -327.68, -3276.8]);
/** What a field's name says of it. */
interface FieldMeaning {
	kind: PointKind | null;
	/** Of numbers. */
	unit: string | undefined;
	/** A battery's "92" is a percentage; 3.6 are volts, but nobody has said so. */
	isBattery: boolean;
	words: (typeof WORDS)[number] | undefined;
}
const meaningOf = remembered((name): FieldMeaning => {
	const number = NAMES.find(([pattern]) => pattern.test(name));
	const words = WORDS.find(([pattern]) => pattern.test(name));
	return { kind: number?.[1] ?? null, unit: number?.[2], isBattery: /(?:^|[._])battery$/i.test(name), words };
});
const DEEPEST = 3;
const FIELDS = 200;

function decodedReadings(decoded: JsonObject, text: unknown, ts: number | null): DecodedReading[] {
	const readings: DecodedReading[] = [];
	const isOpenInput = openInputs(decoded, text);
	collect(decoded, "", 0, ts, readings, isOpenInput);
	if (Array.isArray(decoded.history))
		for (const record of decoded.history.slice(0, FIELDS) as unknown[]) {
			const seconds = isObject(record) ? numberOf(record.timestamp) : null;
			const time = seconds === null ? null : timeOf(seconds).ts;
			if (!isObject(record) || time === null) continue;
			const past: DecodedReading[] = [];
			collect({ ...record, timestamp: undefined }, "", 0, time, past, () => false);
			for (const reading of past) readings.push({ ...reading, historical: true });
		}
	return readings;
}

function collect(
	fields: JsonObject,
	path: string,
	depth: number,
	ts: number | null,
	readings: DecodedReading[],
	isOpen: (name: string) => boolean,
): void {
	for (const name of Object.keys(fields)) {
		if (readings.length >= FIELDS) return;
		const value = fields[name];
		const channel = path === "" ? name : `${path}.${name}`;
		if (isObject(value)) {
			if (depth < DEEPEST) collect(value, channel, depth + 1, ts, readings, isOpen);
		} else if (!isOpen(channel)) {
			const reading = fieldReading(channel, name, value, ts);
			if (reading !== null) readings.push(reading);
		}
	}
}

function fieldReading(channel: string, name: string, value: unknown, ts: number | null): DecodedReading | null {
	const { kind, unit, isBattery, words } = meaningOf(name);
	if (typeof value === "boolean") return readingOf(channel, value, words?.[1] ?? null, undefined, ts);
	if (typeof value === "number") {
		if (!Number.isFinite(value)) return null;
		if (isBattery && Number.isInteger(value) && value >= 0 && value <= 100) return readingOf(channel, value, "charge", "%", ts);
		return unit !== undefined && NO_PROBE.has(value) ? null : readingOf(channel, value, kind, unit, ts);
	}
	if (typeof value !== "string" || value === "" || value.length > 64) return null;
	if (words && (words[2].test(value) || words[3].test(value))) return readingOf(channel, words[2].test(value), words[1], undefined, ts);
	if (/^(?:true|false)$/i.test(value)) return readingOf(channel, /^true$/i.test(value), null, undefined, ts);
	return readingOf(channel, value, null, undefined, ts);
}

/**
 * Dragino's decoder (LSN50) makes a temperature of every input: FFFF of an open one becomes -0.1, and with a probe on I2C the unused input is 0.
 * Only the bytes and the mode tell.
 */
function openInputs(decoded: JsonObject, text: unknown): (name: string) => boolean {
	if (typeof decoded.Work_mode !== "string") return () => false;
	const bytes = bytesOf(text);
	const hasOpenInput = bytes !== null && bytes.length === 11 && [2, 7, 9].some((at) => bytes.readUInt16BE(at) === 0xffff);
	return (name) =>
		name.startsWith("Temp") &&
		((hasOpenInput && decoded[name] === -0.1) ||
			(name === "TempC1" && decoded[name] === 0 && decoded.Work_mode === "IIC" && bytes?.readUInt16BE(2) === 0));
}
