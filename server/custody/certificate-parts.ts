/** What the pages of both kinds of certificates are made of. */
import type { Content, CustomTableLayout, TableCell } from "pdfmake/interfaces.js";
import { headRow } from "../platform/pdf/post-pdf.ts";
import type { CertifiedIncident, Places } from "./certificate.ts";
import type { Proof } from "./certificate-pdf.ts";

export const GREY = "#555555";
export const DESTINATIONS: Readonly<Record<string, string>> = { recycling: "Recycling facility", scrap: "Scrap" };
export const heading = (text: string): Content => ({ text, fontSize: 11.5, bold: true, margin: [0, 10, 0, 3] });

/** Thin lines between rows, none around them. */
export const LINES: CustomTableLayout = {
	hLineWidth: (line, { table: { body } }) => (line === 0 || line === body.length ? 0 : 0.5),
	vLineWidth: () => 0,
	hLineColor: "#bbbbbb",
	paddingLeft: (column) => (column === 0 ? 0 : 6),
	paddingRight: () => 6,
	paddingTop: () => 1.5,
	paddingBottom: () => 1.5,
};

/** A text, or a dash where there is none; a word that is too long for a column (a serial number, an id) breaks anywhere. */
export const cell = (text: string, longest = 22): { text: string; wordBreak: "break-all" | "normal" } => ({
	text: text === "" ? "–" : text,
	wordBreak: text.split(/\s/).some(({ length }) => length > longest) ? "break-all" : "normal",
});

/** Title, what it is about, and at the right the code that leads to the verifying page. */
export function letterHead({ title, about, page, masked }: { title: string; about: string[]; page: string; masked: boolean }): Content {
	return {
		columns: [
			{
				width: "*",
				stack: [
					{ text: title, fontSize: 20, bold: true, margin: [0, 0, 0, 4] },
					...about.map((text) => ({ text, color: GREY, margin: [0, 0, 0, 1] as [number, number, number, number] })),
					...(masked ? [{ text: "Names are hidden in this copy; the digest is that of the certificate with all names.", bold: true }] : []),
				],
			},
			{
				width: 150,
				stack: [
					{ qr: page, fit: 84, alignment: "right" as const, eccLevel: "M" as const },
					{ text: page, link: page, fontSize: 6, alignment: "right" as const, color: GREY, margin: [0, 3, 0, 0] },
				],
			},
		],
		columnGap: 16,
	};
}

/** What a room or store is called, by its id. */
export type NameOf = (id: string) => string;
/** The first name that is known counts. */
export const namesIn =
	(...places: Places[]): NameOf =>
	(id) =>
		places.flat().find((place) => place.id === id)?.name ?? id;

/** For columns whose head says that it is UTC. */
export const seconds = (instant: string): string => new Date(instant).toISOString().slice(0, 19).replace("T", " ");

/** Names and values, two pairs in a row. */
export function facts(pairs: readonly (readonly [string, string | null])[]): Content {
	const cells = pairs.map(([name, value]): TableCell[] => [{ text: name, color: GREY }, cell(value ?? "")]);
	const rows = cells.flatMap((left, place) => (place % 2 === 0 ? [[...left, ...(cells[place + 1] ?? ["", ""])]] : []));
	return { layout: LINES, table: { widths: [84, 148, 84, 148], dontBreakRows: true, body: rows } };
}

/** A heading that stays with what it is about. */
export const section = (title: string, content: Content): Content => ({ unbreakable: true, stack: [heading(title), content] });

/** A table with its heading, which is there again on each page that it goes on to. */
export const table = (title: string, widths: (string | number)[], names: string[], body: TableCell[][], fontSize = 7.5): Content => ({
	layout: { ...LINES, hLineWidth: (line, { table: { body: rows } }) => (line <= 2 || line === rows.length ? 0 : 0.5) },
	fontSize,
	margin: [0, 8, 0, 0],
	table: {
		headerRows: 2,
		dontBreakRows: true,
		keepWithHeaderRows: 1,
		widths,
		body: [[{ text: title, fontSize: 11.5, bold: true, colSpan: names.length }, ...names.slice(1).map(() => "")], headRow(...names), ...body],
	},
});

export const incidentTable = (title: string, incidents: readonly CertifiedIncident[]): Content =>
	table(
		title,
		[76, 82, 82, 60, "*"],
		["Incident", "Opened (UTC)", "Ended (UTC)", "Outcome", "Two-person change"],
		incidents.map(({ kind, openedAt, closedAt, outcome, change }) => [
			kind,
			seconds(openedAt),
			closedAt === null ? "open" : seconds(closedAt),
			outcome ?? "–",
			change === null ? "–" : { text: change, fontSize: 6 },
		]),
	);

/** What lets anybody check it without the server, in small print. */
export function proofContent({ digest, index, hashes, checkpoint, key, witnesses }: Proof): Content[] {
	const small = (title: string, text: string): Content => ({
		unbreakable: true,
		stack: [
			{ text: title, bold: true, fontSize: 7 },
			{ text, fontSize: 6, margin: [0, 0, 0, 4], lineHeight: 1.15 },
		],
	});
	const size = checkpoint.split("\n")[1] ?? "";
	return [
		heading("Proof in the ledger"),
		{
			text: "The SHA-256 digest of the certificate's canonical text (RFC 8785) is an entry of an append-only Merkle log (RFC 6962), whose checkpoint is signed by the log and co-signed by its witnesses. The evidence pack (certificate.json of the page above) holds the certificate, all signed steps and the photos; the command  npm run watchroom -- verify certificate.json --key <log's key>  checks it without the server.",
			fontSize: 7.5,
			margin: [0, 0, 0, 6],
		},
		{
			layout: { ...LINES, hLineWidth: () => 0, paddingTop: () => 0.5, paddingBottom: () => 0.5 },
			fontSize: 7,
			table: {
				widths: [82, "*"],
				body: [
					[{ text: "Certificate SHA-256", color: GREY }, digest],
					[{ text: "Ledger entry", color: GREY }, `${index}, in a tree of ${size}`],
					[{ text: "Key of the log", color: GREY }, key],
					[{ text: "Witnesses", color: GREY }, witnesses.join(", ") || "none has co-signed this tree yet"],
				],
			},
			margin: [0, 0, 0, 6],
		},
		small("Inclusion proof (RFC 6962 §2.1.1)", hashes.join("\n") || "The tree has this entry alone."),
		small("Checkpoint (C2SP tlog-checkpoint)", checkpoint),
	];
}
