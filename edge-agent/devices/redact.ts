/** What of a refused payload may be kept for a person to look at: no card number, PIN or fingerprint data. */
import { cardSchema, nativeAccessSchema, PAYLOAD_LIMIT } from "../../contracts/native-dialect.ts";
import type { DeviceMessage } from "./device-source.ts";
import type { Refusal } from "./profiles/profile.ts";

const REDACTED = "[redacted]";
const ACCESS_TOPIC = /^watchroom\/[^/]+\/access$/;
/** Keys that tell of credentials. */
const KEYS = /card|finger|template|minutiae|biometric|serialreceived|\b(?:pin|uid)\b/i;
/** How fingerprint records begin (ISO/IEC 19794-2 and -4), plain and in base64. */
const RECORD = /Rk1S|RklS|FMR\0|FIR\0/;
const FIELDS: ReadonlySet<string> = new Set(Object.keys(nativeAccessSchema.shape));
const CARD_FIELDS: ReadonlySet<string> = new Set(Object.keys(cardSchema.shape));
const LONGEST_VALUE = 64;

/** The payload's text and the refusal's detail as they may be kept; pure. Unchanged where nothing tells of a credential. */
export function redact(message: DeviceMessage, detail: string, reason: Refusal["reason"]): { payload: string; detail: string } {
	const { topic, payload } = message;
	if (reason === "biometric-data") return { payload: `[redacted: ${payload.length} bytes]`, detail };
	const text = payload.toString("utf8", 0, Math.min(payload.length, PAYLOAD_LIMIT));
	if (!ACCESS_TOPIC.test(topic) && !tellsOfCredentials(text)) return { payload: text, detail };
	return {
		payload: (payload.length > PAYLOAD_LIMIT ? null : redactText(text)) ?? `[redacted: ${payload.length} bytes]`,
		detail: redactDetail(detail, reason),
	};
}

/** A key as a refusal may name it: what is no plain name could be data itself. */
export function plainKey(key: string): string {
	return /^[A-Za-z_][A-Za-z0-9_-]{0,31}$/.test(key) && !/^Rk[1l]S/.test(key) ? key : REDACTED;
}

function tellsOfCredentials(text: string): boolean {
	const unescaped = text.replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
	// Without zeros: the same text in UTF-16.
	return RECORD.test(unescaped) || KEYS.test(unescaped.replaceAll("\0", ""));
}

/** The parser's words quote the payload, an unknown state is the payload's. */
function redactDetail(detail: string, reason: Refusal["reason"]): string {
	if (reason === "not-json") return "expected JSON";
	return reason === "unknown-state" ? detail.replace(/, got .*$/s, "") : detail;
}

/** `null`: no JSON of objects. */
function redactText(text: string): string | null {
	let body: unknown;
	try {
		body = JSON.parse(text);
	} catch {
		return null;
	}
	if (Array.isArray(body)) return JSON.stringify(body.map((item: unknown) => (isObject(item) ? redactEvent(item) : REDACTED)));
	return isObject(body) ? JSON.stringify(redactEvent(body)) : null;
}

function redactEvent(event: object): object {
	return mapFields(event, (key, value) => {
		if (key === "card" && isObject(value))
			return mapFields(value, (field, part) => (field === "number" ? maskNumber(part) : CARD_FIELDS.has(field) ? plainValue(part) : REDACTED));
		if (value === null && FIELDS.has(key)) return null;
		return key === "card" || key === "fingerprint" || !FIELDS.has(key) ? REDACTED : plainValue(value);
	});
}

function mapFields(fields: object, map: (key: string, value: unknown) => unknown): object {
	return Object.fromEntries(Object.entries(fields).map(([key, value]: [string, unknown]) => [plainKey(key), map(key, value)]));
}

/** `***37`; a number too short to hide anything keeps no digit. */
function maskNumber(value: unknown): string {
	const digits = typeof value === "number" || typeof value === "string" ? String(value) : "";
	if (!/^\d+$/.test(digits)) return REDACTED;
	return digits.length < 4 ? "***" : `***${digits.slice(-2)}`;
}

/** A known field's value, unless something else than such a field's is in it. */
function plainValue(value: unknown): unknown {
	if (typeof value === "string") return value.length <= LONGEST_VALUE && !/^Rk[1l]S/.test(value) ? value : REDACTED;
	return typeof value === "number" || typeof value === "boolean" || value === null ? value : REDACTED;
}

function isObject(value: unknown): value is object {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
