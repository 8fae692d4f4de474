/** What decoders share: reading JSON, numbers and words that were not written for us. Nothing here throws or makes up a value. */
import { PAYLOAD_LIMIT } from "../../../contracts/native-dialect.ts";
import type { DeviceMessage } from "../device-source.ts";
import type { Decoded, DecodedReading, RefusalReason, Unread } from "./profile.ts";
import { refused } from "./profile.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A table's entry for a key that a device chose: `constructor` and the like are no entries. */
export function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
	return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** The payload's text; `null`: too large to be read. */
export function textOf({ payload }: DeviceMessage): string | null {
	return payload.length > PAYLOAD_LIMIT ? null : payload.toString("utf8");
}

/** The payload as a JSON object, or the refusal, counted for `device`. */
export function objectOf(message: DeviceMessage, device: string): { body: JsonObject } | { refusal: readonly Decoded[] } {
	const parsed = jsonOf(message);
	if ("reason" in parsed) return { refusal: refused(device, parsed.reason, parsed.detail) };
	if (!isObject(parsed.json)) return { refusal: refused(device, "wrong-shape", "expected a JSON object") };
	return { body: parsed.json };
}

/** The payload as JSON of any shape, or why it can't be read. */
export function jsonOf(message: DeviceMessage): { json: unknown } | { reason: RefusalReason; detail: string } {
	const text = textOf(message);
	if (text === null) return { reason: "too-large", detail: `expected at most ${PAYLOAD_LIMIT} bytes, got ${message.payload.length}` };
	try {
		return { json: JSON.parse(text) as unknown };
	} catch (error) {
		return { reason: "not-json", detail: error instanceof Error ? error.message : "expected JSON" };
	}
}

/** A finite number, also where it is written as text ("80.00"); `null`: there is none. */
export function numberOf(value: unknown): number | null {
	if (typeof value === "number") return Number.isFinite(value) ? value : null;
	if (typeof value !== "string" || !/^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/.test(value)) return null;
	const number = Number(value);
	return Number.isFinite(number) ? number : null;
}

/** true, "true", "on", "ON", 1 and the like; `null`: neither. */
export function booleanOf(value: unknown): boolean | null {
	if (typeof value === "boolean") return value;
	if (value === 1 || value === 0) return value === 1;
	if (typeof value !== "string") return null;
	const word = value.trim().toLowerCase();
	if (word === "true" || word === "on" || word === "1" || word === "yes") return true;
	return word === "false" || word === "off" || word === "0" || word === "no" ? false : null;
}

/** Whether it says that nothing is known: no value, and no fault. */
export function isNoValue(value: unknown): boolean {
	return value === null || value === undefined || (typeof value === "string" && NO_VALUE.test(value));
}
const NO_VALUE = /^\s*(?:[+-]?(?:nan|inf(?:inity)?)|null|none|unknown|unavailable)?\s*$/i;

export const A_NUMBER = "a number";
export const YES_OR_NO = "true or false";
export const A_VALUE = "a number, true or false, or a word of at most 64 characters";
/** Takes note of a channel whose value could not be read, unless it says that nothing is known. */
export function addUnread(unread: Unread[], channel: string, value: unknown, expected: string): void {
	if (!isNoValue(value)) unread.push({ channel, expected });
}

/** A short text that isn't empty, such as a model or an address; `null`: there is none. */
export function wordOf(value: unknown, longest = 200): string | null {
	const text = typeof value === "number" && Number.isFinite(value) ? String(value) : value;
	return typeof text === "string" && text.trim() !== "" && text.length <= longest ? text.trim() : null;
}

/** A part of a message that is well. */
export function said(device: string, parts: Partial<Omit<Decoded, "device" | "refusal">>): Decoded {
	return { device, readings: [], events: [], ...parts, refusal: null };
}

/** A status of a device. */
export function statusOf(device: string, online: boolean, ts: number | null = null): Decoded {
	return said(device, { events: [{ type: "status", status: online ? "online" : "offline", ts }] });
}

/** A reading without quality. `unit` and `kind`: see DecodedReading. */
export function readingOf(
	channel: string,
	value: DecodedReading["value"],
	kind: DecodedReading["kind"] = null,
	unit?: string,
	ts: number | null = null,
): DecodedReading {
	return unit === undefined ? { channel, ts, value, quality: null, kind } : { channel, ts, value, quality: null, kind, unit };
}

/** True for a moment: what is told once must not stand for ever. `ts`: Unix ms. */
export function momentOf(channel: string, ts: number): DecodedReading[] {
	return [readingOf(channel, true, null, undefined, ts), readingOf(channel, false, null, undefined, ts + 1)];
}

/** What a device says of itself, in the words that it has given. */
export function infoOf(words: Readonly<Record<string, unknown>>): Record<string, string> {
	const info: Record<string, string> = {};
	for (const key of Object.keys(words)) {
		const word = wordOf(words[key]);
		if (word !== null) info[key] = word;
	}
	return info;
}

/** Names that are remembered of one look-up. */
const REMEMBERED = 5_000;

/** A look-up that tells the same of a name each time, made once for each: the names of fields come again and again. */
export function remembered<T>(lookUp: (name: string) => T): (name: string) => T {
	const found = new Map<string, T>();
	return (name) => {
		const known = found.get(name);
		if (known !== undefined || found.has(name)) return known as T;
		const value = lookUp(name);
		if (found.size < REMEMBERED) found.set(name, value);
		return value;
	};
}
