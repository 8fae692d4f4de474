import { z } from "zod";
import { pdfThread } from "../platform/pdf/pdf-thread.ts";
import { batchCertificateSchema, mediumCertificateSchema } from "./certificate.ts";

/** Where a certificate stands in the ledger. */
const proofSchema = z.object({
	/** SHA-256 of the certificate, hex. */
	digest: z.string(),
	index: z.number().int(),
	/** Inclusion proof (RFC 6962 §2.1.1), base64. */
	hashes: z.array(z.string()),
	/** Signed note (C2SP tlog-checkpoint). */
	checkpoint: z.string(),
	key: z.string(),
	/** Names of the witnesses that have co-signed. */
	witnesses: z.array(z.string()),
});
export type Proof = z.infer<typeof proofSchema>;

const printed = {
	proof: proofSchema,
	/** Address of the page that shows and verifies it. */
	page: z.string(),
	/** Names are hidden from whom it is for. */
	masked: z.boolean(),
};
export const certificatePagesSchema = z.discriminatedUnion("kind", [
	z.object({
		kind: z.literal("medium"),
		certificate: mediumCertificateSchema,
		/** What came after it was issued. */
		after: mediumCertificateSchema.shape.chain,
		/** By two persons, whatever was certified before. */
		writtenOff: z.boolean(),
		/** What places are called that the certificate doesn't name. */
		places: mediumCertificateSchema.shape.places,
		...printed,
	}),
	z.object({ kind: z.literal("batch"), certificate: batchCertificateSchema, ...printed }),
]);
export type CertificatePages = z.infer<typeof certificatePagesSchema>;

/** The certificate as one hands it to an auditor. */
export const certificatePdf = (pages: CertificatePages): Promise<Buffer> => pdfThread(new URL("./certificate-pdf-worker.ts", import.meta.url), pages);
