/**
 * Certificates of sanitization (MED-7) with the fields of NIST SP 800-88 Rev. 1, clause 4.8 and appendix G: what is certified of a medium and
 * of a work order, byte for byte what the ledger has the digest of. Pure; times are ISO 8601 in UTC.
 */
import canonicalize from "canonicalize";
import { z } from "zod";
import { instantSchema } from "../../contracts/api.ts";
import { classificationSchema, destinationSchema, incidentKindSchema, type METHODS, mediumTypeSchema, methodSchema } from "../../contracts/media.ts";
import {
	deviantStepSchema,
	deviationSchema,
	equipmentKindSchema,
	MACHINES,
	RECORD_KINDS,
	type Reconciliation,
	reconciliationSchema,
} from "../../contracts/media-orders.ts";
import { SIGNATORY, sensitiveFields } from "../../contracts/sensitive.ts";
import type { StoredMedium } from "./custody-store.ts";
import { standing } from "./equipment.ts";
import { digestOf, type StepRecord } from "./step-record.ts";

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const name = z.string().register(sensitiveFields, SIGNATORY);
/** `contact`: the username, by which the site reaches them. */
const person = z.object({ account: z.string(), name, contact: name });
export type CertifiedPerson = z.infer<typeof person>;

/** Who did something or verified it, when and where; its signature is the step's, whose digest stands in the ledger. */
const signerSchema = person.extend({
	/** Roles at the time of the certificate; `null`: none. */
	title: z.string().nullable(),
	at: instantSchema,
	place: z.string(),
	step: z.number().int(),
	digest,
	ledgerIndex: z.number().int(),
	signature: z.object({ method: z.string(), confirmedAt: z.number().int().nullable() }),
});
export type Signer = z.infer<typeof signerSchema>;

/** A test or calibration that stood for a machine when it was used; by whom and which report, where the site keeps that. */
const testSchema = z.object({
	kind: z.enum(RECORD_KINDS),
	at: z.number().int(),
	validUntil: z.number().int(),
	passed: z.boolean(),
	by: name.nullable(),
	reference: z.string().nullable(),
});

/** The form's "method type" (appendix G): a bent or crushed medium is damaged, and no more than that. */
const TYPES = ["clear", "purge", "damage", "destroy"] as const;
const TYPE_OF: Readonly<Record<(typeof METHODS)[number], (typeof TYPES)[number]>> = {
	degauss: "purge",
	purge: "purge",
	bend: "damage",
	crush: "damage",
	shred: "destroy",
	disintegrate: "destroy",
	grind: "destroy",
};

const sanitizationSchema = z.object({
	type: z.enum(TYPES),
	method: methodSchema,
	/** As the operator told it. */
	technique: z.string().nullable(),
	tool: z.object({
		id: z.string(),
		name: z.string(),
		maker: z.string(),
		model: z.string(),
		serial: z.string(),
		kind: equipmentKindSchema,
		fieldOe: z.number().nullable(),
		particleMm: z.number().nullable(),
		version: z.string().nullable(),
		records: z.array(testSchema),
	}),
	operator: signerSchema,
	/** How it was verified (clause 4.7). */
	verification: z.string(),
	verifier: signerSchema,
});
export type Sanitization = z.infer<typeof sanitizationSchema>;

const linkSchema = z.object({
	number: z.number().int(),
	act: z.string(),
	at: instantSchema,
	place: z.string(),
	by: person,
	/** Locked store that it was put into or taken from. */
	store: z.string().nullable(),
	sealIn: z.string().nullable(),
	sealOut: z.string().nullable(),
	photos: z.array(digest),
	/** Whom the doors of the place don't know at that time. */
	unseen: z.array(z.string()),
	/** In which ways it was not as its order plans; absent in older certificates. */
	deviations: z.array(deviationSchema).optional(),
	incident: incidentKindSchema.nullable(),
	digest,
	ledgerIndex: z.number().int(),
});
export type ChainLink = z.infer<typeof linkSchema>;

const incidentSchema = z.object({
	id: z.string(),
	kind: incidentKindSchema,
	openedAt: instantSchema,
	closedAt: instantSchema.nullable(),
	outcome: z.string().nullable(),
	/** The change by which two persons ended it. */
	change: z.string().nullable(),
});
export type CertifiedIncident = z.infer<typeof incidentSchema>;

