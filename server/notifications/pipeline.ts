/**
 * From pages to notifications: inhibit, de-duplicate, group, route. One pure step, of what is due and what is known at a moment; whoever
 * takes it stores the outcome in one transaction. Instants are Unix ms.
 */
import { randomUUID } from "node:crypto";
import type { Priority } from "../../contracts/kinds.ts";
import type { NotificationPolicy } from "../../contracts/notification-policy.ts";
import type { FedAlarm } from "../alarms/alarm-feed.ts";
import { type Call, callOf, closing, groupDue, groupOf, HELD_LOOK, inhibition, type Page, paged, repeatWindow, soonest, TEST_RULE } from "./page.ts";
import { type Callable, calledUpTo, highest, receiversOf, routeAt } from "./routing.ts";

export interface Group {
	key: string;
	/** When its waiting pages go out; `null`: none waits. */
	dueAt: number | null;
	pagedAt: number | null;
}
/** What one receiver is told of a group. `person: null`: the webhook. */
export interface Draft {
	id: string;
	group: string;
	kind: Call;
	person: string | null;
	priority: Priority;
	/** The most important first. */
	alarms: readonly FedAlarm[];
}
export interface Situation {
	now: number;
	policy: NotificationPolicy;
	/** Pages that are due, and all that wait in groups that are. */
	pages: readonly Page[];
	/** Their alarms, by id. */
	alarms: ReadonlyMap<string, FedAlarm>;
	/** Their groups, by key, as far as there are. */
	groups: ReadonlyMap<string, Group>;
	callable: Callable;
	/** What a rule says of its receivers. */
	receivers: (rule: string) => readonly string[];
}
export interface Outcome {
	/** As they are now. */
	pages: Page[];
	groups: Group[];
	drafts: Draft[];
}

/** Takes everything that is due a step on. */
export function step(situation: Situation, newId: () => string = randomUUID): Outcome {
	const { now, policy, alarms } = situation;
	const groups = new Map(situation.groups);
	const pages: Page[] = [];
	const calls: Calling[] = [];
	const repeating = new Set(situation.pages.filter((page) => callOf(page, now) === "repeated").map(({ group }) => group));
	for (const page of situation.pages) {
		const alarm = alarms.get(page.alarm);
		const over = closing(page, alarm);
		if (over || !alarm) {
			pages.push({ ...page, state: "closed", reason: over, dueAt: null });
			continue;
		}
		const held = inhibition(alarm);
		if (held) {
			pages.push({ ...page, state: "held", reason: held, dueAt: now + HELD_LOOK });
			continue;
		}
		const call = callOf(page, now, repeating.has(page.group) ? repeatWindow(policy) : 0);
		const key = groupOf(alarm);
		if (call === "wait") pages.push({ ...page, state: "paged", reason: null, dueAt: soonest(page.escalateAt, page.repeatAt) });
		else if (call !== "join") calls.push({ page, alarm, call });
		else if (isDue(situation.groups.get(key), now)) calls.push({ page: { ...page, group: key }, alarm, call: "raised" });
		else {
			const group = groups.get(key) ?? { key, dueAt: null, pagedAt: null };
			const due = groupDue(alarm.priority, group.pagedAt, policy, now);
			if (page.state !== "waiting" || page.group !== key || group.dueAt === null)
				groups.set(key, { ...group, dueAt: Math.min(group.dueAt ?? due, due) });
			pages.push({ ...page, state: "waiting", reason: null, group: key, dueAt: null });
		}
	}
	for (const group of situation.groups.values())
		if (isDue(group, now)) {
			// Where every page of it was answered or is held meanwhile, nothing goes out.
			const goesOut = calls.some(({ page, call }) => call === "raised" && page.group === group.key);
			groups.set(group.key, { ...group, dueAt: null, pagedAt: goesOut ? now : group.pagedAt });
		}
	const told = tell(calls, situation, newId);
	return { ...told, pages: [...pages, ...told.pages], groups: [...groups.values()].filter((group) => situation.groups.get(group.key) !== group) };
}

const isDue = (group: Group | undefined, now: number): boolean => group !== undefined && group.dueAt !== null && group.dueAt <= now;

interface Calling {
	page: Page;
	alarm: FedAlarm;
	call: Call;
}

/** Stage 4, and one notification for each receiver of a group. */
function tell(calls: readonly Calling[], situation: Situation, newId: () => string): Pick<Outcome, "pages" | "drafts"> {
	const { now, policy, callable } = situation;
	const pages: Page[] = [];
	const told = new Map<string, { group: string; person: string | null; calls: Calling[] }>();
	for (const calling of calls) {
		const { page, alarm, call } = calling;
		const route = routeAt(call === "escalated" ? page.step + 1 : page.step, callable);
		const people = new Set(call === "repeated" ? calledUpTo(page.step, callable) : route.people);
		if (call === "raised") for (const person of receiversOf(situation.receivers(alarm.rule), callable)) people.add(person);
		if (alarm.rule === TEST_RULE) for (const person of calledUpTo(Number.POSITIVE_INFINITY, callable)) people.add(person);
		const group = groupOf(alarm);
		for (const person of [...people, null]) {
			const key = JSON.stringify([group, person]);
			const of = told.get(key) ?? { group, person, calls: [] };
			of.calls.push(calling);
			told.set(key, of);
		}
		const reached = call === "repeated" ? { step: page.step, last: page.escalateAt === null } : route;
		pages.push(paged(page, alarm, { ...reached, policy, now }));
	}
	const drafts = [...told.values()].map(({ group, person, calls: of }): Draft => {
		const priority = highest(of.map(({ alarm }) => alarm.priority));
		const kind = (["raised", "escalated", "repeated"] as const).find((one) => of.some(({ call }) => call === one)) ?? "raised";
		return { id: newId(), group, kind, person, priority, alarms: of.map(({ alarm }) => alarm).sort(byImportance) };
	});
	return { pages, drafts };
}

const RANK: Readonly<Record<Priority, number>> = { critical: 0, high: 1, medium: 2, low: 3 };
const byImportance = (a: FedAlarm, b: FedAlarm) => RANK[a.priority] - RANK[b.priority] || a.raisedAt - b.raisedAt;
