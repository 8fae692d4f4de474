/** Pages of a work order's certificate. */
import type { Content } from "pdfmake/interfaces.js";
import type { Deviation } from "../../contracts/media-orders.ts";
import { when } from "../platform/pdf/post-pdf.ts";
import type { BatchCertificate, CertifiedPerson } from "./certificate.ts";
import { cell, DESTINATIONS, facts, incidentTable, letterHead, namesIn, proofContent, seconds, section, table } from "./certificate-parts.ts";
import type { CertificatePages } from "./certificate-pdf.ts";

const named = ({ name, contact }: CertifiedPerson) => `${name} (${contact})`;

const SETS = [
	["planned", "Planned"],
	["removed", "Removed"],
	["destroyed", "Destroyed"],
	["certified", "Certified"],
	["released", "Released"],
	["writtenOff", "Written off"],
] as const;
/** So many at most in a row of the table, for a row is never cut by a page's end; an empty list has one row too. */
const IN_A_ROW = 60;
const inRows = (serials: readonly string[]): string[][] =>
	[...Array(Math.max(1, Math.ceil(serials.length / IN_A_ROW))).keys()].map((row) => serials.slice(row * IN_A_ROW, (row + 1) * IN_A_ROW));

/** What is not as planned, as a certificate says it. */
const KINDS: Readonly<Record<Deviation, string>> = {
	person: "not among the order's people",
	place: "another room",
	day: "another day",
	account: "account of nobody in the access register",
};
function deviationContent({ deviations, deviationsBecause, places }: BatchCertificate): Content[] {
	if (!deviations) return [];
	if (deviations.length === 0)
		return [section("Deviations from the plan", { text: "Every step was made by the people, in the room and on the day of the work order." })];
	const reason = deviationsBecause ?? "No reason was needed: the people, the room and the day are those of the order.";
	return [
		section("Deviations from the plan", { text: reason }),
		table(
			"Steps that were not as planned",
			[90, 62, 76, 92, "*"],
			["Serial number", "Step", "Done (UTC)", "By", "Not as planned"],
			deviations.map(({ serial, step, act, at, place, by, kinds, note }) => [
				cell(serial, 14),
				`${step}, ${act}`,
				seconds(at),
				cell(named(by), 14),
				{
					stack: [
						`${kinds.map((kind) => KINDS[kind]).join("; ")} (${namesIn(places)(place)})`,
						...(note === null ? [] : [{ text: `“${note}”`, fontSize: 6.5 }]),
					],
				},
			]),
		),
	];
}

export function batchContent({ certificate, proof, page, masked }: Extract<CertificatePages, { kind: "batch" }>): Content[] {
	const { order, policy, people, destination, reconciliation, writtenOff, certificates, issuedAt } = certificate;
	const sets = SETS.flatMap(([name, label]) =>
		inRows(reconciliation[name]).map((serials, place) => [
			place === 0 ? label : "",
			place === 0 ? String(reconciliation[name].length) : "",
			cell(serials.join(", "), 60),
		]),
	);
	return [
		letterHead({
			title: "Certificate of media destruction",
			about: [`Work order: ${order.title} (${order.id})`, `Issued ${when(issuedAt)}`, `Policy of media destruction, version ${policy.version}`],
			page,
			masked,
		}),
		{
			text: "It is certified that the media of this work order were removed, destroyed and certified as their policy requires: the serial numbers of the three are the same. What was written off by two people is named with its incidents.",
			margin: [0, 10, 0, 0],
		},
		section(
			"Work order",
			facts([
				["Title", order.title],
				["Place", namesIn(certificate.places)(order.place)],
				["Planned for", order.plannedFor],
				["Media", String(reconciliation.planned.length)],
				["Opened", when(order.openedAt)],
				["Opened by", named(order.openedBy)],
				["Closed", when(order.closedAt)],
				["Closed by", named(order.closedBy)],
				["Destination", DESTINATIONS[destination.kind] ?? destination.kind],
				["Organisation", destination.organisation],
			]),
		),
		section("People", { text: people.map(named).join(", ") }),
		...deviationContent(certificate),
		table("Reconciliation", [60, 36, "*"], ["Set", "Media", "Serial numbers"], sets),
		...writtenOff.map(({ serial, incidents }) => incidentTable(`Written off: ${serial}`, incidents)),
		table(
			"Certificates of the media",
			[150, 280, 47],
			["Serial number", "SHA-256 of the certificate", "Ledger"],
			certificates.map(({ serial, digest, ledgerIndex }) => [cell(serial), digest, String(ledgerIndex)]),
			7,
		),
		...proofContent(proof),
	];
}
