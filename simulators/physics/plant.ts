/** The simulated plant: racks, rooms, cooling units, feeds and UPS, as plain data. */
import type { World } from "../../contracts/world.ts";
import { createRandom, hashText } from "../random.ts";

export const FEEDS = ["A", "B"] as const;
export type Feed = (typeof FEEDS)[number];
export type ByFeed<T> = Record<Feed, T>;

export interface RackState {
	id: string;
	room: string;
	/** Mean IT load, W. */
	base: number;
	/** Part of the load on PDU A while both feeds live. */
	shareA: number;
	/** How much warmer than the cold aisle this inlet is, K. */
	offset: number;
	/** Slow random part of the load, as a fraction of `base`. */
	swing: number;
	/** IT load now, W; the sum of `draw`. */
	load: number;
	/** Drawn through each PDU, W. */
	draw: ByFeed<number>;
	/** Drawn so far, kWh. */
	energy: ByFeed<number>;
	/** Air temperatures, °C. */
	inlet: number;
	outlet: number;
}
export interface CracState {
	id: string;
	room: string;
	/** Heat that it can remove with the valve fully open, W. */
	capacity: number;
	running: boolean;
	/** Both 0 to 1. */
	valve: number;
	fan: number;
	/** Air temperatures, °C. */
	supply: number;
	return: number;
}
export interface RoomState {
	id: string;
	/** Temperature of the air that the room's equipment breathes (cold aisle), °C. */
	temperature: number;
	setPoint: number;
	/** Moisture of the air, °C of dew point. */
	dewPoint: number;
	/** Air, steel and concrete, J/K. */
	heatCapacity: number;
	/** Heat without racks and UPS, W. */
	otherHeat: number;
	/** Heat put in and taken out now, W. */
	heat: number;
	cooling: number;
}
export interface FeedState {
	up: boolean;
	voltage: number;
	frequency: number;
	/** Drawn from the utility now, W, and so far, kWh. */
	power: number;
	energy: number;
}
export interface UpsState {
	mode: "online" | "on-battery" | "off";
	/** % */
	charge: number;
	/** W */
	load: number;
	rating: number;
	/** Of the full batteries, kWh. */
	capacity: number;
}
export interface Plant {
	racks: RackState[];
	rooms: RoomState[];
	cracs: CracState[];
	feeds: ByFeed<FeedState>;
	ups: ByFeed<UpsState>;
	/** Room of the UPS units, which heat it. */
	upsRoom: string | null;
}

/** What acts on the plant from outside. */
export interface PlantInputs {
	/** Unix ms, for the daily swing. */
	time: number;
	feedsDown: ReadonlySet<Feed>;
	failedCracs: ReadonlySet<string>;
}

const SET_POINTS: Record<string, number> = { "data-hall": 22, "power-room": 24, "battery-room": 22 };

/** A plant at rest that fits the site: every rack, room and cooling unit that the site file names. */
export function createPlant(world: World, seed: number): Plant {
	const random = createRandom(seed ^ hashText("plant"));
	const racks = world.site.racks.map((rack): RackState => {
		const base = (rack.ratedPower ?? 7000) * random.between(0.47, 0.63);
		return {
			id: rack.id,
			room: rack.room,
			base,
			shareA: random.between(0.47, 0.53),
			offset: random.between(0, 1.5),
			swing: 0,
			load: base,
			draw: { A: base / 2, B: base / 2 },
			energy: { A: random.between(8_000, 20_000), B: random.between(8_000, 20_000) },
			inlet: 22,
			outlet: 34,
		};
	});
	const total = racks.reduce((sum, rack) => sum + rack.base, 0);
	const devices = [...world.devices.values()];
	const upsRoom = devices.find((device) => device.kind === "ups")?.location.room ?? null;
	const rooms = world.site.rooms.map((room): RoomState => {
		const setPoint = SET_POINTS[room.kind] ?? 22;
		const heatCapacity = 4000 * room.plan.width * room.plan.depth * 10;
		return {
			id: room.id,
			temperature: setPoint,
			setPoint,
			dewPoint: random.between(8, 9.5),
			heatCapacity,
			otherHeat: 800,
			heat: 800,
			cooling: 800,
		};
	});
	const cracs = devices
		.filter((device) => device.kind === "hvac-unit")
		.map((device, _, all): CracState => {
			const room = device.location.room;
			const siblings = all.filter((other) => other.location.room === room).length;
			const rackHeat = racks.reduce((sum, rack) => sum + (rack.room === room ? rack.base : 0), 0);
			const heat = rackHeat + (room === upsRoom ? total * 0.05 : 0) + 800;
			// One more than is needed, where there are several.
			const capacity = siblings > 1 ? (1.25 * heat) / (siblings - 1) : 2 * heat;
			return { id: device.id, room, capacity, running: true, valve: heat / (capacity * siblings), fan: 0.6, supply: 18, return: 30 };
		});
	const feed = (): FeedState => ({ up: true, voltage: 230, frequency: 50, power: total * 0.6, energy: random.between(200_000, 400_000) });
	// Each side can carry all racks; its batteries last ten minutes at its usual half.
	const ups = (): UpsState => ({ mode: "online", charge: 100, load: total / 2, rating: total * 1.5, capacity: (total / 2 / 1000) * (10 / 60) });
	return { racks, rooms, cracs, feeds: { A: feed(), B: feed() }, ups: { A: ups(), B: ups() }, upsRoom };
}
