import type { Value } from "../../contracts/kinds.ts";
import type { World, WorldDevice } from "../../contracts/world.ts";
import type { Feed } from "../physics/plant.ts";
import type { DoorAction, DoorSaying } from "../physics/walk.ts";
import type { Random } from "../random.ts";

/** What is wrong at one moment; everything left out is as it should be. */
export interface Disturbance {
	feedsDown?: readonly Feed[];
	/** Devices of kind hvac-unit that have stopped. */
	failedCracs?: readonly string[];
	/** Points that show this instead of what the plant says. */
	values?: ReadonlyMap<string, Value>;
	/** Points that show this much more than the plant says. */
	offsets?: ReadonlyMap<string, number>;
	/** Devices whose connection is gone: torn down without a DISCONNECT, so that their last wills are sent. */
	cut?: ReadonlySet<string>;
	/** Door controllers that lose their access lists, once, as soon as they stand here. */
	lost?: ReadonlySet<string>;
	/** Devices whose clocks are ahead by so many ms. */
	clockAhead?: ReadonlyMap<string, number>;
}

/** A controller's saying, so many seconds after the disturbance began. */
export type PlannedSaying = DoorSaying & Omit<DoorAction, "at"> & { after: number };

export interface Plan {
	/** What is wrong `seconds` after the beginning, in real time. */
	at?(seconds: number): Disturbance;
	sayings?: readonly PlannedSaying[];
}

/** One thing that can happen, on the site as it is. */
export interface Scenario {
	name: string;
	/** One sentence for `--list`. */
	sentence: string;
	/** What should be seen, in words and in ids that tests read: alarm rules raised, reasons of access events. */
	expects: { seen: string; rules: readonly string[]; reasons?: readonly string[] };
	/** How much faster than the clock the plant runs meanwhile, where nothing else is asked for. */
	speed?: number;
	/** How long it lasts, s. */
	duration: number;
	/** What happens here; throws an Error when the site lacks what the scenario needs. */
	plan(world: World, random: Random): Plan;
}

/** Devices that satisfy the condition, at least one. Throws an Error that names what the site lacks. */
export function devicesWhere(world: World, what: string, condition: (device: WorldDevice) => boolean): WorldDevice[] {
	const found = [...world.devices.values()].filter(condition);
	if (found.length === 0) throw new Error(`The site has no ${what}, which this scenario needs.`);
	return found;
}

/** The first data hall with racks. */
export function firstHall(world: World): string {
	const hall = world.site.rooms.find((room) => room.kind === "data-hall" && world.site.racks.some((rack) => rack.room === room.id));
	if (!hall) throw new Error("The site has no data hall with racks, which this scenario needs.");
	return hall.id;
}

/** A door that satisfies the condition. */
export function doorWhere(world: World, what: string, condition: (door: World["site"]["doors"][number]) => boolean): World["site"]["doors"][number] {
	const door = world.site.doors.find(condition);
	if (!door) throw new Error(`The site has no ${what}, which this scenario needs.`);
	return door;
}
