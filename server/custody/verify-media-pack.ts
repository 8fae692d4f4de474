/**
 * Verifies the evidence pack of a destroyed medium or of a work order (`GET /api/v1/media/{id}/certificate.json`) without the server:
 * `node server/custody/verify-media-pack.ts <pack.json> [--key <verifier key>] [--witness <verifier key>]...`, or
 * `npm run watchroom -- verify`. This file, the other verify-*.ts beside it, pack-checks.ts, merkle.ts and signed-note.ts of server/ledger and
 * node: modules are all there is to it.
 */
import { isDeepStrictEqual } from "node:util";
import {
	bytesOf,
	countOf,
	type Fields,
	fieldsOf,
	listOf,
	NotValid,
	type PackVerifier,
	parseJson,
	textOf,
	type Verdict,
	verdictOf,
	verifyCommand,
} from "../ledger/pack-checks.ts";
import { checkCertificate } from "./verify-certificate.ts";
import { checkedChain, type Step } from "./verify-chain.ts";
import { checkedEntries, checkWhoSigned, digestOf, type Entry, onlyFields } from "./verify-entries.ts";

const TREE = ["entries", "checkpoint", "key", "witnessKeys"];

/** Checks the pack of one medium. Throws when it can't be read. */
export function verifyMediaPack(pack: unknown, trustedKey?: string, trustedWitnesses: readonly string[] = []): Verdict {
	const fields = fieldsOf(pack, "pack");
	if (fields.format !== "watchroom-media/1") throw new Error('format: expected "watchroom-media/1"');
	const text = textOf(fields, "certificate");
	const certificate = certificateOf(text, "watchroom-media-certificate/1");
	return verdictOf((lines) => {
		onlyFields(fields, ["format", "certificate", "policy", "records", "photos", ...TREE], "the pack");
		const medium = fieldsOf(certificate.medium, "certificate.medium");
		const order = fieldsOf(certificate.order, "certificate.order");
		lines.push(
			`Certificate of ${String(medium.maker)} ${String(medium.model)}, serial ${String(medium.serial)} (${String(medium.type)}), of the work order "${String(order.title)}".`,
		);
		const entries = checkedEntries(fields, lines);
		const known = ["media.step", "media.certified", "media.incident-released"];
		const strange = entries.find(({ type }) => !known.includes(type));
		if (strange) throw new NotValid(`entry ${strange.index} is of the type ${strange.type}: it has nothing to do with this.`);
		lines.push("The steps, each with its digest in the ledger, from the first without a gap:");
		const { steps, releases } = checkedChain(listOf(fields, "records"), entries, lines);
		checkCertified(text, certificate, entries, steps);
		checkCertificate(certificate, steps, textOf(fields, "policy"), lines);
		checkPhotos(listOf(fields, "photos"), steps, lines);
		const lost = releases.find(({ outcome }) => outcome === "lost");
		if (lost)
			throw new NotValid(`the medium was written off by two persons at entry ${lost.index}: what its certificate says doesn't hold any more.`);
		checkWhoSigned(fields, { key: trustedKey, witnesses: trustedWitnesses }, lines);
	});
}

