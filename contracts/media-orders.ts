/** Work orders, stores, equipment and policy of media destruction, as the API shows them. */
import { z } from "zod";
import { instantSchema } from "./api.ts";
import { idSchema } from "./identifiers.ts";
import {
	CLASSIFICATIONS,
	chainStepSchema,
	destinationSchema,
	LARGEST_PARTICLE,
	MEDIUM_TYPES,
	type Method,
	photoRulesSchema,
	serialSchema,
} from "./media.ts";

const line = z.string().trim().min(1).max(120);
/** An account: who signs for a step is named to everybody who sees the chain. */
const person = z.object({ id: z.string(), name: z.string() });
/** `GET /media/people`: who may handle media. */
export const handlerSchema = person;
export type Handler = z.infer<typeof handlerSchema>;

/** `POST /media/batches`: a work order. */
export const batchInputSchema = z.strictObject({
	title: line,
	/** Room in which the media are destroyed. */
	place: idSchema,
	plannedFor: z.iso.date(),
	/** Account ids of who works on it. */
	people: z.array(z.string().min(1).max(64)).min(2, "expected at least two people: an operator and a verifier").max(50),
	destination: destinationSchema,
	/** Servers that are decommissioned, with all their bays; media are told of one by one. */
	assets: z
		.array(z.strictObject({ asset: line, bays: z.array(line).min(1).max(200) }))
		.max(500)
		.default([]),
});
export type BatchInput = z.output<typeof batchInputSchema>;

/**
 * In which way a step is not as its order plans: by somebody who is not among its people; destroyed or verified in another room, or on
 * another day; two people are needed, and nobody has said whose account one of the two is.
 */
export const DEVIATIONS = ["person", "place", "day", "account"] as const;
export const deviationSchema = z.enum(DEVIATIONS);
export type Deviation = z.infer<typeof deviationSchema>;
/** Deviations that somebody gives the reason for before the order closes; whose an account is, the register is told. */
export const isUnexplained = (kinds: readonly Deviation[]): boolean => kinds.some((kind) => kind !== "account");
/** One step that was not as planned. `note`: what who did it said of it. */
export const deviantStepSchema = z.object({
	medium: z.string(),
	serial: serialSchema,
	step: z.number().int(),
	act: z.string(),
	at: instantSchema,
	place: z.string(),
	by: person,
	kinds: z.array(deviationSchema),
	note: z.string().nullable(),
});
export type DeviantStep = z.infer<typeof deviantStepSchema>;

/** `POST /media/batches/{id}/close`; `deviations`: why steps were not as planned, where some were not. */
export const closeBatchSchema = z.strictObject({
	deviations: z.string().trim().min(3, "expected a reason of at least 3 characters").max(1000).nullable().default(null),
});

/** `PUT /media/batches/{id}/bays`: a bay that was found without a medium. */
export const emptyBaySchema = z.strictObject({ asset: line, bay: line, note: z.string().trim().min(3).max(500) });

export const bayViewSchema = z.object({
	asset: z.string(),
	bay: z.string(),
	/** `unknown` must be accounted for before the order closes. */
	content: z.enum(["medium", "empty", "unknown"]),
	medium: z.string().nullable(),
	note: z.string().nullable(),
});

export const batchViewSchema = z.object({
	id: z.string(),
	title: z.string(),
	place: z.string(),
	plannedFor: z.string(),
	people: z.array(person),
	destination: destinationSchema,
	state: z.enum(["open", "closed"]),
	/** Version of the policy in force when it was opened; its media are held to it. */
	policy: z.number().int(),
	openedBy: person,
	openedAt: instantSchema,
	closedBy: person.nullable(),
	closedAt: instantSchema.nullable(),
	bays: z.array(bayViewSchema),
	/** How many media are in each state. */
	states: z.record(z.string(), z.number().int()),
	/** How many of them somebody has had for longer than the policy allows. */
	overdue: z.number().int(),
	/** How many steps were not as planned. */
	deviations: z.number().int(),
	/** Why, as whoever closed it has said. */
	deviationsBecause: z.string().nullable(),
	certificate: z.number().int().nullable(),
});
export type BatchView = z.infer<typeof batchViewSchema>;

