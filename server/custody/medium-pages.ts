/** Pages of a medium's certificate, in the order of NIST SP 800-88's form (Rev. 1, appendix G). */
import type { Content, TableCell } from "pdfmake/interfaces.js";
import { when } from "../platform/pdf/post-pdf.ts";
import type { ChainLink, MediumCertificate, Sanitization, Signer } from "./certificate.ts";
import {
	cell,
	DESTINATIONS,
	facts,
	GREY,
	heading,
	incidentTable,
	LINES,
	letterHead,
	type NameOf,
	namesIn,
	proofContent,
	seconds,
	section,
	table,
} from "./certificate-parts.ts";
import type { CertificatePages } from "./certificate-pdf.ts";

const TYPES: Readonly<Record<MediumCertificate["medium"]["type"], string>> = {
	hdd: "Magnetic hard disk (HDD)",
	tape: "Magnetic tape",
	ssd: "Solid-state disk (SSD)",
	nvme: "Solid-state disk (NVMe)",
	hybrid: "Hybrid disk",
	optical: "Optical medium",
	unknown: "Not known; treated as flash",
};
const VERIFICATIONS: Readonly<Record<string, string>> = {
	instrument: "Measured with an instrument",
	"full-read": "Full verification: the whole medium read",
	sampling: "Quick sampling",
	visual: "Inspected by eye",
};

const WRITTEN_OFF = "VOID. After this certificate was issued two persons have written the medium off: what is certified below doesn't hold any more.";

export function mediumContent({
	certificate,
	after,
	places,
	writtenOff,
	proof,
	page,
	masked,
}: Extract<CertificatePages, { kind: "medium" }>): Content[] {
	const { medium, classification, order, policy, sanitization, destination, chain, incidents, issuedAt } = certificate;
	const nameOf = namesIn(certificate.places, places);
	const released = after.findLast(({ act, incident }) => act === "release" && incident === null);
	const photos = [...chain, ...after].flatMap(({ number, photos: taken }) => taken.map((digest) => ({ number, digest })));
	return [
		letterHead({
			title: "Certificate of sanitization",
			about: [
				`Fields as in NIST SP 800-88 Rev. 1, clause 4.8 and appendix G`,
				`Issued ${when(issuedAt)}`,
				`Work order: ${order.title} (${order.id})`,
				`Policy of media destruction, version ${policy.version}`,
			],
			page,
			masked,
		}),
		...(writtenOff ? [{ text: WRITTEN_OFF, bold: true, margin: [0, 10, 0, 0] as [number, number, number, number] }] : []),
		{ text: statement(certificate), margin: [0, 10, 0, 0] },
		section(
			"Medium",
			facts([
				["Manufacturer", medium.maker],
				["Model", medium.model],
				["Serial number", medium.serial],
				["Property number", medium.property],
				["Media type", `${TYPES[medium.type]}${medium.damaged ? ", damaged" : ""}`],
				["Source", medium.source && `${medium.source.asset}, bay ${medium.source.bay}`],
				["Classification before", medium.damaged ? `${classification.before} (damaged: handled as high)` : classification.before],
				["Classification after", "none: nothing can be read from it"],
				["Capacity", medium.capacityBytes === null ? null : `${(medium.capacityBytes / 1e9).toLocaleString("en")} GB`],
				["Why it goes", medium.why],
			]),
		),
		...sanitization.flatMap((one, place) => sanitizationContent(one, { step: place + 1, of: sanitization.length, nameOf })),
		section(
			"Destination",
			facts([
				["Destination", DESTINATIONS[destination.kind] ?? destination.kind],
				["Organisation", destination.organisation],
				["Released", released ? `${when(released.at)}, ${nameOf(released.place)}` : "not yet when this was printed"],
				["Released by", released ? `${released.by.name} (${released.by.contact})` : null],
			]),
		),
		table(
			"Chain of custody",
			[16, 50, 76, 56, 100, 62, 28, 29],
			["No.", "Step", "When (UTC)", "Place", "By", "Seal in / out", "Photos", "Ledger"],
			[
				...chain.map(linkRow(nameOf)),
				...(after.length === 0 ? [] : [[{ text: "After the certificate was issued", colSpan: 8, color: GREY }, "", "", "", "", "", "", ""]]),
				...after.map(linkRow(nameOf)),
			],
		),
		...(incidents.length === 0 ? [] : [incidentTable("Incidents of this medium", incidents)]),
		table(
			"Test and calibration of the machines",
			[140, 46, 48, 48, 32, 62, 53],
			["Machine", "Record", "Made", "Valid until", "Passed", "By", "Report"],
			sanitization.flatMap(({ tool }) =>
				tool.records.map(({ kind, at, validUntil, passed, by, reference }) => [
					cell(`${tool.name} (${tool.serial})`),
					kind,
					new Date(at).toISOString().slice(0, 10),
					new Date(validUntil).toISOString().slice(0, 10),
					passed ? "yes" : "no",
					cell(by ?? "", 12),
					cell(reference ?? "", 12),
				]),
			),
		),
		...(photos.length === 0
			? []
			: [
					table(
						"Photos",
						[40, "*"],
						["Step", "SHA-256 of the file"],
						photos.map(({ number, digest }) => [String(number), digest]),
						7,
					),
				]),
		...proofContent(proof),
	];
}

