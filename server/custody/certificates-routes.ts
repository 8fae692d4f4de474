import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Response } from "express";
import { z } from "zod";
import { defineRoute, type Route } from "../platform/http/route.ts";
import type { CertificateFile, CertificatesService } from "./certificates-service.ts";

const byId = z.object({ id: z.uuid() });
const MEDIA = { json: "application/json", pdf: "application/pdf" } as const;

/** Certificates of media and of work orders: as evidence packs for `watchroom verify`, and as paged documents (MED-7). */
export function certificatesRoutes(certificates: CertificatesService): Route[] {
	const files = {
		"/api/v1/media/{id}/certificate": {
			summary: "A destroyed medium's certificate",
			reads: "media.certificate",
			json: (...asked: Asked) => certificates.pack(...asked),
			pdf: (...asked: Asked) => certificates.pdf(...asked),
		},
		"/api/v1/media/batches/{id}/certificate": {
			summary: "A closed work order's certificate",
			reads: "media.batch-certificate",
			json: (...asked: Asked) => certificates.batchPack(...asked),
			pdf: (...asked: Asked) => certificates.batchPdf(...asked),
		},
	};
	return Object.entries(files).flatMap(([path, { summary, reads, ...make }]) =>
		(["json", "pdf"] as const).map((format) =>
			defineRoute({
				method: "get",
				path: `${path}.${format}`,
				summary: `${summary} as ${format === "json" ? "evidence pack: steps, photos and proofs with it" : "PDF"}`,
				tag: "media",
				permission: "media.read",
				readsPersonal: reads,
				params: byId,
				response: MEDIA[format],
				handle: async ({ params, actor, response }) => send(await make[format](params.id, actor), MEDIA[format], response),
			}),
		),
	);
}

type Asked = Parameters<CertificatesService["pack"]>;

async function send({ name, digest, body }: CertificateFile, type: string, response: Response): Promise<void> {
	if (digest !== null) response.setHeader("x-content-hash", `sha256:${digest}`);
	response.attachment(name).type(type);
	if (Buffer.isBuffer(body)) response.send(body);
	else await pipeline(Readable.from(body), response);
}
