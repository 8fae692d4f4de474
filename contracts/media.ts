/** Storage media and their chain of custody until they are destroyed, as the API shows them (MED-1 to MED-7). */
import { z } from "zod";
import { instantSchema } from "./api.ts";
import { idSchema } from "./identifiers.ts";

export const MEDIUM_TYPES = ["hdd", "tape", "ssd", "nvme", "hybrid", "optical", "unknown"] as const;
export const mediumTypeSchema = z.enum(MEDIUM_TYPES);
export type MediumType = z.infer<typeof mediumTypeSchema>;

/** Security categorization of what is on it (FIPS 199, as NIST SP 800-88 uses it). */
export const CLASSIFICATIONS = ["low", "moderate", "high"] as const;
export const classificationSchema = z.enum(CLASSIFICATIONS);
export type Classification = z.infer<typeof classificationSchema>;

/** What is done to a medium; the last one of a chain destroys it (NIST SP 800-88 clause 2.5: clear, purge, destroy). */
export const METHODS = ["degauss", "purge", "bend", "crush", "shred", "disintegrate", "grind"] as const;
export const methodSchema = z.enum(METHODS);
export type Method = z.infer<typeof methodSchema>;

/** Largest edge of pieces that a machine may leave, mm. */
export const LARGEST_PARTICLE = 500;
/** One step of a chain; `particleMm`: largest edge of what may come out. */
export const chainStepSchema = z.strictObject({ method: methodSchema, particleMm: z.number().positive().max(LARGEST_PARTICLE).optional() });
export type ChainStep = z.infer<typeof chainStepSchema>;

/**
 * - `installed`: in its bay
 * - `removed`: out of it and not sealed; `sealed`: with who sealed or took it; `in-custody`: in a locked store
 * - `in-transit`: offered to somebody who has not accepted yet
 * - `degaussed`, `purged`, `deformed`: done, and not verified by a second person yet
 * - `verified`: what was done so far is verified; `destroyed`: all that its policy asks for is, it may leave
 * - `released`: handed over for scrap or recycling; `lost`: written off by two persons
 * - `incident`: its chain stands until two persons release it
 */
export const MEDIUM_STATES = [
	"installed",
	"removed",
	"sealed",
	"in-custody",
	"in-transit",
	"degaussed",
	"purged",
	"deformed",
	"verified",
	"destroyed",
	"released",
	"lost",
	"incident",
] as const;
export const mediumStateSchema = z.enum(MEDIUM_STATES);
export type MediumState = z.infer<typeof mediumStateSchema>;

export const INCIDENT_KINDS = [
	"lost",
	"broken-seal",
	"wrong-seal",
	"wrong-serial",
	"wrong-holder",
	"wrong-type",
	"seen-elsewhere",
	"out-of-order",
	"unfit-equipment",
	"missing-in-count",
	"custodian-left",
	"not-reconciled",
	"other",
] as const;
export const incidentKindSchema = z.enum(INCIDENT_KINDS);
export type IncidentKind = z.infer<typeof incidentKindSchema>;

export const DESTINATION_KINDS = ["recycling", "scrap", "hardware-vendor", "warranty-return", "resale", "reuse"] as const;
export const destinationKindSchema = z.enum(DESTINATION_KINDS);
/** Where a medium goes; everything but scrap and recycling is refused. */
export const destinationSchema = z.strictObject({ kind: destinationKindSchema, organisation: z.string().trim().min(2).max(120) });
export type Destination = z.infer<typeof destinationSchema>;

export const serialSchema = z
	.string()
	.trim()
	.regex(/^[\x21-\x7e](?:[\x20-\x7e]{0,78}[\x21-\x7e])?$/, { error: "expected 1 to 80 printable ASCII characters" });
export const sealSchema = z.string().regex(/^[A-Za-z0-9-]{3,40}$/, { error: "expected 3 to 40 of the characters A-Z a-z 0-9 -" });
export const photoDigestSchema = z.string().regex(/^[0-9a-f]{64}$/, { error: "expected the SHA-256 of an uploaded photo, in hex" });

const line = z.string().trim().min(1).max(120);
/** `POST /media`: one medium of a work order (MED-1). */
export const mediumInputSchema = z.strictObject({
	serial: serialSchema,
	maker: line,
	model: line,
	type: mediumTypeSchema,
	classification: classificationSchema,
	capacityBytes: z.number().int().positive().nullable().default(null),
	/** Coercivity in oersted of magnetic media; `null`: what the policy takes for its type. */
	coercivityOe: z.number().positive().max(100_000).nullable().default(null),
	/** Damaged media follow the strictest chain of their type. */
	damaged: z.boolean().default(false),
	/** Number in the owner's inventory. */
	property: line.nullable().default(null),
	/** Where it was installed: what asset it was in, and its bay there. */
	source: z.strictObject({ asset: line, bay: line }).nullable().default(null),
	/** Why it goes. */
	why: z.string().trim().min(3, "expected a reason of at least 3 characters").max(500),
	batch: z.uuid(),
});
export type MediumInput = z.output<typeof mediumInputSchema>;

