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

/** Where a granted passage leads; `null` where nothing is known of the door. */
export function placeAfter({ door: id, direction, ts }: Pick<AccessRecord, "door" | "direction" | "ts">, register: Register): Place | null {
	const door = register.doors.get(id);
	if (!door) return null;
	const room = direction === "in" ? door.to : door.from;
	return { room: room === "outside" ? null : room, door: id, since: ts };
}

/** Everybody who is inside, by zone. `uncertain`: doors that may hide that somebody has passed. */
export function occupancyOf(
	register: Register,
	places: readonly (Place & { holder: string })[],
	uncertain: readonly string[],
	now: number,
): Occupancy {
	const zones = [...register.zones.values()].map(({ id, name, rooms }) => {
		const people = places
			.filter(({ room, since }) => room !== null && rooms.includes(room) && now - since < FORGOTTEN)
			.flatMap(({ holder: holderId, since, door }) => {
				const holder = register.holders.get(holderId);
				return holder ? [{ holder: { id: holder.id, name: holder.name }, kind: holder.kind, since: isoOf(since), door }] : [];
			})
			.sort((one, other) => one.holder.name.localeCompare(other.holder.name));
		return { zone: id, name, count: people.length, people };
	});
	return { zones, uncertain: [...uncertain], at: isoOf(now) };
}

/** Everybody who is inside, a line each. */
export function musterOf({ zones }: Occupancy): MusterRow[] {
	return zones.flatMap(({ zone, name, people }) => people.map((person) => ({ id: `${zone}:${person.holder.id}`, zone, zoneName: name, ...person })));
}
