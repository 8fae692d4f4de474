import type { ChangeKindName, Proposal } from "../../contracts/changes.ts";
import type { Permission } from "../../contracts/permissions.ts";
import type { Json, LedgerEntry } from "../ledger/ledger-entry.ts";
import type { Actor } from "../platform/actor.ts";
import type { AnyTransaction } from "../platform/database/database.ts";

/** A proposal's subject as it is, and as it would be. */
export interface BeforeAfter {
	subject: string;
	/** Site that the permissions are asked for; `*` where it isn't about a site. */
	site: string;
	/** One line for people. */
	title: string;
	before: Json;
	after: Json;
}

/**
 * One kind of change that takes two people. The feature that owns the subject defines it and main.ts registers it; the approval
 * mechanism knows no kind.
 */
export interface ChangeKind<P extends Proposal = Proposal> {
	kind: P["kind"] & ChangeKindName;
	propose: Permission;
	approve: Permission;
	/** How long a proposal waits for a decision, ms. */
	expiresAfter: number;
	/**
	 * What the change would do, read in the transaction. Called when it is proposed, and again when it is approved: where `before`
	 * differs then, the world has changed and the change is stale. Throws AppError for what can't be (unknown subject, a rule it breaks).
	 * MUST lock what `before` tells of.
	 */
	describe(transaction: AnyTransaction, proposal: P, proposer: { id: string }): Promise<BeforeAfter>;
	/**
	 * Carries it out in the transaction of the approval; `id` is the change's. Throws AppError when it can't be, which rolls the
	 * approval back. Returns entries for the ledger beside that of the approval itself.
	 */
	apply(
		transaction: AnyTransaction,
		change: { id: string; proposal: P; proposer: { id: string }; approver: Actor; now: number },
	): Promise<LedgerEntry[]>;
	/** Account that it is about: its person must not decide it although the permission is there, with whichever account of theirs. */
	about?(proposal: P): string;
	/** After the commit: effects outside the database (sessions to refresh, files to write). MUST NOT throw. */
	applied?(change: { id: string; proposal: P }): void | Promise<void>;
}
