/** The access register: holders, credentials, zones, grants, and what the API says of them (ACC-1). */
import { z } from "zod";
import { instantSchema, limitSchema } from "./api.ts";
import { idSchema } from "./identifiers.ts";
import { cardSchema, fingerprintSchema } from "./native-dialect.ts";
import { CARD, NAME, sensitiveFields } from "./sensitive.ts";
import { weeklyScheduleSchema } from "./weekly-schedule.ts";
import { unfitCard } from "./wiegand.ts";

export const HOLDER_KINDS = ["employee", "contractor", "visitor"] as const;
export const holderKindSchema = z.enum(HOLDER_KINDS);
export type HolderKind = z.infer<typeof holderKindSchema>;

/** Only an active credential opens anything; a returned one is free to be issued to somebody else. */
export const CREDENTIAL_STATES = ["active", "suspended", "lost", "stolen", "returned", "expired"] as const;
export const credentialStateSchema = z.enum(CREDENTIAL_STATES);
export type CredentialState = z.infer<typeof credentialStateSchema>;

/** Why a grant ended. `lapsed`: nobody asked for it again in three months (ACC-6). */
export const GRANT_ENDS = ["revoked", "left", "moved", "lapsed", "review", "replaced", "visit-over"] as const;
export const grantEndSchema = z.enum(GRANT_ENDS);
export type GrantEnd = z.infer<typeof grantEndSchema>;

const personName = z.string().trim().min(1).max(120);
const hiddenId = z.string().register(sensitiveFields, NAME);
const hiddenName = z.string().register(sensitiveFields, NAME);
/** A holder where something else tells of one. */
export const holderRefSchema = z.object({ id: hiddenId, name: hiddenName });

export const holderViewSchema = z.object({
	id: hiddenId,
	name: hiddenName,
	kind: holderKindSchema,
	company: z.string().nullable(),
	/** The post (function) that the person has: grants may be given to a post. */
	post: z.string().nullable(),
	/** The person's name in the HR system (SCIM `userName`). */
	externalId: z.string().register(sensitiveFields, NAME).nullable(),
	/** Id of the account of the same person, so that nobody decides on their own access. */
	account: z.string().nullable(),
	/** Ids of further accounts of the same person: wherever two people are needed, all of them are one. */
	otherAccounts: z.array(z.string()),
	/** The employee who answers for a contractor or a visitor. */
	sponsor: holderRefSchema.nullable(),
	status: z.enum(["active", "left"]),
	leftAt: instantSchema.nullable(),
	createdAt: instantSchema,
	/** Changes with each change: `PUT` sends it back, and an older one is refused (409 `changed-meanwhile`). */
	version: z.number().int(),
});
export type HolderView = z.infer<typeof holderViewSchema>;

export const holderInputSchema = z.strictObject({
	/** Without it one is made. */
	id: idSchema.optional(),
	name: personName,
	kind: holderKindSchema,
	company: personName.nullable().default(null),
	post: z.string().trim().min(1).max(64).nullable().default(null),
	externalId: z.string().trim().min(1).max(120).nullable().default(null),
	account: z.string().min(1).max(64).nullable().default(null),
	/** Without it they stay as they are. */
	otherAccounts: z.array(z.string().min(1).max(64)).max(10).optional(),
	sponsor: idSchema.nullable().default(null),
});
export type HolderInput = z.output<typeof holderInputSchema>;
/** `PUT /access/holders/{id}`: all of it, with the version that was read. */
export const holderUpdateSchema = holderInputSchema.omit({ id: true }).extend({ version: z.number().int() });
export type HolderUpdate = z.output<typeof holderUpdateSchema>;

export const CREDENTIAL_TYPES = ["card", "fingerprint"] as const;
export const credentialTypeSchema = z.enum(CREDENTIAL_TYPES);
export type CredentialType = z.infer<typeof credentialTypeSchema>;

export const credentialViewSchema = z.object({
	id: z.string(),
	holder: holderRefSchema,
	type: credentialTypeSchema,
	/** `{format} {facility}-{number}`. */
	card: z.string().register(sensitiveFields, CARD).nullable(),
	/** The reference of an enrolment, never a template. */
	fingerprint: z.string().register(sensitiveFields, NAME).nullable(),
	state: credentialStateSchema,
	stateAt: instantSchema,
	stateReason: z.string().nullable(),
	from: instantSchema,
	until: instantSchema.nullable(),
	lastUsedAt: instantSchema.nullable(),
	version: z.number().int(),
});
export type CredentialView = z.infer<typeof credentialViewSchema>;

/** A card that its format can hold, where the format is known (contracts/wiegand.ts). */
const issuableCardSchema = cardSchema.superRefine((card, context) => {
	const unfit = unfitCard(card);
	if (unfit) context.addIssue({ code: "custom", path: [unfit.field], message: unfit.message });
});
/** Exactly one of card and fingerprint. */
export const credentialInputSchema = z
	.strictObject({
		holder: idSchema,
		card: issuableCardSchema.optional(),
		fingerprint: fingerprintSchema.optional(),
		from: limitSchema.optional(),
		until: limitSchema.nullable().default(null),
	})
	.refine(({ card, fingerprint }) => (card === undefined) !== (fingerprint === undefined), {
		error: "expected either a card or a fingerprint's reference",
		path: ["card"],
	});
export type CredentialInput = z.output<typeof credentialInputSchema>;

