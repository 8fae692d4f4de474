/** A file of the HR system, and what it would do; pure. */
import { z } from "zod";
import { holderInputSchema } from "../../contracts/access.ts";
import { inWords } from "../../contracts/in-words.ts";
import { PERSONNEL_COLUMNS, type PersonnelColumn, type PersonnelRow } from "../../contracts/personnel.ts";
import type { HolderRecord } from "../access/register/register.ts";
import { csvRecords } from "../platform/csv-records.ts";
import { type FieldError, invalid } from "../platform/errors.ts";
import { fieldErrors } from "../platform/http/problem.ts";
import type { PersonValues } from "./personnel-service.ts";

const ROWS = 5000;
const { name, company, post } = holderInputSchema.shape;
const emptied = (value: unknown) => (value === "" ? null : value);
const rowSchema = z.object({
	userName: z.string().trim().min(1).max(120),
	name,
	active: z
		.string()
		.regex(/^(true|false|yes|no|1|0)$/i, { error: "expected true or false" })
		.transform((said) => /^(true|yes|1)$/i.test(said))
		.optional(),
	post: z.preprocess(emptied, post.unwrap()).optional(),
	kind: z.enum(["employee", "contractor"]).optional(),
	company: z.preprocess(emptied, company.unwrap()).optional(),
	externalId: z.preprocess(emptied, z.string().trim().max(255).nullable()).optional(),
});
type Row = z.output<typeof rowSchema>;
export interface PersonnelFileRow {
	line: number;
	values: Row | null;
	userName: string | null;
	errors: readonly FieldError[];
}

/** Throws AppError 400 for what is wrong with the file as a whole. */
export function readPersonnel(text: string): PersonnelFileRow[] {
	const [first, ...records] = csvRecords(text);
	const header = (first?.cells ?? []).map((cell) => cell.trim());
	const unknown = header.filter((column) => !PERSONNEL_COLUMNS.some((known) => known === column));
	const missing = ["userName", "name"].filter((column) => !header.includes(column));
	const wrong = [
		...unknown.map((column) => ({ field: column.slice(0, 32) || "line 1", message: `expected a column of ${PERSONNEL_COLUMNS.join(", ")}` })),
		...missing.map((field) => ({ field, message: "expected this column" })),
		...(new Set(header).size < header.length ? [{ field: "line 1", message: "expected each column once" }] : []),
	];
	if (wrong.length > 0) throw invalid("The file's columns are not as expected.", wrong);
	if (records.length > ROWS) throw invalid("The file has too many rows.", [{ field: "body", message: `expected at most ${ROWS} rows` }]);
	return records.map(({ cells, line }) => {
		const userName = cells[header.indexOf("userName")]?.trim().slice(0, 120) || null;
		if (cells.length !== header.length)
			return { line, userName, values: null, errors: [{ field: "row", message: `expected ${header.length} cells, got ${cells.length}` }] };
		const given = Object.fromEntries(header.map((column, at) => [column, cells[at]] as [PersonnelColumn, string]));
		const parsed = rowSchema.safeParse(given, { error: inWords });
		return parsed.success
			? { line, userName, values: parsed.data, errors: [] }
			: { line, userName, values: null, errors: fieldErrors(parsed.error, "row") };
	});
}

/** Most leavers in one file: a twentieth of the people, and three at least. */
export const leaverLimit = (people: number): number => Math.max(3, Math.floor(people / 20));

export interface PersonnelAct {
	/** `null`: a new person. */
	holder: HolderRecord | null;
	values: PersonValues & { userName: string; name: string };
}
export interface PersonnelPlan {
	rows: PersonnelRow[];
	acts: PersonnelAct[];
	leavers: number;
	limit: number;
}

/** `fromFile`: ids of those who came by a file before, each with its externalId; with `full` those who are missing from this one leave. */
export function planPersonnel(
	rows: readonly PersonnelFileRow[],
	{ people, fromFile, full }: { people: readonly HolderRecord[]; fromFile: ReadonlyMap<string, string | null>; full: boolean },
): PersonnelPlan {
	const byName = new Map(people.map((holder) => [holder.externalId?.toLowerCase() ?? "", holder]));
	const seen = new Set<string>();
	const plan: PersonnelPlan = { rows: [], acts: [], leavers: 0, limit: leaverLimit(people.filter(({ leftAt }) => leftAt === null).length) };
	for (const { line, values, userName, errors } of rows) {
		// A row that can't be read still says that the person is there.
		const key = userName?.toLowerCase();
		const twice = key !== undefined && seen.has(key);
		if (key !== undefined) seen.add(key);
		if (!values || twice) {
			const why = twice ? [{ field: "userName", message: "expected each person once" }] : [...errors];
			plan.rows.push({ line, userName, missing: null, missingId: null, fate: "refused", errors: why });
			continue;
		}
		const holder = byName.get(values.userName.toLowerCase()) ?? null;
		const fate = fateOf(holder, values);
		plan.rows.push({ line, userName: values.userName, missing: null, missingId: null, fate, errors: [] });
		if (fate !== "unchanged") plan.acts.push({ holder, values });
		if (fate === "leave") plan.leavers += 1;
	}
	if (full)
		for (const holder of people) {
			if (!fromFile.has(holder.id) || holder.leftAt !== null || holder.externalId === null || seen.has(holder.externalId.toLowerCase())) continue;
			const missingId = fromFile.get(holder.id) ?? holder.id;
			plan.rows.push({ line: null, userName: null, missing: holder.externalId, missingId, fate: "leave", errors: [] });
			plan.acts.push({ holder, values: { userName: holder.externalId, name: holder.name, active: false } });
			plan.leavers += 1;
		}
	return plan;
}

function fateOf(holder: HolderRecord | null, { active, ...values }: Row): PersonnelRow["fate"] {
	if (!holder) return active === false ? "unchanged" : "join";
	if (active === false) return holder.leftAt === null ? "leave" : "unchanged";
	// Only a file that says so brings somebody back.
	if (holder.leftAt !== null) return active === true ? "rejoin" : "unchanged";
	const said = { name: values.name, post: values.post, kind: values.kind, company: values.company };
	return Object.entries(said).some(([key, value]) => value !== undefined && value !== holder[key as keyof typeof said]) ? "update" : "unchanged";
}
