import type { Quality, Value } from "../../contracts/kinds.ts";

const QUALITIES: readonly Quality[] = ["good", "uncertain", "bad"];
const TYPES = ["number", "boolean", "string"] as const;
export type ValueType = (typeof TYPES)[number];

/** Quality and type of a value as the stores keep it: units digit 0 good, 1 uncertain, 2 bad; tens digit 0 number, 1 boolean, 2 state. */
export function codeOf(value: Value, quality: Quality): number {
	const type = typeof value === "number" ? 0 : typeof value === "boolean" ? 10 : 20;
	return type + (quality === "good" ? 0 : quality === "uncertain" ? 1 : 2);
}

/** Inverse of {@link codeOf}. Throws a RangeError for a code that it never gives. */
export function decodeCode(code: number): { type: ValueType; quality: Quality } {
	const type = TYPES[Math.floor(code / 10)];
	const quality = QUALITIES[code % 10];
	if (!type || !quality) throw new RangeError(`${code} is no value code`);
	return { type, quality };
}
