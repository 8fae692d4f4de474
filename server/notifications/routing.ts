/** Stage 4: who is told, by place in the chain, priority and the rule's receivers. Pure. */
import { DUTY_PLACES, type DutyPlace } from "../../contracts/duty-plan.ts";
import type { Priority } from "../../contracts/kinds.ts";
import type { Channel, NotificationPolicy } from "../../contracts/notification-policy.ts";
import type { Call } from "./page.ts";

/** Who can be called at this moment. Persons are usernames. */
export interface Callable {
	/** On duty, by place. */
	onDuty: ReadonlyMap<DutyPlace, readonly string[]>;
	/** Who leads shifts at all, for when nobody is on duty. */
	leads: readonly string[];
}
export interface Route {
	people: readonly string[];
	/** The place that was reached; places without anybody are passed over. */
	step: number;
	/** There is no place after it. */
	last: boolean;
}

const LAST = DUTY_PLACES.length - 1;

/** Who is called at a place, or the next after it that somebody holds; where nobody does, everybody who leads shifts. */
export function routeAt(step: number, { onDuty, leads }: Callable): Route {
	for (let at = step; at <= LAST; at++) {
		const place = DUTY_PLACES[at];
		const people = place && onDuty.get(place);
		if (people && people.length > 0) return { people, step: at, last: at === LAST };
	}
	return { people: leads, step: LAST, last: true };
}

/** Everybody who is called from the first place up to this one: whom a repetition is for. */
export function calledUpTo(step: number, callable: Callable): string[] {
	const people = DUTY_PLACES.slice(0, step + 1).flatMap((place) => callable.onDuty.get(place) ?? []);
	return people.length > 0 ? [...new Set(people)] : [...callable.leads];
}

/** A rule's receivers as persons: places of the roster, or usernames. */
export function receiversOf(names: readonly string[], { onDuty }: Callable): string[] {
	const isPlace = (name: string): name is DutyPlace => DUTY_PLACES.some((place) => place === name);
	return [...new Set(names.flatMap((name) => (isPlace(name) ? (onDuty.get(name) ?? []) : [name])))];
}

const ORDER: readonly Priority[] = ["critical", "high", "medium", "low"];
export const highest = (priorities: readonly Priority[]): Priority => ORDER.find((priority) => priorities.includes(priority)) ?? "low";

/** By which channels a person, or the webhook, is told of alarms of a priority, or that they are over. */
export function channelsFor(priority: Priority, who: "person" | "webhook", call: Call, policy: NotificationPolicy): readonly Channel[] {
	return policy.channels[priority].filter(
		(channel) => (channel === "webhook") === (who === "webhook") && (call !== "resolved" || policy.resolved.includes(channel)),
	);
}
