/**
 * What becomes of one occurrence of an alarm until somebody has answered it: the stages inhibit, de-duplicate and group, and the
 * escalation. Pure functions of state and time; instants are Unix ms.
 */
import type { NotificationPolicy } from "../../contracts/notification-policy.ts";
import type { FedAlarm } from "../alarms/alarm-feed.ts";

/**
 * The table of a page's life. `held`: inhibited, looked at again and again; `waiting`: in its group, for the others; `paged`: people
 * were told, and nobody has answered; `answered`: somebody has, and it goes on; `returned`: it is over, and waits in its group until
 * those who were told of it are told so.
 */
export type PageState = "new" | "held" | "waiting" | "paged" | "answered" | "returned" | "closed";
/** The states in which nobody is called any more. */
export const DONE = ["answered", "returned", "closed"] as const satisfies readonly PageState[];
export type Inhibition = "shelved" | "suppressed" | "out-of-service" | "symptom";
/** Why nobody is told any more. */
export type Closing = "acknowledged" | "over" | "superseded";

/** One occurrence of one alarm; there is one page for it, however often it is told of. */
export interface Page {
	alarm: string;
	occurrence: number;
	state: PageState;
	reason: Inhibition | Closing | null;
	/** Whose notifications it goes out with; `null` before. */
	group: string | null;
	/** Number of the place in the chain that was called last, from 0. */
	step: number;
	/** Since when nobody has answered: it may go back to earlier occurrences, see {@link goOn}. */
	openedAt: number;
	/** When people were first told; the times of the chain are reckoned from here. */
	pagedAt: number | null;
	/** When the next place is called, and when those that were are told again; `null`: never. */
	escalateAt: number | null;
	repeatAt: number | null;
	/** When it must be looked at again; `null`: when something happens to its alarm. */
	dueAt: number | null;
}
/** What has to be said of a page now. */
export type Call = "raised" | "escalated" | "repeated" | "resolved";

/** How often it is looked whether an inhibition has ended. */
export const HELD_LOOK = 10_000;
/** The server's own alarm that proves that people are reached. */
export const TEST_RULE = "test-alarm";

export const pageKey = (alarm: string, occurrence: number): string => `${alarm} ${occurrence}`;

export function newPage(alarm: string, occurrence: number, now: number): Page {
	return {
		alarm,
		occurrence,
		state: "new",
		reason: null,
		group: null,
		step: 0,
		openedAt: now,
		pagedAt: null,
		escalateAt: null,
		repeatAt: null,
		dueAt: now,
	};
}

/**
 * A new occurrence goes on where the one before stands, unless that was answered or is long ago: coming and going keeps no alarm from
 * its turn in the group, nor from the next in the chain. Nobody is told again of what they believe to be so; of an event, of what they
 * were told is over, and where not all whom it calls were reached, they are. `known`: all of them were.
 */
export function goOn(
	page: Page,
	before: Page | undefined,
	{ momentary, rule }: FedAlarm,
	{ policy, now, known }: { policy: NotificationPolicy; now: number; known: boolean },
): Page {
	if (!before || before.reason === "acknowledged" || rule === TEST_RULE) return page;
	const { openedAt, pagedAt, step, group, escalateAt, repeatAt } = before;
	if (now >= (escalateAt ?? repeatAt ?? openedAt) + policy.groupInterval) return page;
	const toldOver = before.state === "closed" && before.reason === "over" && policy.resolved.length > 0;
	if (pagedAt === null || momentary || toldOver || !known) return { ...page, openedAt, pagedAt, step };
	return { ...page, state: "paged", group, openedAt, pagedAt, step, escalateAt, repeatAt };
}

/** Stage 1. Why nobody is told of an alarm now; `null`: nothing keeps it. */
export function inhibition(alarm: Pick<FedAlarm, "shelved" | "suppressed" | "outOfService" | "causeId">): Inhibition | null {
	if (alarm.outOfService) return "out-of-service";
	if (alarm.suppressed) return "suppressed";
	if (alarm.shelved) return "shelved";
	return alarm.causeId === null ? null : "symptom";
}

