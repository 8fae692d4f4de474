import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { bitsOfHidProx, decodeWiegand, encodeWiegand, unfitCard, WIEGAND_FORMATS, wiegandFormatsOf } from "../../../contracts/wiegand.ts";

const MOST: Record<string, [facility: number, number: number]> = {
	H10301: [255, 65_535],
	"C1000-35": [4095, 1_048_575],
	H10302: [0, 2 ** 35 - 1],
	H10304: [65_535, 524_287],
	"W38-12-24": [4095, 16_777_215],
};
const cards = fc.constantFrom(...WIEGAND_FORMATS).chain((format) =>
	fc.record({
		format: fc.constant(format),
		facility: fc.nat(MOST[format]?.[0] ?? 0),
		number: fc.maxSafeNat().map((n) => n % ((MOST[format]?.[1] ?? 0) + 1)),
	}),
);
const bitsOf = (card: { format: string; facility: number; number: number }): string => {
	const encoded = encodeWiegand(card);
	if (!encoded.ok) throw new Error(encoded.detail);
	return encoded.value;
};

describe("Wiegand card data", () => {
	test("every card of every format comes back as it was encoded", () => {
		fc.assert(
			fc.property(cards, (card) => {
				expect(decodeWiegand(bitsOf(card), card.format)).toEqual({ ok: true, value: card });
			}),
		);
	});

	test("any one bit that flips on the way is noticed", () => {
		fc.assert(
			fc.property(cards, fc.nat(), (card, where) => {
				const bits = bitsOf(card);
				const at = where % bits.length;
				const flipped = `${bits.slice(0, at)}${bits[at] === "1" ? "0" : "1"}${bits.slice(at + 1)}`;
				expect(decodeWiegand(flipped, card.format)).toMatchObject({ ok: false, reason: "wrong-parity" });
			}),
		);
	});

	// Worked out by hand: 12 = 00001100 and 3456 = 0000110110000000; 2 ones in the first half (even: 0), 4 in the second (odd: 1).
	test("26 bits: even parity before the facility's half, odd after the number's", () => {
		expect(encodeWiegand({ format: "H10301", facility: 12, number: 3456 })).toEqual({
			ok: true,
			value: "0 00001100 0000110110000000 1".replaceAll(" ", ""),
		});
	});

	test("a length doesn't name a format: the same 37 bits are two different cards", () => {
		expect(wiegandFormatsOf(37)).toEqual(["H10302", "H10304"]);
		const bits = bitsOf({ format: "H10304", facility: 3, number: 5 });
		expect(decodeWiegand(bits, "H10302")).toEqual({ ok: true, value: { format: "H10302", facility: 0, number: 3 * 2 ** 19 + 5 } });
	});

	test.each([
		["letters", "0111111111111x111111111111".slice(0, 26), "H10301", "not-binary"],
		["a bit too few", "0".repeat(25), "H10301", "wrong-length"],
		["nothing", "", "H10301", "wrong-length"],
		["all zeros", "0".repeat(26), "H10301", "wrong-parity"],
		["a format that nobody knows", "0".repeat(26), "H1", "unknown-format"],
	])("%s is refused with its reason", (_, bits, format, reason) => {
		expect(decodeWiegand(bits, format)).toMatchObject({ ok: false, reason });
	});

	test.each([
		[{ format: "H10301", facility: 256, number: 1 }, "facility"],
		[{ format: "H10301", facility: 1, number: 65_536 }, "number"],
		[{ format: "H10302", facility: 1, number: 1 }, "facility"],
		[{ format: "C1000-35", facility: 1, number: 1_048_576 }, "number"],
	])("a card that its format can't hold is named by its field: %o", (card, field) => {
		expect(unfitCard(card)?.field).toBe(field);
		expect(encodeWiegand(card)).toMatchObject({ ok: false, reason: "out-of-range" });
	});

	test.each(["", "xyz", "0000000000", "2000000000", "123456789abc"])("%o is no proximity card's data, or none of a known length", (hex) => {
		const bits = bitsOfHidProx(hex);
		expect(bits === null || !decodeWiegand(bits, "H10301").ok).toBe(true);
	});
});

const SAMPLES = join(import.meta.dirname, "../../../../shared/samples/wiegand.jsonl");
const sampleSchema = z.object({
	id: z.string(),
	payload: z.string(),
	payload_encoding: z.enum(["bits", "hex"]),
	expect: z.object({
		format: z.string(),
		bits: z.string().optional(),
		facility_code: z.number().optional(),
		card_number: z.number().optional(),
		reject: z.string().optional(),
	}),
});
const NAMES: readonly [RegExp, string][] = [
	[/^H10301/, "H10301"],
	[/Corporate 1000 35-bit/, "C1000-35"],
	[/^H10304/, "H10304"],
	[/^38-bit \(1\+12\+24\+1\)/, "W38-12-24"],
];
const samples = existsSync(SAMPLES)
	? readFileSync(SAMPLES, "utf8")
			.trim()
			.split("\n")
			.map((line) => sampleSchema.parse(JSON.parse(line)))
	: [];

describe.skipIf(samples.length === 0)("what public projects print of Wiegand data", () => {
	test.each(samples.map((sample) => [sample.id, sample] as const))(
		"%s comes out as its oracle says",
		(_, { payload, payload_encoding, expect: oracle }) => {
			const bits = payload_encoding === "bits" ? payload : (bitsOfHidProx(payload) ?? "");
			if (oracle.bits !== undefined) expect(bits).toBe(oracle.bits);
			const format = NAMES.find(([pattern]) => pattern.test(oracle.format))?.[1] ?? "";
			const decoded = decodeWiegand(bits, format);
			if (oracle.reject !== undefined) expect(decoded.ok).toBe(false);
			else {
				const card = { format, facility: oracle.facility_code, number: oracle.card_number };
				expect(decoded).toEqual({ ok: true, value: card });
				expect(bitsOf(z.object({ format: z.string(), facility: z.number(), number: z.number() }).parse(card))).toBe(bits);
			}
		},
	);
});
