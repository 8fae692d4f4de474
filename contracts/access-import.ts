/** `POST /access/import`: people with cards, fingerprint references and zones from a CSV file (ACC-1). */
import { z } from "zod";
import { NAME, sensitiveFields } from "./sensitive.ts";

/**
 * Columns that a file may have; `id` it must have. A column that isn't there leaves what it is about as it is; an empty cell empties
 * company, post, HR name, account and sponsor, and takes no card, fingerprint or zone away.
 */
export const IMPORT_COLUMNS = [
	"id",
	"name",
	"kind",
	"company",
	"post",
	"externalId",
	/** A username. */
	"account",
	/** Id of an employee, who also answers for the zones given here; may stand in the file too. */
	"sponsor",
	"cardFormat",
	"cardFacility",
	"cardNumber",
	"fingerprint",
	/** Ids of zones, with spaces or semicolons between them. */
	"zones",
	/** Why the zones are given. */
	"reason",
	/** End of the new card, fingerprint and grants, ISO 8601. */
	"until",
] as const;
export type ImportColumn = (typeof IMPORT_COLUMNS)[number];

export const importRowSchema = z.object({
	/** Line of the file on which the row begins, the header being 1. */
	line: z.number().int(),
	/** As the file says it, where it is an id at all. */
	id: z.string().register(sensitiveFields, NAME).nullable(),
	fate: z.enum(["create", "update", "unchanged", "refused"]),
	/** Columns that change something. */
	changes: z.array(z.string()),
	/** Grants that end because the post changes. */
	ends: z.number().int(),
	/** Why it is refused. */
	errors: z.array(z.object({ field: z.string(), message: z.string() })),
});
export type ImportRowView = z.infer<typeof importRowSchema>;

export const importResultSchema = z.object({
	/** Names exactly what was shown; the real run takes it and does that or nothing. */
	hash: z.string(),
	done: z.boolean(),
	counts: z.object({ create: z.number().int(), update: z.number().int(), unchanged: z.number().int(), refused: z.number().int() }),
	rows: z.array(importRowSchema),
});
export type ImportResult = z.infer<typeof importResultSchema>;
