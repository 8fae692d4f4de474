/** Thread that lays a review's report out as PDF; see review-pdf.ts. */
import { workerData } from "node:worker_threads";
import type { Content, TableCell } from "pdfmake/interfaces.js";
import { z } from "zod";
import { headRow, postPdf, when } from "../platform/pdf/post-pdf.ts";
import { reportSchema } from "./review-report.ts";

const { report, proof } = z
	.object({ report: reportSchema, proof: z.object({ hash: z.string(), index: z.number(), checkpoint: z.string() }).nullable() })
	.parse(workerData);
const { review, items } = report;

const percent = (share: number) => `${Math.round(share * 100)} %`;
const { figures, quality } = review;

const facts: [string, string][] = [
	["Site", review.site],
	["Subject", review.subject === "access" ? "Access grants, cards and fingerprints" : "System rights"],
	["Period", review.period],
	["State", review.state],
	["Started", when(review.startedAt)],
	["Due", when(review.dueAt)],
	["Signed off", review.signedBy ? `${review.signedBy.name}, ${when(review.signedAt)}` : "not yet"],
	["Items", `${figures.items}: ${figures.kept} kept (${figures.attested} as a block), ${figures.revoked} revoked, ${figures.changed} changed`],
	["Removals", `${figures.confirmed} confirmed by the controllers, ${figures.unconfirmed} not yet, ${figures.reopened} reopened`],
	["Time per decision", quality.secondsPerDecision === null ? "too few decisions to tell" : `${quality.secondsPerDecision} s (median)`],
	["Share kept, as a block", `${percent(quality.shareKept)}, ${percent(quality.shareAttested)}`],
	["Snapshot (SHA-256)", `${review.snapshotHash}, ledger entry ${review.snapshotIndex}`],
];

const rows: TableCell[][] = items.map((item) => [
	String(item.number),
	item.holder ? `${item.holder.name}${item.holder.company ? `\n${item.holder.company}` : ""}` : (item.account?.name ?? item.grant?.post ?? ""),
	item.grant?.zoneName ?? (item.role ? `${item.role.role} (${item.role.site})` : "card or fingerprint"),
	item.usage
		? `${item.usage.granted}×${item.usage.lastUsedAt ? `, last ${item.usage.lastUsedAt.slice(0, 10)}` : ""}${item.usage.denied > 0 ? `, ${item.usage.denied} denied` : ""}`
		: "",
	item.hints.join(", "),
	`${item.decision ?? "open"}${item.block ? " (block)" : ""}${item.reason ? `: ${item.reason}` : ""}`,
	item.decidedBy ? `${item.decidedBy.name}\n${when(item.decidedAt)}` : "",
	item.decision !== null && item.decision !== "keep" ? when(item.confirmedAt) || "not confirmed" : "",
]);

const content: Content[] = [
	{ text: `${review.subject === "access" ? "Access review" : "Review of system rights"} ${review.period}`, fontSize: 18, bold: true },
	{ text: report.kind === "draft" ? "DRAFT: not signed off, in no ledger" : `Site ${review.site}`, margin: [0, 2, 0, 10] },
	{ layout: "noBorders", table: { widths: [130, "*"], body: facts.map(([name, value]) => [{ text: name, bold: true }, value]) } },
	{ text: "Reviewers", fontSize: 12, bold: true, margin: [0, 12, 0, 4] },
	{
		layout: "lightHorizontalLines",
		table: {
			headerRows: 1,
			widths: ["*", 60, 60, 60, 90],
			body: [
				headRow("Reviewer", "Decided", "Kept", "As a block", "Seconds each"),
				...quality.reviewers.map(({ name, decided, kept, attested, secondsPerDecision }) => [
					name,
					String(decided),
					String(kept),
					String(attested),
					String(secondsPerDecision ?? ""),
				]),
			],
		},
	},
	{ text: "Items", fontSize: 12, bold: true, margin: [0, 12, 0, 4] },
	{
		layout: "lightHorizontalLines",
		table: {
			headerRows: 1,
			dontBreakRows: true,
			widths: [24, 110, 100, 90, 100, "*", 95, 75],
			body: [headRow("No.", "Who", "What", "Used in 90 days", "Hints", "Decision", "By", "Confirmed"), ...rows],
		},
	},
];
if (proof)
	content.push({ text: "Checkpoint of the ledger", fontSize: 12, bold: true, margin: [0, 12, 0, 4] }, { text: proof.checkpoint, fontSize: 7 });

const footer = proof
	? `SHA-256 of the JSON report ${proof.hash}, ledger entry ${proof.index}; checkpoint ${proof.checkpoint.split("\n").slice(0, 3).join(" ")}`
	: "Draft: no hash of it stands in the ledger";
await postPdf({
	pageOrientation: "landscape",
	pageMargins: [30, 30, 30, 40],
	info: { title: `Review ${review.period}`, creator: "Watchroom" },
	content,
	footer: (page, pages) => ({
		columns: [
			{ text: footer, fontSize: 6.5 },
			{ text: `${page} / ${pages}`, alignment: "right", width: 50 },
		],
		margin: [30, 8, 30, 0],
	}),
});
