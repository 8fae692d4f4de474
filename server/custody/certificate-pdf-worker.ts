/** Thread that lays a certificate out as PDF; see certificate-pdf.ts. */
import { workerData } from "node:worker_threads";
import { postPdf } from "../platform/pdf/post-pdf.ts";
import { batchContent } from "./batch-pages.ts";
import { certificatePagesSchema } from "./certificate-pdf.ts";
import { mediumContent } from "./medium-pages.ts";

const pages = certificatePagesSchema.parse(workerData);
const { digest, index } = pages.proof;
const title =
	pages.kind === "medium" ? `Certificate of sanitization ${pages.certificate.medium.serial}` : `Certificate ${pages.certificate.order.title}`;
await postPdf({
	pageMargins: [44, 40, 44, 46],
	defaultStyle: { fontSize: 8.5, lineHeight: 1.1 },
	info: { title, creator: "Watchroom" },
	content: pages.kind === "medium" ? mediumContent(pages) : batchContent(pages),
	footer: (page, count) => ({
		columns: [
			{ text: `Certificate SHA-256 ${digest}, ledger entry ${index}`, fontSize: 6.5 },
			{ text: `Page ${page} of ${count}`, alignment: "right", width: 70, fontSize: 7.5 },
		],
		margin: [44, 14, 44, 0],
	}),
});
