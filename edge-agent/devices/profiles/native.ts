/** Watchroom's own dialect, see contracts/native-dialect.ts. */
import type { z } from "zod";
import { biometricField, isBiometric } from "../../../contracts/biometrics.ts";
import type { Quality } from "../../../contracts/kinds.ts";
import {
	DEVICE_TOPIC_FILTER,
	deviceStatusSchema,
	deviceTopic,
	nativeAccessSchema,
	nativeDoorSchema,
	nativeResultSchema,
	PAYLOAD_LIMIT,
	parseDeviceTopic,
	READINGS_PER_MESSAGE,
} from "../../../contracts/native-dialect.ts";
import type { DeviceMessage } from "../device-source.ts";
import { plainKey } from "../redact.ts";
import { type Decoded, type DecodedReading, type Profile, type Refusal, refused } from "./profile.ts";

export const native: Profile = {
	id: "native",
	title: "Native",
	strict: true,
	base: null,
	topics: () => [DEVICE_TOPIC_FILTER],
	owner: (topic) => {
		const parsed = parseDeviceTopic(topic);
		// Commands are the agent's.
		return parsed && parsed.name !== "command" ? parsed.device : undefined;
	},
	decoder: () => decodeNative,
	command: (device, command) => ({ topic: deviceTopic(device, "command"), payload: JSON.stringify(command) }),
};

/** Stateless. The reading path is written by hand, since each of its refusals has a reason of its own; events go through the contract's schemas. */
export function decodeNative(message: DeviceMessage): readonly Decoded[] {
	const topic = parseDeviceTopic(message.topic);
	if (!topic) return refused(deviceLevel(message.topic), "bad-topic", "expected watchroom/{device}/{point}, each 1 to 64 of A-Z a-z 0-9 . _ -");
	const { device, name } = topic;
	if (message.payload.length > PAYLOAD_LIMIT)
		return refused(device, "too-large", `expected at most ${PAYLOAD_LIMIT} bytes, got ${message.payload.length}`);
	const text = message.payload.toString("utf8");
	if (name === "status") return decodeStatus(device, text);
	if (name === "command") return [];
	let body: unknown;
	try {
		body = JSON.parse(text);
	} catch (error) {
		if (isBiometric(text) || isBiometric(message.payload.toString("latin1", 0, 16))) return refused(device, "biometric-data", BIOMETRIC);
		if (NOT_A_NUMBER.test(text)) return refused(device, "not-finite", "expected finite numbers; JSON has no NaN and no Infinity");
		return refused(device, "not-json", error instanceof Error ? error.message : "expected JSON");
	}
	if (EVENTS.has(name)) {
		const field = biometricField(body);
		if (field !== null) return refused(device, "biometric-data", field === "" ? BIOMETRIC : `${field}: ${BIOMETRIC}`);
	}
	switch (name) {
		case "access": {
			const parsed = nativeAccessSchema.safeParse(body);
			if (!parsed.success) return refused(device, "wrong-shape", problems(parsed.error));
			const { ts, card, fingerprint, ...event } = parsed.data;
			return eventOf(device, { type: "access", ...event, card: card ?? null, fingerprint: fingerprint ?? null, ts: ts ?? null });
		}
		case "door": {
			const parsed = nativeDoorSchema.safeParse(body);
			if (!parsed.success) return refused(device, "wrong-shape", problems(parsed.error));
			const { ts, ...event } = parsed.data;
			return eventOf(device, { type: "door", ...event, ts: ts ?? null });
		}
		case "result": {
			const parsed = nativeResultSchema.safeParse(body);
			if (!parsed.success) return refused(device, "wrong-shape", problems(parsed.error));
			return [{ device, readings: [], events: [], result: parsed.data, refusal: null }];
		}
		default:
			return decodeReadings(device, name, body);
	}
}

/** Topics whose content may be about people. */
const EVENTS: ReadonlySet<string> = new Set(["access", "door", "result"]);
const BIOMETRIC = "expected no fingerprint template and no image, only the reference of an enrolment";
const NOT_A_NUMBER = /[:[,\s](?:NaN|[+-]?Infinity|-?inf|nan)\s*[,}\]]/;

