import type { MusterRow } from "../../../contracts/access.ts";
import { csvCell } from "../../platform/csv-cell.ts";

const COLUMNS = ["zone", "zoneName", "holder", "name", "kind", "since", "door", "left", "leftAt", "leftBy"] as const;

/** The muster list as a file to print: a line of column names, then a line for each person (RFC 4180). */
export function musterCsv(rows: readonly MusterRow[]): string {
	const lines = rows.map(({ zone, zoneName, holder, kind, since, door, exit }) => {
		const left = exit === null ? ["", "", ""] : [exit.probable ? "probably" : "perhaps", exit.at, exit.door];
		return [zone, zoneName, holder.id, holder.name, kind, since, door, ...left];
	});
	return [COLUMNS, ...lines].map((cells) => `${cells.map(csvCell).join(",")}\r\n`).join("");
}
