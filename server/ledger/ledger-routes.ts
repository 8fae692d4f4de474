import { z } from "zod";
import { pageOf } from "../../contracts/api.ts";
import {
	evidencePackSchema,
	ledgerConsistencySchema,
	ledgerEntrySchema,
	ledgerListItemSchema,
	ledgerProofSchema,
	ledgerStateSchema,
} from "../../contracts/ledger.ts";
import { decodeCursor, pageOfRows, pagingQuery } from "../platform/http/paging.ts";
import { defineRoute, type Route } from "../platform/http/route.ts";
import { entryOf } from "./leaf.ts";
import { type LedgerService, viewOf } from "./ledger-service.ts";

const count = z
	.string()
	.regex(/^(0|[1-9][0-9]{0,15})$/, { error: "expected a whole number from 0" })
	.transform(Number)
	.refine(Number.isSafeInteger, { error: "expected a whole number below 2^53" });
const byIndex = z.object({ n: count });
const common = { method: "get", tag: "ledger", permission: "ledger.read" } as const;

/** The tamper-evident ledger. */
export function ledgerRoutes(ledger: LedgerService): Route[] {
	return [
		defineRoute({
			...common,
			path: "/api/v1/ledger",
			summary: "The ledger's size, newest checkpoint, key and witnesses",
			response: ledgerStateSchema,
			handle: async () => ledger.state(),
		}),
		defineRoute({
			...common,
			path: "/api/v1/ledger/checkpoint",
			summary: "The newest checkpoint: a signed note (C2SP tlog-checkpoint) with the witnesses' cosignatures",
			response: "text/plain",
			handle: async ({ response }) => void response.type("text/plain").send(await ledger.checkpoint()),
		}),
		defineRoute({
			...common,
			path: "/api/v1/ledger/key",
			summary: "The log's verifier key, name+hash+base64",
			response: "text/plain",
			handle: async ({ response }) => void response.type("text/plain").send(`${ledger.key()}\n`),
		}),
		defineRoute({
			...common,
			path: "/api/v1/ledger/entries",
			summary: "Entries, newest first",
			query: z.object(pagingQuery),
			response: pageOf(ledgerListItemSchema),
			handle: async ({ query: { limit, cursor } }) => {
				const rows = await ledger.entries(decodeCursor(cursor, z.number().int().nonnegative()) ?? null, limit + 1);
				const item = (row: (typeof rows)[number]) => ({ ...viewOf(row), data: z.json().parse(entryOf(row.leaf).data) });
				return pageOfRows(rows, limit, item, ({ index }) => index);
			},
		}),
		defineRoute({
			...common,
			path: "/api/v1/ledger/entries/{n}",
			summary: "One entry: the exact bytes that are hashed",
			params: byIndex,
			response: ledgerEntrySchema,
			handle: async ({ params }) => ledger.entry(params.n),
		}),
		defineRoute({
			...common,
			path: "/api/v1/ledger/entries/{n}/proof",
			summary: "Inclusion proof (RFC 6962) in the newest checkpoint's tree, or in that of the checkpoint of `size`",
			params: byIndex,
			query: z.object({ size: count.optional() }),
			response: ledgerProofSchema,
			handle: async ({ params, query }) => ledger.proof(params.n, query.size),
		}),
		defineRoute({
			...common,
			path: "/api/v1/ledger/entries/{n}/evidence",
			summary: "Evidence pack: entry, proof, checkpoint and keys in one file for `watchroom verify`",
			params: byIndex,
			response: evidencePackSchema,
			handle: async ({ params }) => ledger.evidence(params.n),
		}),
		defineRoute({
			...common,
			path: "/api/v1/ledger/consistency",
			summary: "Consistency proof (RFC 6962) from the tree of the first size to that of the second",
			query: z.object({ from: count, to: count }),
			response: ledgerConsistencySchema,
			handle: async ({ query }) => ledger.consistency(query.from, query.to),
		}),
	];
}
