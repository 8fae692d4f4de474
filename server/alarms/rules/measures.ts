/** What combinations make of their points (ALM-1, ALM-12, ALM-13); pure, one line of the table a measure. */
import type { Measure } from "../../../contracts/rules.ts";
import type { WorldPoint } from "../../../contracts/world.ts";

/** One point of a combination. */
export interface Input {
	point: WorldPoint;
	/** The feed that its device hangs on. */
	feed: "A" | "B" | null;
}
/** What a measure looks at: the points in the order of the site file, and a value for each. */
export interface Combined {
	inputs: readonly Input[];
	values: Readonly<Float64Array>;
	/** What one feed of the rack can carry, W; `null` where the site file doesn't say. */
	feedPower: number | null;
}

/** Below this share of a rack's load a feed carries none: meters never stand at nought. */
const IDLE_SHARE = 0.01;

/** `null`: can't be told. */
export const MEASURE_TABLE: Readonly<Record<Measure, (of: Combined) => number | null>> = {
	sum: ({ values }) => sum(values),
	mean: ({ values }) => sum(values) / values.length,
	min: ({ values }) => values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
	max: ({ values }) => values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY),
	spread: (of) => (MEASURE_TABLE.max(of) ?? 0) - (MEASURE_TABLE.min(of) ?? 0),
	imbalance: ({ values }) => {
		const mean = sum(values) / values.length;
		return mean === 0 ? 0 : (100 * values.reduce((most, value) => Math.max(most, Math.abs(value - mean)), 0)) / Math.abs(mean);
	},
	"failover-load": (of) => (of.feedPower === null ? null : (100 * sum(of.values)) / of.feedPower),
	feeds: (of) => {
		const { A, B } = loadByFeed(of);
		return [A, B].filter((load) => carries(load, A + B)).length;
	},
	"dew-point": (of) => highestDewPoint(of),
	"dew-margin": (of) => {
		const dewPoint = highestDewPoint(of);
		const temperatures = of.values.filter((_, index) => of.inputs[index]?.point.kind === "temperature");
		return dewPoint === null || temperatures.length === 0 ? null : Math.min(...temperatures) - dewPoint;
	},
};

/** Whether a feed with this load carries any of the whole load of its rack. */
export const carries = (load: number, whole: number): boolean => load > IDLE_SHARE * whole;

/** What lies on each feed; points of devices without a feed lie on none. */
export function loadByFeed({ inputs, values }: Combined): { A: number; B: number } {
	const load = { A: 0, B: 0 };
	for (const [index, { feed }] of inputs.entries()) if (feed !== null) load[feed] += values[index] ?? 0;
	return load;
}

/**
 * Dew point over water in °C of air at `temperature` °C and `humidity` %RH, by the Magnus formula with the coefficients of the
 * WMO's guide (17.62, 243.12 °C: 0.35 °C from -45 to 60 °C). `null` for air without any humidity.
 */
export function dewPointOf(temperature: number, humidity: number): number | null {
	if (humidity <= 0) return null;
	const gamma = Math.log(humidity / 100) + (17.62 * temperature) / (243.12 + temperature);
	return (243.12 * gamma) / (17.62 - gamma);
}

/** Of each device that has both: its first temperature with its first humidity. */
function highestDewPoint({ inputs, values }: Combined): number | null {
	let highest: number | null = null;
	for (const [index, { point }] of inputs.entries()) {
		if (point.kind !== "humidity") continue;
		const partner = inputs.findIndex(({ point: other }) => other.kind === "temperature" && other.device === point.device);
		const found = partner < 0 ? null : dewPointOf(values[partner] ?? Number.NaN, values[index] ?? Number.NaN);
		if (found !== null && (highest === null || found > highest)) highest = found;
	}
	return highest;
}

const sum = (values: Readonly<Float64Array>): number => values.reduce((total, value) => total + value, 0);
