import type { Priority } from "../../contracts/kinds.ts";

/** A condition of the server itself, not of a point, that raises an alarm (ALM-4: each says why, what follows and what to do). */
export interface OwnRule {
	id: string;
	name: string;
	priority: Priority;
	cause: string;
	consequence: string;
	action: string;
	/** Time in which somebody must have responded, ms. */
	responseTime: number;
	/** Something that happened rather than something that lasts: it returns at once, and waits for an acknowledgement. */
	momentary: boolean;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const TABLE = [
	{
		id: "high-risk-operation",
		name: "High-risk operation",
		priority: "high",
		cause: "Somebody has used a right that can do harm.",
		consequence: "A change that nobody expected may be in force.",
		action: "Read the audit entry; ask the person or undo the change.",
		responseTime: 30 * MINUTE,
		momentary: true,
	},
	{
		id: "certificate-expiry",
		name: "Certificate expires",
		priority: "medium",
		cause: "A certificate is near its end.",
		consequence: "Connections that need it will be refused.",
		action: "Renew the certificate.",
		responseTime: 7 * DAY,
		momentary: false,
	},
	{
		id: "certificate-expiry-soon",
		name: "Certificate expires within days",
		priority: "high",
		cause: "A certificate is at its end and has not been renewed.",
		consequence: "Connections that need it will be refused in a few days.",
		action: "Renew the certificate today.",
		responseTime: 8 * HOUR,
		momentary: false,
	},
	{
		id: "ledger-fork",
		name: "Ledger fork",
		priority: "critical",
		cause: "A checkpoint does not continue the one before.",
		consequence: "Records may have been rewritten; the evidence can't be relied on.",
		action: "Keep the database and the witnesses' checkpoints as they are, and call the auditor.",
		responseTime: 15 * MINUTE,
		momentary: false,
	},
	{
		id: "device-clock-skew",
		name: "Device clock is off",
		priority: "low",
		cause: "The clock of a device differs from its agent's by more than a minute.",
		consequence: "Its readings are uncertain, and its events stand at the wrong time.",
		action: "Set the clock of the device, and check where it gets its time from.",
		responseTime: DAY,
		momentary: false,
	},
	{
		id: "agent-offline",
		name: "Edge agent offline",
		priority: "high",
		cause: "Nothing is heard of an edge agent: it is down, or its line is.",
		consequence: "Its rooms are not watched now; what its devices say comes later, if the agent still runs.",
		action: "Check the agent's machine and its line; watch its rooms by other means meanwhile.",
		responseTime: 15 * MINUTE,
		momentary: false,
	},
	{
		id: "audit-review-overdue",
		name: "Audit review overdue",
		priority: "medium",
		cause: "The audit log has not been reviewed in its time.",
		consequence: "Misuse may go unnoticed.",
		action: "Review the audit log and sign the review.",
		responseTime: 3 * DAY,
		momentary: false,
	},
	{
		id: "grants-lapsing",
		name: "Grants lapse soon",
		priority: "low",
		cause: "Nobody has asked for grants to a zone again, and their three months end within 14 days.",
		consequence: "The people who have them can't enter the zone any more.",
		action: "Renew the grants that are still needed; let the others lapse.",
		responseTime: 7 * DAY,
		momentary: false,
	},
	{
		id: "history-degraded",
		name: "History degraded",
		priority: "high",
		cause: "The time-series store is away, or the spool before it is more than half full.",
		consequence: "Trends show nothing new; when the spool is full, agents keep readings until their outboxes are full too.",
		action: "Check the store and its disk.",
		responseTime: 30 * MINUTE,
		momentary: false,
	},
	{
		id: "controller-drift",
		name: "Access list drifted",
		priority: "high",
		cause: "A door controller held another access list than the one that was put there.",
		consequence: "Doors may have opened to people who may not, or stayed closed to people who may.",
		action:
			"Look at the entries that differed and at the doors' events since the last confirmation; find out who or what changed the list. It is repaired by itself.",
		responseTime: 30 * MINUTE,
		momentary: false,
	},
	{
		id: "revocation-unconfirmed",
		name: "Revocation not confirmed",
		priority: "high",
		cause: "A door controller has not confirmed that it no longer holds an access that was taken away.",
		consequence: "The door may still open to whoever had it.",
		action:
			"Have the door watched or locked; look at why the controller doesn't answer; take the card or fingerprint away at the controller by hand.",
		responseTime: 15 * MINUTE,
		momentary: false,
	},
] as const satisfies readonly OwnRule[];

export type OwnRuleId = (typeof TABLE)[number]["id"];

/** The rules of the server's own conditions. */
export const OWN_RULES: ReadonlyMap<string, OwnRule> = new Map(TABLE.map((rule) => [rule.id, rule]));
