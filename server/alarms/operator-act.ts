/**
 * What a person does to an alarm: which of it is refused and how that is said, and what remains of it beside the alarm itself: a line
 * in the audit log and an entry in the ledger.
 */
import { createHash, randomBytes } from "node:crypto";
import type { Audit } from "../audit/audit.ts";
import type { LedgerAppender } from "../ledger/ledger-entry.ts";
import type { Actor } from "../platform/actor.ts";
import type { AnyTransaction } from "../platform/database/database.ts";
import { AppError, invalid } from "../platform/errors.ts";
import type { AlarmRecord, TransitionKind, TransitionRecord } from "./alarm.ts";
import type { Flags, OperatorMove, Shelf } from "./alarm-life-cycle.ts";

/** `comment`: an acknowledgement may have one; everything that puts an alarm aside must say why. */
export interface OperatorAct {
	kind: OperatorMove;
	by: string;
	comment: string | null;
	/** Goes with `shelved`. */
	shelf?: Shelf;
}
export interface RecordedAct {
	/** The alarm as it was afterwards. */
	alarm: AlarmRecord;
	transition: TransitionRecord;
	actor: Actor;
}

/** By the act and the flag that stands in its way. */
const REFUSALS: Readonly<Record<OperatorMove, Partial<Record<keyof Flags, { code: string; detail: string }>>>> = {
	acknowledged: { acknowledged: { code: "already-acknowledged", detail: "Nothing of this alarm is unacknowledged." } },
	reset: {
		latched: { code: "not-latched", detail: "This alarm is not latched." },
		active: { code: "still-active", detail: "An alarm can't be reset while its condition holds." },
		acknowledged: { code: "not-acknowledged", detail: "An alarm can't be reset before it is acknowledged." },
	},
	shelved: { shelved: { code: "already-shelved", detail: "This alarm is shelved already; unshelve it first." } },
	unshelved: { shelved: { code: "not-shelved", detail: "This alarm is not shelved." } },
	"out-of-service": { outOfService: { code: "already-out-of-service", detail: "This alarm is out of service already." } },
	"in-service": { outOfService: { code: "already-in-service", detail: "This alarm is in service." } },
};

/** Audit operation and ledger type of each act. */
const TRACES: Readonly<Partial<Record<TransitionKind, readonly [operation: string, type: string]>>> = {
	acknowledged: ["alarm.acknowledge", "alarm.acknowledged"],
	reset: ["alarm.reset", "alarm.reset"],
	shelved: ["alarm.shelve", "alarm.shelved"],
	unshelved: ["alarm.unshelve", "alarm.unshelved"],
	"out-of-service": ["alarm.out-of-service", "alarm.out-of-service"],
	"in-service": ["alarm.in-service", "alarm.in-service"],
};

/** AppError (409) of an act that an alarm is not in the state for. */
export function refusal(kind: OperatorMove, obstacle: keyof Flags): AppError {
	const reason = REFUSALS[kind][obstacle];
	if (!reason) throw new RangeError(`${kind} doesn't depend on ${obstacle}`);
	return new AppError(reason.code, 409, reason.detail);
}

/** The shelf that somebody wishes for, from `now` on. Throws AppError `invalid-request` (400) when that is longer than `longest` ms. */
export function shelfFor({ minutes, oneShot }: { minutes?: number | undefined; oneShot: boolean }, longest: number, now: number): Shelf {
	const most = Math.floor(longest / 60_000);
	if (minutes !== undefined && minutes > most)
		throw invalid("An alarm can't be shelved for so long.", [{ field: "minutes", message: `expected at most ${most}` }]);
	return { until: now + (minutes === undefined ? longest : minutes * 60_000), oneShot };
}

/**
 * Writes the lines and entries of acts in the transaction that records them, in whose last statements it MUST be called.
 * The comment stands in the audit log with a salt, and in the ledger as their digest, so that it can be erased and still be proved.
 */
export async function recordActs(
	{ audit, ledger }: { audit: Audit; ledger: LedgerAppender },
	transaction: AnyTransaction,
	acts: readonly RecordedAct[],
): Promise<void> {
	const entries: Parameters<LedgerAppender["append"]>[1][] = [];
	for (const { alarm: record, transition, actor } of acts) {
		const { alarm, kind, rule, point, occurrence, comment, at } = transition;
		const trace = TRACES[kind];
		// What follows from an act, such as the end of a shelf, is nobody's act.
		if (!trace) continue;
		const [operation, type] = trace;
		const salt = randomBytes(16).toString("hex");
		const shelf = kind === "shelved" ? record.shelf : null;
		const shelved = shelf && { until: new Date(shelf.until).toISOString(), oneShot: shelf.oneShot };
		await audit.record(transaction, {
			tag: "change",
			operation,
			actor,
			object: { type: "alarm", id: alarm },
			result: "ok",
			detail: { rule, point, occurrence, ...shelved, ...(comment !== null && { comment, salt }) },
		});
		const digest = comment === null ? null : commentDigest(salt, comment);
		entries.push({ type, version: 1, at, data: { alarm, rule, point, occurrence, ...shelved, account: actor.id, comment: digest } });
	}
	for (const entry of entries) await ledger.append(transaction, entry);
}

/** SHA-256 of salt and comment, hex. */
export function commentDigest(salt: string, comment: string): string {
	return createHash("sha256").update(`${salt}\n${comment}`).digest("hex");
}