/** What the rooms and stores that are named by their ids were called. */
const placesSchema = z.array(z.object({ id: z.string(), name: z.string() })).default([]);
export type Places = z.output<typeof placesSchema>;

const policySchema = z.object({ version: z.number().int(), digest });

export const mediumCertificateSchema = z.object({
	format: z.literal("watchroom-media-certificate/1"),
	medium: z.object({
		id: z.string(),
		maker: z.string(),
		model: z.string(),
		serial: z.string(),
		property: z.string().nullable(),
		type: mediumTypeSchema,
		source: z.object({ asset: z.string(), bay: z.string() }).nullable(),
		capacityBytes: z.number().nullable(),
		coercivityOe: z.number().nullable(),
		damaged: z.boolean(),
		why: z.string(),
	}),
	/** `none`: nothing can be read from it any more. */
	classification: z.object({ before: classificationSchema, after: z.literal("none") }),
	order: z.object({ id: z.string(), title: z.string(), place: z.string(), plannedFor: z.string() }),
	policy: policySchema,
	/** In the order in which they were done. */
	sanitization: z.array(sanitizationSchema),
	destination: destinationSchema,
	/** From the bay to the last verification. */
	chain: z.array(linkSchema),
	incidents: z.array(incidentSchema),
	places: placesSchema,
	issuedAt: instantSchema,
	salt: z.string(),
});
export type MediumCertificate = z.infer<typeof mediumCertificateSchema>;

export const batchCertificateSchema = z.object({
	format: z.literal("watchroom-media-batch-certificate/1"),
	order: z.object({
		id: z.string(),
		title: z.string(),
		place: z.string(),
		plannedFor: z.string(),
		openedBy: person,
		openedAt: instantSchema,
		closedBy: person,
		closedAt: instantSchema,
	}),
	policy: policySchema,
	people: z.array(person),
	destination: destinationSchema,
	reconciliation: reconciliationSchema,
	/** Steps that were not as planned, and why, as whoever closed the order has said; absent in older certificates. */
	deviations: z.array(deviantStepSchema.extend({ by: person })).optional(),
	deviationsBecause: z.string().nullable().optional(),
	writtenOff: z.array(z.object({ medium: z.string(), serial: z.string(), incidents: z.array(incidentSchema) })),
	/** By serial. */
	certificates: z.array(z.object({ medium: z.string(), serial: z.string(), digest, ledgerIndex: z.number().int() })),
	places: placesSchema,
	issuedAt: instantSchema,
	salt: z.string(),
});
export type BatchCertificate = z.infer<typeof batchCertificateSchema>;

/** The bytes that are certified: canonical JSON (RFC 8785). */
export function certificateText(certificate: MediumCertificate | BatchCertificate): string {
	const text = canonicalize(certificate);
	if (text === undefined) throw new Error("a certificate has no canonical form");
	return text;
}

/** A step that was recorded, with where it stands in the ledger. */
export interface RecordedStep {
	record: StepRecord;
	digest: string;
	ledgerIndex: number;
}
/** What is kept of a machine's test beside what the step's record has of it. */
export interface KeptTest {
	equipment: string;
	kind: "test" | "calibration";
	at: number;
	by: string;
	reference: string;
}
export interface MediumFacts {
	stored: StoredMedium;
	order: MediumCertificate["order"];
	/** Canonical JSON of the policy that the medium is held to. */
	policyText: string;
	/** From the first to the last verification. */
	steps: readonly RecordedStep[];
	titles: ReadonlyMap<string, string>;
	tests: readonly KeptTest[];
	incidents: readonly CertifiedIncident[];
	/** Names of the site's rooms and stores. */
	places: Places;
	/** ISO 8601. */
	now: string;
	salt: string;
}

/** What is certified of a medium. Throws where its steps don't say what its rules have made of it: nothing is certified then. */
export function mediumCertificate(facts: MediumFacts): MediumCertificate {
	const { stored, order, policyText, steps, incidents, now, salt } = facts;
	const { medium, model, property, source, capacityBytes, why } = stored;
	const { id, maker, serial, type, coercivityOe, damaged, classification, destination } = medium;
	const verified = verifiedMethods(steps).slice(-medium.done.length);
	const told = verified.map(({ operated }) => operated.record.told.act).join(" ");
	if (told !== medium.done.map(({ method }) => method).join(" ") || told === "")
		throw new Error(`the steps of medium ${id} don't say what was done to it: "${told}"`);
	const chain = steps.map(linkOf);
	return {
		format: "watchroom-media-certificate/1",
		medium: { id, maker, model, serial, property, type, source, capacityBytes, coercivityOe, damaged, why },
		classification: { before: classification, after: "none" },
		order,
		policy: { version: stored.policy, digest: digestOf(policyText) },
		sanitization: verified.map((one) => sanitizationOf(one, facts)),
		destination,
		chain,
		incidents: [...incidents],
		places: placesOf([order.place, ...chain.flatMap(({ place, store }) => (store === null ? [place] : [place, store]))], facts.places),
		issuedAt: now,
		salt,
	};
}

