import type { Audit } from "../audit/audit.ts";
import type { Json, LedgerAppender } from "../ledger/ledger-entry.ts";
import type { Actor } from "../platform/actor.ts";
import type { Clock } from "../platform/clock.ts";
import type { AnyTransaction, Database } from "../platform/database/database.ts";

export interface Records {
	database: Database;
	audit: Audit;
	ledger: LedgerAppender;
	clock: Clock;
}

/**
 * Does `work` in one transaction with its audit line and its ledger entry `media.{act}`. What `work` resolves to is told in both;
 * `detail`, which may be personal, in the audit log alone.
 */
export async function recordedChange(
	{ database, audit, ledger, clock }: Records,
	{ act, object, actor, detail }: { act: string; object: { type: string; id: string }; actor: Actor; detail: Record<string, unknown> },
	work: (transaction: AnyTransaction, now: number) => Promise<Record<string, Json>>,
): Promise<void> {
	const now = clock.now();
	await database.transaction(async (transaction) => {
		const data = await work(transaction, now);
		await audit.record(transaction, { tag: "change", operation: `media.${act}`, actor, object, result: "ok", detail: { ...detail, ...data } });
		const subject = { [object.type.replace("media-", "")]: object.id };
		await ledger.append(transaction, { type: `media.${act}`, version: 1, at: now, data: { ...data, ...subject, by: actor.id } });
	});
}
