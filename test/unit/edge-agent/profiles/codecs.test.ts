/** Cards and frames as readers write them: Wiegand, OSDP, UIDs. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cardOfUid } from "../../../../edge-agent/devices/profiles/card-uid.ts";
import { decodeCard } from "../../../../edge-agent/devices/profiles/codecs/card-codecs.ts";
import { decodeOsdp } from "../../../../edge-agent/devices/profiles/codecs/osdp.ts";
import { REAL_SAMPLES_EXIST, realSamples, report } from "../../../helpers/real-samples.ts";

describe("a UID is a number", () => {
	test.each([
		["0a1b2c3d", { format: "UID", facility: 0, number: 0x0a1b2c3d }],
		["A1B2C3D", { format: "UID", facility: 0, number: 0x0a1b2c3d }],
		["0A:1B:2C:3D", { format: "UID", facility: 0, number: 0x0a1b2c3d }],
		["04a2b3c4d5e6f7", { format: "UID", facility: 4, number: 0xa2b3c4d5e6f7 }],
		["", null],
		["0", null],
		["token", null],
		["1".repeat(21), null],
	])("%s", (uid, card) => expect(cardOfUid(uid)).toEqual(card));

	test("in decimal digits it is the same card, and no two UIDs are one", () => {
		fc.assert(
			fc.property(fc.bigInt({ min: 1n, max: (1n << 80n) - 1n }), fc.bigInt({ min: 1n, max: (1n << 80n) - 1n }), (one, other) => {
				const card = cardOfUid(one.toString(16));
				expect(card).toEqual(cardOfUid(one.toString(), "decimal"));
				expect(JSON.stringify(card) === JSON.stringify(cardOfUid(other.toString(16)))).toBe(one === other);
			}),
		);
	});
});

test("an OSDP frame with any bit changed is refused", () => {
	const frame = Buffer.from("53801400044508001b0201cafedead01000809b7", "hex");
	expect(decodeOsdp(frame)).toMatchObject({
		ok: true,
		frame: { address: 0, reply: true, name: "osdp_PDID", data: Buffer.from("08001b0201cafedead010008", "hex") },
	});
	for (let bit = 0; bit < frame.length * 8; bit++) {
		const changed = Buffer.from(frame);
		changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
		// CTRL's third bit says which check follows: with it gone a checksum of one byte is looked at, and is wrong as well.
		expect([bit, decodeOsdp(changed).ok]).toEqual([bit, false]);
	}
});

test.each([
	["0b40288", "of 28 bits", true],
	["00b40288", "with whole digits of zeros in front", true],
	["0000000000b40288", "with bytes of zeros in front", true],
	["2004b40288", "as an HID proximity card sends it", true],
	["02004B40288", "the same in all its 44 bits", true],
	["b40288", "too short", false],
	["8b40288", "a bit in front that is no zero", false],
	["4b40288", "the mark without the header", false],
	["a004b40288", "something above the header", false],
	["2008b40288", "the mark of a longer card", false],
	["ffffffffff0b40288", "garbage in front", false],
	["0b40288ffff", "garbage behind", false],
	["0b40288deadbeef", "much garbage behind", false],
])("hexadecimal Wiegand %s, %s: read %s", (text, _, isCard) => {
	const result = decodeCard("wiegand-hex:H10301", text);
	if (isCard) expect(result).toEqual({ card: { format: "H10301", facility: 90, number: 324 } });
	else expect(result).toEqual({ detail: expect.stringContaining("26 bits") });
});

test("whatever comes over the wire, a codec answers", () => {
	fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void decodeOsdp(bytes)));
	const codecs = fc.constantFrom("uid", "uid-decimal", "wiegand:H10301", "wiegand-hex:C1000-35", "osdp:H10301", "osdp:", "constructor");
	fc.assert(fc.property(codecs, fc.string(), (codec, text) => Object.keys(decodeCard(codec, text)).length === 1));
});

test.skipIf(!REAL_SAMPLES_EXIST)("every real OSDP frame comes out as its record says", () => {
	const samples = realSamples("osdp");
	const problems = new Map<string, readonly string[]>(
		samples.map(({ id, payload, expect: expected }) => {
			const result = decodeOsdp(Buffer.from(payload, "hex"));
			if (expected.reject !== undefined) return [id, result.ok ? ["not refused"] : []] as const;
			if (!result.ok) return [id, [result.detail]] as const;
			const { address, reply, length, sequence, usesCrc, securityBlock, code, name, data } = result.frame;
			const got = {
				addr: address,
				reply,
				length,
				sqn: sequence,
				uses_crc: usesCrc,
				security_block: securityBlock,
				code: code.toString(16),
				name,
				data: data.toString("hex"),
			};
			return [
				id,
				Object.entries(got).flatMap(([key, value]) => (key in expected && expected[key] !== value ? [`${key} ${String(value)}`] : [])),
			] as const;
		}),
	);
	report("OSDP", problems, samples.length);
	expect([...problems].filter(([, found]) => found.length > 0)).toEqual([]);
});

test.skipIf(!REAL_SAMPLES_EXIST)("every real Wiegand card comes out as its record says, whichever way it is written", () => {
	const formats: Record<string, string> = { H10301: "H10301", "38-bit": "W38-12-24", HID: "C1000-35", H10304: "H10304" };
	const samples = realSamples("wiegand").filter(({ payload_encoding }) => payload_encoding === "bits" || payload_encoding === "hex");
	const problems = new Map<string, readonly string[]>(
		samples.map(({ id, payload, payload_encoding, expect: expected }) => {
			const format = formats[String(expected.format).split(" ", 1)[0] ?? ""];
			const result = decodeCard(`${payload_encoding === "bits" ? "wiegand" : "wiegand-hex"}:${format}`, payload);
			if (expected.reject !== undefined) return [id, "detail" in result ? [] : ["not refused"]] as const;
			if ("detail" in result) return [id, [result.detail]] as const;
			return [
				id,
				result.card.facility === expected.facility_code && result.card.number === expected.card_number ? [] : [JSON.stringify(result.card)],
			] as const;
		}),
	);
	report("Wiegand", problems, samples.length);
	expect([...problems].filter(([, found]) => found.length > 0)).toEqual([]);
});