/** Those of the places that are named, by their ids. */
export const placesOf = (ids: readonly string[], places: Places): Places =>
	places.filter(({ id }) => ids.includes(id)).sort((a, b) => (a.id < b.id ? -1 : 1));

interface Verified {
	operated: RecordedStep;
	verified: RecordedStep;
}
/** Every method that was done and that somebody's verification passed; what stopped the chain did nothing. */
function verifiedMethods(steps: readonly RecordedStep[]): Verified[] {
	const passed: Verified[] = [];
	let open: RecordedStep | null = null;
	for (const step of steps) {
		const { told, incident } = step.record;
		if (incident !== null) continue;
		if (methodSchema.safeParse(told.act).success) open = step;
		if (told.act !== "verify") continue;
		if (open && told.result === "pass") passed.push({ operated: open, verified: step });
		open = null;
	}
	return passed;
}

function sanitizationOf({ operated, verified }: Verified, { titles, tests }: MediumFacts): Sanitization {
	const { told, machine } = operated.record;
	if (!machine) throw new Error(`step ${operated.record.number} names no machine`);
	const method = methodSchema.parse(told.act);
	const at = Date.parse(told.at);
	const records = MACHINES[machine.kind].needs.flatMap((kind) => standing(machine.records, kind, at) ?? []);
	return {
		type: TYPE_OF[method],
		method,
		technique: textIn(told.technique),
		tool: {
			...machine,
			records: records.map(({ kind, at: testedAt, validUntil, passed }) => {
				const kept = tests.find((test) => test.equipment === machine.id && test.kind === kind && test.at === testedAt);
				return { kind, at: testedAt, validUntil, passed, by: kept?.by ?? null, reference: kept?.reference ?? null };
			}),
		},
		operator: signerOf(operated, titles),
		verification: textIn(verified.record.told.how) ?? "",
		verifier: signerOf(verified, titles),
	};
}

function signerOf({ record, digest: sum, ledgerIndex }: RecordedStep, titles: ReadonlyMap<string, string>): Signer {
	const { by, told, number, signature } = record;
	return {
		...personOf(by),
		title: titles.get(by.account) ?? null,
		at: told.at,
		place: told.place,
		step: number,
		digest: sum,
		ledgerIndex,
		signature,
	};
}

export const personOf = ({ account, name: called, username }: StepRecord["by"]): CertifiedPerson => ({ account, name: called, contact: username });
const textIn = (value: unknown): string | null => (typeof value === "string" ? value : null);
const sealSeen = z.object({ number: z.string() });

/** A step as the certificate, and whoever reads a chain, sees it. */
export function linkOf({ record, digest: sum, ledgerIndex }: RecordedStep): ChainLink {
	const { number, told, by, unseen, deviations, incident } = record;
	return {
		number,
		act: told.act,
		at: told.at,
		place: told.place,
		by: personOf(by),
		store: textIn(told.store),
		sealIn: sealSeen.safeParse(told.seal).data?.number ?? null,
		sealOut: textIn(told.newSeal),
		photos: told.photos,
		unseen,
		...(deviations && { deviations }),
		incident: incident?.kind ?? null,
		digest: sum,
		ledgerIndex,
	};
}

/** What is certified of a work order whose media are all accounted for. */
export function batchCertificate(
	facts: Omit<BatchCertificate, "format" | "policy" | "certificates"> & {
		policy: { version: number; text: string };
		certificates: BatchCertificate["certificates"];
		reconciliation: Reconciliation;
	},
): BatchCertificate {
	const { policy, certificates, ...rest } = facts;
	const bySerial = [...certificates].sort((a, b) => (a.serial < b.serial ? -1 : 1));
	return {
		format: "watchroom-media-batch-certificate/1",
		...rest,
		policy: { version: policy.version, digest: digestOf(policy.text) },
		certificates: bySerial,
	};
}
