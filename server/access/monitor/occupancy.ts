/** Who is where, by what the doors have said (ACC-7); pure, times are Unix ms. */
import type { MusterRow, Occupancy } from "../../../contracts/access.ts";
import { isoOf } from "../../platform/database/instants.ts";
import type { AccessRecord } from "../access-event.ts";
import type { Register } from "../register/register.ts";

/** Somebody who passed no door for so long has gone by one that didn't tell. */
export const FORGOTTEN = 16 * 3_600_000;

export interface Place {
	/** `null`: outside. */
	room: string | null;
	door: string;
	since: number;
}

/** Exits from a room by its buttons, which don't tell whose they were. */
export interface UnseenExit {
	room: string;
	door: string;
	at: number;
}
/** A person's place, and how often somebody has left it unseen since. */
export interface KnownPlace extends Place {
	holder: string;
	exits: number;
	lastExit: { at: number; door: string } | null;
}

/** What a press of the button of a door says about the room that it leads out of; `null` for any other event. */
export function unseenExit({ door: id, direction, method, result, ts }: AccessRecord, register: Register): UnseenExit | null {
	const door = register.doors.get(id);
	if (!door || method !== "exit-button" || result !== "granted") return null;
	const room = direction === "out" ? door.to : door.from;
	return room === "outside" ? null : { room, door: id, at: ts };
}

/** Where a granted passage leads; `null` where nothing is known of the door. */
export function placeAfter({ door: id, direction, ts }: Pick<AccessRecord, "door" | "direction" | "ts">, register: Register): Place | null {
	const door = register.doors.get(id);
	if (!door) return null;
	const room = direction === "in" ? door.to : door.from;
	return { room: room === "outside" ? null : room, door: id, since: ts };
}

/** Everybody who is inside, by zone. `uncertain`: doors that may hide that somebody has passed. */
export function occupancyOf(register: Register, places: readonly KnownPlace[], uncertain: readonly string[], now: number): Occupancy {
	const inside = places.filter(({ room, since }) => room !== null && now - since < FORGOTTEN);
	const zones = [...register.zones.values()].map(({ id, name, rooms }) => {
		const people = inside
			.filter(({ room }) => room !== null && rooms.includes(room))
			.flatMap((place) => {
				const holder = register.holders.get(place.holder);
				const { since, door } = place;
				const who = holder && { id: holder.id, name: holder.name };
				return who ? [{ holder: who, kind: holder.kind, since: isoOf(since), door, exit: exitOf(place, inside) }] : [];
			})
			.sort((one, other) => Number(isGone(one)) - Number(isGone(other)) || one.holder.name.localeCompare(other.holder.name));
		return { zone: id, name, count: people.filter((person) => !isGone(person)).length, people };
	});
	return { zones, uncertain: [...uncertain], at: isoOf(now) };
}

const isGone = ({ exit }: Pick<MusterRow, "exit">) => exit?.probable === true;

/** Nobody is struck off by it: who is called in vain has left, who isn't called stays behind. */
function exitOf({ room, exits, lastExit }: KnownPlace, places: readonly KnownPlace[]): MusterRow["exit"] {
	if (lastExit === null) return null;
	const there = places.filter((other) => other.room === room && other.since < lastExit.at).length;
	return { at: isoOf(lastExit.at), door: lastExit.door, probable: exits >= there };
}

/** Everybody who is inside, a line each. */
export function musterOf({ zones }: Occupancy): MusterRow[] {
	return zones.flatMap(({ zone, name, people }) => people.map((person) => ({ id: `${zone}:${person.holder.id}`, zone, zoneName: name, ...person })));
}
