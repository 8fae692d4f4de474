/**
 * Everything else that speaks over MQTT: the site file names the topic, and for each point a JSONPath (RFC 9535) into the message, `$` for one that
 * is bare text.
 */
import { JSONPathEnvironment, type JSONPathQuery } from "json-p3";
import type { DeviceMapping } from "../../../contracts/uplink.ts";
import type { DeviceMessage } from "../device-source.ts";
import { decodeCard } from "./codecs/card-codecs.ts";
import { clockOf, type DeviceTime, NO_TIME, timeOf } from "./device-time.ts";
import { booleanOf, jsonOf, numberOf, readingOf, said, textOf } from "./payload.ts";
import { type Decode, type Decoded, type DecodedEvent, type DecodedReading, type DecoderContext, type Profile, refused } from "./profile.ts";

/** Paths that are kept compiled. */
const PATHS = 10_000;
/** A message nested deeper than this is nobody's measurement. */
const DEPTH = 64;

export const generic: Profile = {
	id: "generic",
	title: "Anything else, by JSONPath",
	base: null,
	topics: (_, addresses) => addresses,
	owner: (topic) => topic,
	decoder: (context) => decoder(context),
	page: {
		about:
			"The device's `address` is the topic, without wildcards. A point's `source` is a JSONPath; `sourceUnit` is the unit that the device means, `values` what its words mean. Cards come through a codec: `wiegand:H10301` (0 and 1), `wiegand-hex:H10301` (hexadecimal digits of so many bits with zeros in front, or the 44 bits of an HID proximity card), `osdp:H10301` (an osdp_RAW frame), `uid`, `uid-decimal`.",
		address: "The topic.",
		channels: [
			["any JSONPath, such as `$.ENV.t[0]`", "its first match: a number (also one written as text), true or false, or a word"],
			["`$`", "the whole message, where it is bare text"],
		],
		ignores: ["everything that no point asks for"],
		example: `- id: chiller-1
  kind: hvac-unit
  profile: generic
  address: plant/chiller/1/state
  mapping: { time: $.at, online: $.link }
  points:
    - { id: supply, kind: temperature, source: "$.water['supply temp']", sourceUnit: °F, interval: 30s }
    - { id: state, kind: unit-state, type: state, states: [running, "off"], source: $.run, values: { "1": running, "0": "off" }, interval: 30s }
- id: store-reader
  kind: card-reader
  profile: generic
  address: doors/store/swipe
  mapping: { card: $.raw, codec: "wiegand-hex:H10301", granted: $.ok, event: $.n }`,
	},
};

function decoder(context: DecoderContext): Decode {
	const environment = new JSONPathEnvironment({ maxRecursionDepth: DEPTH });
	const compiled = new Map<string, JSONPathQuery | null>();
	/** The first match; `undefined`: there is none. `null` for a path that is none. */
	const find = (path: string, body: unknown): unknown => {
		let query = compiled.get(path);
		if (query === undefined) {
			query = compile(environment, path);
			if (compiled.size < PATHS) compiled.set(path, query);
		}
		try {
			return query?.match(body as Parameters<JSONPathQuery["match"]>[0])?.value;
		} catch {
			return undefined;
		}
	};
	return (message) => {
		const device = message.topic;
		const read = bodyOf(message);
		if ("refusal" in read) return read.refusal;
		const map = context.mapping(device);
		const time = map?.time === undefined ? NO_TIME : timeOf(find(map.time, read.body));
		const readings: DecodedReading[] = [];
		for (const path of context.channels(device)) {
			const value = pointValue(find(path, read.body));
			if (value !== null) readings.push(readingOf(path, value, null, undefined, time.ts));
		}
		const events: DecodedEvent[] = [];
		if (map?.online !== undefined) {
			const online = booleanOf(onlineWord(find(map.online, read.body)));
			if (online !== null) events.push({ type: "status", status: online ? "online" : "offline", ts: time.ts });
		}
		if (map?.card !== undefined) {
			const swipe = swipeOf(map, (path) => find(path, read.body), time);
			if (swipe !== null && "detail" in swipe) return refused(device, "wrong-shape", swipe.detail);
			if (swipe !== null) events.push(swipe);
		}
		return [said(device, { readings, events, ...clockOf(time) })];
	};
}

function compile(environment: JSONPathEnvironment, path: string): JSONPathQuery | null {
	try {
		return environment.compile(path);
	} catch {
		return null;
	}
}

/** JSON, or bare text as it is. */
function bodyOf(message: DeviceMessage): { body: unknown } | { refusal: readonly Decoded[] } {
	const parsed = jsonOf(message);
	if ("json" in parsed)
		return isDeeperThan(parsed.json, DEPTH)
			? { refusal: refused(message.topic, "wrong-shape", `expected at most ${DEPTH} levels`) }
			: { body: parsed.json };
	const text = textOf(message);
	if (text === null) return { refusal: refused(message.topic, "too-large", parsed.detail) };
	if (/^\s*[[{]/.test(text)) return { refusal: refused(message.topic, "not-json", parsed.detail) };
	return text.trim() === "" || text.length > 64 ? { refusal: [] } : { body: text.trim() };
}

function isDeeperThan(value: unknown, levels: number): boolean {
	if (typeof value !== "object" || value === null) return false;
	if (levels === 0) return true;
	for (const inside of Object.values(value)) if (isDeeperThan(inside, levels - 1)) return true;
	return false;
}

/** What a point can hold; `null`: unknown, or nothing of the kind. */
function pointValue(value: unknown): DecodedReading["value"] | null {
	if (typeof value === "boolean") return value;
	if (typeof value === "number") return numberOf(value);
	if (
		typeof value !== "string" ||
		value.trim() === "" ||
		value.length > 64 ||
		/^[+-]?(?:nan|inf(?:inity)?|null|unknown|unavailable)$/i.test(value.trim())
	)
		return null;
	return numberOf(value) ?? value.trim();
}

function onlineWord(value: unknown): unknown {
	return typeof value === "string" && /^(?:online|offline)$/i.test(value.trim()) ? value.trim().toLowerCase() === "online" : value;
}

/** `null`: no card in the message. */
function swipeOf(
	map: DeviceMapping,
	find: (path: string) => unknown,
	time: DeviceTime,
): Extract<DecodedEvent, { type: "access" }> | { detail: string } | null {
	const raw = map.card === undefined ? undefined : find(map.card);
	if (raw === undefined || raw === null || raw === "") return null;
	const text = typeof raw === "string" ? raw : typeof raw === "number" && Number.isSafeInteger(raw) ? String(raw) : null;
	if (text === null) return { detail: "card: expected text" };
	const result = decodeCard(map.codec ?? "uid", text);
	if ("detail" in result) return { detail: `card: ${result.detail}` };
	const granted = map.granted === undefined ? null : booleanOf(find(map.granted));
	const number = map.event === undefined ? null : numberOf(find(map.event));
	const door = map.door === undefined ? null : find(map.door);
	return {
		type: "access",
		seq: number !== null && Number.isSafeInteger(number) && number >= 0 ? number : null,
		door: typeof door === "string" || typeof door === "number" ? String(door) : null,
		direction: null,
		method: "card",
		card: result.card,
		fingerprint: null,
		result: granted === true ? "granted" : "denied",
		// A reader that only reads decides nothing.
		reason: granted === null ? "denied-no-decision" : granted ? "granted" : "denied-other",
		ts: time.ts,
		...(number === null && time.ts !== null && { key: `${text}@${time.ts}` }),
	};
}
