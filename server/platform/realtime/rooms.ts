/** Which rooms of Socket.IO somebody is in: one for each event of a site, and of events with personal fields one for each way to mask them. */
import { type RealtimeEvents, realtimeEvents, realtimePermissions } from "../../../contracts/realtime.ts";
import { type Actor, may } from "../actor.ts";
import { maskerOf } from "../masking.ts";

type EventName = keyof RealtimeEvents;
const EVENTS = Object.keys(realtimeEvents) as EventName[];

/** A room, and what who is in it sees of the event's personal fields. */
export interface Room {
	name: string;
	sees: ReadonlySet<string>;
}

/** By event, the ways in which it is masked: every choice of its fields' permissions. */
const VIEWS = new Map(EVENTS.map((event) => [event, choicesOf(maskerOf(realtimeEvents[event]).permissions)]));

/** Every room that an event goes to; whoever may get it is in exactly one of them. */
export function roomsOf(site: string, event: EventName): readonly Room[] {
	return (VIEWS.get(event) ?? []).map((sees) => ({ name: roomName(site, event, sees), sees: new Set(sees) }));
}

function choicesOf([first, ...rest]: readonly string[]): string[][] {
	if (first === undefined) return [[]];
	const without = choicesOf(rest);
	return [...without, ...without.map((choice) => [first, ...choice])];
}

/** The rooms of an actor at a site, by event. */
export function roomsFor(actor: Actor, site: string): Map<EventName, string> {
	const rooms = new Map<EventName, string>();
	for (const event of EVENTS) {
		const permission = realtimePermissions[event];
		if (permission === "addressed") continue;
		if (permission !== "signed-in" && !may(actor, permission, site)) continue;
		const sees = maskerOf(realtimeEvents[event]).permissions.filter((one) => may(actor, one, site));
		rooms.set(event, roomName(site, event, sees));
	}
	return rooms;
}

const roomName = (site: string, event: EventName, sees: readonly string[]) => `${site}/${event}/${sees.join("+")}`;
