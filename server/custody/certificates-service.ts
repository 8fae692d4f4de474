import { randomBytes } from "node:crypto";
import canonicalize from "canonicalize";
import type { SanitizationPolicy } from "../../contracts/media-orders.ts";
import { PERMISSIONS } from "../../contracts/permissions.ts";
import type { LedgerAppender } from "../ledger/ledger-entry.ts";
import type { LedgerBundle, LedgerService } from "../ledger/ledger-service.ts";
import type { Actor } from "../platform/actor.ts";
import type { AnyTransaction, Database } from "../platform/database/database.ts";
import { isoOf } from "../platform/database/instants.ts";
import { AppError, conflict, notFound } from "../platform/errors.ts";
import { maskerOf, seesAs } from "../platform/masking.ts";
import {
	type BatchCertificate,
	batchCertificate,
	batchCertificateSchema,
	type CertifiedPerson,
	certificateText,
	linkOf,
	type MediumCertificate,
	mediumCertificate,
	mediumCertificateSchema,
	type Places,
	personOf,
	placesOf,
	type RecordedStep,
} from "./certificate.ts";
import { certificatePdf, type Proof } from "./certificate-pdf.ts";
import * as store from "./certificates-store.ts";
import { mediumById, policyOf, type StoredMedium, stepsOf } from "./custody-store.ts";
import type { People } from "./custody-view.ts";
import type { ClosedBatch } from "./orders-service.ts";
import { digestOf, type StepRecord, stepRecordSchema } from "./step-record.ts";

export interface CertificatesOptions {
	database: Database;
	ledger: LedgerAppender & Pick<LedgerService, "bundle">;
	/** Names of accounts; unknown ones are left out. */
	people: (ids: readonly string[], transaction?: AnyTransaction) => Promise<People>;
	/** Roles that accounts hold. */
	roles: (transaction: AnyTransaction, accounts: readonly string[], now: number) => Promise<ReadonlyMap<string, readonly { role: string }[]>>;
	/** Names of the site's rooms. */
	rooms: () => Places;
	photos: { read(digest: string): Promise<{ type: string; bytes: Buffer }> };
	/** Index of the ledger entry of an approval, just before which the release of an incident stands. */
	approvals: { ledgerIndexOf(change: string): Promise<number | null> };
	/** The site's id. */
	site: () => string;
	/** Where people reach the dashboard, without a slash at its end. */
	address: string;
}

/** A file to hand out; `digest`: SHA-256 of the certificate as it stands in the ledger, `null` where the reader may not see all of it. */
export interface CertificateFile {
	name: string;
	digest: string | null;
	body: AsyncIterable<string> | Buffer;
}

/** Certificates of media and of work orders, and the evidence for them (MED-7). */
export class CertificatesService {
	readonly #options: CertificatesOptions;

	constructor(options: CertificatesOptions) {
		this.#options = options;
	}

