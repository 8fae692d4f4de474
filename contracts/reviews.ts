/** Monthly access reviews: campaigns, items, decisions, sign-off, reports (REV-1..7). All below `/api/v1/reviews`. */
import { z } from "zod";
import { holderRefSchema } from "./access.ts";
import { instantSchema } from "./api.ts";
import { roleSchema } from "./permissions.ts";
import { CARD, NAME, sensitiveFields } from "./sensitive.ts";
import { weeklyScheduleSchema } from "./weekly-schedule.ts";

/** What a campaign looks at: physical access, or the accounts' own roles (REV-7). */
export const reviewSubjectSchema = z.enum(["access", "rights"]);
export type ReviewSubject = z.infer<typeof reviewSubjectSchema>;
/** `open`: being decided. `signed-off`: revocations wait for the controllers. `closed`: every one is confirmed. `reopened`: a revoked badge was used later. */
export const REVIEW_STATES = ["open", "signed-off", "closed", "reopened"] as const;
export const reviewStateSchema = z.enum(REVIEW_STATES);
export type ReviewState = z.infer<typeof reviewStateSchema>;
export const REVIEW_DECISIONS = ["keep", "revoke", "change"] as const;
export const reviewDecisionSchema = z.enum(REVIEW_DECISIONS);
export type ReviewDecision = z.infer<typeof reviewDecisionSchema>;
/** Only `low` may be attested together; `changed` since the last review and `risky` are decided one by one. */
export const REVIEW_RISKS = ["low", "changed", "risky"] as const;
export const reviewRiskSchema = z.enum(REVIEW_RISKS);
export type ReviewRisk = z.infer<typeof reviewRiskSchema>;
export const REVIEW_HINTS = [
	"never-used",
	"unused-30-days",
	"unused-90-days",
	"holder-left",
	"no-fingerprint",
	"not-renewed",
	"beyond-usual-zones",
	"visitor-badge-out",
	"out-of-hours",
	"denied-often",
	"all-hours",
	"credential-suspended",
	"administrator",
] as const;
export const reviewHintSchema = z.enum(REVIEW_HINTS);
export type ReviewHint = z.infer<typeof reviewHintSchema>;

const accountRef = z.object({ id: z.string(), name: z.string().register(sensitiveFields, NAME) });
const because = z.string().trim().min(3, "expected a reason of at least 3 characters").max(2000);

/** Of the 90 days before the campaign's start. */
export const reviewUsageSchema = z.object({
	lastUsedAt: instantSchema.nullable(),
	count: z.number().int(),
	outOfHours: z.number().int(),
	denials: z.number().int(),
	/** Ids of the doors that were passed, the most used first. */
	doors: z.array(z.string()),
});
export type ReviewUsage = z.infer<typeof reviewUsageSchema>;

/** What `change` makes of a grant: other hours, or an end. */
export const reviewChangeSchema = z
	.strictObject({ until: instantSchema.optional(), schedule: weeklyScheduleSchema.optional() })
	.refine(({ until, schedule }) => until !== undefined || schedule !== undefined, { error: "expected an end or hours" });
export type ReviewChange = z.infer<typeof reviewChangeSchema>;

export const reviewItemSchema = z.object({
	id: z.string(),
	review: z.string(),
	kind: z.enum(["grant", "credential", "right"]),
	/** Id of the grant, credential or account. */
	subject: z.string(),
	/** `null` for a grant to a post. */
	holder: holderRefSchema.nullable(),
	post: z.string().nullable(),
	sponsor: holderRefSchema.nullable(),
	zone: z.string().nullable(),
	/** Of a `credential`. */
	card: z.string().register(sensitiveFields, CARD).nullable(),
	fingerprint: z.string().register(sensitiveFields, NAME).nullable(),
	/** Of a `right`. */
	role: roleSchema.nullable(),
	from: instantSchema,
	until: instantSchema.nullable(),
	schedule: weeklyScheduleSchema.nullable(),
	grantReason: z.string().nullable(),
	usage: reviewUsageSchema,
	hints: z.array(reviewHintSchema),
	risk: reviewRiskSchema,
	/** Who decides; `null` when nobody could be found who may. */
	assignee: accountRef.nullable(),
	decision: reviewDecisionSchema.nullable(),
	reason: z.string().nullable(),
	change: reviewChangeSchema.nullable(),
	/** `draft` is saved and can still be taken back; `submitted` counts. */
	status: z.enum(["undecided", "draft", "submitted"]),
	decidedBy: accountRef.nullable(),
	decidedAt: instantSchema.nullable(),
	/** Decided together with others. */
	block: z.boolean(),
	/** Whether whoever asks may decide it, and if not, why. */
	decidable: z.boolean(),
	undecidableBecause: z.enum(["own-access", "sponsored", "not-assigned", "no-permission", "submitted", "signed-off"]).nullable(),
	/** Of a submitted revocation or change after the sign-off. */
	remediation: z.object({
		state: z.enum(["none", "waiting", "confirmed", "used-again"]),
		appliedAt: instantSchema.nullable(),
		confirmedAt: instantSchema.nullable(),
	}),
	/** Changes with each change; a decision sends it back, and an older one is refused (409 `changed-meanwhile`). */
	version: z.number().int(),
});
export type ReviewItem = z.infer<typeof reviewItemSchema>;

