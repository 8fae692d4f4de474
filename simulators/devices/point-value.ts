/** What each point of each device shows of the simulated plant; one table, by kind of device and kind of point. */
import type { Value } from "../../contracts/kinds.ts";
import type { WorldDevice, WorldPoint } from "../../contracts/world.ts";
import { type CracState, FEEDS, type Feed, type Plant, type RackState, type RoomState, type UpsState } from "../physics/plant.ts";
import { relativeHumidity } from "../physics/step-climate.ts";
import type { Random } from "../random.ts";

interface View {
	plant: Plant;
	device: WorldDevice;
	point: WorldPoint;
	feed: Feed;
	rack: RackState | undefined;
	room: RoomState | undefined;
	crac: CracState | undefined;
	roomCracs: CracState[];
	ups: UpsState;
	random: Random;
}
type Show = (view: View) => Value | null;

/** Volts from line to neutral, and the usual power factor, behind the PDUs. */
const VOLTS = 230;
const POWER_FACTOR = 0.97;

const meanFan = (view: View) => view.roomCracs.reduce((sum, crac) => sum + crac.fan, 0) / Math.max(1, view.roomCracs.length);
const onBattery = (view: View) => view.ups.mode !== "online";
const airOf = (view: View) => (view.rack ? view.rack.inlet : (view.room?.temperature ?? 22) + 1.5);
const dewPoint = (view: View) => view.room?.dewPoint ?? 9;
const energyOf = (view: View) => (view.rack ? view.rack.energy[view.feed] : view.plant.feeds[view.feed].energy);

/** Keys: `{device kind}/{point kind}`, or `{device kind}/{point kind}/{point}` where a device has two of a kind. */
const SHOWN: Record<string, Show> = {
	"temperature-sensor/temperature": airOf,
	"temperature-sensor/temperature/outlet": (view) => view.rack?.outlet ?? airOf(view) + 10,
	"temperature-sensor/humidity": (view) => relativeHumidity(airOf(view), dewPoint(view)),
	"humidity-sensor/temperature": airOf,
	"humidity-sensor/humidity": (view) => relativeHumidity(airOf(view), dewPoint(view)),
	"humidity-sensor/dew-point": dewPoint,
	"hvac-unit/temperature/supply": (view) => view.crac?.supply ?? 18,
	"hvac-unit/temperature/return": (view) => view.crac?.return ?? 30,
	"hvac-unit/fan-speed": (view) => 100 * (view.crac?.fan ?? 0.6),
	"hvac-unit/valve-position": (view) => 100 * (view.crac?.valve ?? 0.5),
	"hvac-unit/unit-state": (view) => (view.crac?.running === false ? "fault" : "running"),
	"air-flow-sensor/air-flow": (view) => 36_000 * meanFan(view),
	"air-flow-sensor/pressure": (view) => 25 * (meanFan(view) / 0.6) ** 2,
	"pdu/power": (view) => view.rack?.draw[view.feed] ?? 0,
	"pdu/current": (view) => (view.rack?.draw[view.feed] ?? 0) / VOLTS / POWER_FACTOR,
	"pdu/energy": energyOf,
	"pdu/voltage": (view) => (view.ups.mode === "off" ? 0 : VOLTS),
	"power-meter/voltage": (view) => view.plant.feeds[view.feed].voltage,
	"power-meter/frequency": (view) => view.plant.feeds[view.feed].frequency,
	"power-meter/power": (view) => view.plant.feeds[view.feed].power,
	"power-meter/current": (view) => view.plant.feeds[view.feed].power / (3 * VOLTS * POWER_FACTOR),
	"power-meter/energy": energyOf,
	"ups/ups-state": (view) => view.ups.mode,
	"ups/load": (view) => (100 * view.ups.load) / view.ups.rating,
	"ups/charge": (view) => view.ups.charge,
	"ups/runtime": (view) => Math.min(1440, (view.ups.charge / 100) * view.ups.capacity * (60_000 / Math.max(view.ups.load, 1))),
	"ups/power": (view) => view.ups.load,
	"ups/voltage/input-voltage": (view) => view.plant.feeds[view.feed].voltage,
	"ups/voltage/output-voltage": (view) => (view.ups.mode === "off" ? 0 : VOLTS),
	"battery-monitor/voltage": (view) => (onBattery(view) ? 440 + 0.8 * view.ups.charge : 520 + 0.2 * view.ups.charge),
	"battery-monitor/temperature": (view) => (view.room?.temperature ?? 22) + 1 + (onBattery(view) ? (100 - view.ups.charge) * 0.06 : 0),
	"sprinkler/pressure": () => 760_000,
	"grounding-monitor/resistance": () => 0.42,
	"vibration-sensor/vibration": () => 0.4,
	"door-controller/voltage": () => 13.6,
	"lightning-protection/count": () => 3,
	"camera/recording": () => true,
};