function eventOf(device: string, event: Decoded["events"][number]): readonly Decoded[] {
	return [{ device, readings: [], events: [event], refusal: null }];
}

function decodeStatus(device: string, text: string): readonly Decoded[] {
	// An empty retained message clears the topic (MQTT 3.1.1 §3.3.1.3); it says nothing of the device.
	if (text === "") return [];
	const parsed = deviceStatusSchema.safeParse(text.trim());
	if (!parsed.success) return refused(device, "wrong-shape", "expected the text online or offline");
	return eventOf(device, { type: "status", status: parsed.data, ts: null });
}

function decodeReadings(device: string, point: string, body: unknown): readonly Decoded[] {
	if (!Array.isArray(body)) {
		const reading = decodeReading(point, body);
		if ("reason" in reading) return [{ device, readings: [], events: [], refusal: reading }];
		return [{ device, readings: [reading], events: [], refusal: null }];
	}
	if (body.length === 0 || body.length > READINGS_PER_MESSAGE)
		return refused(device, "wrong-shape", `expected 1 to ${READINGS_PER_MESSAGE} readings, got ${body.length}`);
	const readings: DecodedReading[] = [];
	for (let index = 0; index < body.length; index++) {
		const reading = decodeReading(point, body[index]);
		if ("reason" in reading) return refused(device, reading.reason, `[${index}] ${reading.detail}`);
		readings.push(reading);
	}
	return [{ device, readings, events: [], refusal: null }];
}

function decodeReading(point: string, body: unknown): DecodedReading | Refusal {
	if (typeof body !== "object" || body === null || Array.isArray(body))
		return { reason: "wrong-shape", detail: `expected an object with ts and value, got ${describe(body)}` };
	for (const key in body) {
		if (key === "ts" || key === "value" || key === "quality") continue;
		const field = biometricField(body);
		if (field !== null) return { reason: "biometric-data", detail: `${field}: ${BIOMETRIC}` };
		break;
	}
	if (!("value" in body)) return { reason: "wrong-shape", detail: "value: expected one" };
	const value = body.value;
	if (typeof value === "number") {
		if (!Number.isFinite(value)) return { reason: "not-finite", detail: "value: expected a finite number" };
	} else if (typeof value === "string") {
		if (value.length === 0 || value.length > 64)
			return { reason: "wrong-type", detail: `value: expected a state of 1 to 64 characters, got ${value.length}` };
	} else if (typeof value !== "boolean")
		return { reason: "wrong-type", detail: `value: expected a number, a boolean or a state, got ${describe(value)}` };
	let ts: number | null = null;
	if ("ts" in body) {
		if (typeof body.ts !== "number") return { reason: "wrong-shape", detail: `ts: expected Unix milliseconds, got ${describe(body.ts)}` };
		if (!Number.isFinite(body.ts)) return { reason: "not-finite", detail: "ts: expected a finite number" };
		if (!Number.isInteger(body.ts)) return { reason: "wrong-shape", detail: "ts: expected whole milliseconds" };
		ts = body.ts;
	}
	let quality: Quality | null = null;
	if ("quality" in body) {
		if (body.quality !== "good" && body.quality !== "uncertain" && body.quality !== "bad")
			return { reason: "wrong-shape", detail: "quality: expected good, uncertain or bad" };
		quality = body.quality;
	}
	return { channel: point, ts, value, quality };
}

function describe(value: unknown): string {
	return value === null ? "null" : Array.isArray(value) ? "an array" : typeof value;
}

function problems(error: z.ZodError): string {
	return error.issues
		.map((issue) => {
			const message = issue.code === "unrecognized_keys" ? `unknown ${issue.keys.map(plainKey).join(", ")}` : issue.message;
			return issue.path.length === 0 ? message : `${issue.path.join(".")}: ${message}`;
		})
		.join("; ");
}

function deviceLevel(topic: string): string {
	return (topic.split("/", 2)[1] ?? "").replace(/[^A-Za-z0-9._-]/g, "_").slice(0, 64);
}
