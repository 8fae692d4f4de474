import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { IN_ALL, OF_UNKNOWN, PER_DEVICE, PER_SECOND, Quarantine } from "../../../edge-agent/devices/quarantine.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../helpers/temporary-directory.ts";

let folder: TemporaryDirectory;
let quarantine: Quarantine;
const open = () => new Quarantine(join(folder.path, "quarantine.db"), (error) => expect.fail(String(error)));
beforeEach(async () => {
	folder = await temporaryDirectory("quarantine");
	quarantine = open();
});
afterEach(async () => {
	quarantine.stop();
	await folder.remove();
});

/** One entry a second, so that the rate has no part in it. */
let second = 1_790_000_000;
function add(device: string, known = true, payload: string | Buffer = "x"): void {
	quarantine.add(
		device,
		known,
		{ topic: `watchroom/${device}/p`, payload: Buffer.from(payload), receivedAt: ++second * 1000, retained: false },
		{ reason: "not-json", detail: "d" },
	);
}

test("keeps the newest of each device, and of others what they sent", () => {
	add("quiet");
	for (let index = 0; index < PER_DEVICE + 50; index++) add("loud", true, String(index));
	const entries = quarantine.entries();
	expect(entries.filter(({ device }) => device === "quiet")).toHaveLength(1);
	const loud = entries.filter(({ device }) => device === "loud").map(({ payload }) => payload);
	expect([loud.length, loud[0], loud.at(-1)]).toEqual([PER_DEVICE, "50", String(PER_DEVICE + 49)]);
});
test("is bounded over any number of devices, known or not", () => {
	for (let index = 0; index < IN_ALL + 10; index++) add(`d${index}`);
	expect(quarantine.entries()).toHaveLength(IN_ALL);
	for (let index = 0; index < OF_UNKNOWN + 10; index++) add(`ghost${index}`, false);
	expect(quarantine.entries().filter(({ device }) => device.startsWith("ghost"))).toHaveLength(OF_UNKNOWN);
});
test("takes only some of a flood", () => {
	for (let index = 0; index < 1000; index++)
		quarantine.add(
			"loud",
			true,
			{ topic: "watchroom/loud/p", payload: Buffer.from("x"), receivedAt: 1_790_000_000_500, retained: false },
			{ reason: "not-json", detail: "" },
		);
	expect(quarantine.entries()).toHaveLength(PER_SECOND);
});
test("keeps the beginning of a payload and its size", () => {
	add("a", true, Buffer.alloc(1_000_000, 0xff));
	expect(quarantine.entries()).toMatchObject([{ size: 1_000_000, payload: "\ufffd".repeat(1024) }]);
});
test("survives a restart with what has been reported", () => {
	for (let index = 0; index < PER_DEVICE + 5; index++) {
		add("a", true, String(index));
		if (index === 50) quarantine.save();
	}
	quarantine.reported(quarantine.unreported(10).upTo);
	const entries = quarantine.entries();
	quarantine.stop();
	quarantine = open();
	expect(quarantine.entries()).toEqual(entries);
	expect(quarantine.unreported(1).entries).toEqual([entries[10]]);
	add("a", true, "new");
	expect(quarantine.unreported(1000).entries.at(-1)?.payload).toBe("new");
});

const card = { format: "H10301", facility: 87, number: 2001137 };
test.each([
	[
		"a card number but its end",
		"r/access",
		{ seq: 1, card, reason: "x" },
		'{"seq":1,"card":{"format":"H10301","facility":87,"number":"***37"},"reason":"x"}',
	],
	["a short card number", "r/access", { card: { number: 137 } }, '{"card":{"number":"***"}}'],
	["a fingerprint and a PIN", "r/access", { fingerprint: "fp-a", pin: 1234 }, '{"fingerprint":"[redacted]","pin":"[redacted]"}'],
	["unknown keys, also within the card", "r/access", { extra: [1], card: { raw: 5 } }, '{"extra":"[redacted]","card":{"raw":"[redacted]"}}'],
	["a key that is data", "r/access", { "Rk1SACAyMAAA+/==": 1 }, '{"[redacted]":"[redacted]"}'],
	["a template in a known field", "r/access", { door: "Rk1SACAyMAAA" }, '{"door":"[redacted]"}'],
	["events in an array", "r/access", [{ card }, "2001137"], '[{"card":{"format":"H10301","facility":87,"number":"***37"}},"[redacted]"]'],
	["a card on another topic", "r/acces", { cardNumber: 2001137 }, '{"cardNumber":"[redacted]"}'],
	["a card in escapes", "r/p", '{"\\u0063ard":2001137}', '{"card":"[redacted]"}'],
	["what is no JSON", "r/access", '{"card":{"number":2001137', "[redacted: 25 bytes]"],
	["a bare number", "r/access", "2001137", "[redacted: 7 bytes]"],
	["deep nesting", "r/access", "[".repeat(9000) + "]".repeat(9000), '["[redacted]"]'],
	["nothing of a reading", "s/p", { value: "2001137" }, '{"value":"2001137"}'],
])("leaves out %s", (_, topic, body, payload) => {
	const text = typeof body === "string" ? body : JSON.stringify(body);
	const message = { topic: `watchroom/${topic}`, payload: Buffer.from(text), receivedAt: ++second * 1000, retained: false };
	quarantine.add("r", true, message, { reason: "not-json", detail: `Unexpected token, "${text}" is not valid JSON` });
	expect(quarantine.entries()).toMatchObject([{ payload, size: text.length }]);
	if (topic.startsWith("r/")) expect(quarantine.entries()[0]?.detail).toBe("expected JSON");
});