/** Measurement noise (standard deviation) and decimals by kind of point. */
const MEASURED: Record<string, { noise: number; decimals: number }> = {
	temperature: { noise: 0.05, decimals: 2 },
	humidity: { noise: 0.15, decimals: 1 },
	"dew-point": { noise: 0.05, decimals: 2 },
	voltage: { noise: 0.15, decimals: 1 },
	current: { noise: 0.02, decimals: 2 },
	power: { noise: 4, decimals: 0 },
	"fan-speed": { noise: 0.3, decimals: 1 },
	"valve-position": { noise: 0.2, decimals: 1 },
	"air-flow": { noise: 120, decimals: 0 },
	pressure: { noise: 0.2, decimals: 1 },
	resistance: { noise: 0.01, decimals: 3 },
	vibration: { noise: 0.04, decimals: 2 },
	frequency: { noise: 0.005, decimals: 3 },
	energy: { noise: 0, decimals: 2 },
	count: { noise: 0, decimals: 0 },
};
/** Of these a zero is a true zero: nothing flows. */
const DEAD_AT_ZERO = new Set(["voltage", "current", "power", "frequency"]);

/** The plant's parts by name, made once for all points of a moment. */
export interface PlantIndex {
	plant: Plant;
	racks: ReadonlyMap<string, RackState>;
	rooms: ReadonlyMap<string, RoomState>;
	cracs: ReadonlyMap<string, CracState>;
	roomCracs: ReadonlyMap<string, CracState[]>;
}
export function indexPlant(plant: Plant): PlantIndex {
	return {
		plant,
		racks: new Map(plant.racks.map((rack) => [rack.id, rack])),
		rooms: new Map(plant.rooms.map((room) => [room.id, room])),
		cracs: new Map(plant.cracs.map((crac) => [crac.id, crac])),
		roomCracs: Map.groupBy(plant.cracs, (crac) => crac.room),
	};
}

/** The value that the point shows now; a point that the table doesn't know rests in its first state or the middle of its normal range. */
export function pointValue(index: PlantIndex, device: WorldDevice, point: WorldPoint, random: Random): Value {
	const feed = device.feed ?? FEEDS[0];
	const { room, rack } = device.location;
	const show = SHOWN[`${device.kind}/${point.kind}/${point.point}`] ?? SHOWN[`${device.kind}/${point.kind}`] ?? resting;
	const value = show({
		plant: index.plant,
		device,
		point,
		feed,
		rack: rack === null ? undefined : index.racks.get(rack),
		room: index.rooms.get(room),
		crac: index.cracs.get(device.id),
		roomCracs: index.roomCracs.get(room) ?? [],
		ups: index.plant.ups[feed],
		random,
	});
	if (typeof value !== "number") return value ?? resting({ point });
	const { noise, decimals } = MEASURED[point.kind] ?? { noise: 0, decimals: 2 };
	return measured(value, point.kind, noise, decimals, random);
}

function measured(value: number, kind: string, noise: number, decimals: number, random: Random): number {
	const noisy = value === 0 && DEAD_AT_ZERO.has(kind) ? 0 : value + noise * Math.max(-3, Math.min(3, random.normal()));
	const positive = kind === "temperature" || kind === "dew-point" ? noisy : Math.max(0, noisy);
	return Number(positive.toFixed(decimals));
}

function resting({ point }: Pick<View, "point">): Value {
	if (point.type === "state") return point.states?.[0] ?? "normal";
	if (point.type === "boolean") return false;
	return point.normal ? (point.normal.min + point.normal.max) / 2 : 0;
}
