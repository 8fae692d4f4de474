/** What is signed of a step: the record, byte for byte what its digest covers, and the entry of the ledger that holds the digest. */
import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { z } from "zod";
import type { StepInput } from "../../contracts/media.ts";
import { CLASSIFICATIONS, INCIDENT_KINDS, MEDIUM_TYPES } from "../../contracts/media.ts";
import { deviationSchema, EQUIPMENT_KINDS, RECORD_KINDS } from "../../contracts/media-orders.ts";
import type { LedgerEntry } from "../ledger/ledger-entry.ts";

const instant = z.number().int();
const digest = z.string().regex(/^[0-9a-f]{64}$/);

/** Of the machine that was used: what it was at that time, and the records that stood for it. */
const machineSchema = z.object({
	id: z.string(),
	name: z.string(),
	maker: z.string(),
	model: z.string(),
	serial: z.string(),
	kind: z.enum(EQUIPMENT_KINDS),
	fieldOe: z.number().nullable(),
	particleMm: z.number().nullable(),
	version: z.string().nullable(),
	records: z.array(z.object({ kind: z.enum(RECORD_KINDS), at: instant, validUntil: instant, passed: z.boolean() })),
});

/** Personal data in it is guarded by the salt: the ledger has the digest alone. */
export const stepRecordSchema = z.object({
	format: z.literal("watchroom-media-step/1"),
	medium: z.object({
		id: z.string(),
		serial: z.string(),
		maker: z.string(),
		model: z.string(),
		type: z.enum(MEDIUM_TYPES),
		classification: z.enum(CLASSIFICATIONS),
		damaged: z.boolean(),
		batch: z.string(),
	}),
	number: z.number().int(),
	/** Digest of the step before; `null` for the first. */
	previous: digest.nullable(),
	policy: z.number().int(),
	/** As it was told, without the ids that say nothing to anybody else. */
	told: z.looseObject({ act: z.string(), at: z.string(), place: z.string(), photos: z.array(digest) }),
	/** `person`: the holder of the access register whose account it is; `null`: nobody has said. Absent in older records. */
	by: z.object({ account: z.string(), username: z.string(), name: z.string(), person: z.string().nullable().optional() }),
	/** How whoever did it has proved who they are, and when. */
	signature: z.object({ method: z.enum(["session", "token"]), confirmedAt: instant.nullable() }),
	machine: machineSchema.nullable(),
	unseen: z.array(z.string()),
	/** In which ways it was not as planned; absent in older records. */
	deviations: z.array(deviationSchema).optional(),
	recordedAt: instant,
	/** What the step did not do, but open. */
	incident: z.object({ id: z.string(), kind: z.enum(INCIDENT_KINDS), reason: z.string() }).nullable(),
	salt: z.string(),
});
export type StepRecord = z.infer<typeof stepRecordSchema>;

/** The bytes that are signed: canonical JSON (RFC 8785). */
export function recordText(record: StepRecord): string {
	const text = canonicalize(record);
	if (text === undefined) throw new Error("a step of a chain of custody has no canonical form");
	return text;
}
/** SHA-256, hex. */
export const digestOf = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

/** What stands in the ledger of a step; names and serial numbers don't. */
export function stepEntry(record: StepRecord, sum: string): LedgerEntry {
	const { medium, number, previous, by, recordedAt, incident, told } = record;
	return {
		type: "media.step",
		version: 1,
		at: recordedAt,
		data: { medium: medium.id, batch: medium.batch, number, act: told.act, by: by.account, digest: sum, previous, incident: incident?.kind ?? null },
	};
}

/** What a record keeps of what was told. */
export function toldOf(input: StepInput): StepRecord["told"] {
	const { id: _, after: __, ...told } = input;
	return told;
}
