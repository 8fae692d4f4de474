import type { Value } from "../../contracts/kinds.ts";
import { csvCell } from "../platform/csv-cell.ts";
import type { HistoryResult, Step } from "./history.ts";

const RAW = ["ts", "value", "quality"] as const;
const ROLLED = ["ts", "min", "max", "mean", "last", "count"] as const;

/** Column names as the first line (RFC 4180). */
export function csvHeader(step: Step): string {
	return `${(step === "raw" ? RAW : ROLLED).join(",")}\r\n`;
}

/** Rows as lines; times are ISO 8601 in UTC, what isn't there is empty. */
export function csvRows(result: HistoryResult): string {
	const line = (ts: number, cells: readonly (Value | null)[]) => `${[new Date(ts).toISOString(), ...cells.map(csvCell)].join(",")}\r\n`;
	if (result.step === "raw") return result.rows.map(({ ts, value, quality }) => line(ts, [value, quality])).join("");
	return result.rows.map(({ ts, min, max, mean, last, count }) => line(ts, [min, max, mean, last, count])).join("");
}
