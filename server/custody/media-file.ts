/** The rows of a CSV file of media, each checked by itself; pure. */
import { z } from "zod";
import { type MediumInput, mediumInputSchema } from "../../contracts/media.ts";
import { MEDIA_COLUMNS } from "../../contracts/media-orders.ts";
import { csvRecords, isFormula } from "../platform/csv-records.ts";
import { type FieldError, invalid } from "../platform/errors.ts";
import { fieldErrors } from "../platform/http/problem.ts";
import { identityOf } from "./vendors.ts";

const ROWS = 5000;
const NEEDED = ["serial", "maker", "model", "type", "classification", "why"];
const number = z
	.string()
	.regex(/^\d{1,15}$/, { error: "expected a whole number" })
	.transform(Number);
const yes = z
	.string()
	.regex(/^(true|false|yes|no)$/i, { error: "expected true or false" })
	.transform((said) => /^(true|yes)$/i.test(said));
const cellsSchema = z.object({ capacityBytes: number.optional(), coercivityOe: number.optional(), damaged: yes.optional() }).loose();

export interface MediaRow {
	line: number;
	serial: string | null;
	/** `null`: refused for the errors. */
	values: Omit<MediumInput, "batch"> | null;
	errors: readonly FieldError[];
}

/** Throws AppError 400 for what is wrong with the file as a whole. */
export function readMedia(text: string): MediaRow[] {
	const [header, ...rows] = csvRecords(text);
	const columns = (header?.cells ?? []).map((cell) => cell.trim());
	const known: readonly string[] = MEDIA_COLUMNS;
	const wrong = [
		...columns
			.filter((column) => !known.includes(column))
			.map((column) => ({ field: column.slice(0, 32) || "line 1", message: `expected a column of ${MEDIA_COLUMNS.join(", ")}` })),
		...NEEDED.filter((column) => !columns.includes(column)).map((field) => ({ field, message: "expected this column" })),
		...(new Set(columns).size < columns.length ? [{ field: "line 1", message: "expected each column once" }] : []),
	];
	if (wrong.length > 0) throw invalid("The file's columns are not as expected.", wrong);
	if (rows.length > ROWS) throw invalid("The file has too many rows.", [{ field: "body", message: `expected at most ${ROWS} rows` }]);
	const seen = new Set<string>();
	return rows.map(({ cells, line }) => {
		const row = rowOf(line, cells, columns);
		const key = row.values && identityOf(row.values);
		if (key === null) return row;
		if (seen.has(key))
			return { ...row, values: null, errors: [{ field: "serial", message: "expected each maker and serial number once in the file" }] };
		seen.add(key);
		return row;
	});
}

function rowOf(line: number, cells: readonly string[], columns: readonly string[]): MediaRow {
	const serial = cells[columns.indexOf("serial")]?.trim().slice(0, 80) || null;
	const refused = (errors: readonly FieldError[]): MediaRow => ({ line, serial, values: null, errors });
	if (cells.length !== columns.length) return refused([{ field: "row", message: `expected ${columns.length} cells, found ${cells.length}` }]);
	const formula = columns.find((_, place) => isFormula(cells[place] ?? ""));
	if (formula !== undefined) return refused([{ field: formula, message: "expected no formula: no = + - @ or tab at its beginning" }]);
	const filled = Object.fromEntries(columns.flatMap((column, place) => (cells[place]?.trim() ? [[column, cells[place]?.trim()]] : [])));
	const missing = NEEDED.filter((column) => filled[column] === undefined);
	if (missing.length > 0) return refused(missing.map((field) => ({ field, message: "expected a value" })));
	const { asset, bay, ...rest } = filled;
	if ((asset === undefined) !== (bay === undefined)) return refused([{ field: "bay", message: "expected asset and bay together" }]);
	const numbers = cellsSchema.safeParse(rest);
	if (!numbers.success) return refused(fieldErrors(numbers.error, "row"));
	const parsed = mediumInputSchema.omit({ batch: true }).safeParse({ ...numbers.data, ...(asset !== undefined && { source: { asset, bay } }) });
	return parsed.success ? { line, serial, values: parsed.data, errors: [] } : refused(fieldErrors(parsed.error, "row"));
}