const serials = z.array(serialSchema);
/** `GET /media/batches/{id}/reconciliation`: the sets of serials, and where they differ (MED-6). */
export const reconciliationSchema = z.object({
	planned: serials,
	removed: serials,
	destroyed: serials,
	certified: serials,
	released: serials,
	writtenOff: serials,
	/** Planned, and not removed; removed, and not destroyed; destroyed, and not certified. */
	notRemoved: serials,
	notDestroyed: serials,
	notCertified: serials,
	incidents: serials,
	unaccountedBays: z.array(z.object({ asset: z.string(), bay: z.string() })),
	/** All sets are the same, no incident is open and every bay is accounted for. */
	balanced: z.boolean(),
});
export type Reconciliation = z.infer<typeof reconciliationSchema>;
export const reconciliationViewSchema = reconciliationSchema.extend({ deviations: z.array(deviantStepSchema) });
export type ReconciliationView = z.infer<typeof reconciliationViewSchema>;

/** `POST /media/stores`: a locked store. */
export const storeInputSchema = z.strictObject({ id: idSchema, name: line, room: idSchema, door: idSchema.nullable() });
export const storeViewSchema = storeInputSchema.extend({
	media: z.number().int(),
	countedAt: instantSchema.nullable(),
	/** Whether the last count was as expected. */
	counted: z.boolean().nullable(),
});
/** `POST /media/stores/{id}/counts`: the serials that were found there. */
export const countInputSchema = z.strictObject({ serials: z.array(serialSchema).max(5000) });
export const countViewSchema = z.object({
	id: z.string(),
	store: z.string(),
	at: instantSchema,
	by: person,
	expected: serials,
	missing: serials,
	/** Known, and recorded elsewhere. */
	misplaced: serials,
	unknown: serials,
});
export type CountView = z.infer<typeof countViewSchema>;

export const EQUIPMENT_KINDS = ["degausser", "eraser", "bender", "crusher", "shredder", "disintegrator", "grinder"] as const;
export const equipmentKindSchema = z.enum(EQUIPMENT_KINDS);
export type EquipmentKind = z.infer<typeof equipmentKindSchema>;
export const RECORD_KINDS = ["test", "calibration"] as const;
export type RecordKind = (typeof RECORD_KINDS)[number];
/** What each kind of machine does, and which records it needs in date. */
export const MACHINES: Readonly<Record<EquipmentKind, { method: Method; needs: readonly RecordKind[] }>> = {
	degausser: { method: "degauss", needs: ["test", "calibration"] },
	eraser: { method: "purge", needs: ["test"] },
	bender: { method: "bend", needs: ["test"] },
	crusher: { method: "crush", needs: ["test"] },
	shredder: { method: "shred", needs: ["test"] },
	disintegrator: { method: "disintegrate", needs: ["test"] },
	grinder: { method: "grind", needs: ["test"] },
};
/** `POST /media/equipment`. */
export const equipmentInputSchema = z.strictObject({
	name: line,
	maker: line,
	model: line,
	serial: serialSchema,
	kind: equipmentKindSchema,
	/** Of a degausser: field strength, oersted. */
	fieldOe: z.number().positive().max(200_000).nullable().default(null),
	/** Of a shredder, disintegrator or grinder: the largest edge of what comes out, mm. */
	particleMm: z.number().positive().max(LARGEST_PARTICLE).nullable().default(null),
	/** Of an eraser: version of its software. */
	version: line.nullable().default(null),
});
export type EquipmentInput = z.output<typeof equipmentInputSchema>;
/** `POST /media/equipment/{id}/records`. */
export const equipmentRecordInputSchema = z.strictObject({
	kind: z.enum(RECORD_KINDS),
	at: instantSchema,
	validUntil: instantSchema,
	passed: z.boolean(),
	/** Who tested it, and the number of the report. */
	by: line,
	reference: line,
});
export type EquipmentRecordInput = z.output<typeof equipmentRecordInputSchema>;
export const equipmentViewSchema = equipmentInputSchema.extend({
	id: z.string(),
	retiredAt: instantSchema.nullable(),
	records: z.array(equipmentRecordInputSchema.extend({ id: z.string(), enteredBy: person, enteredAt: instantSchema })),
	/** Until when all records that its kind needs are in date; `null`: they are not. */
	inDateUntil: instantSchema.nullable(),
	/** What stands in the way of its use now, in words. */
	unfit: z.string().nullable(),
});
export type EquipmentView = z.infer<typeof equipmentViewSchema>;

