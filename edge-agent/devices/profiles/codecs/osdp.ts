/** Frames of OSDP 2.2 (IEC 60839-11-5) as a bridge passes them on, unencrypted. Pure: a frame says what it is, or why it is none. */

export interface OsdpFrame {
	/** Address of the reader, 0 to 127. */
	address: number;
	/** From the reader to the panel. */
	reply: boolean;
	/** Bytes from SOM to the check value. */
	length: number;
	/** 0 to 3. */
	sequence: number;
	usesCrc: boolean;
	securityBlock: boolean;
	/** Command or reply code. */
	code: number;
	/** Its name, such as `osdp_RAW`; `null`: not in the table. */
	name: string | null;
	data: Buffer;
}
export type OsdpResult = { ok: true; frame: OsdpFrame } | { ok: false; detail: string };
const refused = (detail: string): OsdpResult => ({ ok: false, detail });

const MARK = 0xff;
const SOM = 0x53;
const HEADER = 5;
/** Codes that both directions have, commands first. */
const COMMANDS: ReadonlyMap<number, string> = new Map([
	[0x60, "osdp_POLL"],
	[0x61, "osdp_ID"],
	[0x62, "osdp_CAP"],
	[0x64, "osdp_LSTAT"],
	[0x65, "osdp_ISTAT"],
	[0x66, "osdp_OSTAT"],
	[0x67, "osdp_RSTAT"],
	[0x68, "osdp_OUT"],
	[0x69, "osdp_LED"],
	[0x6a, "osdp_BUZ"],
	[0x6b, "osdp_TEXT"],
	[0x6e, "osdp_COMSET"],
	[0x73, "osdp_BIOREAD"],
	[0x74, "osdp_BIOMATCH"],
	[0x75, "osdp_KEYSET"],
	[0x76, "osdp_CHLNG"],
	[0x77, "osdp_SCRYPT"],
	[0x7b, "osdp_ACURXSIZE"],
	[0x7c, "osdp_FILETRANSFER"],
	[0x80, "osdp_MFG"],
	[0xa1, "osdp_XWR"],
	[0xa2, "osdp_ABORT"],
	[0xa3, "osdp_PIVDATA"],
	[0xa7, "osdp_KEEPACTIVE"],
]);
const REPLIES: ReadonlyMap<number, string> = new Map([
	[0x40, "osdp_ACK"],
	[0x41, "osdp_NAK"],
	[0x45, "osdp_PDID"],
	[0x46, "osdp_PDCAP"],
	[0x48, "osdp_LSTATR"],
	[0x49, "osdp_ISTATR"],
	[0x4a, "osdp_OSTATR"],
	[0x4b, "osdp_RSTATR"],
	[0x50, "osdp_RAW"],
	[0x51, "osdp_FMT"],
	[0x53, "osdp_KEYPAD"],
	[0x54, "osdp_COM"],
	[0x57, "osdp_BIOREADR"],
	[0x58, "osdp_BIOMATCHR"],
	[0x76, "osdp_CCRYPT"],
	[0x78, "osdp_RMAC_I"],
	[0x79, "osdp_BUSY"],
	[0x7a, "osdp_FTSTAT"],
	[0x80, "osdp_PIVDATAR"],
	[0x90, "osdp_MFGREP"],
	[0xb1, "osdp_XRD"],
]);

/** Takes one frame apart, with or without the mark byte in front. Bytes beyond the frame are refused: they belong to another one. */
export function decodeOsdp(bytes: Uint8Array): OsdpResult {
	const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const frame = all[0] === MARK && all[1] === SOM ? all.subarray(1) : all;
	if (frame[0] !== SOM) return refused("expected a frame that begins with 53");
	if (frame.length < HEADER + 2) return refused(`expected at least ${HEADER + 2} bytes, got ${frame.length}`);
	const address = frame[1] ?? 0;
	const length = frame.readUInt16LE(2);
	const control = frame[4] ?? 0;
	if (length !== frame.length) return refused(`expected ${length} bytes as LEN says, got ${frame.length}`);
	const usesCrc = (control & 0x04) !== 0;
	const end = length - (usesCrc ? 2 : 1);
	if (usesCrc ? frame.readUInt16LE(end) !== crc16(frame.subarray(0, end)) : frame[end] !== checksum(frame.subarray(0, end)))
		return refused(`expected another ${usesCrc ? "CRC" : "checksum"}`);
	const securityBlock = (control & 0x08) !== 0;
	const begin = HEADER + (securityBlock ? (frame[HEADER] ?? 0) : 0);
	if (securityBlock && (frame[HEADER] ?? 0) < 2) return refused("expected a security block of at least 2 bytes");
	if (begin >= end) return refused("expected a code");
	const code = frame[begin] ?? 0;
	const reply = (address & 0x80) !== 0;
	return {
		ok: true,
		frame: {
			address: address & 0x7f,
			reply,
			length,
			sequence: control & 0x03,
			usesCrc,
			securityBlock,
			code,
			// Some panels' frames of replies lack the reply bit.
			name: (reply ? REPLIES : COMMANDS).get(code) ?? REPLIES.get(code) ?? COMMANDS.get(code) ?? null,
			data: frame.subarray(begin + 1, end),
		},
	};
}

/** The card bits of an osdp_RAW reply, in the order in which the reader read them; `null`: the frame is none, or is cut off. */
export function rawCardBits({ code, data }: Pick<OsdpFrame, "code" | "data">): string | null {
	if (code !== 0x50 || data.length < 4) return null;
	const count = data.readUInt16LE(2);
	const bits = [...data.subarray(4)].map((byte) => byte.toString(2).padStart(8, "0")).join("");
	return count > 0 && count <= 128 && bits.length >= count && bits.length - count < 8 ? bits.slice(0, count) : null;
}

/** CRC-16 with polynomial 1021 and start 1D0F (OSDP annex C). */
function crc16(bytes: Uint8Array): number {
	let crc = 0x1d0f;
	for (const byte of bytes) {
		crc ^= byte << 8;
		for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000) !== 0 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
	}
	return crc;
}
/** Two's complement of the sum. */
function checksum(bytes: Uint8Array): number {
	let sum = 0;
	for (const byte of bytes) sum = (sum + byte) & 0xff;
	return -sum & 0xff;
}
