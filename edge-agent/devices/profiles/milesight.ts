/**
 * Milesight's bytes in LoRaWAN uplinks (port 85): channel, type, value, again and again. What a channel means depends on the model where the table
 * says so; without a model the other channels of the message tell. The first pair that isn't in the table ends the reading, since nobody
 * knows how long its value is.
 */
import type { PointKind } from "../../../contracts/kinds.ts";
import { millisecondsTime } from "./device-time.ts";
import { readingOf } from "./payload.ts";
import type { DecodedReading } from "./profile.ts";

export const MILESIGHT_PORT = 85;

type Take = (bytes: Buffer, at: number) => Value[];
/** `null` as value: the device has none. */
type Value = readonly [channel: string, value: number | boolean | null, kind?: PointKind | null, unit?: string | undefined];
interface Item {
	size: number;
	take: Take;
}

/** Words of the device for no probe, no measurement, no sensor. */
const NONE_16 = new Set([0xffff, 0xfffe, 0x7fff]);
const NO_PROBE = new Set([0xffff, 0x7fff]);
/** Of a current clamp: beyond what it can measure. */
const NO_CLAMP = new Set([0xffff, 0xfffd, 0x7fff]);
const unsigned16 = (bytes: Buffer, at: number, by = 1) => {
	const value = bytes.readUInt16LE(at);
	return NONE_16.has(value) ? null : value / by;
};
const degrees = (bytes: Buffer, at: number, none = NO_PROBE) => (none.has(bytes.readUInt16LE(at)) ? null : bytes.readInt16LE(at) / 10);
const percent = (value: number) => (value > 100 ? null : value);
const byte = (channel: string, kind: PointKind | null = null, unit?: string): Item => ({
	size: 1,
	take: (bytes, at) => [[channel, bytes[at] ?? null, kind, unit]],
});
/** 0 and 1, and nothing else. */
const flag = (channel: string, kind: PointKind | null = null): Item => ({
	size: 1,
	take: (bytes, at) => [[channel, bytes[at] === 1 ? true : bytes[at] === 0 ? false : null, kind]],
});
const word = (channel: string, kind: PointKind | null = null, unit?: string, by = 1): Item => ({
	size: 2,
	take: (bytes, at) => [[channel, unsigned16(bytes, at, by), kind, unit]],
});
const long = (channel: string, kind: PointKind | null = null, unit?: string, by = 1): Item => ({
	size: 4,
	take: (bytes, at) => {
		const value = bytes.readUInt32LE(at);
		return [[channel, value === 0xffff_ffff ? null : value / by, kind, unit]];
	},
});
const temperature = (channel: string, kind: PointKind | null = "temperature", none = NO_PROBE): Item => ({
	size: 2,
	take: (bytes, at) => [[channel, degrees(bytes, at, none), kind, "C"]],
});
const humidity: Item = { size: 1, take: (bytes, at) => [["humidity", percent((bytes[at] ?? 255) / 2), "humidity", "%"]] };
/** A temperature whose threshold is passed, or no longer. */
const temperatureAlarm = (channel: string, jump: boolean, none = NO_PROBE): Item => ({
	size: jump ? 5 : 3,
	take: (bytes, at) => [
		[channel, degrees(bytes, at, none), "temperature", "C"],
		[`${channel}_alarm`, (bytes[at + (jump ? 4 : 2)] ?? 0) !== 0],
	],
});
const passedOver = (size: number): Item => ({ size, take: () => [] });

