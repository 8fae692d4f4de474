import type { Random } from "../random.ts";
import type { Plant, PlantInputs, RoomState } from "./plant.ts";
import { coolingOf, stepCracs, stepRackAir, stepRoom } from "./step-climate.ts";
import { stepPower } from "./step-power.ts";

/** Longest step that the equations bear, s. */
const LONGEST_STEP = 5;

/** The plant `seconds` later. Pure but for `random`. */
export function stepPlant(plant: Plant, seconds: number, inputs: PlantInputs, random: Random): Plant {
	let state = plant;
	const steps = Math.max(1, Math.ceil(seconds / LONGEST_STEP));
	for (let step = 0; step < steps; step++) state = stepOnce(state, seconds / steps, inputs, random);
	return state;
}

function stepOnce(plant: Plant, seconds: number, inputs: PlantInputs, random: Random): Plant {
	const power = stepPower(plant, seconds, inputs, random);
	const upsLoad = power.ups.A.load + power.ups.B.load;
	const racks = [];
	const rooms: RoomState[] = [];
	const cracs = [];
	for (const room of plant.rooms) {
		const own = power.racks.filter((rack) => rack.room === room.id);
		const outlet = own.length > 0 ? own.reduce((sum, rack) => sum + rack.outlet, 0) / own.length : room.temperature + 4;
		const units = stepCracs(
			plant.cracs.filter((crac) => crac.room === room.id),
			room,
			outlet,
			seconds,
			inputs.failedCracs,
		);
		const heat = room.otherHeat + own.reduce((sum, rack) => sum + rack.load, 0) + (room.id === plant.upsRoom ? 0.05 * upsLoad : 0);
		const dewPoint = Math.min(10.5, Math.max(7, room.dewPoint + 0.002 * Math.sqrt(seconds) * random.normal()));
		const next = { ...stepRoom(room, seconds, heat, units.length > 0 ? coolingOf(units) : null), dewPoint };
		rooms.push(next);
		cracs.push(...units);
		for (const rack of own) racks.push(stepRackAir(rack, seconds, next));
	}
	return { ...plant, ...power, racks, rooms, cracs };
}

/** Whether the plant is back where it belongs after a disturbance. */
export function isSettled(plant: Plant): boolean {
	return (
		plant.rooms.every((room) => Math.abs(room.temperature - room.setPoint) < 1) &&
		[plant.ups.A, plant.ups.B].every((ups) => ups.mode === "online" && ups.charge > 95)
	);
}
