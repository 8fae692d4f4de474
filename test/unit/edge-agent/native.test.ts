import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeNative } from "../../../edge-agent/devices/profiles/native.ts";

const decode = (topic: string, payload: string | Buffer) =>
	decodeNative({ topic, payload: Buffer.from(payload), receivedAt: 1_790_000_000_000, retained: false });
const point = "watchroom/s0/temperature";
const access = {
	seq: 7,
	door: "d0",
	direction: "in",
	method: "card",
	card: { format: "H10301", facility: 12, number: 3456 },
	result: "granted",
	reason: "granted",
};

describe("the native dialect refuses with a reason", () => {
	test.each([
		["not JSON", point, "23.4 C", "not-json"],
		["an empty payload", point, "", "not-json"],
		["half a message", point, '{"value":', "not-json"],
		["bytes that are no text", point, Buffer.from([0xff, 0xfe, 0x00]), "not-json"],
		["NaN", point, '{"value":NaN}', "not-finite"],
		["Infinity", point, '{"ts":1, "value": -Infinity }', "not-finite"],
		["an overflow", point, '{"value":1e999}', "not-finite"],
		["a time that overflows", point, '{"ts":1e999,"value":1}', "not-finite"],
		["a bare number", point, "23.4", "wrong-shape"],
		["null", point, "null", "wrong-shape"],
		["no value", point, '{"ts":1}', "wrong-shape"],
		["a value of null", point, '{"value":null}', "wrong-type"],
		["an object as value", point, '{"value":{"a":1}}', "wrong-type"],
		["an array as value", point, '{"value":[1]}', "wrong-type"],
		["an empty state", point, '{"value":""}', "wrong-type"],
		["a state of 65 characters", point, JSON.stringify({ value: "x".repeat(65) }), "wrong-type"],
		["a time as text", point, '{"ts":"2026-01-01","value":1}', "wrong-shape"],
		["a fraction of a millisecond", point, '{"ts":1.5,"value":1}', "wrong-shape"],
		["an unknown quality", point, '{"value":1,"quality":"fine"}', "wrong-shape"],
		["an empty array", point, "[]", "wrong-shape"],
		["too many readings", point, JSON.stringify(Array(1001).fill({ value: 1 })), "wrong-shape"],
		["more than 64 KiB", point, Buffer.alloc(64 * 1024 + 1, 0x20), "too-large"],
		["a megabyte", point, Buffer.alloc(1_000_000, 0x20), "too-large"],
		["a topic with too few levels", "watchroom/s0", "{}", "bad-topic"],
		["a topic with too many levels", "watchroom/s0/a/b", "{}", "bad-topic"],
		["a device name with a space", "watchroom/s 0/a", "{}", "bad-topic"],
		["an access event without a number", "watchroom/r0/access", JSON.stringify({ ...access, seq: undefined }), "wrong-shape"],
		["a fingerprint template", "watchroom/r0/access", JSON.stringify({ ...access, template: "AAECAw==" }), "biometric-data"],
		["a template inside the card", "watchroom/r0/access", JSON.stringify({ ...access, card: { ...access.card, template: "AA" } }), "biometric-data"],
		["a minutiae record for a reference", "watchroom/r0/access", JSON.stringify({ ...access, fingerprint: "Rk1SACAyMAAA" }), "biometric-data"],
		["a finger image for a reference", "watchroom/r0/access", JSON.stringify({ ...access, fingerprint: "RklSADAxMAAA" }), "biometric-data"],
		["a minutiae record that is no JSON", "watchroom/r0/access", "Rk1SACAyMAAA", "biometric-data"],
		["a minutiae record in bytes", point, Buffer.from("FMR\0 20\0"), "biometric-data"],
		["a photograph", "watchroom/r0/access", Buffer.from([0xff, 0xd8, 0xff, 0xe0]), "biometric-data"],
		["a blob for a reference", "watchroom/r0/access", JSON.stringify({ ...access, fingerprint: "QUJD".repeat(40) }), "biometric-data"],
		["an image in the answer to a command", "watchroom/r0/result", '{"id":"1","ok":true,"error":null,"body":{"image":"x"}}', "biometric-data"],
		["a template beside a reading", point, '[{"value":1},{"value":1,"template":"AA"}]', "biometric-data"],
		["base64 for a reference", "watchroom/r0/access", JSON.stringify({ ...access, fingerprint: "AAEC+w==" }), "wrong-shape"],
		["an unknown method", "watchroom/r0/access", JSON.stringify({ ...access, method: "iris" }), "wrong-shape"],
		["an unknown door state", "watchroom/c0/door", '{"seq":1,"door":"d0","state":"ajar"}', "wrong-shape"],
		["a status that is neither", "watchroom/s0/status", "sleeping", "wrong-shape"],
	])("%s", (_, topic, payload, reason) => {
		expect(decode(topic, payload)).toMatchObject([{ readings: [], events: [], refusal: { reason } }]);
	});

	test("one wrong reading of an array refuses all, and names it", () => {
		expect(decode(point, '[{"value":1},{"value":2},{"value":true,"quality":1}]')[0]?.refusal).toEqual({
			reason: "wrong-shape",
			detail: "[2] quality: expected good, uncertain or bad",
		});
	});
});

