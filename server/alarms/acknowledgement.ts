/** What remains of an acknowledgement beside the alarm itself: a line in the audit log and an entry in the ledger. */
import { createHash, randomBytes } from "node:crypto";
import type { Audit } from "../audit/audit.ts";
import type { LedgerAppender } from "../ledger/ledger-entry.ts";
import type { Actor } from "../platform/actor.ts";
import type { AnyTransaction } from "../platform/database/database.ts";
import type { TransitionRecord } from "./alarm.ts";

export interface Acknowledgement {
	transition: TransitionRecord;
	actor: Actor;
}

/**
 * Writes the lines and entries of acknowledgements in the transaction that records them, in whose last statements it MUST be called.
 * The comment stands in the audit log with a salt, and in the ledger as their digest, so that it can be erased and still be proved.
 */
export async function recordAcknowledgements(
	{ audit, ledger }: { audit: Audit; ledger: LedgerAppender },
	transaction: AnyTransaction,
	acknowledgements: readonly Acknowledgement[],
): Promise<void> {
	const entries: Parameters<LedgerAppender["append"]>[1][] = [];
	for (const { transition, actor } of acknowledgements) {
		const { alarm, rule, point, occurrence, comment, at } = transition;
		const salt = randomBytes(16).toString("hex");
		await audit.record(transaction, {
			tag: "change",
			operation: "alarm.acknowledge",
			actor,
			object: { type: "alarm", id: alarm },
			result: "ok",
			detail: { rule, point, occurrence, ...(comment !== null && { comment, salt }) },
		});
		entries.push({
			type: "alarm.acknowledged",
			version: 1,
			at,
			data: { alarm, rule, point, occurrence, account: actor.id, comment: comment === null ? null : commentDigest(salt, comment) },
		});
	}
	for (const entry of entries) await ledger.append(transaction, entry);
}

/** SHA-256 of salt and comment, hex. */
export function commentDigest(salt: string, comment: string): string {
	return createHash("sha256").update(`${salt}\n${comment}`).digest("hex");
}