/** Why nothing more is to be said of an occurrence; `null`: it waits for an answer. One that was answered stays so when it comes again. */
export function closing({ occurrence, reason }: Page, alarm: FedAlarm | undefined): Closing | null {
	if (!alarm || alarm.occurrence !== occurrence) return reason === "acknowledged" ? reason : "superseded";
	if (alarm.acknowledged) return "acknowledged";
	return isOver(alarm) ? "over" : null;
}

export const isOver = ({ active, latched, momentary }: FedAlarm): boolean => !active && !latched && !momentary;

/** What becomes of a page that nobody is called for any more: whoever was told of it is told when it is over, unless it has come again. */
export function endOf(page: Page, { occurrence, active, latched, momentary }: FedAlarm, { resolved }: NotificationPolicy): (typeof DONE)[number] {
	if (page.occurrence !== occurrence || page.pagedAt === null || momentary || resolved.length === 0) return "closed";
	return active || latched ? "answered" : "returned";
}

/** Stage 3. Alarms of one place that have one cause go out together; a test goes out alone. */
export function groupOf(alarm: Pick<FedAlarm, "site" | "room" | "causeId" | "rule">): string {
	return alarm.rule === TEST_RULE ? TEST_RULE : `${alarm.site}/${alarm.room}/${alarm.causeId ?? ""}`;
}

/** What is over in one place is told together too. */
export const overGroupOf = (alarm: Pick<FedAlarm, "site" | "room" | "causeId" | "rule">): string => `over ${groupOf(alarm)}`;

/** When a group goes out for an alarm that waits in it from `from` on. `pagedAt`: when it did so last. */
export function groupDue(priority: FedAlarm["priority"], pagedAt: number | null, policy: NotificationPolicy, from: number): number {
	if (priority === "critical") return from + policy.criticalWait;
	return Math.max(from + policy.groupWait, (pagedAt ?? Number.NEGATIVE_INFINITY) + policy.groupInterval);
}

/** When one alarm of a group is told again, those go along that are due so soon, so that repetitions come together, ms. */
export const repeatWindow = ({ repeatInterval }: NotificationPolicy): number => repeatInterval / 2;

/** What to do with a page whose alarm waits for an answer and isn't inhibited. `ahead`: it is told again that much before its time. */
export function callOf(page: Page, now: number, ahead = 0): Call | "join" | "wait" {
	if (page.pagedAt === null || page.state === "new" || page.state === "waiting") return "join";
	if (page.escalateAt !== null && page.escalateAt <= now) return "escalated";
	return page.repeatAt !== null && page.repeatAt <= now + ahead ? "repeated" : "wait";
}

/**
 * The page once people are told. `step`: the place that was called, `last`: that there is none after it. The times of the chain are
 * reckoned from the first call, so that a server that was down catches up at once.
 */
export function paged(
	page: Page,
	alarm: Pick<FedAlarm, "priority" | "responseTimeMs" | "rule">,
	{ step, last, policy, now }: { step: number; last: boolean; policy: NotificationPolicy; now: number },
): Page {
	const pagedAt = page.pagedAt ?? now;
	const response = alarm.responseTimeMs ?? policy.escalateAfter[alarm.priority];
	const isTest = alarm.rule === TEST_RULE;
	const escalateAt = last || isTest ? null : pagedAt + (step + 1) * response;
	const repeatAt = isTest ? null : now + policy.repeatInterval;
	return { ...page, state: "paged", reason: null, step, pagedAt, escalateAt, repeatAt, dueAt: soonest(escalateAt, repeatAt) };
}

export function soonest(...times: readonly (number | null)[]): number | null {
	const real = times.filter((time) => time !== null);
	return real.length > 0 ? Math.min(...real) : null;
}
