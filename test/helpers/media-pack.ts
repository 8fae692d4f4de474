/** Evidence packs of media as a server makes them that may lie in everything but is consistent: whatever was changed is digested and signed anew. */
import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { certificateText, type MediumCertificate, mediumCertificate, type RecordedStep } from "../../server/custody/certificate.ts";
import type { StoredMedium } from "../../server/custody/custody-store.ts";
import { FIRST_POLICY } from "../../server/custody/policy.ts";
import { digestOf, recordText, type StepRecord, stepEntry } from "../../server/custody/step-record.ts";
import { leafOf } from "../../server/ledger/leaf.ts";
import type { LedgerEntry } from "../../server/ledger/ledger-entry.ts";
import { inclusionProof, leafHash, treeRoot } from "../../server/ledger/merkle.ts";
import { COSIGNATURE_TYPE, checkpointText, cosign, NOTE_TYPE, signerOf, signNote, withSignatures } from "../../server/ledger/signed-note.ts";

export const MEDIUM = "0b0f1c1e-3d0a-4c39-9a53-0f5d4f0c1a11";
export const BATCH = "1b0f1c1e-3d0a-4c39-9a53-0f5d4f0c1a11";
export const DESTINATION = { kind: "recycling", organisation: "Green Metals" } as const;
const T0 = Date.parse("2026-11-26T08:00:00Z");
const DAY = 86_400_000;
const iso = (ms: number) => new Date(ms).toISOString();
const hashOf = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
/** The smallest thing that begins as a photo does. */
export const PHOTO = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);
const NAMES: Readonly<Record<string, string>> = { ada: "Ada Lovelace", bo: "李博", cy: "Cy Núñez" };

const machine = (kind: "degausser" | "crusher" | "shredder"): NonNullable<StepRecord["machine"]> => ({
	id: `the ${kind}`,
	name: `Hall's ${kind}`,
	maker: "Acme",
	model: "X1",
	serial: `M-${kind}`,
	kind,
	fieldOe: kind === "degausser" ? 9000 : null,
	particleMm: kind === "shredder" ? 2 : null,
	version: null,
	records: (["test", "calibration"] as const).map((record) => ({ kind: record, at: T0 - DAY, validUntil: T0 + DAY, passed: true })),
});

export type Told = { act: string; by?: string; machine?: StepRecord["machine"]; incident?: StepRecord["incident"] } & Record<string, unknown>;

/** What is done to a disk by the book: removed, sealed, handed over, degaussed, crushed, released. */
export const STEPS: readonly Told[] = [
	{ act: "remove", serial: "WD-1", serialFrom: "drive-label", newSeal: "S-1", photos: [hashOf(PHOTO)] },
	{ act: "offer", to: "bo", seal: { number: "S-1", intact: true } },
	{ act: "accept", by: "bo", seal: { number: "S-1", intact: true } },
	{ act: "degauss", by: "bo", machine: machine("degausser"), technique: "two passes", seal: { number: "S-1", intact: true }, newSeal: null },
	{ act: "verify", by: "cy", result: "pass", how: "instrument", newSeal: "S-2" },
	{ act: "crush", by: "bo", machine: machine("crusher"), technique: null, seal: { number: "S-2", intact: true }, newSeal: null },
	{ act: "verify", by: "cy", result: "pass", how: "visual", newSeal: null },
	{ act: "release", by: "bo", destination: DESTINATION },
];

export interface PackOptions {
	steps?: readonly Told[];
	medium?: Partial<StoredMedium["medium"]>;
	/** Methods that the certificate is about. */
	done?: readonly string[];
	record?: (record: StepRecord) => StepRecord;
	certificate?: (certificate: MediumCertificate) => MediumCertificate;
	/** How many steps there were when it was certified. */
	certifiedAfter?: number;
	/** Entries of the ledger between the steps, by the number of the step that they come after. */
	between?: Readonly<Record<number, LedgerEntry>>;
	incidents?: MediumCertificate["incidents"];
	/** Puts a leaf in the place of the one of a step. */
	leaf?: (entry: LedgerEntry) => LedgerEntry;
	photos?: readonly Buffer[];
}

const log = signerOf("watchroom/s", NOTE_TYPE, Buffer.alloc(32, 1));
const witness = signerOf("watchroom-agent/a", COSIGNATURE_TYPE, Buffer.alloc(32, 2));
export const KEY = log.verifier.text;

