/** A rule on access events over stored ones (ALM-9): by the count that runs live, in the order of the devices' times. */
import { setImmediate } from "node:timers/promises";
import type { AccessCount } from "../../alarms/rules/rule-selection.ts";
import type { Database } from "../../platform/database/database.ts";
import type { AccessRecord } from "../access-event.ts";
import { PASSAGES } from "./access-monitor.ts";
import { accessEventsBetween } from "./monitor-store.ts";
import { toldCount } from "./rules.ts";

const AT_ONCE = 5000;

/** Takes events one by one, in order of time and of two at the same time by id, from before the time that is looked at. */
export class CountReplay {
	readonly #counts: AccessCount;
	readonly #byDoor = new Map<string, AccessRecord[]>();
	readonly #byHolder = new Map<string, AccessRecord[]>();

	constructor(counts: AccessCount) {
		this.#counts = counts;
	}

	/** Whether the rule would have been told of at this event. */
	take(event: AccessRecord): boolean {
		const since = event.ts - this.#counts.rule.within;
		const there = (this.#byDoor.get(event.door) ?? []).filter(({ ts }) => ts >= since);
		there.push(event);
		this.#byDoor.set(event.door, there);
		const before = (event.holder && this.#byHolder.get(event.holder.id)) ?? [];
		if (event.holder) this.#byHolder.set(event.holder.id, [event, ...before].slice(0, PASSAGES));
		return toldCount(event, { at: (door) => this.#byDoor.get(door) ?? [], before }, this.#counts) !== null;
	}
}

/** How many events were looked at, and those at which the rule would have been told of. */
export interface CountedPage {
	events: number;
	told: { door: string; at: number }[];
}

/** Page by page over what happened in [from, to), Unix ms. */
export async function* countedBetween(database: Database, counts: AccessCount, from: number, to: number): AsyncGenerator<CountedPage> {
	const replay = new CountReplay(counts);
	// A person is counted at whichever doors.
	const doors = counts.rule.per === "person" ? null : [...counts.doors];
	for (let after: AccessRecord | null = null; ; ) {
		const events: AccessRecord[] = await accessEventsBetween(database, { doors, from: from - counts.rule.within, to, after, limit: AT_ONCE });
		const told = events.flatMap((event) => (replay.take(event) && event.ts >= from ? { door: event.door, at: event.ts } : []));
		yield { events: events.length, told };
		after = events.at(-1) ?? null;
		if (events.length < AT_ONCE) return;
		await setImmediate();
	}
}
