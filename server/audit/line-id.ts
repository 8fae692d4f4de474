import { randomBytes } from "node:crypto";

/**
 * Ids of lines: UUID version 7 (RFC 9562, 5.7) whose first 12 random bits are a counter within the millisecond (6.2, method 1),
 * so that the lines of one millisecond stay in the order in which they were written.
 */
export class LineIds {
	#last = 0;
	#counter = 0;

	/** `now`: Unix ms. The id carries this time unless 4,096 lines came in the same millisecond. */
	next(now: number): string {
		const ms = Math.max(now, this.#last);
		this.#counter = ms === this.#last ? this.#counter + 1 : 0;
		this.#last = this.#counter > 0xfff ? ms + 1 : ms;
		if (this.#counter > 0xfff) this.#counter = 0;
		const bytes = randomBytes(16);
		bytes.writeUIntBE(this.#last, 0, 6);
		bytes.writeUInt16BE(0x7000 | this.#counter, 6);
		bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
		const hex = bytes.toString("hex");
		return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
	}
}
