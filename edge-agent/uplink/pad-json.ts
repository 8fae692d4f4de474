/** Lengths that messages are rounded up to, bytes. */
const STEP = 512;
/** mqtt-packet remembers the length field of packets shorter than this, bytes. */
const REMEMBERED = 16_384;

/**
 * Adds spaces behind a JSON text (RFC 8259 §2 allows them) so that short messages have few different lengths. mqtt-packet keeps
 * the two bytes of every length that it has ever sent, and with them the 64 KiB of Node's buffer pool that they lie in: at some
 * 16,000 lengths that would be a gigabyte.
 */
export function padJson(text: string): string {
	if (text.length >= REMEMBERED) return text;
	const size = Buffer.byteLength(text);
	return text + " ".repeat(Math.ceil(size / STEP) * STEP - size);
}
