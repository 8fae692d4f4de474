/** The audit log, as the API shows it (AUD-1..3). */
import { z } from "zod";
import { instantSchema } from "./api.ts";

export const auditTagSchema = z.enum(["log-in", "authorisation", "read", "change", "system"]);
export const auditResultSchema = z.enum(["ok", "refused", "failed"]);
/** `GET /audit?from=&to=&user=&operation=&tag=&result=&object=&text=`, newest first. */
export const auditLineSchema = z.object({
	id: z.string(),
	tag: auditTagSchema,
	at: instantSchema,
	operation: z.string(),
	/** `null` where nobody is known, e.g. a log-in with an unknown name. */
	userId: z.string().nullable(),
	username: z.string().nullable(),
	/** The roles at that time. */
	groups: z.array(z.string()),
	address: z.string().nullable(),
	method: z.enum(["session", "token", "console", "system", "none"]),
	object: z.object({ type: z.string(), id: z.string() }).nullable(),
	result: auditResultSchema,
	highRisk: z.boolean(),
	detail: z.record(z.string(), z.json()),
	/** False when the line was tampered with: then only its clear columns are shown, and none of them can be trusted. */
	intact: z.boolean(),
});
export type AuditLineView = z.infer<typeof auditLineSchema>;

/** A page of them. `searchedTo`: a search by text stops after some thousand lines and says how far back it came; the cursor goes on from there. */
export const auditPageSchema = z.object({
	items: z.array(auditLineSchema),
	nextCursor: z.string().nullable(),
	searchedTo: instantSchema.nullable(),
});

/** `GET /audit/reviews`, `POST /audit/reviews` signs that the lines of a period were reviewed (AUD-3). */
export const auditReviewSchema = z.object({
	id: z.string(),
	from: instantSchema,
	to: instantSchema,
	dueAt: instantSchema,
	lines: z.number().int(),
	highRisk: z.number().int(),
	refused: z.number().int(),
	state: z.enum(["due", "overdue", "signed"]),
	signedBy: z.object({ id: z.string(), username: z.string(), name: z.string() }).nullable(),
	signedAt: instantSchema.nullable(),
	remarks: z.string().nullable(),
	ledgerIndex: z.number().int().nullable(),
});
export type AuditReviewView = z.infer<typeof auditReviewSchema>;
/** `POST /audit/reviews/{id}/sign`, after a confirmation of who one is. */
export const signReviewSchema = z.strictObject({ remarks: z.string().trim().max(4000).default("") });

/** `GET /retention`: how long each kind of data is kept, days. */
export const retentionSchema = z.object({
	items: z.array(
		z.object({ data: z.enum(["audit", "readings", "minute-readings", "hour-readings", "visits"]), days: z.number().int(), least: z.number().int() }),
	),
});
/** `GET /audit/exports`: approved exports; `GET /audit/exports/{id}/lines.jsonl` is the file, for who proposed it. */
export const auditExportSchema = z.object({
	id: z.string(),
	change: z.string(),
	from: instantSchema,
	to: instantSchema,
	proposedBy: z.string(),
	approvedBy: z.string(),
	availableUntil: instantSchema,
	lines: z.number().int(),
	sha256: z.string(),
});
