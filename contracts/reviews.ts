/** Monthly access reviews as the API shows them (REV-1..7). */
import { z } from "zod";
import { credentialStateSchema, holderKindSchema, holderRefSchema } from "./access.ts";
import { instantSchema, limitSchema } from "./api.ts";
import { CARD, NAME, sensitiveFields } from "./sensitive.ts";
import { weeklyScheduleSchema } from "./weekly-schedule.ts";

/** `access`: grants and credentials. `rights`: roles of accounts (REV-7). */
export const REVIEW_SUBJECTS = ["access", "rights"] as const;
export const reviewSubjectSchema = z.enum(REVIEW_SUBJECTS);
export type ReviewSubject = z.infer<typeof reviewSubjectSchema>;

/** `open`: being decided. `remediating`: signed off, controllers have not confirmed all. `closed`: all is confirmed. */
export const REVIEW_STATES = ["open", "remediating", "closed"] as const;
export const reviewStateSchema = z.enum(REVIEW_STATES);
export type ReviewState = z.infer<typeof reviewStateSchema>;

/** What speaks for a closer look (REV-2); `server/reviews/hints.ts` has each one's rule. */
export const REVIEW_HINTS = [
	"never-used",
	"unused-90-days",
	"unused-30-days",
	"holder-left",
	"no-fingerprint-for-two-factor",
	"not-asked-for-again",
	"beyond-usual-zones",
	"visitor-badge-not-returned",
	"denials",
	"out-of-hours",
	"no-second-factor",
	"administrator",
] as const;
export const reviewHintSchema = z.enum(REVIEW_HINTS);
export type ReviewHint = z.infer<typeof reviewHintSchema>;

/** `low`: as at the last review, no hint; may be attested with others. `changed`: new or changed since. `risky`: a hint says so. */
export const REVIEW_RISKS = ["low", "changed", "risky"] as const;
export const reviewRiskSchema = z.enum(REVIEW_RISKS);
export type ReviewRisk = z.infer<typeof reviewRiskSchema>;

export const reviewDecisionSchema = z.enum(["keep", "revoke", "change"]);
export type ReviewDecision = z.infer<typeof reviewDecisionSchema>;

const person = z.object({ id: z.string(), username: z.string(), name: z.string() });

/** How the access was used in the 90 days before the snapshot. */
export const reviewUsageSchema = z.object({
	lastUsedAt: instantSchema.nullable(),
	granted: z.number().int(),
	denied: z.number().int(),
	/** Granted outside of the zone's usual hours. */
	outOfHours: z.number().int(),
	doors: z.array(z.object({ door: z.string(), granted: z.number().int() })),
});
export type ReviewUsage = z.infer<typeof reviewUsageSchema>;

export const reviewItemSchema = z.object({
	id: z.string(),
	review: z.string(),
	/** From 1, the order of the snapshot. */
	number: z.number().int(),
	/** Who has it; `null` for a grant to a post, and for a role. */
	holder: holderRefSchema.extend({ kind: holderKindSchema, company: z.string().nullable(), post: z.string().nullable() }).nullable(),
	/** The account whose role it is; only in a review of rights. */
	account: z.object({ id: z.string(), username: z.string(), name: z.string().register(sensitiveFields, NAME) }).nullable(),
	/** `null` for a credential whose holder has no grant. */
	grant: z
		.object({
			id: z.string(),
			post: z.string().nullable(),
			zone: z.string(),
			zoneName: z.string(),
			from: instantSchema,
			until: instantSchema.nullable(),
			schedule: weeklyScheduleSchema.nullable(),
			reason: z.string(),
			renewedAt: instantSchema,
			lapsesAt: instantSchema,
			sponsor: holderRefSchema.nullable(),
		})
		.nullable(),
	role: z.object({ id: z.string(), role: z.string(), site: z.string(), grantedAt: instantSchema, lapsesAt: instantSchema }).nullable(),
	credentials: z.array(
		z.object({
			id: z.string(),
			type: z.enum(["card", "fingerprint"]),
			card: z.string().register(sensitiveFields, CARD).nullable(),
			state: credentialStateSchema,
		}),
	),
	usage: reviewUsageSchema.nullable(),
	hints: z.array(reviewHintSchema),
	risk: reviewRiskSchema,
	assignee: person.nullable(),
	/** Whether whoever asks may decide it, and if not, why (a code): `not-assigned`, `own-access`, `submitted`, `signed-off`. */
	decidable: z.boolean(),
	undecidableBecause: z.string().nullable(),
	decision: reviewDecisionSchema.nullable(),
	reason: z.string().nullable(),
	/** What `change` makes of it. */
	change: z.object({ until: instantSchema.nullable(), schedule: weeklyScheduleSchema.nullable() }).nullable(),
	decidedBy: person.nullable(),
	decidedAt: instantSchema.nullable(),
	/** Attested with others as a block. */
	block: z.boolean(),
	/** A draft can still be changed; once submitted it is carried out. */
	submitted: z.boolean(),
	submittedAt: instantSchema.nullable(),
	/** When every controller had confirmed the removal; `null` until then, and where nothing was taken. */
	confirmedAt: instantSchema.nullable(),
	/** The badge was used after that: a finding that somebody must resolve (REV-5). */
	reopenedAt: instantSchema.nullable(),
	resolution: z.string().nullable(),
	version: z.number().int(),
});
export type ReviewItem = z.infer<typeof reviewItemSchema>;

