/**
 * Card data as readers send it over Wiegand (SIA AC-01, and HID's formats of more than 26 bits), decoded and encoded with parity.
 * Pure. A length doesn't name a format (37 bits are H10302 and H10304): whoever decodes says which one the reader's cards have.
 */
import type { Card } from "./native-dialect.ts";

/** Bit positions count from 0, the first that is sent. Parity bits are counted in the order in which they are set. */
interface Layout {
	bits: number;
	/** First bit and length; `null`: the format has none, and 0 stands for it. */
	facility: readonly [number, number] | null;
	number: readonly [number, number];
	parity: readonly { at: number; kind: "even" | "odd"; over: readonly number[] }[];
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);
/** Even over the first `half` bits, odd over the last; of an odd length they share the middle one. */
const halves = (bits: number, half: number): Layout["parity"] => [
	{ at: 0, kind: "even", over: range(1, half - 1) },
	{ at: bits - 1, kind: "odd", over: range(bits - half, bits - 2) },
];

const FORMATS: ReadonlyMap<string, Layout> = new Map([
	["H10301", { bits: 26, facility: [1, 8], number: [9, 16], parity: halves(26, 13) }],
	[
		// HID Corporate 1000: two bits of three, then the other two of three, at last all.
		"C1000-35",
		{
			bits: 35,
			facility: [2, 12],
			number: [14, 20],
			parity: [
				{ at: 1, kind: "even", over: range(2, 33).filter((bit) => bit % 3 !== 1) },
				{ at: 34, kind: "odd", over: range(1, 33).filter((bit) => bit % 3 !== 0) },
				{ at: 0, kind: "odd", over: range(1, 34) },
			],
		},
	],
	["H10302", { bits: 37, facility: null, number: [1, 35], parity: halves(37, 19) }],
	["H10304", { bits: 37, facility: [1, 16], number: [17, 19], parity: halves(37, 19) }],
	["W38-12-24", { bits: 38, facility: [1, 12], number: [13, 24], parity: halves(38, 19) }],
] satisfies [string, Layout][]);

/** Formats that can be decoded. */
export const WIEGAND_FORMATS: readonly string[] = [...FORMATS.keys()];

export type WiegandRefusal = "unknown-format" | "not-binary" | "wrong-length" | "wrong-parity" | "out-of-range";
/** `detail` says what was expected, and nothing of the card. */
export type WiegandResult<T> = { ok: true; value: T } | { ok: false; reason: WiegandRefusal; detail: string };
const refused = (reason: WiegandRefusal, detail: string) => ({ ok: false as const, reason, detail });

/** Formats of this many bits: more than one may have them. */
export function wiegandFormatsOf(bits: number): string[] {
	return [...FORMATS].filter(([, layout]) => layout.bits === bits).map(([format]) => format);
}

/** How many bits a format has; `null`: a format that isn't known. */
export function wiegandBits(format: string): number | null {
	return FORMATS.get(format)?.bits ?? null;
}

/** `bits`: 0 and 1 in the order in which they came. */
export function decodeWiegand(bits: string, format: string): WiegandResult<Card> {
	const layout = FORMATS.get(format);
	if (!layout) return unknownFormat();
	if (!/^[01]*$/.test(bits)) return refused("not-binary", "expected 0 and 1 only");
	if (bits.length !== layout.bits) return refused("wrong-length", `expected ${layout.bits} bits, got ${bits.length}`);
	const wrong = layout.parity.find(({ at, kind, over }) => bits[at] !== parityOf(bits, kind, over));
	if (wrong) return refused("wrong-parity", `expected ${wrong.kind} parity of bit ${wrong.at}`);
	const field = ([from, length]: readonly [number, number]) => Number.parseInt(bits.slice(from, from + length), 2);
	return { ok: true, value: { format, facility: layout.facility ? field(layout.facility) : 0, number: field(layout.number) } };
}

/** The bits of a card, parity included. */
export function encodeWiegand(card: Card): WiegandResult<string> {
	const layout = FORMATS.get(card.format);
	if (!layout) return unknownFormat();
	const unfit = unfitCard(card);
	if (unfit) return refused("out-of-range", `${unfit.field}: ${unfit.message}`);
	const bits = Array.from({ length: layout.bits }, () => "0");
	const set = (value: number, [from, length]: readonly [number, number]) =>
		bits.splice(from, length, ...value.toString(2).padStart(length, "0").split(""));
	if (layout.facility) set(card.facility, layout.facility);
	set(card.number, layout.number);
	for (const { at, kind, over } of layout.parity) bits[at] = parityOf(bits, kind, over);
	return { ok: true, value: bits.join("") };
}

/** Which field of a card its format can't hold; `null` where it fits, or where the format isn't known here. */
export function unfitCard({ format, facility, number }: Card): { field: "facility" | "number"; message: string } | null {
	const layout = FORMATS.get(format);
	if (!layout) return null;
	const most = (field: Layout["facility"]) => (field ? 2 ** field[1] - 1 : 0);
	if (facility > most(layout.facility)) return { field: "facility", message: `expected at most ${most(layout.facility)} in ${format}` };
	if (number > most(layout.number)) return { field: "number", message: `expected at most ${most(layout.number)} in ${format}` };
	return null;
}

/**
 * The Wiegand bits in the 44 bits that an HID proximity card sends, given in hexadecimal. Below bit 37 lie 37 bits of data; where bit 37
 * is set there are fewer, nothing stands above, and the highest set one of those below marks the beginning. `null`: no such data.
 */
export function bitsOfHidProx(hex: string): string | null {
	if (!/^[0-9a-f]{1,11}$/i.test(hex)) return null;
	const all = Number.parseInt(hex, 16).toString(2).padStart(44, "0");
	const data = all.slice(7);
	if (all[6] === "0") return data;
	if (all.indexOf("1") < 6) return null;
	const mark = data.indexOf("1");
	return mark === -1 ? null : data.slice(mark + 1);
}

function parityOf(bits: ArrayLike<string>, kind: "even" | "odd", over: readonly number[]): string {
	const ones = over.filter((bit) => bits[bit] === "1").length;
	return ones % 2 === (kind === "even" ? 0 : 1) ? "0" : "1";
}

const unknownFormat = () => refused("unknown-format", `expected one of ${WIEGAND_FORMATS.join(", ")}`);
