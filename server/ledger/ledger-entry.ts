import type { AnyTransaction } from "../platform/database/database.ts";

/** JSON, as the canonical form (RFC 8785) takes it. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * What is recorded for ever. Personal data never stands here in clear: a person is an account id or a salted digest.
 */
export interface LedgerEntry {
	/** `{feature}.{act}`, e.g. `alarm.acknowledged`, `change.approved`, `role.granted`. */
	type: string;
	/** Version of the shape of `data` for this type, from 1. */
	version: number;
	/** Unix ms. */
	at: number;
	data: { readonly [key: string]: Json };
}

/** Where features record acts that must stay provable. */
export interface LedgerAppender {
	/**
	 * Appends in the caller's transaction; resolves to the entry's index. Appends are serialised until the caller commits, so call it
	 * LAST in the transaction. A rolled-back transaction leaves no gap.
	 */
	append(transaction: AnyTransaction, entry: LedgerEntry): Promise<number>;
}