/** Steps of which a policy says whether they must be shown by a photo; `method`: every method of destruction. */
export const PHOTO_STEPS = ["remove", "seal", "offer", "accept", "store", "take", "method", "verify", "release"] as const;
export type PhotoStep = (typeof PHOTO_STEPS)[number];
/** `seal`: where a seal is put on, or looked at. */
export const PHOTO_RULES = ["required", "seal", "optional"] as const;
export type PhotoRule = (typeof PHOTO_RULES)[number];
export const photoRulesSchema = z.strictObject(
	Object.fromEntries(PHOTO_STEPS.map((step) => [step, z.enum(PHOTO_RULES)])) as Record<PhotoStep, z.ZodEnum<{ [R in PhotoRule]: R }>>,
);
export type PhotoRules = z.infer<typeof photoRulesSchema>;

const sealSeen = z.strictObject({ number: sealSchema, intact: z.boolean() });
const stepCommon = {
	/** Made by who asks: the same step sent twice is done once. */
	id: z.uuid(),
	/** Number of the last step that who asks knows of; 0 before the first. */
	after: z.number().int().min(0),
	/** When it was done. */
	at: instantSchema,
	/** It waited on a device without a network and is told late. */
	queued: z.boolean().default(false),
	/** Room in which it was done. */
	place: idSchema,
	/** The seal as it was found; must be told of a sealed medium. */
	seal: sealSeen.nullable().default(null),
	photos: z.array(photoDigestSchema).max(8).default([]),
	note: z.string().trim().max(1000).nullable().default(null),
};
const method = <M extends Method>(act: M) =>
	z.strictObject({
		act: z.literal(act),
		...stepCommon,
		equipment: z.uuid(),
		/** How, where the method has several: overwrite, block erase, cryptographic erase; and the setting that was used. */
		technique: line.nullable().default(null),
		newSeal: sealSchema.nullable().default(null),
	});

export const SERIAL_PLACES = ["drive-label", "carrier-label", "firmware", "asset-record"] as const;

/** `POST /media/{id}/steps`. Whoever is signed in does it, and signs it: the session must be confirmed. */
export const stepInputSchema = z.discriminatedUnion("act", [
	z.strictObject({
		act: z.literal("remove"),
		...stepCommon,
		serial: serialSchema,
		/** A serial that was typed is typed twice; `null` for one that was scanned. */
		serialAgain: serialSchema.nullable().default(null),
		/** What it was read from. */
		serialFrom: z.enum(SERIAL_PLACES),
		newSeal: sealSchema.nullable().default(null),
	}),
	z.strictObject({ act: z.literal("seal"), ...stepCommon, newSeal: sealSchema }),
	z.strictObject({ act: z.literal("offer"), ...stepCommon, to: z.string().min(1).max(64) }),
	z.strictObject({ act: z.literal("accept"), ...stepCommon }),
	z.strictObject({ act: z.literal("decline"), ...stepCommon }),
	z.strictObject({ act: z.literal("withdraw"), ...stepCommon }),
	z.strictObject({ act: z.literal("store"), ...stepCommon, store: idSchema }),
	z.strictObject({ act: z.literal("take"), ...stepCommon, store: idSchema }),
	method("degauss"),
	method("purge"),
	method("bend"),
	method("crush"),
	method("shred"),
	method("disintegrate"),
	method("grind"),
	z.strictObject({
		act: z.literal("verify"),
		...stepCommon,
		result: z.enum(["pass", "fail", "unknown"]),
		/** How it was verified (NIST SP 800-88 clause 4.7). */
		how: z.enum(["instrument", "full-read", "sampling", "visual"]),
		newSeal: sealSchema.nullable().default(null),
	}),
	z.strictObject({ act: z.literal("release"), ...stepCommon, destination: destinationSchema }),
	z.strictObject({
		act: z.literal("report"),
		...stepCommon,
		incident: z.enum(["lost", "broken-seal", "wrong-serial", "wrong-type", "seen-elsewhere", "other"]),
		text: z.string().trim().min(3, "expected at least 3 characters").max(1000),
	}),
]);
export type StepInput = z.output<typeof stepInputSchema>;
export type StepAct = StepInput["act"];

/** An account: who signs for a step is named to everybody who sees the chain. */
const person = z.object({ id: z.string(), name: z.string() });

