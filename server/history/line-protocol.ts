import type { Value } from "../../contracts/kinds.ts";
import type { Reading } from "../../contracts/reading.ts";
import type { Bucket } from "./rollup.ts";
import { codeOf } from "./value-code.ts";

/** Names in InfluxDB, also those of the retention policies. */
export const MEASUREMENTS = { raw: "reading", "1m": "reading_1m", "1h": "reading_1h" } as const;
/** A received time that is closer than this to the reading's own is not stored with a plain reading, ms. */
export const RECEIVED_TOLERANCE = 1000;

/** Measurement and tag of a line: `reading,point=t1:temperature `. Line protocol, "Special characters": `,`, `=` and space. */
export function linePrefix(measurement: string, point: string): string {
	return `${measurement},point=${point.replace(/[,= ]/g, "\\$&")} `;
}

/** Number as a float, boolean as a boolean, state as a string, each in a field of its own: `value`, `flag`, `state`. */
function valueField(value: Value): string {
	if (typeof value === "number") return `value=${value}`;
	if (typeof value === "boolean") return value ? "flag=true" : "flag=false";
	return `state="${value.replace(/["\\]/g, "\\$&")}"`;
}

/**
 * One reading as a line with its end. A good reading that arrived at once is its value alone, since every further field costs
 * InfluxDB as much as the first. Otherwise `quality` (a value code) and `delay` (received minus taken, ms) stand beside it;
 * with `whole` always, so that the line wholly replaces what may be stored for this (point, ts).
 */
export function readingLine(prefix: string, reading: Reading, whole: boolean): string {
	const { ts, receivedAt, value, quality } = reading;
	const delay = receivedAt - ts;
	if (!whole && quality === "good" && delay < RECEIVED_TOLERANCE && delay > -RECEIVED_TOLERANCE) return `${prefix}${valueField(value)} ${ts}\n`;
	return `${prefix}${valueField(value)},quality=${codeOf(value, quality)}i,delay=${delay}i ${ts}\n`;
}

/** One bucket as a line with its end; `kind` says which of value, flag and state is the last. */
export function bucketLine(prefix: string, { ts, min, max, sum, n, count, last }: Bucket): string {
	const numbers = n > 0 ? `min=${min},max=${max},mean=${sum / n},sum=${sum},` : "";
	return `${prefix}${numbers}n=${n}i,count=${count}i,kind=${codeOf(last, "good")}i,${valueField(last)} ${ts}\n`;
}
