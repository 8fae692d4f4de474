import { Worker } from "node:worker_threads";

/** The document that a script makes of `data` (see {@link postPdf}), laid out in a thread of its own: long ones take seconds. */
export async function pdfThread(script: URL, data: unknown): Promise<Buffer> {
	const worker = new Worker(script, { workerData: data });
	try {
		return await new Promise<Buffer>((resolve, reject) => {
			worker.once("message", (bytes: Uint8Array) => resolve(Buffer.from(bytes)));
			worker.once("error", reject);
			worker.once("exit", (code) => reject(new Error(`the document's thread ended with ${code}`)));
		});
	} finally {
		await worker.terminate();
	}
}
