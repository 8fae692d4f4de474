/** How a card is written in a message, by the names that the generic mapping uses. Pure. */
import type { Card } from "../../../../contracts/native-dialect.ts";
import { bitsOfHidProx, decodeWiegand, wiegandBits } from "../../../../contracts/wiegand.ts";
import { cardOfUid } from "../card-uid.ts";
import { decodeOsdp, rawCardBits } from "./osdp.ts";

export type CardResult = { card: Card } | { detail: string };

/**
 * The card of a text.
 * - `wiegand:FORMAT` 0 and 1; `wiegand-hex:FORMAT` the same in hexadecimal digits with zeros in front, or the 44 bits of an HID proximity card
 * - `osdp:FORMAT` a whole osdp_RAW frame in hexadecimal digits
 * - `uid` hexadecimal digits, `uid-decimal` a number
 */
export function decodeCard(codec: string, text: string): CardResult {
	const [name = "", format = ""] = codec.split(":", 2);
	switch (name) {
		case "uid":
		case "uid-decimal": {
			const card = cardOfUid(text, name === "uid" ? "hex" : "decimal");
			return card ? { card } : { detail: name === "uid" ? "expected up to 20 hexadecimal digits" : "expected a whole number" };
		}
		case "wiegand":
			return wiegand(text.trim(), format);
		case "wiegand-hex": {
			const length = wiegandBits(format) ?? 26;
			const bits = hexBits(text.trim(), length);
			return bits === null
				? { detail: `expected hexadecimal digits of ${length} bits with zeros in front, or an HID proximity card's with so many` }
				: wiegand(bits, format);
		}
		case "osdp": {
			if (!/^(?:[0-9a-f]{2})+$/i.test(text.trim())) return { detail: "expected hexadecimal digits, two for a byte" };
			const result = decodeOsdp(Buffer.from(text.trim(), "hex"));
			if (!result.ok) return { detail: result.detail };
			const bits = rawCardBits(result.frame);
			return bits === null ? { detail: `expected osdp_RAW, got ${result.frame.name ?? result.frame.code.toString(16)}` } : wiegand(bits, format);
		}
		default:
			return { detail: "expected a codec that is known" };
	}
}

function wiegand(bits: string, format: string): CardResult {
	const result = decodeWiegand(bits, format);
	return result.ok ? { card: result.value } : { detail: result.detail };
}

/** `null`: something stands in front that belongs to no card, or it is too short. */
function hexBits(digits: string, length: number): string | null {
	if (!/^[0-9a-f]{1,32}$/i.test(digits) || digits.length * 4 < length) return null;
	const value = BigInt(`0x${digits}`);
	const bits = value.toString(2);
	if (bits.length <= length) return bits.padStart(length, "0");
	const carried = bitsOfHidProx(value.toString(16));
	return carried?.length === length ? carried : null;
}
