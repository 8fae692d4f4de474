/**
 * From pages to notifications: inhibit, de-duplicate, group, route. One pure step, of what is due and what is known at a moment; whoever
 * takes it stores the outcome in one transaction. Instants are Unix ms.
 */
import { randomUUID } from "node:crypto";
import type { Priority } from "../../contracts/kinds.ts";
import type { NotificationPolicy } from "../../contracts/notification-policy.ts";
import type { FedAlarm } from "../alarms/alarm-feed.ts";
import {
	type Call,
	callOf,
	closing,
	endOf,
	goOn,
	groupDue,
	groupOf,
	HELD_LOOK,
	inhibition,
	overGroupOf,
	type Page,
	paged,
	pageKey,
	repeatWindow,
	soonest,
	TEST_RULE,
} from "./page.ts";
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
	/** Of those that are new, the page of the occurrence before, by alarm. */
	before: ReadonlyMap<string, Page>;
	/** Their groups, by key, as far as there are. */
	groups: ReadonlyMap<string, Group>;
	callable: Callable;
	/** What a rule says of its receivers. */
	receivers: (rule: string) => readonly string[];
	/** Whom a message about them has reached, of the pages that are over and of those before; by {@link pageKey}. `null`: the webhook. */
	reached: ReadonlyMap<string, readonly (string | null)[]>;
}
export interface Outcome {
	/** As they are now. */
	pages: Page[];
	groups: Group[];
	drafts: Draft[];
	/** Pages that took over from the one before; whom that had reached knows of them. */
	continued: { page: Page; before: Page }[];
}