/** Checks the pack of a work order. Throws when it can't be read. */
export function verifyBatchPack(pack: unknown, trustedKey?: string, trustedWitnesses: readonly string[] = []): Verdict {
	const fields = fieldsOf(pack, "pack");
	if (fields.format !== "watchroom-media-batch/1") throw new Error('format: expected "watchroom-media-batch/1"');
	const text = textOf(fields, "certificate");
	const certificate = certificateOf(text, "watchroom-media-batch-certificate/1");
	const texts = listOf(fields, "certificates").map((one) => textOf({ one }, "one"));
	return verdictOf((lines) => {
		onlyFields(fields, ["format", "certificate", "certificates", ...TREE], "the pack");
		const order = fieldsOf(certificate.order, "certificate.order");
		lines.push(`Certificate of the work order "${String(order.title)}" at ${String(order.place)}, closed at ${String(order.closedAt)}.`);
		const entries = checkedEntries(fields, lines);
		const last = entries.at(-1);
		if (last?.type !== "media.batch-certified" || !isDeepStrictEqual(last.data, { batch: order.id, digest: digestOf(text) }))
			throw new NotValid("the certificate is not the one whose digest stands in the ledger.");
		const media = entries.slice(0, -1);
		if (media.length !== texts.length) throw new NotValid(`there are ${texts.length} certificates of media, and ${media.length} entries of them.`);
		const found = media.map((entry, place) => memberOf(entry, texts[place] ?? "", String(order.id)));
		checkSets(certificate, found, lines);
		checkDeviations(certificate, texts, lines);
		checkWhoSigned(fields, { key: trustedKey, witnesses: trustedWitnesses }, lines);
	});
}

function certificateOf(text: string, format: string): Fields {
	const certificate = fieldsOf(parseJson(text), "certificate");
	if (certificate.format !== format) throw new Error(`certificate.format: expected "${format}"`);
	return certificate;
}

/** Its digest stands in the ledger, right behind the steps that it is about. */
function checkCertified(text: string, certificate: Fields, entries: readonly Entry[], steps: readonly Step[]): void {
	const [entry, ...more] = entries.filter(({ type }) => type === "media.certified");
	const medium = fieldsOf(certificate.medium, "certificate.medium");
	const order = fieldsOf(certificate.order, "certificate.order");
	const stands = { medium: medium.id, batch: order.id, digest: digestOf(text) };
	if (!entry || more.length > 0 || !isDeepStrictEqual(entry.data, stands) || new Date(entry.at).toISOString() !== certificate.issuedAt)
		throw new NotValid("the certificate is not the one whose digest stands in the ledger.");
	const before = steps.filter(({ index }) => index < entry.index).length;
	if (before !== listOf(certificate, "chain").length) throw new NotValid("the certificate was not issued right after the steps that it is about.");
}

/** What a photo begins with, by its type. */
const MAGIC: Readonly<Record<string, (bytes: Buffer) => boolean>> = {
	"image/jpeg": (bytes) => bytes.subarray(0, 3).toString("hex") === "ffd8ff",
	"image/png": (bytes) => bytes.subarray(0, 8).toString("hex") === "89504e470d0a1a0a",
	"image/webp": (bytes) => bytes.subarray(0, 4).toString("latin1") === "RIFF" && bytes.subarray(8, 12).toString("latin1") === "WEBP",
};

/** Every photo that a step names is there as it was taken, in the order in which they are named, and no other. */
function checkPhotos(photos: readonly unknown[], steps: readonly Step[], lines: string[]): void {
	const named = [...new Set(steps.flatMap((step) => step.photos))];
	const read = photos.map((item, place) => {
		const photo = fieldsOf(item, `photos[${place}]`);
		onlyFields(photo, ["digest", "type", "content"], `photos[${place}]`);
		const bytes = bytesOf(photo.content, `photos[${place}].content`);
		const type = textOf(photo, "type");
		if (!Object.hasOwn(MAGIC, type) || !MAGIC[type]?.(bytes)) throw new NotValid(`photo ${place + 1} is not of the type that it says.`);
		const digest = digestOf(bytes);
		if (digest !== photo.digest) throw new NotValid(`photo ${place + 1} is not the one that was taken.`);
		return digest;
	});
	if (!isDeepStrictEqual(read, named)) throw new NotValid("the photos are not those that the steps name, each once and in their order.");
	lines.push(named.length === 0 ? "No step has a photo." : `${named.length} photos, each as it was taken.`);
}