describe("the native dialect takes", () => {
	test.each([
		["a number", '{"ts":1790000000000,"value":23.4}', { channel: "temperature", ts: 1_790_000_000_000, value: 23.4, quality: null }],
		["a boolean without a time", '{"value":false}', { channel: "temperature", ts: null, value: false, quality: null }],
		["a state with a quality", '{"value":"auto","quality":"uncertain"}', { channel: "temperature", ts: null, value: "auto", quality: "uncertain" }],
		["keys that it doesn't know", '{"value":1,"unit":"C"}', { channel: "temperature", ts: null, value: 1, quality: null }],
	])("%s", (_, payload, reading) => {
		expect(decode(point, payload)).toEqual([{ device: "s0", readings: [reading], events: [], refusal: null }]);
	});

	test("a thousand readings in one message", () => {
		expect(decode(point, JSON.stringify(Array.from({ length: 1000 }, (_, value) => ({ value }))))[0]?.readings).toHaveLength(1000);
	});

	test.each([
		["an access event", "watchroom/r0/access", JSON.stringify(access), { type: "access", ...access, fingerprint: null, ts: null }],
		[
			"a door event",
			"watchroom/c0/door",
			'{"ts":5,"seq":1,"door":"d0","state":"forced"}',
			{ type: "door", ts: 5, seq: 1, door: "d0", state: "forced" },
		],
		["a status", "watchroom/s0/status", "offline", { type: "status", status: "offline", ts: null }],
	])("%s", (_, topic, payload, event) => {
		expect(decode(topic, payload)).toMatchObject([{ events: [event], refusal: null }]);
	});

	test("command messages, which are its own, without a word", () => {
		expect(decode("watchroom/s0/command", "{}")).toEqual([]);
	});
	test("the answer to a command", () => {
		const result = { id: "1", ok: false, error: "unknown-operation", body: {} };
		expect(decode("watchroom/s0/result", JSON.stringify(result))).toEqual([{ device: "s0", readings: [], events: [], result, refusal: null }]);
		expect(decode("watchroom/s0/result", '{"id":"1"}')).toMatchObject([{ device: "s0", refusal: { reason: "wrong-shape" } }]);
	});
	test("a cleared retained status without a word", () => expect(decode("watchroom/s0/status", "")).toEqual([]));
});

test("no payload on any topic makes the decoder throw", () => {
	fc.assert(
		fc.property(
			fc.oneof(fc.constantFrom("temperature", "access", "door", "status", "result", "command"), fc.string()),
			fc.oneof(
				fc.json(),
				fc.string(),
				fc.uint8Array().map((bytes) => Buffer.from(bytes)),
			),
			(name, payload) => {
				for (const part of decode(`watchroom/s0/${name}`, payload)) expect(part.refusal === null || part.readings.length === 0).toBe(true);
			},
		),
		{ numRuns: 500 },
	);
});
