/** Visits from the request to the badge handed back, as the API shows them (ACC-8). */
import { z } from "zod";
import { becauseSchema, holderRefSchema } from "./access.ts";
import { instantSchema, limitSchema } from "./api.ts";
import { idSchema } from "./identifiers.ts";
import { cardSchema } from "./native-dialect.ts";
import { CARD, NAME, sensitiveFields } from "./sensitive.ts";

/**
 * - `requested` -> `approved` | `rejected` | `cancelled` | `expired`
 * - `approved` -> `checked-in` (document checked at the desk) | `cancelled` | `expired`
 * - `checked-in` -> `escorted` (the escort has accepted) | `cancelled` | `expired`
 * - `escorted` -> `on-site` (badge issued) | `cancelled` | `expired`
 * - `on-site` -> `checked-out` (the badge opens nothing any more, and is still out) | `closed`
 * - `checked-out` -> `closed` (badge handed back)
 */
export const VISIT_STATES = [
	"requested",
	"approved",
	"rejected",
	"cancelled",
	"expired",
	"checked-in",
	"escorted",
	"on-site",
	"checked-out",
	"closed",
] as const;
export const visitStateSchema = z.enum(VISIT_STATES);
export type VisitState = z.infer<typeof visitStateSchema>;

export const DOCUMENT_TYPES = ["identity-card", "passport", "driving-licence", "residence-permit", "other"] as const;
export const documentTypeSchema = z.enum(DOCUMENT_TYPES);

const personName = z.string().trim().min(1).max(120);
/** `POST /visitors`. */
export const visitRequestSchema = z.strictObject({
	visitor: personName,
	company: personName.nullable().default(null),
	purpose: z.string().trim().min(3, "expected a purpose of at least 3 characters").max(500),
	/** Id of the employee who answers for the visitor. */
	host: idSchema,
	/** Id of the employee who accompanies the visitor; may be the host. */
	escort: idSchema,
	zones: z.array(idSchema).min(1).max(20),
	from: limitSchema,
	/** At most 7 days after `from`. */
	until: limitSchema,
});
export type VisitRequest = z.output<typeof visitRequestSchema>;

/** `POST /visitors/{id}/check-in`: what was shown at the desk; of its number nothing but the last four is taken. */
export const checkInSchema = z.strictObject({
	document: z.strictObject({
		type: documentTypeSchema,
		lastFour: z.string().regex(/^[A-Za-z0-9]{4}$/, { error: "expected the last four characters of the document's number and nothing else" }),
	}),
	/** Another escort than was asked for. */
	escort: idSchema.optional(),
});
export type CheckIn = z.output<typeof checkInSchema>;

/** `POST /visitors/{id}/badge`: id of a free badge of the pool. */
export const issueBadgeSchema = z.strictObject({ badge: idSchema });
/** `POST /visitors/{id}/reject`, `/cancel`. */
export const visitReasonSchema = becauseSchema;

export const visitViewSchema = z.object({
	id: z.string(),
	state: visitStateSchema,
	visitor: z.string().register(sensitiveFields, NAME),
	company: z.string().nullable(),
	purpose: z.string(),
	host: holderRefSchema,
	escort: holderRefSchema,
	zones: z.array(z.string()),
	from: instantSchema,
	until: instantSchema,
	/** Account ids. */
	requestedBy: z.string(),
	requestedAt: instantSchema,
	decidedBy: z.string().nullable(),
	decidedAt: instantSchema.nullable(),
	reason: z.string().nullable(),
	document: z.object({ type: documentTypeSchema, lastFour: z.string().register(sensitiveFields, NAME) }).nullable(),
	checkedInAt: instantSchema.nullable(),
	escortAcceptedAt: instantSchema.nullable(),
	/** Id in the pool. */
	badge: z.string().nullable(),
	/** The visitor's holder in the register, once a badge was issued. */
	holder: z.string().register(sensitiveFields, NAME).nullable(),
	onSiteAt: instantSchema.nullable(),
	checkedOutAt: instantSchema.nullable(),
	badgeReturnedAt: instantSchema.nullable(),
	/** On site after `until`. */
	overstayed: z.boolean(),
	/** The badge is out although the visit is over. */
	badgeOutstanding: z.boolean(),
	version: z.number().int(),
});
export type VisitView = z.infer<typeof visitViewSchema>;

/** What is done with a visit; `expire` is the server's own. */
export const VISIT_ACTS = [
	"request",
	"approve",
	"reject",
	"cancel",
	"check-in",
	"accept-escort",
	"badge",
	"check-out",
	"badge-returned",
	"expire",
] as const;
/** `GET /visitors/{id}/history`: a line for each act, the oldest first. */
export const visitActSchema = z.object({
	id: z.string(),
	act: z.enum(VISIT_ACTS),
	at: instantSchema,
	/** Name of who did it, as it was then; `null`: not recorded, for acts from before this history was kept. */
	by: z.string().nullable(),
	reason: z.string().nullable(),
});
export type VisitActView = z.infer<typeof visitActSchema>;

/** `GET /visitor-badges`: the pool. */
export const visitorBadgeSchema = z.object({
	id: z.string(),
	/** `{format} {facility}-{number}`. */
	card: z.string().register(sensitiveFields, CARD),
	/** Id of the visit that has it; `null`: free. */
	visit: z.string().nullable(),
});
export type VisitorBadge = z.infer<typeof visitorBadgeSchema>;
/** `POST /visitor-badges`. */
export const visitorBadgeInputSchema = z.strictObject({ id: idSchema, card: cardSchema });