/** The pack, consistent in itself whatever the options make of it. */
export function mediaPack(options: PackOptions = {}) {
	const { steps = STEPS, record: changed = (record) => record, leaf = (entry) => entry, between = {} } = options;
	const { done = ["degauss", "crush"], certifiedAfter = 7, photos = [PHOTO] } = options;
	const medium = {
		id: MEDIUM,
		serial: "WD-1",
		maker: "Western Digital",
		type: "hdd",
		classification: "low",
		damaged: false,
		batch: BATCH,
		...options.medium,
	};
	const policyText = canonicalize(FIRST_POLICY) ?? "";
	const leaves: Buffer[] = [leafOf({ type: "test.before", version: 1, at: T0, data: {} })];
	const append = (entry: LedgerEntry) => leaves.push(leafOf(entry)) - 1;
	const shown: number[] = [];
	const recorded: RecordedStep[] = [];
	let certificate = "";
	for (const [place, { act, by = "ada", machine: used = null, incident = null, ...told }] of steps.entries()) {
		const at = T0 + (place + 1) * 60_000;
		const { id, serial, maker, type, classification, damaged, batch } = medium as StoredMedium["medium"];
		const record = changed({
			format: "watchroom-media-step/1",
			medium: { id, serial, maker, model: "Gold", type, classification, damaged, batch },
			number: place + 1,
			previous: recorded.at(-1)?.digest ?? null,
			policy: 1,
			told: { act, at: iso(at), place: "dock", photos: [], seal: null, note: null, queued: false, ...told },
			by: { account: by, username: by, name: NAMES[by] ?? by },
			signature: { method: "session", confirmedAt: T0 },
			machine: used,
			unseen: [],
			recordedAt: at,
			incident,
			salt: "0".repeat(32),
		});
		const digest = digestOf(recordText(record));
		const ledgerIndex = append(leaf(stepEntry(record, digest)));
		shown.push(ledgerIndex);
		recorded.push({ record, digest, ledgerIndex });
		const extra = between[place + 1];
		if (extra) shown.push(append(extra));
		if (place + 1 !== certifiedAfter) continue;
		const stored = {
			medium: {
				...medium,
				destination: DESTINATION,
				coercivityOe: null,
				...options.medium,
				done: done.map((method) => ({ method, particleMm: null })),
			},
			model: "Gold",
			property: "INV-7",
			source: { asset: "srv-1", bay: "0" },
			capacityBytes: 4e12,
			why: "end of life",
			policy: 1,
		} as unknown as StoredMedium;
		const body = mediumCertificate({
			stored,
			order: { id: BATCH, title: "Hall refresh", place: "dock", plannedFor: "2026-11-26" },
			policyText,
			steps: [...recorded],
			titles: new Map([["bo", "media-custodian"]]),
			tests: [{ equipment: "the degausser", kind: "test", at: T0 - DAY, by: "Lab 实验室", reference: "R-1" }],
			incidents: options.incidents ?? [],
			places: [{ id: "dock", name: "Loading dock" }],
			now: iso(at),
			salt: "1".repeat(32),
		});
		certificate = certificateText(options.certificate?.(body) ?? body);
		append({ type: "test.between", version: 1, at, data: {} });
		shown.push(append({ type: "media.certified", version: 1, at, data: { medium: MEDIUM, batch: BATCH, digest: digestOf(certificate) } }));
	}
	return {
		format: "watchroom-media/1",
		certificate,
		policy: policyText,
		records: recorded.map(({ record }) => recordText(record)),
		...signedTree(leaves, shown),
		photos: photos.map((bytes) => ({ digest: hashOf(bytes), type: "image/jpeg", content: bytes.toString("base64") })),
	};
}

/** Entries of a log with a witness, proved in its only checkpoint. */
export function signedTree(leaves: readonly Buffer[], shown: readonly number[]) {
	const hashes = leaves.map(leafHash);
	const text = checkpointText({ origin: log.verifier.name, size: leaves.length, root: treeRoot(hashes) });
	return {
		entries: shown.map((index) => ({
			index,
			leaf: leaves[index]?.toString("base64") ?? "",
			proof: inclusionProof(hashes, index).map((hash) => hash.toString("base64")),
		})),
		checkpoint: withSignatures(signNote(text, log), [cosign(text, T0 / 1000, witness)]),
		key: KEY,
		witnessKeys: [witness.verifier.text],
	};
}
