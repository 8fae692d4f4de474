import { Worker } from "node:worker_threads";
import type { ReviewReport } from "./review-report.ts";

/** Where a report stands in the ledger. */
export interface ReportProof {
	/** SHA-256 of the JSON report, hex. */
	hash: string;
	index: number;
	/** Signed note (C2SP tlog-checkpoint). */
	checkpoint: string;
}

/** The paged report, laid out in a thread of its own: a thousand items take seconds. `proof`: `null` for a draft. */
export async function reportPdf(report: ReviewReport, proof: ReportProof | null): Promise<Buffer> {
	const worker = new Worker(new URL("./review-pdf-worker.ts", import.meta.url), { workerData: { report, proof } });
	try {
		return await new Promise<Buffer>((resolve, reject) => {
			worker.once("message", (bytes: Uint8Array) => resolve(Buffer.from(bytes)));
			worker.once("error", reject);
			worker.once("exit", (code) => reject(new Error(`the report's thread ended with ${code}`)));
		});
	} finally {
		await worker.terminate();
	}
}