interface Member {
	medium: unknown;
	serial: string;
	digest: string;
	ledgerIndex: number;
}
function memberOf(entry: Entry, text: string, order: string): Member {
	const certificate = certificateOf(text, "watchroom-media-certificate/1");
	const medium = fieldsOf(certificate.medium, "certificate.medium");
	const digest = digestOf(text);
	if (entry.type !== "media.certified" || !isDeepStrictEqual(entry.data, { medium: medium.id, batch: order, digest }))
		throw new NotValid(`the certificate of ${String(medium.serial)} is not the one whose digest stands in the ledger at ${entry.index}.`);
	return { medium: medium.id, serial: textOf(medium, "serial"), digest, ledgerIndex: entry.index };
}

/** Removed = destroyed = certified as sets, and every one of them has its certificate here (MED-6). */
function checkSets(certificate: Fields, found: readonly Member[], lines: string[]): void {
	const listed = listOf(certificate, "certificates").map((item) => fieldsOf(item, "certificate.certificates"));
	const inOrder = [...listed].sort((a, b) => countOf(a, "ledgerIndex") - countOf(b, "ledgerIndex"));
	if (!isDeepStrictEqual(inOrder, found)) throw new NotValid("the certificates of the media are not those that the order's certificate names.");
	const sets = fieldsOf(certificate.reconciliation, "certificate.reconciliation");
	const set = (name: string) => listOf(sets, name).map(String).sort();
	const certified = found.map(({ serial }) => serial).sort();
	for (const name of ["removed", "destroyed", "certified"])
		if (!isDeepStrictEqual(set(name), certified)) throw new NotValid(`what is ${name} by the reconciliation is not what is certified.`);
	const lost = set("writtenOff");
	if (!isDeepStrictEqual(set("planned"), [...certified, ...lost].sort()))
		throw new NotValid("not everything that was planned is certified or written off.");
	const named = listOf(certificate, "writtenOff").map((item) => fieldsOf(item, "certificate.writtenOff"));
	if (!isDeepStrictEqual(named.map(({ serial }) => String(serial)).sort(), lost) || named.some((one) => listOf(one, "incidents").length === 0))
		throw new NotValid("what was written off is not named with its incidents.");
	for (const name of ["notRemoved", "notDestroyed", "notCertified", "incidents", "unaccountedBays"])
		if (listOf(sets, name).length > 0) throw new NotValid(`the reconciliation has differences: ${name}.`);
	lines.push(`Removed = destroyed = certified: ${certified.length} media (${certified.join(", ")}).`);
	lines.push(lost.length === 0 ? "Nothing was written off." : `Written off, with their incidents: ${lost.join(", ")}.`);
}

/** The order's certificate is silent about no step that a medium's own certificate calls not as planned; those from before say nothing of it. */
function checkDeviations(certificate: Fields, texts: readonly string[], lines: string[]): void {
	if (certificate.deviations === undefined) return;
	const named = listOf(certificate, "deviations").map((item) => fieldsOf(item, "certificate.deviations"));
	for (const text of texts) {
		const of = certificateOf(text, "watchroom-media-certificate/1");
		const { id, serial } = fieldsOf(of.medium, "certificate.medium");
		for (const link of listOf(of, "chain").map((item) => fieldsOf(item, "certificate.chain"))) {
			if (link.deviations === undefined || listOf(link, "deviations").length === 0) continue;
			const found = named.find(({ medium, step }) => medium === id && step === link.number);
			if (!found || !isDeepStrictEqual(found.kinds, link.deviations))
				throw new NotValid(`step ${String(link.number)} of ${String(serial)} was not as planned, and the order's certificate does not say so.`);
		}
	}
	const because = typeof certificate.deviationsBecause === "string" ? `: ${certificate.deviationsBecause}` : "";
	lines.push(named.length === 0 ? "Every step was as the order plans." : `${named.length} steps were not as the order plans${because}.`);
}

/** The formats that this file checks. */
export const MEDIA_PACKS: Readonly<Record<string, PackVerifier>> = {
	"watchroom-media/1": verifyMediaPack,
	"watchroom-media-batch/1": verifyBatchPack,
};

if (import.meta.main) process.exitCode = await verifyCommand(process.argv.slice(2), MEDIA_PACKS);
