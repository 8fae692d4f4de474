import type { Actor } from "../platform/actor.ts";
import type { AnyTransaction } from "../platform/database/database.ts";

/** What kind of act a line tells of (AUD-1's tag). */
export const AUDIT_TAGS = ["log-in", "authorisation", "read", "change", "system"] as const;
export type AuditTag = (typeof AUDIT_TAGS)[number];

/** One line of the audit log, as whoever acts hands it over; the log adds id and time (AUD-1). */
export interface AuditLine {
	tag: AuditTag;
	/** `{feature}.{verb}`, e.g. `alarm.acknowledge`, `session.create`. */
	operation: string;
	/** Who; where nobody is known (a failed log-in), the address and the name that was typed. */
	actor: Actor | { address: string | null; typedName: string | null };
	/** What it was done to. */
	object: { type: string; id: string } | null;
	result: "ok" | "refused" | "failed";
	/** Anything that explains it; personal data is allowed, the line is encrypted. */
	detail?: Readonly<Record<string, unknown>>;
	/** A high-risk operation raises an alarm at once (AUD-2). */
	highRisk?: boolean;
}

/** Where every feature writes what was done. */
export interface Audit {
	/** Writes the line in the caller's transaction, which MUST be the one of the act that it tells of. */
	record(transaction: AnyTransaction, line: AuditLine): Promise<void>;
	/** Writes a line about what has no transaction: log-ins, refusals, reads. Resolves when it is committed; MUST be awaited before the answer. */
	note(line: AuditLine): Promise<void>;
}