/** By channel and type; the channel of some types only numbers what is the same. */
const ITEMS: Readonly<Record<string, Item>> = {
	"01 75": { size: 1, take: (bytes, at) => [["battery", percent(bytes[at] ?? 255), "charge", "%"]] },
	"02 67": temperature("temperature"),
	"03 67": temperature("temperature"),
	"04 67": temperature("temperature-4", null),
	"09 67": temperature("temperature", "temperature", NO_CLAMP),
	"83 67": temperatureAlarm("temperature", false),
	"84 67": temperatureAlarm("temperature-4", false),
	"89 67": temperatureAlarm("temperature", false, NO_CLAMP),
	"93 67": temperatureAlarm("temperature", true),
	"94 67": temperatureAlarm("temperature-4", true),
	"03 68": humidity,
	"04 68": humidity,
	"03 00": flag("door", "contact"),
	"04 00": flag("tamper", "tamper"),
	"05 00": flag("leak", "leak"),
	"06 00": flag("magnet", "contact"),
	"07 00": flag("window"),
	"04 7D": word("nh3", null, "ppm", 100),
	"05 7D": word("co2", "co2", "ppm"),
	"07 7D": word("co2", "co2", "ppm"),
	"08 7D": word("tvoc"),
	"0A 7D": word("hcho", null, "mg/m³", 100),
	"0B 7D": word("pm2_5", null, "µg/m³"),
	"0C 7D": word("pm10", null, "µg/m³"),
	"0D 7D": word("o3", null, "ppm", 100),
	"08 E6": word("tvoc", null, "µg/m³"),
	"06 73": word("pressure", "pressure", "hPa", 10),
	"09 73": word("pressure", "pressure", "hPa", 10),
	"05 6A": word("activity"),
	"06 65": {
		size: 6,
		take: (bytes, at) => [
			["illumination", unsigned16(bytes, at), null, "lx"],
			["infrared_and_visible", unsigned16(bytes, at + 2)],
			["infrared", unsigned16(bytes, at + 4)],
		],
	},
	"06 CB": byte("light_level"),
	"0E 01": flag("buzzer"),
	"03 94": long("illumination", null, "lx"),
	"03 82": word("distance", null, "mm"),
	"03 7B": word("pressure", "pressure", "kPa"),
	"03 77": word("water_level", null, "cm"),
	"04 CA": word("moisture", null, "%", 100),
	"05 7F": word("conductivity", null, "µS/cm"),
	"05 C8": long("counter", "count", "1"),
	"05 E1": passedOver(8),
	"03 74": word("voltage", "voltage", "V", 10),
	"04 80": { size: 4, take: (bytes, at) => [["power", bytes.readInt32LE(at), "power", "W"]] },
	"05 81": { size: 1, take: (bytes, at) => [["power_factor", (bytes[at] ?? 255) > 100 ? null : (bytes[at] ?? 0) / 100, "power-factor", "1"]] },
	"06 83": long("energy", "energy", "Wh"),
	"07 C9": word("current", "current", "mA"),
	"08 70": { size: 1, take: (bytes, at) => [["switch", ((bytes[at] ?? 0) & 1) === 1, "switch-state"]] },
	"03 97": long("charge_total", null, "Ah", 100),
	"04 99": word("current", "current", "A", 10),
	"84 98": passedOver(7),
	"05 5B": {
		size: 7,
		take: (bytes, at) => [
			["LAF", unsigned16(bytes, at + 1, 10), null, "dB"],
			["LAeq", unsigned16(bytes, at + 3, 10), null, "dB"],
			["LAFmax", unsigned16(bytes, at + 5, 10), null, "dB"],
		],
	},
	"05 8E": flag("gas"),
	"05 92": byte("valve_opening", "valve-position", "%"),
	"FF 01": passedOver(1),
	"FF 08": passedOver(6),
	"FF 09": passedOver(2),
	"FF 0A": passedOver(2),
	"FF 0B": passedOver(1),
	"FF 0F": passedOver(1),
	"FF 16": passedOver(8),
	"FF 2E": passedOver(1),
	"FF FE": passedOver(1),
	"FF FF": passedOver(2),
};
/** The same pair with another meaning: by the model, as the network server calls it, or by what else the message holds. */
const OTHERWISE: readonly { pair: string; model: RegExp; beside: (has: (pair: string) => boolean) => boolean; item: Item }[] = [
	// A door sensor says whether it sits where it was fixed; the leak sensor of the same pair says nothing else.
	{ pair: "03 00", model: /WS303/i, beside: (has) => !has("04 00"), item: flag("leak", "leak") },
	{ pair: "03 00", model: /WS202/i, beside: () => false, item: flag("pir") },
	{ pair: "04 00", model: /WS202/i, beside: () => false, item: flag("daylight") },
	{ pair: "04 00", model: /UDL/i, beside: (has) => has("03 82"), item: flag("tilted") },
	{ pair: "05 00", model: /AM3|WS203/i, beside: (has) => has("06 CB"), item: flag("pir") },
	{ pair: "05 00", model: /-DI/i, beside: () => false, item: flag("input") },
	{ pair: "05 7D", model: /GS301/i, beside: (has) => has("04 7D"), item: word("h2s", null, "ppm", 100) },
	{ pair: "06 00", model: /WT101/i, beside: (has) => has("05 92"), item: flag("tamper", "tamper") },
];

