import type { World } from "../../contracts/world.ts";
import type { Random } from "../random.ts";
import { type DoorAction, type Holder, planVisit } from "./walk.ts";

/** Who is on the way, and what the doors will say of it. */
export interface People {
	/** Holders who are inside, with the time at which they are gone again, ms. */
	inside: ReadonlyMap<string, number>;
	/** Not said yet, in order of time. */
	agenda: readonly DoorAction[];
	busyUntil: ReadonlyMap<string, number>;
	/** When the next visit begins, ms. */
	nextVisit: number;
}

/** Mean time between two visits, ms. */
const BETWEEN_VISITS = 25_000;

export function createPeople(now: number): People {
	return { inside: new Map(), agenda: [], busyUntil: new Map(), nextVisit: now + 2_000 };
}

/** Everything that doors say up to `now`, and the state after it. */
export function stepPeople(people: People, world: World, now: number, random: Random): { people: People; actions: DoorAction[] } {
	const inside = new Map([...people.inside].filter(([, end]) => end > now));
	const busyUntil = new Map(people.busyUntil);
	const agenda = [...people.agenda];
	let nextVisit = people.nextVisit;
	while (nextVisit <= now) {
		const holder = pickComer(world, inside, random);
		const room = random.pick(world.site.rooms).id;
		const visit = holder && planVisit(world, holder, room, nextVisit, busyUntil, random);
		if (visit) {
			agenda.push(...visit.actions);
			inside.set(holder.id, visit.end);
		}
		nextVisit += random.between(0.4, 1.6) * BETWEEN_VISITS;
	}
	agenda.sort((a, b) => a.at - b.at);
	const due = agenda.findIndex((action) => action.at > now);
	const actions = agenda.splice(0, due < 0 ? agenda.length : due);
	return { people: { inside, agenda, busyUntil, nextVisit }, actions };
}

/** Nobody goes on who was not let in. */
export function turnBack(people: People, visit: string): People {
	return { ...people, agenda: people.agenda.filter((action) => action.visit !== visit) };
}

/** Not a visitor: those come with a visit that was approved, and an escort. */
function pickComer(world: World, inside: ReadonlyMap<string, number>, random: Random): Holder | null {
	const absent = world.site.holders.filter(({ id, role }) => role !== "visitor" && !inside.has(id));
	return absent.length > 0 ? random.pick(absent) : null;
}
