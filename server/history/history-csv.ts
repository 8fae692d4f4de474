import type { Value } from "../../contracts/kinds.ts";
import type { HistoryResult, Step } from "./history.ts";

const RAW = ["ts", "value", "quality"] as const;
const ROLLED = ["ts", "min", "max", "mean", "last", "count"] as const;

/** Column names as the first line (RFC 4180). */
export function csvHeader(step: Step): string {
	return `${(step === "raw" ? RAW : ROLLED).join(",")}\r\n`;
}

/** Rows as lines; times are ISO 8601 in UTC, what isn't there is empty. */
export function csvRows(result: HistoryResult): string {
	const line = (ts: number, cells: readonly (Value | null)[]) => `${[new Date(ts).toISOString(), ...cells.map(cell)].join(",")}\r\n`;
	if (result.step === "raw") return result.rows.map(({ ts, value, quality }) => line(ts, [value, quality])).join("");
	return result.rows.map(({ ts, min, max, mean, last, count }) => line(ts, [min, max, mean, last, count])).join("");
}

function cell(value: Value | null): string {
	if (value === null) return "";
	if (typeof value !== "string") return String(value);
	// A leading = + - @ would be a formula to a spreadsheet.
	const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
	return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
