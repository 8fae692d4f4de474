import type { SiteFile } from "../../../contracts/site.ts";
import type { WeeklySchedule } from "../../../contracts/weekly-schedule.ts";

export type Door = SiteFile["doors"][number];
/** Rooms that are granted together, with the doors that lead into them. */
export interface Zone {
	id: string;
	name: string;
	rooms: readonly string[];
	doors: readonly string[];
	/** Usernames. */
	reviewers: readonly string[];
	hours: WeeklySchedule | null;
}

/** The room whose zone a door guards: the one it leads to, or the one inside where it leads out. */
export function guardedRoom({ from, to }: Pick<Door, "from" | "to">): string {
	return to === "outside" ? from : to;
}

/** All zones of a site: those that it names, and each other room as a zone of its own. Every door is in exactly one. */
export function zonesOf(site: SiteFile): Map<string, Zone> {
	const named = site.zones.map(({ id, name, rooms, reviewers, hours }) => ({ id, name, rooms, reviewers, hours: hours ?? null }));
	const taken = new Set(named.flatMap(({ rooms }) => rooms));
	const single = site.rooms.filter(({ id }) => !taken.has(id)).map(({ id, name }) => ({ id, name, rooms: [id], reviewers: [], hours: null }));
	return new Map(
		[...named, ...single].map((zone) => [
			zone.id,
			{ ...zone, doors: site.doors.filter((door) => zone.rooms.includes(guardedRoom(door))).map(({ id }) => id) },
		]),
	);
}
