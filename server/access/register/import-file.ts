/** The rows of an import's CSV file (RFC 4180), each checked by itself; pure. */
import { z } from "zod";
import { holderInputSchema } from "../../../contracts/access.ts";
import { IMPORT_COLUMNS, type ImportColumn } from "../../../contracts/access-import.ts";
import { limitSchema } from "../../../contracts/api.ts";
import { isBiometric, namesBiometrics } from "../../../contracts/biometrics.ts";
import { idSchema } from "../../../contracts/identifiers.ts";
import { inWords } from "../../../contracts/in-words.ts";
import { fingerprintSchema } from "../../../contracts/native-dialect.ts";
import { unfitCard } from "../../../contracts/wiegand.ts";
import { csvRecords, isFormula } from "../../platform/csv-records.ts";
import { biometricData, type FieldError, invalid } from "../../platform/errors.ts";
import { fieldErrors } from "../../platform/http/problem.ts";

/** Rows in one file: the register is locked while they are taken over. */
export const IMPORT_ROWS = 2000;

const { name, kind, company, post, externalId, account, sponsor } = holderInputSchema.shape;
const whole = z
	.string()
	.regex(/^\d{1,15}$/, { error: "expected a whole number" })
	.transform(Number);
const rowSchema = z
	.object({
		id: idSchema,
		name: name.optional(),
		kind: kind.optional(),
		company: company.unwrap().optional(),
		post: post.unwrap().optional(),
		externalId: externalId.unwrap().optional(),
		account: account.unwrap().optional(),
		sponsor: sponsor.unwrap().optional(),
		cardFormat: z.string().max(32).nullable().default(null),
		cardFacility: whole.nullable().default(null),
		cardNumber: whole.nullable().default(null),
		fingerprint: fingerprintSchema.nullable().default(null),
		zones: z
			.string()
			.transform((text) => [...new Set(text.split(/[\s;]+/).filter((zone) => zone !== ""))])
			.pipe(z.array(idSchema).max(50))
			.nullable()
			.default(null),
		reason: z.string().min(3, "expected a reason of at least 3 characters").max(2000).nullable().default(null),
		until: z
			.string()
			.regex(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/, { error: "expected a time such as 2027-01-31T16:00:00Z" })
			.pipe(limitSchema)
			.transform((text) => Date.parse(text))
			.nullable()
			.default(null),
	})
	.transform(({ cardFormat: format, cardFacility: facility, cardNumber: number, ...row }, context) => {
		const given = [format, facility, number].filter((part) => part !== null).length;
		if (format === null || facility === null || number === null) {
			if (given > 0) context.addIssue({ code: "custom", path: ["cardNumber"], message: "expected format, facility and number together" });
			return { ...row, card: null };
		}
		const card = { format, facility, number };
		const unfit = unfitCard(card);
		if (unfit) context.addIssue({ code: "custom", path: [unfit.field === "facility" ? "cardFacility" : "cardNumber"], message: unfit.message });
		return { ...row, card };
	});
export type ImportValues = z.output<typeof rowSchema>;

export interface ImportRow {
	/** On which it begins, the header being 1. */
	line: number;
	id: string | null;
	/** `null`: refused for the errors. */
	values: ImportValues | null;
	errors: readonly FieldError[];
}

/** Never emptied by an empty cell. */
const FILLED: ReadonlySet<string> = new Set(["id", "name", "kind"]);

/**
 * Reads a file; `text` without a byte order mark. Throws AppError 400 for what is wrong with the file as a whole (no CSV, no or unknown
 * columns, too many rows) and 400 `biometric-data` where any cell or column carries a template or an image.
 */
export function readImport(text: string): ImportRow[] {
	const [header, ...rows] = csvRecords(text);
	const columns = columnsOf(header?.cells ?? []);
	if (rows.length > IMPORT_ROWS) throw invalid("The file has too many rows.", [{ field: "body", message: `expected at most ${IMPORT_ROWS} rows` }]);
	return rows.map(({ cells, line }) => {
		const blob = cells.findIndex(isBiometric);
		if (blob !== -1) throw biometricData(`line ${line}, ${columns[blob] ?? "further cells"}`);
		return rowOf(line, cells, columns);
	});
}

function columnsOf(header: readonly string[]): ImportColumn[] {
	const names = header.map((name) => name.trim());
	const biometric = names.find(namesBiometrics);
	if (biometric !== undefined) throw biometricData(isBiometric(biometric) ? "line 1" : biometric.slice(0, 32));
	const known = (name: string): name is ImportColumn => IMPORT_COLUMNS.some((column) => column === name);
	const columns = names.filter(known);
	const wrong = [
		...names
			.filter((name) => !known(name))
			.map((name) => ({ field: name.slice(0, 32) || "line 1", message: `expected a column of ${IMPORT_COLUMNS.join(", ")}` })),
		...columns.filter((name, index) => columns.indexOf(name) !== index).map((field) => ({ field, message: "expected this column once" })),
		...(columns.includes("id") ? [] : [{ field: "id", message: "expected this column" }]),
	];
	if (wrong.length > 0) throw invalid("The file's columns are not as expected.", wrong);
	return columns;
}

function rowOf(line: number, record: readonly string[], columns: readonly ImportColumn[]): ImportRow {
	const cells = columns.map((column, index): [ImportColumn, string] => [column, record[index] ?? ""]);
	const id = cells.find(([column]) => column === "id")?.[1].trim();
	const row = { line, id: idSchema.safeParse(id).data ?? null };
	if (record.length !== columns.length)
		return { ...row, values: null, errors: [{ field: "row", message: `expected ${columns.length} cells, got ${record.length}` }] };
	const formulas = cells.filter(([, cell]) => isFormula(cell));
	if (formulas.length > 0)
		return {
			...row,
			values: null,
			errors: formulas.map(([field]) => ({ field, message: "expected no formula: no = + - @ or tab at its beginning" })),
		};
	const parsed = rowSchema.safeParse(
		Object.fromEntries(cells.map(([column, cell]) => [column, cell.trim() === "" && !FILLED.has(column) ? null : cell.trim()])),
		{ error: inWords },
	);
	return parsed.success ? { ...row, values: parsed.data, errors: [] } : { ...row, values: null, errors: fieldErrors(parsed.error, "row") };
}
