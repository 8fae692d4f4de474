/** Two-person approval: proposals, as the API shows them. */
import { z } from "zod";
import { instantSchema } from "./api.ts";
import { idSchema } from "./identifiers.ts";
import { incidentOutcomeSchema } from "./media.ts";
import { policySchema } from "./media-orders.ts";
import { deviceActSchema } from "./onboarding.ts";
import { roleSchema } from "./permissions.ts";
import { ruleText } from "./rule-text.ts";
import { ruleSchema } from "./rules.ts";

export const CHANGE_KINDS = [
	"role-grant",
	"role-revocation",
	"role-renewal",
	"account-closure",
	"account-reset",
	"review-revocations",
	"retention",
	"audit-export",
	"media-incident",
	"media-policy",
	"rule",
	"device",
] as const;
export const changeKindSchema = z.enum(CHANGE_KINDS);
export type ChangeKindName = z.infer<typeof changeKindSchema>;

export const CHANGE_STATES = ["pending", "applied", "rejected", "withdrawn", "expired", "stale"] as const;
const person = z.object({ id: z.string(), username: z.string(), name: z.string() });

/** `GET /changes?state=&kind=&mine=`, `GET /changes/{id}`. */
export const changeSchema = z.object({
	id: z.string(),
	kind: changeKindSchema,
	/** What it changes, e.g. an account's id. */
	subject: z.string(),
	/** One line for people. */
	title: z.string(),
	/** The subject as it was when it was proposed, and as it shall be. */
	before: z.json(),
	after: z.json(),
	reason: z.string(),
	state: z.enum(CHANGE_STATES),
	proposedBy: person,
	proposedAt: instantSchema,
	expiresAt: instantSchema,
	decidedBy: person.nullable(),
	decidedAt: instantSchema.nullable(),
	comment: z.string().nullable(),
	/** Index of the ledger entry of the decision. */
	ledgerIndex: z.number().int().nullable(),
	/** Whether whoever asks may approve or reject it, and if not, why. */
	decidable: z.boolean(),
	undecidableBecause: z.string().nullable(),
});
export type ChangeView = z.infer<typeof changeSchema>;

const common = { reason: z.string().trim().min(3, "expected a reason of at least 3 characters").max(2000) };
const site = z.string().min(1).max(64).default("*");
/** What shall become of an alarm rule. */
export const ruleActSchema = z.discriminatedUnion("act", [
	/** The rule as it shall be, also a new one; it stays as it is written. */
	z.strictObject({ act: z.literal("set"), definition: ruleSchema.transform(ruleText) }),
	z.strictObject({ act: z.literal("delete") }),
	/** What the site file says counts again. */
	z.strictObject({ act: z.literal("follow-file") }),
	/** What an earlier version said; 0 is the site file's. */
	z.strictObject({ act: z.literal("roll-back"), version: z.number().int().nonnegative() }),
]);
/** `POST /rules/changes`: a proposal about one rule. */
export const ruleProposalSchema = z.strictObject({
	rule: idSchema,
	change: ruleActSchema,
	/** Id of a replay of what shall count; a rule that is `set` takes one. */
	replay: z.uuid().optional(),
	...common,
});

/** A proposal about one device that isn't in the site file. */
const deviceProposalSchema = z.strictObject({ kind: z.literal("device"), device: idSchema, change: deviceActSchema, ...common });

/** `POST /changes`: what is proposed, by kind. */
export const proposeSchema = z.discriminatedUnion("kind", [
	z.strictObject({ kind: z.literal("role-grant"), user: z.string().max(64), role: roleSchema, site, ...common }),
	z.strictObject({ kind: z.literal("role-revocation"), user: z.string().max(64), role: roleSchema, site, ...common }),
	z.strictObject({ kind: z.literal("role-renewal"), user: z.string().max(64), role: roleSchema, site, ...common }),
	z.strictObject({ kind: z.literal("account-closure"), user: z.string().max(64), ...common }),
	z.strictObject({ kind: z.literal("account-reset"), user: z.string().max(64), ...common }),
	z.strictObject({ kind: z.literal("review-revocations"), review: z.uuid(), ...common }),
	z.strictObject({
		kind: z.literal("retention"),
		data: z.enum(["audit", "readings", "minute-readings", "hour-readings", "visits"]),
		days: z.number().int().min(1).max(36_500),
		...common,
	}),
	z.strictObject({ kind: z.literal("media-incident"), incident: z.uuid(), outcome: incidentOutcomeSchema, ...common }),
	z.strictObject({ kind: z.literal("media-policy"), policy: policySchema, ...common }),
	ruleProposalSchema.extend({ kind: z.literal("rule") }),
	deviceProposalSchema,
	z.strictObject({ kind: z.literal("audit-export"), from: instantSchema, to: instantSchema, ...common }),
]);
export type Proposal = z.infer<typeof proposeSchema>;
/** `POST /changes/{id}/approve`, `/reject`, `/withdraw`. */
export const decideSchema = z.strictObject({ comment: z.string().max(2000).optional() });
