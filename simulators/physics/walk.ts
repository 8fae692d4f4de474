/** People: who walks through which doors, in what order, and what the door controllers say of it. */
import type { NativeAccess, NativeDoor } from "../../contracts/native-dialect.ts";
import type { SiteFile } from "../../contracts/site.ts";
import type { World } from "../../contracts/world.ts";
import type { Random } from "../random.ts";

export type Door = SiteFile["doors"][number];
export type Holder = SiteFile["holders"][number];

/** What a door controller says, without the number and time that it gets when it is sent. */
export type DoorSaying = { topic: "access"; body: Omit<NativeAccess, "ts" | "seq"> } | { topic: "door"; body: Omit<NativeDoor, "ts" | "seq"> };
/** Something said by a controller `at` that time (ms, on the clock of the caller). */
export type DoorAction = DoorSaying & {
	at: number;
	device: string;
	/** Who is let in by this, and what only happens if they are: the door moves, and they go on. */
	passage?: string;
	visit?: string;
};

/** One passage: from which room into which, through which door. */
export interface Leg {
	door: Door;
	from: string;
	to: string;
}

/** What a reader at the way in of this door asks for. */
export function methodOf(world: World, door: Door, direction: "in" | "out"): "card" | "fingerprint" | "card+fingerprint" | "exit-button" {
	const reader = door.readers.find((one) => one.direction === direction);
	if (!reader) return "exit-button";
	const kind = world.devices.get(reader.device)?.kind;
	if (kind === "card-fingerprint-reader") return "card+fingerprint";
	return kind === "fingerprint-reader" ? "fingerprint" : "card";
}

/** Whether this person's credentials are enough for what the door asks for, and the zone behind it is one of theirs. */
export function canPass(world: World, holder: Holder, leg: Leg): boolean {
	const method = methodOf(world, leg.door, directionOf(leg));
	if (method === "exit-button") return true;
	if (!mayEnter(world, holder, leg.door)) return false;
	return (!method.includes("card") || holder.card !== undefined) && (!method.includes("fingerprint") || holder.fingerprint !== undefined);
}

/** As the site file has it. Where it names no zones, everybody goes everywhere. */
function mayEnter({ site }: World, holder: Holder, door: Door): boolean {
	if (site.zones.length === 0) return true;
	const room = door.to === "outside" ? door.from : door.to;
	return holder.zones.includes(site.zones.find(({ rooms }) => rooms.includes(room))?.id ?? room);
}

export function directionOf(leg: Leg): "in" | "out" {
	return leg.to === leg.door.to ? "in" : "out";
}

/** The shortest way from one room to another that this person can go; `null` when there is none, empty when already there. */
export function findWay(world: World, holder: Holder, from: string, to: string): Leg[] | null {
	const reached = new Map<string, Leg | null>([[from, null]]);
	for (const room of reached.keys()) {
		if (room === to) break;
		for (const door of world.site.doors) {
			const next = door.from === room ? door.to : door.to === room ? door.from : null;
			if (next === null || reached.has(next)) continue;
			const leg = { door, from: room, to: next };
			if (canPass(world, holder, leg)) reached.set(next, leg);
		}
	}
	if (!reached.has(to)) return null;
	const way: Leg[] = [];
	for (let leg = reached.get(to); leg; leg = reached.get(leg.from)) way.unshift(leg);
	return way;
}

/** What the controller says while somebody passes rightfully, from `at` on; `open` is how long the door stands open, ms. */
export function passage(world: World, holder: Holder, leg: Leg, at: number, open: number): DoorAction[] {
	const device = leg.door.controller;
	const door = leg.door.id;
	const states = [
		["unlocked", 300],
		["open", 1_300],
		["closed", 1_300 + open],
		["locked", 1_800 + open],
	] as const;
	const passage = `${holder.id}/${door}/${at}`;
	return [
		{ ...badge(world, holder, leg, at, "granted", "granted"), passage },
		...states.map(([state, after]): DoorAction => ({ at: at + after, device, topic: "door", body: { door, state }, passage })),
	];
}

/** A credential shown at a door. */
export function badge(world: World, holder: Holder, leg: Leg, at: number, result: "granted" | "denied", reason: string): DoorAction {
	const direction = directionOf(leg);
	const method = methodOf(world, leg.door, direction);
	return {
		at,
		device: leg.door.controller,
		topic: "access",
		body: {
			door: leg.door.id,
			direction,
			method,
			card: method.includes("card") ? (holder.card ?? null) : null,
			fingerprint: method.includes("fingerprint") ? (holder.fingerprint ?? null) : null,
			result,
			reason,
		},
	};
}

/** How long a passage keeps its door busy, ms. */
export const PASSAGE = 6_000;

/**
 * A visit: from outside to a room, some time there, and out again. `busyUntil` (door id to ms) keeps two people from passing
 * the same door at once; it is brought up to date.
 */
export function planVisit(
	world: World,
	holder: Holder,
	room: string,
	start: number,
	busyUntil: Map<string, number>,
	random: Random,
): { legs: Leg[]; actions: DoorAction[]; end: number } | null {
	const there = findWay(world, holder, "outside", room);
	const back = findWay(world, holder, room, "outside");
	if (!there || !back || there.length === 0) return null;
	const actions: DoorAction[] = [];
	let now = start;
	for (const [index, leg] of [...there, ...back].entries()) {
		if (index === there.length) now += random.between(20_000, 240_000);
		now = Math.max(now, busyUntil.get(leg.door.id) ?? 0);
		// Now and then a reader does not get what it is shown, and wants it again.
		if (random.next() < 0.02 && methodOf(world, leg.door, directionOf(leg)) !== "exit-button") {
			actions.push(badge(world, holder, leg, now, "denied", "denied-incorrect-factor"));
			now += 3_000;
		}
		actions.push(...passage(world, holder, leg, now, random.between(2_000, 3_500)));
		busyUntil.set(leg.door.id, now + PASSAGE);
		now += PASSAGE + random.between(2_000, 8_000);
	}
	const visit = `${holder.id}/${start}`;
	return { legs: [...there, ...back], actions: actions.map((action) => ({ ...action, visit })), end: now };
}