/** The site's policy: for each type and class the chains of which one must be gone through. */
export const policySchema = z.strictObject({
	rules: z
		.array(
			z.strictObject({
				type: z.enum(MEDIUM_TYPES),
				classification: z.enum(CLASSIFICATIONS),
				chains: z.array(z.array(chainStepSchema).min(1).max(5)).min(1).max(10),
			}),
		)
		.max(MEDIUM_TYPES.length * CLASSIFICATIONS.length),
	/** Coercivity that is taken for magnetic media, oersted: what stands at the medium counts only above it. */
	coercivityOe: z.strictObject({ hdd: z.number().positive().max(100_000), tape: z.number().positive().max(100_000) }),
	/** Models that take more; `model`: what the model's name begins with. Upper and lower case are the same. */
	coercivities: z
		.array(z.strictObject({ type: z.enum(["hdd", "tape"]), maker: line, model: line, oersted: z.number().positive().max(100_000) }))
		.max(200)
		.optional(),
	/** Which steps must be shown by a photo; policies from before have none, and demand none. */
	photos: photoRulesSchema.optional(),
	/** What becomes of a step that is not as planned: it is noted, or refused. Policies from before have none: all are noted. */
	deviations: z
		.strictObject(
			Object.fromEntries(DEVIATIONS.map((kind) => [kind, z.enum(["note", "refuse"])])) as Record<
				Deviation,
				z.ZodEnum<{ note: "note"; refuse: "refuse" }>
			>,
		)
		.optional(),
	limits: z.strictObject({
		/** A hand-over that isn't accepted by then is void. */
		handOverMinutes: z.number().int().min(1).max(1440),
		/** How long a person may have a medium that isn't destroyed. */
		personHours: z.number().int().min(1).max(720),
		/** How late a step that waited without a network may be told. */
		queuedHours: z.number().int().min(1).max(168),
	}),
});
export type SanitizationPolicy = z.output<typeof policySchema>;
export const policyViewSchema = z.object({
	/** The version as a text. */
	id: z.string(),
	version: z.number().int(),
	policy: policySchema,
	inForceSince: instantSchema,
	/** The change that brought it; `null` for the one that the product comes with. */
	change: z.string().nullable(),
});

/** Columns of `POST /media/batches/{id}/import`; `serial`, `maker`, `model`, `type`, `classification` and `why` it must have. */
export const MEDIA_COLUMNS = [
	"serial",
	"maker",
	"model",
	"type",
	"classification",
	"capacityBytes",
	"coercivityOe",
	"damaged",
	"property",
	"asset",
	"bay",
	"why",
] as const;
export const mediaImportSchema = z.object({
	/** Names exactly what was shown; the real run takes it and does that or nothing. */
	hash: z.string(),
	done: z.boolean(),
	counts: z.object({ create: z.number().int(), refused: z.number().int() }),
	rows: z.array(
		z.object({
			/** Line of the file on which the row begins, the header being 1. */
			line: z.number().int(),
			serial: z.string().nullable(),
			fate: z.enum(["create", "refused"]),
			errors: z.array(z.object({ field: z.string(), message: z.string() })),
		}),
	),
});
export type MediaImport = z.infer<typeof mediaImportSchema>;
