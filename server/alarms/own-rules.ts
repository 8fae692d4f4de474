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
	{
		id: "access-duress",
		name: "Duress",
		priority: "critical",
		cause: "Somebody opened a door with the sign that they are forced to.",
		consequence: "A person is threatened, and an intruder may be inside.",
		action: "Call the security guard and the police; don't confront.",
		responseTime: 2 * MINUTE,
		momentary: true,
	},
	{
		id: "access-revoked-badge",
		name: "Revoked badge used",
		priority: "critical",
		cause: "A badge was shown whose holder has left or whose access was taken away.",
		consequence: "Somebody who has no business here tries, or the controller still lets them in.",
		action: "Look at the camera of the door, take the badge in, and check that the controller has taken over its list.",
		responseTime: 5 * MINUTE,
		momentary: true,
	},
	{
		id: "access-lost-badge",
		name: "Lost or stolen badge used",
		priority: "critical",
		cause: "A card was shown that was reported lost or stolen.",
		consequence: "An intruder may be inside.",
		action: "Send the guard to the door, and look at its camera.",
		responseTime: 5 * MINUTE,
		momentary: true,
	},
	{
		id: "access-against-records",
		name: "Door opened against the records",
		priority: "high",
		cause: "The controller let somebody in whom our records don't allow.",
		consequence: "The controller works by another list than it should.",
		action: "Find out who it was; compare and repair the controller's list.",
		responseTime: 15 * MINUTE,
		momentary: true,
	},
	{
		id: "access-opened-without-grant",
		name: "Door opened without a grant",
		priority: "high",
		cause: "A door opened, and nobody had shown a credential or pressed the exit button.",
		consequence: "Somebody may have come in by force, or the door doesn't lock.",
		action: "Look at the camera, send the guard, check the lock.",
		responseTime: 5 * MINUTE,
		momentary: true,
	},
	{
		id: "access-passback",
		name: "Anti-passback",
		priority: "medium",
		cause: "A badge went in again without having gone out.",
		consequence: "The badge was handed back to a second person, or somebody left behind another.",
		action: "Find out who is inside, and correct the record.",
		responseTime: 30 * MINUTE,
		momentary: true,
	},
	{
		id: "access-tailgating",
		name: "Tailgating",
		priority: "high",
		cause: "Somebody leaves who never came in by a badge.",
		consequence: "Two people passed on one person's credentials.",
		action: "Find out who it is and how they came in.",
		responseTime: 15 * MINUTE,
		momentary: true,
	},
	{
		id: "access-interlock",
		name: "Interlock violated",
		priority: "high",
		cause: "Two doors of a mantrap were open, or asked for, at once.",
		consequence: "The mantrap doesn't separate.",
		action: "Send the guard, check both doors.",
		responseTime: 10 * MINUTE,
		momentary: true,
	},
	{
		id: "access-two-person",
		name: "Two-person rule broken",
		priority: "high",
		cause: "A door that asks for two people opened for one.",
		consequence: "Somebody is alone where nobody may be.",
		action: "Send a second person, and ask for the reason.",
		responseTime: 10 * MINUTE,
		momentary: true,
	},
	{
		id: "access-one-factor",
		name: "Two-factor door opened on one factor",
		priority: "high",
		cause: "A door that asks for card and fingerprint opened on one of them.",
		consequence: "A found or stolen card is enough there.",
		action: "Check the reader's and the controller's settings; find out who passed.",
		responseTime: 15 * MINUTE,
		momentary: true,
	},
	{
		id: "access-guessing",
		name: "Badge guessing",
		priority: "high",
		cause: "Many denials at one door within a minute.",
		consequence: "Somebody tries out cards or codes.",
		action: "Look at the camera, send the guard.",
		responseTime: 5 * MINUTE,
		momentary: true,
	},
	{
		id: "access-impossible-travel",
		name: "Badge at two places at once",
		priority: "high",
		cause: "A badge was used at two doors faster than one can run.",
		consequence: "The badge was copied.",
		action: "Suspend the badge, ask its holder.",
		responseTime: 15 * MINUTE,
		momentary: true,
	},
	{
		id: "access-escort-separated",
		name: "Visitor without escort",
		priority: "high",
		cause: "A visitor's badge passed a door without the escort's.",
		consequence: "A visitor is alone where they may not be.",
		action: "Call the escort, send the guard.",
		responseTime: 10 * MINUTE,
		momentary: true,
	},
] as const satisfies readonly OwnRule[];

export type OwnRuleId = (typeof TABLE)[number]["id"];

/** The rules of the server's own conditions. */
export const OWN_RULES: ReadonlyMap<string, OwnRule> = new Map(TABLE.map((rule) => [rule.id, rule]));