export const stepViewSchema = z.object({
	id: z.string(),
	number: z.number().int(),
	act: z.string(),
	/** Everything that was told, as it was signed. */
	detail: z.json(),
	by: person,
	at: instantSchema,
	recordedAt: instantSchema,
	queued: z.boolean(),
	place: z.string(),
	photos: z.array(z.string()),
	/** Whom the doors of the place don't know at that time: `giver`, `taker`, `actor`. */
	unseen: z.array(z.string()),
	/** In which ways it was not as its order plans: `person`, `place`, `day`, `account`. */
	deviations: z.array(z.string()),
	/** Incident that this step has opened. */
	incident: z.string().nullable(),
	/** SHA-256 of the signed record, hex; it stands in the ledger at `ledgerIndex`. */
	digest: z.string(),
	ledgerIndex: z.number().int(),
});
export type StepView = z.infer<typeof stepViewSchema>;

export const custodySchema = z.discriminatedUnion("kind", [
	z.object({ kind: z.literal("bay") }),
	z.object({ kind: z.literal("person"), person, since: instantSchema }),
	z.object({ kind: z.literal("store"), store: z.string(), since: instantSchema }),
	z.object({ kind: z.literal("gone"), to: z.string(), since: instantSchema }),
]);

export const mediumViewSchema = z.object({
	id: z.string(),
	serial: z.string(),
	maker: z.string(),
	model: z.string(),
	type: mediumTypeSchema,
	classification: classificationSchema,
	capacityBytes: z.number().nullable(),
	coercivityOe: z.number().nullable(),
	damaged: z.boolean(),
	property: z.string().nullable(),
	source: z.object({ asset: z.string(), bay: z.string() }).nullable(),
	why: z.string(),
	batch: z.string(),
	/** Version of the policy that it is held to. */
	policy: z.number().int(),
	state: mediumStateSchema,
	custody: custodySchema,
	/** It is accepted in the same room. */
	offer: z.object({ to: person, place: z.string(), expiresAt: instantSchema }).nullable(),
	seal: z.string().nullable(),
	/** With a person for longer than the policy allows. */
	overdue: z.boolean(),
	/** Methods that are done and verified, in order, with the largest edge of what the machine leaves, mm. */
	done: z.array(z.object({ method: methodSchema, particleMm: z.number().nullable() })),
	/** Done, and waits for a second person's verification. */
	unverified: z.object({ method: methodSchema, particleMm: z.number().nullable(), by: person }).nullable(),
	/** The chains of methods of which the medium must go through one. */
	chains: z.array(z.array(chainStepSchema)),
	/** Methods of which one comes next; empty once all is done. */
	next: z.array(chainStepSchema),
	/** Which steps must be shown by a photo; `null`: none. */
	photos: photoRulesSchema.nullable(),
	/** What whoever asks may do next. */
	acts: z.array(z.string()),
	/** Open incident. */
	incident: z.string().nullable(),
	/** Number of the last step. */
	steps: z.number().int(),
	lastStepAt: instantSchema.nullable(),
	/** Index of the ledger entry of its certificate. */
	certificate: z.number().int().nullable(),
});
export type MediumView = z.infer<typeof mediumViewSchema>;

export const incidentViewSchema = z.object({
	id: z.string(),
	kind: incidentKindSchema,
	/** `null`: of a batch or a store as a whole. */
	medium: z.string().nullable(),
	batch: z.string().nullable(),
	serials: z.array(z.string()),
	detail: z.string(),
	openedBy: person,
	openedAt: instantSchema,
	closedAt: instantSchema.nullable(),
	/** How two persons, or a later reconciliation, have ended it. */
	outcome: z.string().nullable(),
	/** The change that ended it. */
	change: z.string().nullable(),
});
export type IncidentView = z.infer<typeof incidentViewSchema>;

/** How an incident ends: what two persons agree on (a proposal of the kind `media-incident`). */
export const incidentOutcomeSchema = z.discriminatedUnion("kind", [
	/** The chain goes on. `custodian`: who has it; `redo`: all methods are done anew. */
	z.strictObject({
		kind: z.literal("resume"),
		custodian: z.union([z.strictObject({ account: z.string().min(1).max(64) }), z.strictObject({ store: idSchema })]),
		seal: sealSchema.nullable(),
		redo: z.boolean(),
		/** What it really is; all methods are done anew. */
		type: mediumTypeSchema.optional(),
		serial: serialSchema.optional(),
		damaged: z.boolean().optional(),
	}),
	/** It goes back to its bay as if it had never been removed: another medium was. */
	z.strictObject({ kind: z.literal("still-installed") }),
	/** It is written off; its batch closes without it, and names it. */
	z.strictObject({ kind: z.literal("lost") }),
]);
export type IncidentOutcome = z.output<typeof incidentOutcomeSchema>;