export const zoneViewSchema = z.object({
	id: z.string(),
	name: z.string(),
	rooms: z.array(z.string()),
	/** Doors that lead into it. */
	doors: z.array(z.string()),
	/** Usernames of those who review who may enter. */
	reviewers: z.array(z.string()),
});
export type ZoneView = z.infer<typeof zoneViewSchema>;

export const grantViewSchema = z.object({
	id: z.string(),
	/** Exactly one of holder and post. */
	holder: holderRefSchema.nullable(),
	post: z.string().nullable(),
	zone: z.string(),
	from: instantSchema,
	until: instantSchema.nullable(),
	/** `null`: at all hours. */
	schedule: weeklyScheduleSchema.nullable(),
	sponsor: holderRefSchema.nullable(),
	reason: z.string(),
	status: z.enum(["active", "future", "ended"]),
	grantedBy: z.string(),
	grantedAt: instantSchema,
	/** When somebody asked for it last; it lapses three months later. */
	renewedAt: instantSchema,
	lapsesAt: instantSchema,
	endedAt: instantSchema.nullable(),
	endReason: grantEndSchema.nullable(),
	version: z.number().int(),
});
export type GrantView = z.infer<typeof grantViewSchema>;

const because = z.string().trim().min(3, "expected a reason of at least 3 characters").max(2000);
export const grantInputSchema = z
	.strictObject({
		holder: idSchema.optional(),
		post: z.string().trim().min(1).max(64).optional(),
		zone: idSchema,
		from: limitSchema.optional(),
		until: limitSchema.nullable().default(null),
		schedule: weeklyScheduleSchema.nullable().default(null),
		/** The employee who answers for it. */
		sponsor: idSchema,
		reason: because,
	})
	.refine(({ holder, post }) => (holder === undefined) !== (post === undefined), { error: "expected either a holder or a post", path: ["holder"] });
export type GrantInput = z.output<typeof grantInputSchema>;

/** `POST /access/grants/{id}/revoke`, `/renew`; `POST /access/credentials/{id}/state`. */
export const becauseSchema = z.strictObject({ reason: because });
export const credentialStateInputSchema = z.strictObject({ state: credentialStateSchema, reason: because, version: z.number().int() });

/** One way in which somebody may pass a door: by a grant of theirs or of their post. */
export const permittedSchema = z.object({
	/** `{grant}:{door}:{holder}`. */
	id: z.string(),
	holder: holderRefSchema,
	door: z.string(),
	doorName: z.string(),
	zone: z.string(),
	grant: z.string(),
	/** The post that the grant was given to; `null`: given to the person. */
	post: z.string().nullable(),
	from: instantSchema,
	until: instantSchema.nullable(),
	lapsesAt: instantSchema,
	schedule: weeklyScheduleSchema.nullable(),
	reason: z.string(),
	/** Whether the person has, now, the active credentials that the door asks for. */
	able: z.boolean(),
});
export type Permitted = z.infer<typeof permittedSchema>;

/** What a look at access and door events found; see `server/access/monitor/` for each one's rule. */
export const FINDINGS = [
	"denied",
	"forced",
	"held",
	"tamper",
	"duress",
	"passback",
	"interlock",
	"two-person",
	"one-factor",
	"granted-against-records",
	"denied-against-records",
	"impossible-travel",
	"after-hours",
	"guessing",
	"revoked-badge-used",
	"lost-badge-used",
	"tailgating",
	"escort-separated",
	"counted",
] as const;
export const findingKindSchema = z.enum(FINDINGS);
export type FindingKind = z.infer<typeof findingKindSchema>;

export const findingViewSchema = z.object({
	id: z.string(),
	kind: findingKindSchema,
	door: z.string().nullable(),
	doorName: z.string().nullable(),
	holder: holderRefSchema.nullable(),
	/** Id of the access or door event that showed it. */
	event: z.string().nullable(),
	at: instantSchema,
	late: z.boolean(),
	/** For people; names nobody. */
	detail: z.string(),
});
export type FindingView = z.infer<typeof findingViewSchema>;

/**
 * Somebody went out by a request-to-exit button, which doesn't tell who: the last time since this person was seen to come in. `probable`:
 * as many have gone out so as were known to be in the room.
 */
export const unseenExitSchema = z.object({ at: instantSchema, door: z.string(), probable: z.boolean() });

/** `GET /access/occupancy`: who is where, by what the doors have said. */
export const occupancySchema = z.object({
	zones: z.array(
		z.object({
			zone: z.string(),
			name: z.string(),
			/** Without those who have probably left. */
			count: z.number().int(),
			people: z.array(
				z.object({ holder: holderRefSchema, kind: holderKindSchema, since: instantSchema, door: z.string(), exit: unseenExitSchema.nullable() }),
			),
		}),
	),
	/** Doors whose state or controller isn't known now, which makes the count uncertain. */
	uncertain: z.array(z.string()),
	at: instantSchema,
});
export type Occupancy = z.infer<typeof occupancySchema>;

/** `GET /access/muster`: a line of the list that is called out in an emergency. */
export const musterRowSchema = z.object({
	id: hiddenId,
	zone: z.string(),
	zoneName: z.string(),
	holder: holderRefSchema,
	kind: holderKindSchema,
	since: instantSchema,
	door: z.string(),
	exit: unseenExitSchema.nullable(),
});
export type MusterRow = z.infer<typeof musterRowSchema>;
/** `POST /access/occupancy/corrections`; `room` `null`: outside. */
export const occupancyCorrectionSchema = z.strictObject({ holder: idSchema, room: idSchema.nullable(), reason: because });