/** What is certified, in one sentence. */
function statement({ sanitization, policy, medium, classification }: MediumCertificate): string {
	const methods = sanitization
		.map(({ method, tool }) => (tool.particleMm === null ? method : `${method} (to ${tool.particleMm} mm)`))
		.join(", then ");
	const damaged = medium.damaged ? ", damaged and therefore handled as high" : "";
	return `It is certified that the medium named here was sanitized so that nothing can be read from it: ${methods}. Policy version ${policy.version} allows this for media of this type of the class ${classification.before}${damaged}. Each method was done by one person and verified by another.`;
}

/** The form's "method type" (appendix G). */
const METHOD_TYPES: Readonly<Record<Sanitization["type"], string>> = { clear: "Clear", purge: "Purge", damage: "Damage", destroy: "Destruct" };

function sanitizationContent(one: Sanitization, { step, of, nameOf }: { step: number; of: number; nameOf: NameOf }): Content[] {
	const { type, method, technique, tool, verification, operator, verifier } = one;
	const measure = [
		...(tool.fieldOe === null ? [] : [`field ${tool.fieldOe} Oe`]),
		...(tool.particleMm === null ? [] : [`pieces of at most ${tool.particleMm} mm`]),
	];
	return [
		{
			unbreakable: true,
			stack: [
				heading(of === 1 ? "Sanitization" : `Sanitization, step ${step} of ${of}`),
				facts([
					["Method type", METHOD_TYPES[type]],
					["Method used", method[0]?.toUpperCase() + method.slice(1)],
					["Technique", technique],
					["Tool", `${tool.name}: ${tool.maker} ${tool.model}, serial ${tool.serial}`],
					["Verification method", `${VERIFICATIONS[verification] ?? verification}: passed`],
					["Tool's version", [tool.version ?? "no software", ...measure].join("; ")],
				]),
				{
					columns: [signature("Performed by (operator)", operator, nameOf), signature("Verified by (verifier)", verifier, nameOf)],
					columnGap: 12,
					margin: [0, 8, 0, 0],
				},
			],
		},
	];
}

/** A signature here is the signed step: what its digest covers stands in the ledger. */
function signature(title: string, signer: Signer, nameOf: NameOf): Content {
	const { name, contact, at, place, step, digest, ledgerIndex } = signer;
	const grey = (text: string): TableCell => ({ text, color: GREY });
	const value = (text: string, more: object = {}): TableCell => ({ ...cell(text, 30), ...more });
	const rows: TableCell[][] = [
		[{ text: title, bold: true, colSpan: 2 }, ""],
		[grey("Name"), value(name, { bold: true, fontSize: 10 })],
		[grey("Title"), value(signer.title ?? "–")],
		[grey("Date"), value(when(at))],
		[grey("Place"), value(nameOf(place))],
		[grey("Contact"), value(contact)],
		[grey("Signature"), { stack: [`step ${step}, ledger entry ${ledgerIndex}`, proven(signer), cell(digest)], fontSize: 6 }],
	];
	const inner: Content = {
		layout: { ...LINES, hLineWidth: (line) => (line === 1 ? 0.5 : 0), paddingTop: () => 0.5, paddingBottom: () => 0.5 },
		table: { widths: [46, 168], body: rows },
	};
	return { table: { widths: ["*"], body: [[inner]] }, layout: { hLineWidth: () => 0.75, vLineWidth: () => 0.75 } };
}

const proven = ({ signature: { method, confirmedAt } }: Signer) =>
	method === "token" ? "signed with the token of this account" : `signed in, confirmed ${when(confirmedAt) || "–"}`;

const linkRow =
	(nameOf: NameOf) =>
	({ number, act, at, place, by, store, sealIn, sealOut, photos, unseen, deviations = [], incident, ledgerIndex }: ChainLink): TableCell[] => [
		String(number),
		{ stack: [act, ...(incident === null ? [] : [{ text: `incident: ${incident}`, bold: true, fontSize: 6.5 }])] },
		seconds(at),
		cell(store === null ? nameOf(place) : `${nameOf(place)}, ${nameOf(store)}`, 14),
		{
			stack: [
				cell(`${by.name} (${by.contact})`),
				...unseen.map((who) => ({ text: `${who} not known to the doors`, fontSize: 6 })),
				...(deviations.length === 0 ? [] : [{ text: `not as planned: ${deviations.join(", ")}`, fontSize: 6 }]),
			],
		},
		sealIn === null && sealOut === null ? "–" : cell(`${sealIn ?? "–"} / ${sealOut ?? "–"}`, 14),
		photos.length === 0 ? "–" : String(photos.length),
		String(ledgerIndex),
	];
