import { parseSite } from "../../contracts/site-check.ts";
import { expandSite, type World } from "../../contracts/world.ts";
import type { Realtime } from "../../server/platform/realtime-port.ts";
import type { WorldSource } from "../../server/site/world-source.ts";

/** A site file of one hall: t1 with temperature (10 s) and smoke, controller c1 with door "main", reader r1; agents a and b. */
export const smallSite = () => ({
	id: "s",
	name: "Small",
	timeZone: "Europe/Berlin",
	agents: [
		{ id: "a", name: "A" },
		{ id: "b", name: "B" },
	],
	rooms: [
		{
			id: "hall",
			name: "Hall",
			kind: "data-hall",
			plan: { x: 0, y: 0, width: 5, depth: 5 },
			devices: [
				{ id: "c1", kind: "door-controller" },
				{ id: "r1", kind: "card-reader" },
			],
		},
	],
	racks: [
		{
			id: "R1",
			room: "hall",
			plan: { x: 1, y: 1, width: 0.6, depth: 1 },
			devices: [
				{
					id: "t1",
					kind: "temperature-sensor",
					points: [
						{ id: "temperature", kind: "temperature" },
						{ id: "smoke", kind: "smoke", type: "boolean" },
					],
				},
			],
		},
	],
	doors: [
		{ id: "main", name: "Main", from: "outside", to: "hall", plan: { x: 0, y: 2 }, controller: "c1", readers: [{ device: "r1", direction: "in" }] },
	],
});

/** Spells out a site file; throws with all its problems when it is wrong. */
export function worldOf(site: unknown): World {
	const result = parseSite(site);
	if (!("site" in result)) throw new Error(JSON.stringify(result.problems));
	return expandSite(result.site);
}

/** A world that a test can change. */
export function worldSource(site: unknown = smallSite()): WorldSource & { change(site: unknown): void } {
	let world = worldOf(site);
	const listeners: ((world: World) => void)[] = [];
	return {
		current: () => world,
		onChange: (listener) => listeners.push(listener),
		change(next) {
			world = worldOf(next);
			for (const listener of listeners) listener(world);
		},
	};
}

/** Keeps what is published. */
export function recordingRealtime(): Realtime & { events: { site: string; event: string; payload: unknown }[] } {
	const events: { site: string; event: string; payload: unknown }[] = [];
	return { events, publish: (site, event, payload) => events.push({ site, event, payload }) };
}

/** A clock that stands until it is set. */
export function settableClock(time = 1_769_000_000_000): { time: number; now(): number } {
	const clock = { time, now: () => clock.time };
	return clock;
}