/** How the review itself was done (REV-6). Shares are 0 to 1, `null` of nothing. */
export const reviewQualitySchema = z.object({
	/** Median seconds between one person's decisions that were made one by one, pauses over ten minutes left out. */
	medianSecondsPerDecision: z.number().nullable(),
	shareInBlock: z.number().nullable(),
	shareKept: z.number().nullable(),
});
export const reviewCountsSchema = z.object({
	items: z.number().int(),
	undecided: z.number().int(),
	drafts: z.number().int(),
	submitted: z.number().int(),
	keep: z.number().int(),
	revoke: z.number().int(),
	change: z.number().int(),
	block: z.number().int(),
	low: z.number().int(),
	changed: z.number().int(),
	risky: z.number().int(),
	/** Revocations and changes that the controllers have not confirmed. */
	unconfirmed: z.number().int(),
	usedAgain: z.number().int(),
});
export type ReviewCounts = z.infer<typeof reviewCountsSchema>;

/** `GET /reviews?state=&subject=`, `GET /reviews/{id}`. */
export const reviewSchema = z.object({
	id: z.string(),
	site: z.string(),
	subject: reviewSubjectSchema,
	/** `2026-11`, in the site's time zone. */
	month: z.string(),
	state: reviewStateSchema,
	startedAt: instantSchema,
	dueAt: instantSchema,
	overdue: z.boolean(),
	/** What becomes of undecided items at the due date. */
	undecided: z.enum(["revoke", "escalate"]),
	escalatedAt: instantSchema.nullable(),
	/** Revoking more than this share takes a second person. */
	secondPersonAbove: z.number(),
	/** `needed`: propose a `review-bulk-revocation` change. */
	secondPerson: z.enum(["not-needed", "needed", "approved"]),
	/** Hex SHA-256 over the salted digests of the frozen items. */
	snapshot: z.string(),
	/** Index of the ledger entry of the snapshot. */
	ledgerIndex: z.number().int(),
	counts: reviewCountsSchema,
	quality: reviewQualitySchema,
	signedOffBy: accountRef.nullable(),
	signedOffAt: instantSchema.nullable(),
	statement: z.string().nullable(),
	signOffLedgerIndex: z.number().int().nullable(),
	closedAt: instantSchema.nullable(),
});
export type Review = z.infer<typeof reviewSchema>;

/** `POST /reviews/{id}/items/{item}/decision`: saves a draft; `null` takes it back. A reason is required but for keeping what is `low`. */
const decided = {
	decision: reviewDecisionSchema.nullable(),
	reason: because.nullable().default(null),
	change: reviewChangeSchema.nullable().default(null),
	version: z.number().int(),
};
const whole = ({ decision, change }: { decision: ReviewDecision | null; change: ReviewChange | null }) =>
	(decision === "change") === (change !== null);
const notWhole = { error: "expected with the decision change, and only then", path: ["change"] };
export const reviewDecisionInputSchema = z.strictObject(decided).refine(whole, notWhole);
export type ReviewDecisionInput = z.output<typeof reviewDecisionInputSchema>;

/** `POST /reviews/{id}/decisions`: many drafts, each with its own fate. */
export const reviewBatchInputSchema = z.strictObject({
	decisions: z
		.array(z.strictObject({ item: z.uuid(), ...decided }).refine(whole, notWhole))
		.min(1)
		.max(500),
});
export const reviewBatchSchema = z.object({
	items: z.array(
		z.object({
			item: z.string(),
			/** `null`: saved. */
			refused: z.object({ code: z.string(), detail: z.string() }).nullable(),
			/** As it is now; `null` when there is no such item. */
			now: reviewItemSchema.nullable(),
		}),
	),
});
export type ReviewBatch = z.infer<typeof reviewBatchSchema>;
/** `POST /reviews/{id}/attest`: keeps unchanged low-risk items together; refused whole (409 `not-low-risk`) when one is not. */
export const reviewAttestInputSchema = z.strictObject({
	items: z
		.array(z.strictObject({ id: z.uuid(), version: z.number().int() }))
		.min(1)
		.max(500),
	reason: because,
});
export type ReviewAttestInput = z.output<typeof reviewAttestInputSchema>;
/** `POST /reviews/{id}/submit`: submits the drafts of whoever asks; answers how many. */
export const reviewSubmittedSchema = z.object({ submitted: z.number().int(), review: reviewSchema });
/** `POST /reviews/{id}/items/{item}/reassign`. */
export const reviewReassignInputSchema = z.strictObject({ to: z.string().min(1).max(64), reason: because, version: z.number().int() });
/** `GET /reviews/{id}/items/{item}/history`, oldest first. */
export const reviewHistorySchema = z.object({
	items: z.array(
		z.object({
			at: instantSchema,
			by: accountRef,
			act: z.enum(["assigned", "reassigned", "drafted", "taken-back", "attested", "submitted", "defaulted", "escalated", "confirmed", "used-again"]),
			decision: reviewDecisionSchema.nullable(),
			reason: z.string().nullable(),
			to: accountRef.nullable(),
		}),
	),
});
export type ReviewHistory = z.infer<typeof reviewHistorySchema>;
/** `POST /reviews/{id}/sign-off`. */
export const reviewSignOffInputSchema = z.strictObject({ statement: because });

/** `GET /reviews/{id}/report.json`; `.csv` has its items, `.pdf` all of it. */
export const reviewReportSchema = z.object({
	format: z.literal("watchroom-review/1"),
	review: reviewSchema,
	items: z.array(reviewItemSchema),
});
export type ReviewReport = z.infer<typeof reviewReportSchema>;
