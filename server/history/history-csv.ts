import type { HistoryResult, Step } from "./history.ts";

const RAW = ["ts", "value", "quality"] as const;
const ROLLED = ["ts", "min", "max", "mean", "last", "count"] as const;

/** Column names as the first line (RFC 4180). */
export function csvHeader(step: Step): string {
	return `${(step === "raw" ? RAW : ROLLED).join(",")}\r\n`;
}

/** Rows as lines; times are ISO 8601 in UTC, what isn't there is empty. */
export function csvRows(result: HistoryResult): string {
	const line = (ts: number, cells: readonly unknown[]) => `${[new Date(ts).toISOString(), ...cells.map(cell)].join(",")}\r\n`;
	if (result.step === "raw") return result.rows.map(({ ts, value, quality }) => line(ts, [value, quality])).join("");
	return result.rows.map(({ ts, min, max, mean, last, count }) => line(ts, [min, max, mean, last, count])).join("");
}

function cell(value: unknown): string {
	if (value === null || value === undefined) return "";
	const text = String(value);
	if (typeof value !== "string") return text;
	// A leading = + - @ would be a formula to a spreadsheet.
	const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
	return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