	/** Certifies a medium in the transaction of the step that ended its chain. */
	async certify(transaction: AnyTransaction, stored: StoredMedium, policy: SanitizationPolicy, now: number): Promise<void> {
		const { id, batch } = stored.medium;
		const found = await store.orderOf(transaction, batch);
		if (!found) throw notFound("work order", batch);
		const steps = (await recordedSteps(transaction, id)).map(({ step }) => step);
		const machines = [...new Set(steps.flatMap(({ record }) => record.machine?.id ?? []))];
		const certificate = mediumCertificate({
			stored,
			order: found.order,
			policyText: textOf(policy),
			steps,
			titles: titlesOf(await this.#options.roles(transaction, [...new Set(steps.map(({ record }) => record.by.account))], now)),
			tests: await store.testsOf(transaction, machines),
			incidents: (await store.incidentsOf(transaction, [id])).get(id) ?? [],
			places: await this.#places(transaction),
			now: isoOf(now),
			salt: salt(),
		});
		await this.#keep(transaction, { medium: id }, certificate, now, { type: "media.certified", data: { medium: id, batch } });
	}

	/** Certifies a work order in the transaction that closes it. */
	async certifyBatch(transaction: AnyTransaction, { batch, reconciliation, deviations, because, by, now }: ClosedBatch): Promise<void> {
		const found = await store.orderOf(transaction, batch);
		if (!found) throw notFound("work order", batch);
		const people = await this.#options.people([...new Set([...found.people, found.openedBy])], transaction);
		const person = (id: string): CertifiedPerson => ({ account: id, name: people.get(id)?.name ?? id, contact: people.get(id)?.username ?? id });
		const lost = await store.writtenOffIn(transaction, batch);
		const incidents = await store.incidentsOf(
			transaction,
			lost.map(({ medium }) => medium),
		);
		const certificate = batchCertificate({
			order: {
				...found.order,
				openedBy: person(found.openedBy),
				openedAt: found.openedAt,
				closedBy: { account: by.id, name: by.name, contact: by.username },
				closedAt: isoOf(now),
			},
			policy: { version: found.policy, text: textOf(await policyOf(transaction, found.policy)) },
			people: found.people.map(person),
			destination: found.destination,
			reconciliation,
			deviations: deviations.map(({ by: who, ...step }) => ({ ...step, by: personOf(who) })),
			deviationsBecause: because,
			writtenOff: lost.map((one) => ({
				...one,
				incidents: incidents.get(one.medium) ?? [],
			})),
			certificates: (await store.certificatesIn(transaction, batch)).map(({ medium, serial, digest, ledgerIndex }) => ({
				medium,
				serial,
				digest,
				ledgerIndex,
			})),
			places: placesOf([found.order.place, ...deviations.map(({ place }) => place)], await this.#places(transaction)),
			issuedAt: isoOf(now),
			salt: salt(),
		});
		await this.#keep(transaction, { batch }, certificate, now, { type: "media.batch-certified", data: { batch } });
	}

	/** The evidence pack `watchroom-media/1`. Throws AppError 404, 409 `not-certified`, 403 `personal-data`, 500 `photo-damaged`. */
	async pack(medium: string, actor: Actor): Promise<CertificateFile> {
		const { stored, certificate, steps, bundle } = await this.#evidence(medium);
		refuseMasked(await this.#sight(actor, stored.medium.batch));
		const policy = textOf(await policyOf(this.#tables(), stored.policy));
		const digests = [...new Set(steps.flatMap(({ step }) => step.record.told.photos))];
		// All that could go wrong with them goes wrong before the first byte is sent.
		for (const digest of digests) await this.#options.photos.read(digest);
		const head = { format: "watchroom-media/1", certificate: certificate.text, policy, records: steps.map(({ text }) => text), ...bundle };
		return {
			name: `certificate-${fileName(stored.medium.serial)}.json`,
			digest: certificate.digest,
			body: packText(head, digests, this.#options.photos),
		};
	}

	/** The evidence pack `watchroom-media-batch/1`. Throws AppError 404, 409 `not-certified`, 403 `personal-data`. */
	async batchPack(batch: string, actor: Actor): Promise<CertificateFile> {
		const certificate = await this.#ofBatch(batch);
		refuseMasked(await this.#sight(actor, batch));
		const media = await store.certificatesIn(this.#tables(), batch);
		const bundle = await this.#options.ledger.bundle([...media, certificate].map(({ ledgerIndex }) => ledgerIndex));
		const pack = { format: "watchroom-media-batch/1", certificate: certificate.text, certificates: media.map(({ text }) => text), ...bundle };
		return { name: `certificate-order-${batch}.json`, digest: certificate.digest, body: Buffer.from(JSON.stringify(pack)) };
	}

	/** The paged certificate; names are masked as everywhere else. Throws AppError 404, 409 `not-certified`. */
	async pdf(medium: string, actor: Actor): Promise<CertificateFile> {
		const { stored, certificate, steps, bundle } = await this.#evidence(medium);
		const parsed = mediumCertificateSchema.parse(JSON.parse(certificate.text));
		const last = parsed.chain.length;
		const after = steps.slice(last).map(({ step }) => linkOf(step));
		const { whole, mask } = await this.#sight(actor, stored.medium.batch);
		const shown = mediumCertificateSchema.parse(mask(mediumCertificateSchema, parsed));
		const later = mediumCertificateSchema.shape.chain.parse(mask(mediumCertificateSchema.shape.chain, after));
		const [writtenOff, places] = [stored.medium.lost, await this.#places(this.#tables())];
		const pages = {
			kind: "medium",
			certificate: shown,
			after: later,
			writtenOff,
			places,
			...this.#printed(`/media/${medium}`, certificate, bundle, whole),
		} as const;
		return {
			name: `certificate-${fileName(stored.medium.serial)}.pdf`,
			digest: whole ? certificate.digest : null,
			body: await certificatePdf(pages),
		};
	}

	/** The paged certificate of a work order. Throws AppError 404, 409 `not-certified`. */
	async batchPdf(batch: string, actor: Actor): Promise<CertificateFile> {
		const certificate = await this.#ofBatch(batch);
		const bundle = await this.#options.ledger.bundle([certificate.ledgerIndex]);
		const { whole, mask } = await this.#sight(actor, batch);
		const shown = batchCertificateSchema.parse(mask(batchCertificateSchema, batchCertificateSchema.parse(JSON.parse(certificate.text))));
		const pages = { kind: "batch", certificate: shown, ...this.#printed(`/media/batches/${batch}`, certificate, bundle, whole) } as const;
		return { name: `certificate-order-${batch}.pdf`, digest: whole ? certificate.digest : null, body: await certificatePdf(pages) };
	}

	/** What the site's rooms and stores are called now. */
	async #places(tables: AnyTransaction): Promise<Places> {
		return [...this.#options.rooms(), ...(await store.stores(tables))];
	}

	async #keep(
		transaction: AnyTransaction,
		of: { medium: string } | { batch: string },
		certificate: MediumCertificate | BatchCertificate,
		at: number,
		entry: { type: string; data: { [name: string]: string } },
	): Promise<void> {
		const text = certificateText(certificate);
		const digest = digestOf(text);
		const ledgerIndex = await this.#options.ledger.append(transaction, { type: entry.type, version: 1, at, data: { ...entry.data, digest } });
		await store.insertCertificate(transaction, of, { text, digest, ledgerIndex, at });
	}

	async #evidence(medium: string) {
		const stored = await mediumById(this.#tables(), medium);
		if (!stored) throw notFound("medium", medium);
		const certificate = await store.certificateOfMedium(this.#tables(), medium);
		if (!certificate) throw conflict("not-certified", "The medium is not destroyed and verified: nothing is certified of it.");
		const steps = await recordedSteps(this.#tables(), medium);
		const indexes = [...steps.map(({ step }) => step.ledgerIndex), ...(await this.#releases(medium)), certificate.ledgerIndex].sort((a, b) => a - b);
		return { stored, certificate, steps, bundle: await this.#options.ledger.bundle(indexes) };
	}

	/** Indexes of the ledger entries by which two persons ended the medium's incidents. */
	async #releases(medium: string): Promise<number[]> {
		const incidents = (await store.incidentsOf(this.#tables(), [medium])).get(medium) ?? [];
		const changes = incidents.flatMap(({ change }) => change ?? []);
		const decided = await Promise.all(changes.map((change) => this.#options.approvals.ledgerIndexOf(change)));
		return decided.flatMap((index) => (index === null ? [] : index - 1));
	}

	async #ofBatch(batch: string): Promise<store.StoredCertificate> {
		const certificate = await store.certificateOfBatch(this.#tables(), batch);
		if (certificate) return certificate;
		if (!(await store.orderOf(this.#tables(), batch))) throw notFound("work order", batch);
		throw conflict("not-certified", "The work order is not closed: nothing is certified of it.");
	}

	#printed(path: string, { digest, ledgerIndex }: store.StoredCertificate, bundle: LedgerBundle, whole: boolean): Printed {
		const proof = bundle.entries.find(({ index }) => index === ledgerIndex)?.proof ?? [];
		const witnesses = bundle.witnessKeys.map((key) => key.split("+")[0] ?? key);
		return {
			proof: { digest, index: ledgerIndex, hashes: proof, checkpoint: bundle.checkpoint, key: bundle.key, witnesses },
			page: `${this.#options.address}${path}`,
			masked: !whole,
		};
	}

	/** What somebody may see of what is certified: all of it who may hand it out, and who works on that order. */
	async #sight(actor: Actor, batch: string): Promise<Sight> {
		const may = seesAs(actor, this.#options.site());
		const own = await store.isOfOrder(this.#tables(), batch, actor.id);
		const sees: typeof may = (permission) => own || may(permission);
		return {
			whole: maskerOf(mediumCertificateSchema).permissions.every(sees),
			mask: (schema, value) => maskerOf(schema).mask(value, sees),
		};
	}

	#tables() {
		return this.#options.database.tables<store.CertificateTables>() as unknown as AnyTransaction;
	}
}

interface Sight {
	/** Whether nothing is hidden. */
	whole: boolean;
	mask: (schema: Parameters<typeof maskerOf>[0], value: unknown) => unknown;
}

/** What is signed can't be masked: another text has another digest. */
function refuseMasked({ whole }: Sight): void {
	if (whole) return;
	throw new AppError(
		"personal-data",
		403,
		`The evidence names who signed it, and with masked names it would prove nothing: it goes to who works on its order, and takes the right to ${PERMISSIONS["media.certificates"]} otherwise. The PDF shows the certificate with masked names.`,
	);
}

interface Printed {
	proof: Proof;
	/** Address of the page that shows and verifies it. */
	page: string;
	masked: boolean;
}

/** By account; who holds no role has none. */
function titlesOf(roles: ReadonlyMap<string, readonly { role: string }[]>): ReadonlyMap<string, string> {
	const titles = [...roles].map(([account, held]) => [account, [...new Set(held.map(({ role }) => role))].sort().join(", ")] as const);
	return new Map(titles.filter(([, title]) => title !== ""));
}

const salt = () => randomBytes(16).toString("hex");
/** Without what a file system, or a header, takes for something else. */
const fileName = (serial: string) => serial.replaceAll(/[^A-Za-z0-9._-]/g, "-");

/** Canonical JSON (RFC 8785). */
function textOf(policy: SanitizationPolicy): string {
	const text = canonicalize(policy);
	if (text === undefined) throw new Error("a policy has no canonical form");
	return text;
}

async function recordedSteps(tables: AnyTransaction, medium: string): Promise<{ step: RecordedStep; text: string }[]> {
	const rows = await stepsOf(tables, medium);
	return rows.map(({ record, digest, ledger_index }) => {
		const read: StepRecord = stepRecordSchema.parse(JSON.parse(record));
		return { step: { record: read, digest, ledgerIndex: Number(ledger_index) }, text: record };
	});
}

/** The pack as text, one photo after the other: together they may be larger than the memory that is to spare. */
async function* packText(head: object, digests: readonly string[], photos: CertificatesOptions["photos"]): AsyncGenerator<string> {
	yield `${JSON.stringify(head).slice(0, -1)},"photos":[`;
	for (const [place, digest] of digests.entries()) {
		const { type, bytes } = await photos.read(digest);
		yield `${place === 0 ? "" : ","}${JSON.stringify({ digest, type, content: bytes.toString("base64") })}`;
	}
	yield "]}";
}
