/** The tamper-evident ledger (RFC 6962 hashing, C2SP tlog-checkpoint), as the API shows it. */
import { z } from "zod";
import { instantSchema } from "./api.ts";

const base64 = z.base64();
/** `GET /ledger/entries/{n}`; `leaf`: the exact bytes that are hashed. */
export const ledgerEntrySchema = z.object({ index: z.number().int(), leaf: base64, type: z.string(), at: instantSchema });
/** `GET /ledger/entries`, newest first: with the leaf's content for people. */
export const ledgerListItemSchema = ledgerEntrySchema.extend({ data: z.json() });
/** `GET /ledger/entries/{n}/proof?size=`; `checkpoint` is a signed note over a tree of `treeSize`. */
export const ledgerProofSchema = z.object({
	index: z.number().int(),
	treeSize: z.number().int(),
	hashes: z.array(base64),
	checkpoint: z.string(),
});
/** `GET /ledger/consistency?from=&to=` */
export const ledgerConsistencySchema = z.object({ from: z.number().int(), to: z.number().int(), hashes: z.array(base64) });
/** `GET /ledger/entries/{n}/evidence`: one file that `watchroom verify` checks without the server. */
export const evidencePackSchema = z.object({
	format: z.literal("watchroom-evidence/1"),
	entry: ledgerEntrySchema,
	proof: ledgerProofSchema,
	/** The verifier key, `name+hash+base64`; whoever checks compares it with one got by another way. */
	key: z.string(),
	/** Verifier keys of the witnesses whose signatures the checkpoint carries. */
	witnessKeys: z.array(z.string()),
});
export type EvidencePack = z.infer<typeof evidencePackSchema>;

/** `GET /ledger`: its state for the ledger page. */
export const ledgerStateSchema = z.object({
	size: z.number().int(),
	root: z.string(),
	checkpoint: z.string(),
	/** Time of the newest entry below it; `null`: there is none. */
	checkpointAt: instantSchema.nullable(),
	key: z.string(),
	witnesses: z.array(
		z.object({
			agent: z.string(),
			key: z.string(),
			/** The last tree that it co-signed. */
			size: z.number().int().nullable(),
			signedAt: instantSchema.nullable(),
			/** `fork`: it was shown a history that is not an extension of what it had seen. */
			state: z.enum(["current", "behind", "silent", "fork"]),
			detail: z.string(),
		}),
	),
});
export type LedgerState = z.infer<typeof ledgerStateSchema>;
