/** Cards that are known by nothing but the serial number of their chip (ISO/IEC 14443-3 UID). Pure. */
import type { Card } from "../../../contracts/native-dialect.ts";

/** Bits of a UID that `number` holds; what a longer one (7 or 10 bytes) has beyond stands in `facility`. */
const NUMBER_BITS = 48n;
/** Ten bytes: the longest UID. */
const LONGEST = 1n << 80n;

/**
 * The card of a UID, as hexadecimal digits or as a number in text. Firmware drops leading zeros, so that only the number counts.
 * `null`: no UID.
 */
export function cardOfUid(uid: string, base: "hex" | "decimal" = "hex"): Card | null {
	const text = uid.trim().replaceAll(/[\s:-]/g, "");
	if (!(base === "hex" ? /^[0-9a-f]{1,20}$/i : /^\d{1,25}$/).test(text)) return null;
	const value = BigInt(base === "hex" ? `0x${text}` : text);
	if (value === 0n || value >= LONGEST) return null;
	return { format: "UID", facility: Number(value >> NUMBER_BITS), number: Number(value & ((1n << NUMBER_BITS) - 1n)) };
}
