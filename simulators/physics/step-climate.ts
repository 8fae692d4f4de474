import type { CracState, RackState, RoomState } from "./plant.ts";

/** Heat that leaves through walls, W/K. */
const ENVELOPE = 250;
/** How fast a chilled-water valve follows, s, and how hard it is driven, per K. */
const VALVE_LAG = 60;
const VALVE_GAIN = 0.08;

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));
const approach = (value: number, target: number, seconds: number, lag: number) => target + (value - target) * Math.exp(-seconds / lag);

/** One room's cooling units: running ones share the room's heat and correct its temperature; failed ones close. */
export function stepCracs(cracs: readonly CracState[], room: RoomState, outlet: number, seconds: number, failed: ReadonlySet<string>): CracState[] {
	const able = cracs.filter((crac) => !failed.has(crac.id)).reduce((sum, crac) => sum + crac.capacity, 0);
	const wanted = able > 0 ? clamp(room.heat / able + VALVE_GAIN * (room.temperature - room.setPoint), 0, 1) : 0;
	return cracs.map((crac) => {
		const running = !failed.has(crac.id);
		const fan = approach(crac.fan, running ? clamp(0.45 + 0.25 * wanted, 0.3, 0.9) : 0, seconds, 10);
		const supply = running ? room.temperature - 4 : outlet;
		return {
			...crac,
			running,
			valve: approach(crac.valve, running ? wanted : 0, seconds, running ? VALVE_LAG : 5),
			fan,
			supply: approach(crac.supply, supply, seconds, 40),
			return: approach(crac.return, outlet, seconds, 40),
		};
	});
}

/** Heat that the units take out of the room, W. */
export function coolingOf(cracs: readonly CracState[]): number {
	return cracs.reduce((sum, crac) => sum + (crac.running ? crac.valve * crac.capacity : 0), 0);
}

/**
 * A room's heat balance: C dT/dt = heat - cooling - envelope. A room without cooling units of its own is kept by the building.
 */
export function stepRoom(room: RoomState, seconds: number, heat: number, cooling: number | null): RoomState {
	const taken = cooling ?? heat;
	const flow = heat - taken - ENVELOPE * (room.temperature - room.setPoint);
	return { ...room, heat, cooling: taken, temperature: room.temperature + (flow * seconds) / room.heatCapacity };
}

/** A rack's air: the inlet follows the cold aisle, the outlet is warmer by what the machines put in. */
export function stepRackAir(rack: RackState, seconds: number, room: RoomState): RackState {
	const inlet = approach(rack.inlet, room.temperature + rack.offset, seconds, 20);
	// Server fans turn faster when it is warm: 12 K over the rack at its mean load and a cool inlet.
	const flow = 1 + 0.03 * clamp(inlet - 24, 0, 15);
	return { ...rack, inlet, outlet: approach(rack.outlet, inlet + (12 * rack.load) / rack.base / flow, seconds, 30) };
}

/** Relative humidity, %, of air with this temperature and dew point, °C (Magnus formula, WMO-No. 8). */
export function relativeHumidity(temperature: number, dewPoint: number): number {
	const pressure = (celsius: number) => Math.exp((17.62 * celsius) / (243.12 + celsius));
	return clamp((100 * pressure(dewPoint)) / pressure(temperature), 0, 100);
}
