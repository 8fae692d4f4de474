import { pdfThread } from "../platform/pdf/pdf-thread.ts";
import type { ReviewReport } from "./review-report.ts";

/** Where a report stands in the ledger. */
export interface ReportProof {
	/** SHA-256 of the JSON report, hex. */
	hash: string;
	index: number;
	/** Signed note (C2SP tlog-checkpoint). */
	checkpoint: string;
}

/** The paged report; `proof`: `null` for a draft. */
export async function reportPdf(report: ReviewReport, proof: ReportProof | null): Promise<Buffer> {
	return await pdfThread(new URL("./review-pdf-worker.ts", import.meta.url), { report, proof });
}
