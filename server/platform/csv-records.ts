/** The records of a CSV file (RFC 4180). */
import { parse } from "csv-parse/sync";
import { z } from "zod";
import { invalid } from "./errors.ts";

export interface CsvRecord {
	cells: string[];
	/** On which it begins, the file's first being 1. */
	line: number;
}

/** Whether a spreadsheet that opens the cell would compute it. */
export const isFormula = (cell: string): boolean => /^[=+\-@\t\r]/.test(cell);

const recordsSchema = z.array(z.object({ record: z.array(z.string()), info: z.object({ lines: z.number() }) }));

/** Empty lines are left out; semicolons will do where the header has no comma. Throws AppError 400 for what is no CSV. */
export function csvRecords(text: string): CsvRecord[] {
	const [first = ""] = text.split("\n", 1);
	// A spreadsheet writes semicolons where the comma is the decimal mark.
	const delimiter = first.includes(",") ? "," : ";";
	try {
		const parsed = parse(text, { delimiter, info: true, relax_column_count: true, skip_empty_lines: true, max_record_size: 64 * 1024 });
		let line = 1;
		return recordsSchema.parse(parsed).map(({ record, info }) => {
			const begins = line;
			line = info.lines + 1;
			return { cells: record, line: begins };
		});
	} catch (error) {
		if (error instanceof z.ZodError) throw error;
		const at = z.object({ lines: z.number() }).safeParse(error);
		throw invalid("The file is no CSV.", [
			{
				field: at.success ? `line ${at.data.lines}` : "body",
				message: "expected cells with commas between them, and quotes closed",
			},
		]);
	}
}