/** Takes everything that is due a step on. */
export function step(situation: Situation, newId: () => string = randomUUID): Outcome {
	const { now, policy, alarms } = situation;
	const groups = new Map(situation.groups);
	const pages: Page[] = [];
	const calls: Calling[] = [];
	const repeating = new Set(situation.pages.filter((page) => callOf(page, now) === "repeated").map(({ group }) => group));
	const join = (page: Page, alarm: FedAlarm, key: string) => {
		const group = groups.get(key) ?? { key, dueAt: null, pagedAt: null };
		const due = groupDue(page.state === "returned" ? "low" : alarm.priority, group.pagedAt, policy, page.state === "new" ? page.openedAt : now);
		if (page.group !== key || group.dueAt === null) groups.set(key, { ...group, dueAt: Math.min(group.dueAt ?? due, due) });
		pages.push({ ...page, state: page.state === "returned" ? "returned" : "waiting", group: key, dueAt: null });
	};
	const continued: Outcome["continued"] = [];
	const unheard = new Set<string>();
	for (const found of situation.pages) {
		const alarm = alarms.get(found.alarm);
		const before = found.state === "new" ? situation.before.get(found.alarm) : undefined;
		const page = before && alarm ? goOn(found, before, alarm, { policy, now, known: isKnown(before, alarm, situation) }) : found;
		const goesOn = before !== undefined && page.state === "paged";
		if (goesOn) continued.push({ page, before });
		const over = closing(page, alarm);
		const goesUnheard = over === "over" && isUnheard(page, situation);
		if (goesUnheard) unheard.add(pageKey(page.alarm, page.occurrence));
		if ((over && !goesUnheard) || !alarm) {
			const state = alarm ? endOf(page, alarm, policy) : "closed";
			const next: Page = { ...page, state, reason: over };
			const key = alarm ? overGroupOf(alarm) : "";
			if (state !== "returned" || !alarm) pages.push({ ...next, dueAt: null });
			else if (isDue(situation.groups.get(key), now) && !goesOn) calls.push({ page: { ...next, group: key }, alarm, call: "resolved" });
			else join(next, alarm, key);
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
		else join({ ...page, reason: null, group: page.state === "waiting" ? page.group : null }, alarm, key);
	}
	for (const group of situation.groups.values())
		if (isDue(group, now)) {
			// Where every page of it was answered or is held meanwhile, nothing goes out.
			const goesOut = calls.some(({ page, call }) => (call === "raised" || call === "resolved") && page.group === group.key);
			groups.set(group.key, { ...group, dueAt: null, pagedAt: goesOut ? now : group.pagedAt });
		}
	const told = tell(calls, situation, newId);
	return {
		...told,
		continued,
		pages: [...pages, ...told.pages].map((page) =>
			unheard.has(pageKey(page.alarm, page.occurrence)) ? { ...page, dueAt: soonest(page.dueAt, now + HELD_LOOK) } : page,
		),
		groups: [...groups.values()].filter((group) => situation.groups.get(group.key) !== group),
	};
}

/** Whether everybody whom an alarm calls by now was reached when it came before: a changed rule may call others. */
function isKnown({ alarm, occurrence, step: at }: Page, { rule }: FedAlarm, { callable, receivers, reached }: Situation): boolean {
	const knowing = reached.get(pageKey(alarm, occurrence)) ?? [];
	return [...calledUpTo(at, callable), ...receiversOf(receivers(rule), callable)].every((person) => knowing.includes(person));
}

/** Whether people were called, and no message has come to anybody yet: it goes on calling although it is over, lest nobody ever hears of it. */
const isUnheard = ({ alarm, occurrence, state }: Page, { reached }: Situation): boolean =>
	state === "paged" && (reached.get(pageKey(alarm, occurrence)) ?? []).length === 0;

const isDue = (group: Group | undefined, now: number): boolean => group !== undefined && group.dueAt !== null && group.dueAt <= now;

interface Calling {
	page: Page;
	alarm: FedAlarm;
	call: Call;
}

/** Stage 4, and one notification for each receiver of a group; what is over is told to whom it was told of before. */
function tell(calls: readonly Calling[], situation: Situation, newId: () => string): Pick<Outcome, "pages" | "drafts"> {
	const { now, policy, callable } = situation;
	const pages: Page[] = [];
	const told = new Map<string, { group: string; person: string | null; calls: Calling[] }>();
	for (const calling of calls) {
		const { page, alarm, call } = calling;
		const say = (people: Iterable<string | null>) => {
			const group = groupOf(alarm);
			for (const person of people) {
				const key = JSON.stringify([group, person, call === "resolved"]);
				const of = told.get(key) ?? { group, person, calls: [] };
				of.calls.push(calling);
				told.set(key, of);
			}
		};
		if (call === "resolved") {
			say(situation.reached.get(pageKey(page.alarm, page.occurrence)) ?? []);
			pages.push({ ...page, state: "closed", dueAt: null });
			continue;
		}
		const route = routeAt(call === "escalated" ? page.step + 1 : page.step, callable);
		const people = new Set(call === "repeated" ? calledUpTo(page.step, callable) : route.people);
		// One that goes on where another stood is told to all who knew of that.
		if (call === "raised" && page.step > 0) for (const person of calledUpTo(page.step, callable)) people.add(person);
		if (call !== "escalated") for (const person of receiversOf(situation.receivers(alarm.rule), callable)) people.add(person);
		if (alarm.rule === TEST_RULE) for (const person of calledUpTo(Number.POSITIVE_INFINITY, callable)) people.add(person);
		say([...people, null]);
		const reached = call === "repeated" ? { step: page.step, last: page.escalateAt === null } : route;
		pages.push(paged(page, alarm, { ...reached, policy, now }));
	}
	const drafts = [...told.values()].map(({ group, person, calls: of }): Draft => {
		const priority = highest(of.map(({ alarm }) => alarm.priority));
		const kind = (["resolved", "raised", "escalated", "repeated"] as const).find((one) => of.some(({ call }) => call === one)) ?? "raised";
		return { id: newId(), group, kind, person, priority, alarms: of.map(({ alarm }) => alarm).sort(byImportance) };
	});
	return { pages, drafts };
}

const RANK: Readonly<Record<Priority, number>> = { critical: 0, high: 1, medium: 2, low: 3 };
const byImportance = (a: FedAlarm, b: FedAlarm) => RANK[a.priority] - RANK[b.priority] || a.raisedAt - b.raisedAt;