export const reviewFiguresSchema = z.object({
	items: z.number().int(),
	decided: z.number().int(),
	submitted: z.number().int(),
	kept: z.number().int(),
	revoked: z.number().int(),
	changed: z.number().int(),
	/** Kept as part of a block. */
	attested: z.number().int(),
	risky: z.number().int(),
	unassigned: z.number().int(),
	/** Removals that controllers have confirmed, and those that they have not yet. */
	confirmed: z.number().int(),
	unconfirmed: z.number().int(),
	reopened: z.number().int(),
});
export type ReviewFigures = z.infer<typeof reviewFiguresSchema>;

export const reviewQualitySchema = z.object({
	/** Median time between two decisions of the same person in one sitting, s; `null`: too few. */
	secondsPerDecision: z.number().nullable(),
	/** Shares of all decisions, 0 to 1. */
	shareAttested: z.number(),
	shareKept: z.number(),
	reviewers: z.array(
		z.object({
			...person.shape,
			decided: z.number().int(),
			kept: z.number().int(),
			attested: z.number().int(),
			secondsPerDecision: z.number().nullable(),
		}),
	),
});

export const reviewSchema = z.object({
	id: z.string(),
	subject: reviewSubjectSchema,
	site: z.string(),
	/** `2026-11`. */
	period: z.string(),
	state: reviewStateSchema,
	startedAt: instantSchema,
	dueAt: instantSchema,
	overdue: z.boolean(),
	/** SHA-256 over the frozen items, hex; it stands in the ledger. */
	snapshotHash: z.string(),
	snapshotIndex: z.number().int(),
	/** How many revocations may be submitted before a second person must approve more. */
	revocationsAllowed: z.number().int(),
	figures: reviewFiguresSchema,
	quality: reviewQualitySchema,
	/** How many items are assigned to whoever asks, and how many of these are still to be submitted. */
	mine: z.object({ items: z.number().int(), open: z.number().int() }),
	signedBy: person.nullable(),
	signedAt: instantSchema.nullable(),
	closedAt: instantSchema.nullable(),
	/** The newest report that stands in the ledger. */
	report: z.object({ hash: z.string(), ledgerIndex: z.number().int(), at: instantSchema }).nullable(),
});
export type ReviewView = z.infer<typeof reviewSchema>;

const reason = z.string().trim().min(3, "expected a reason of at least 3 characters").max(2000);
/** `POST /reviews/{id}/items/{item}/decision`: a draft until it is submitted; `decision` `null` takes it back. */
export const decideItemSchema = z.strictObject({
	decision: reviewDecisionSchema.nullable(),
	reason: reason.nullable().default(null),
	change: z.strictObject({ until: limitSchema.nullable().default(null), schedule: weeklyScheduleSchema.nullable().default(null) }).optional(),
	/** Of the item as it was read: an older one is refused (409 `changed-meanwhile`). */
	version: z.number().int(),
});
export type DecideItem = z.output<typeof decideItemSchema>;
/** `POST /reviews/{id}/decisions`: many drafts, each taken or refused by itself. */
export const decideManySchema = z.strictObject({
	decisions: z
		.array(decideItemSchema.extend({ item: z.uuid() }))
		.min(1)
		.max(500),
});
export const decidedManySchema = z.object({
	items: z.array(
		z.object({ item: z.string(), ok: z.boolean(), version: z.number().int().nullable(), code: z.string().nullable(), detail: z.string().nullable() }),
	),
});
/** `POST /reviews/{id}/attest`: keeps unchanged low-risk items together; all of them or none. */
export const attestSchema = z.strictObject({
	items: z
		.array(z.strictObject({ item: z.uuid(), version: z.number().int() }))
		.min(1)
		.max(2000),
});
export const attestedSchema = z.object({ attested: z.number().int() });
/** `POST /reviews`. */
export const startReviewSchema = z.strictObject({ subject: reviewSubjectSchema });
/** `POST /reviews/{id}/submit`: carries out the drafts of whoever asks. */
export const submittedSchema = z.object({ submitted: z.number().int(), revoked: z.number().int(), changed: z.number().int() });
/** `POST /reviews/{id}/items/{item}/reassign`. */
export const reassignSchema = z.strictObject({ to: z.string().min(1).max(64), reason });
/** `POST /reviews/{id}/items/{item}/resolve`: what came of the later use of a revoked badge. */
export const resolveSchema = z.strictObject({ reason });
/** `GET /reviews/{id}/items/{item}/assignments`. */
export const assignmentSchema = z.object({
	id: z.string(),
	from: person.nullable(),
	to: person.nullable(),
	by: person,
	at: instantSchema,
	reason: z.string(),
});
export type AssignmentView = z.infer<typeof assignmentSchema>;