/** Fields of a record of the past, after its four bytes of seconds. Which ones a record has depends on the model and isn't said. */
type Layout = readonly (readonly [item: Item, size: number])[];
const at = (item: Item): readonly [Item, number] => [item, item.size];
const wideHumidity: Item = {
	size: 2,
	take: (bytes, offset) => [["humidity", percent((unsigned16(bytes, offset) ?? 999) / 2), "humidity", "%"]],
};
const [T, H, CO2, HPA] = [at(temperature("temperature")), at(humidity), at(word("co2", "co2", "ppm")), at(word("pressure", "pressure", "hPa", 10))];
/** By pairs that stand beside the records, first match. */
const LAYOUTS: readonly { beside: readonly number[]; layout: Layout }[] = [
	{ beside: [0x057d, 0x0673], layout: [CO2, HPA, T, H] },
	{ beside: [0x077d, 0x06cb], layout: [T, at(wideHumidity), at(flag("pir")), at(byte("light_level")), CO2, at(passedOver(2)), HPA] },
	{ beside: [0x0367, 0x077d], layout: [T, H, CO2] },
	{ beside: [0x0600], layout: [T, H, at(flag("magnet", "contact"))] },
	{ beside: [0x0500], layout: [T, H, at(flag("leak", "leak"))] },
	{ beside: [0x0367, 0x0468], layout: [T, H] },
	{ beside: [0x0367], layout: [T] },
	// Nothing live beside them: what the ninth byte means is not known.
	{ beside: [], layout: [T, H] },
	{ beside: [], layout: [T, H, at(passedOver(1))] },
	{ beside: [], layout: [T, H, CO2] },
];
const HISTORY = pairNumber("20 CE");
const [BY_PAIR, OTHERWISE_BY_PAIR] = [
	new Map(Object.entries(ITEMS).map(([pair, item]) => [pairNumber(pair), item])),
	Map.groupBy(OTHERWISE, ({ pair }) => pairNumber(pair)),
];

/** Everything of an uplink that can be told for certain; `ts`: when it was received. */
export function milesightReadings(bytes: Buffer, model: string, ts: number | null): DecodedReading[] {
	const pairs = pairsOf(bytes);
	const readings: DecodedReading[] = [];
	for (let offset = 0; offset + 2 < bytes.length; ) {
		const pair = pairAt(bytes, offset);
		if (pair === HISTORY) {
			readings.push(...historyReadings(bytes.subarray(offset), pairs));
			break;
		}
		const item = itemOf(pair, pairs, model);
		if (!item || offset + 2 + item.size > bytes.length) break;
		for (const [channel, value, kind = null, unit] of item.take(bytes, offset + 2))
			if (value !== null) readings.push(readingOf(channel, value, kind, unit, ts));
		offset += 2 + item.size;
	}
	return readings;
}

/** "03 67" as a number. */
function pairNumber(pair: string): number {
	return Number.parseInt(pair.replace(" ", ""), 16);
}
const pairAt = (bytes: Buffer, offset: number) => bytes.readUInt16BE(offset);

function itemOf(pair: number, pairs: ReadonlySet<number>, model: string): Item | undefined {
	const other = OTHERWISE_BY_PAIR.get(pair)?.find((entry) => entry.model.test(model) || entry.beside((name) => pairs.has(pairNumber(name))));
	return other?.item ?? BY_PAIR.get(pair);
}

/** Pairs up to the first that is not known, or to the records of the past. */
function pairsOf(bytes: Buffer): ReadonlySet<number> {
	const pairs = new Set<number>();
	for (let offset = 0; offset + 2 < bytes.length; ) {
		const pair = pairAt(bytes, offset);
		const item = BY_PAIR.get(pair);
		if (!item) break;
		pairs.add(pair);
		offset += 2 + item.size;
	}
	return pairs;
}

/** Records of the past up to the end of the message, in the one layout with which they end exactly there and make sense. */
function historyReadings(bytes: Buffer, pairs: ReadonlySet<number>): DecodedReading[] {
	const beside = LAYOUTS.filter((entry) => entry.beside.length > 0 && entry.beside.every((pair) => pairs.has(pair)));
	const candidates = beside.length > 0 ? beside : LAYOUTS.filter((entry) => entry.beside.length === 0);
	for (const { layout } of candidates) {
		const readings = recordsOf(bytes, layout);
		if (readings !== null) return readings;
	}
	return [];
}

function recordsOf(bytes: Buffer, layout: Layout): DecodedReading[] | null {
	const size = 6 + layout.reduce((sum, [, length]) => sum + length, 0);
	if (bytes.length % size !== 0) return null;
	const readings: DecodedReading[] = [];
	for (let start = 0; start < bytes.length; start += size) {
		const { ts } = millisecondsTime(bytes.readUInt32LE(start + 2) * 1000);
		if (pairAt(bytes, start) !== HISTORY || ts === null) return null;
		let offset = start + 6;
		for (const [item, length] of layout) {
			for (const [channel, value, kind = null, unit] of item.take(bytes, offset))
				if (value !== null) readings.push({ ...readingOf(channel, value, kind, unit, ts), historical: true });
			offset += length;
		}
	}
	return readings;
}
