import fc from "fast-check";
import { expect, test } from "vitest";
import { padJson } from "../../../edge-agent/uplink/pad-json.ts";

test("a padded text says the same, and short ones have no more than 32 lengths", () => {
	const lengths = new Set<number>();
	fc.assert(
		fc.property(fc.string({ unit: "grapheme", maxLength: 20_000 }), (value) => {
			const text = JSON.stringify({ value });
			const padded = padJson(text);
			expect(JSON.parse(padded)).toEqual({ value });
			if (Buffer.byteLength(padded) <= 16_384) lengths.add(Buffer.byteLength(padded));
		}),
	);
	expect([...lengths].every((length) => length % 512 === 0)).toBe(true);
});
