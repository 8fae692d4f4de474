/** Between which values a combination lies while each of its points lies between two: never narrower than it is; pure. */
import type { Measure } from "../../../contracts/rules.ts";
import type { PointExtremes } from "../../history/history.ts";
import { type CombinationPlace, patienceOf } from "./combination.ts";
import { type Combined, type Input, loadByFeed, MEASURE_TABLE } from "./measures.ts";
import type { Hours } from "./replay-spans.ts";
import { ALL_VALUES, type Band, NO_VALUES } from "./rule-condition.ts";

/** The points in the order of the site file, and the lowest and highest value of each. */
export interface Bounded {
	inputs: readonly Input[];
	lows: Readonly<Float64Array>;
	highs: Readonly<Float64Array>;
	feedPower: number | null;
}

const HOUR = 3_600_000;

/** One line a measure, as in `MEASURE_TABLE`. `NO_VALUES`: it can't be told. */
export const BOUNDS_TABLE: Readonly<Record<Measure, (of: Bounded) => Band>> = {
	sum: (of) => rising("sum", of),
	mean: (of) => rising("mean", of),
	min: (of) => rising("min", of),
	max: (of) => rising("max", of),
	spread: ({ lows, highs }) => ({ low: Math.max(0, Math.max(...lows) - Math.min(...highs)), high: Math.max(...highs) - Math.min(...lows) }),
	imbalance: (of) => {
		const mean = rising("mean", of);
		if (!(mean.low > 0)) return { low: 0, high: Number.POSITIVE_INFINITY };
		const farthest = of.lows.reduce((most, low, index) => Math.max(most, mean.high - low, (of.highs[index] as number) - mean.low), 0);
		return { low: 0, high: (100 * farthest) / mean.low };
	},
	"failover-load": (of) => rising("failover-load", of),
	feeds: (of) => {
		const [low, high] = [loadByFeed(at(of.lows, of)), loadByFeed(at(of.highs, of))];
		const count = (one: number, other: number) => (0.99 * one > 0.01 * other ? 1 : 0);
		// A hair wider on both sides: a load that is just on the threshold may be rounded to either.
		const [wide, narrow] = [1 + 1e-9, 1 - 1e-9];
		return {
			low: count(low.A * narrow, high.B * wide) + count(low.B * narrow, high.A * wide),
			high: count(high.A * wide, low.B * narrow) + count(high.B * wide, low.A * narrow),
		};
	},
	"dew-point": (of) => (isAir(of) ? wider(rising("dew-point", of)) : ALL_VALUES),
	"dew-margin": (of) => {
		if (!isAir(of)) return ALL_VALUES;
		const dewPoint = rising("dew-point", of);
		const coldest = (values: Readonly<Float64Array>) =>
			values.reduce(
				(least, value, index) => (of.inputs[index]?.point.kind === "temperature" ? Math.min(least, value) : least),
				Number.POSITIVE_INFINITY,
			);
		const [low, high] = [coldest(of.lows), coldest(of.highs)];
		return dewPoint === NO_VALUES || low === Number.POSITIVE_INFINITY ? NO_VALUES : wider({ low: low - dewPoint.high, high: high - dewPoint.low });
	},
};

/** Of a measure that no rising value makes fall. */
function rising(measure: Measure, of: Bounded): Band {
	const [low, high] = [MEASURE_TABLE[measure](at(of.lows, of)), MEASURE_TABLE[measure](at(of.highs, of))];
	if (high === null) return NO_VALUES;
	// No number comes of a humidity that is hardly there.
	return { low: low === null || Number.isNaN(low) ? ALL_VALUES.low : low, high: Number.isNaN(high) ? ALL_VALUES.high : high };
}

const at = (values: Readonly<Float64Array>, { inputs, feedPower }: Bounded): Combined => ({ inputs, values, feedPower });

/** Where the Magnus formula rises with temperature and with humidity. */
const isAir = ({ inputs, lows, highs }: Bounded): boolean =>
	inputs.every(({ point }, index) =>
		point.kind === "temperature" ? (lows[index] as number) >= -100 && (highs[index] as number) <= 200 : (highs[index] as number) <= 1000,
	);

/** By more than rounding makes of it. */
const wider = ({ low, high }: Band): Band => ({ low: low - 1e-6, high: high + 1e-6 });

/** What a point's values lie between in each hour, with those before it that are still combined then; none: `NO_VALUES`. */
export interface HourBands {
	lows: Float64Array;
	highs: Float64Array;
}

/** `from`, `to`: whole hours, Unix ms; `patience`: how old a value may be, ms. */
export function hourBands({ hours, unknown }: PointExtremes, patience: number, from: number, to: number): HourBands {
	const count = (to - from) / HOUR;
	const bands: HourBands = { lows: new Float64Array(count).fill(NO_VALUES.low), highs: new Float64Array(count).fill(NO_VALUES.high) };
	const back = Math.ceil(patience / HOUR);
	const take = (ts: number, { low, high }: Band) => {
		const hour = (ts - from) / HOUR;
		for (let index = Math.max(0, hour); index <= Math.min(count - 1, hour + back); index++) {
			bands.lows[index] = Math.min(bands.lows[index] as number, low);
			bands.highs[index] = Math.max(bands.highs[index] as number, high);
		}
	};
	for (const { ts, min, max } of hours) if (min !== null && max !== null) take(ts, { low: min, high: max });
	for (const ts of unknown) take(ts, ALL_VALUES);
	return bands;
}

/** Hours in which a combination may go beyond its limit. `bands`: of its points in their order, from the hour `from` on; each has an interval. */
export function hoursOfCombination({ rule, inputs, feedPower }: CombinationPlace, bands: readonly HourBands[], from: number): Hours {
	const longest = Math.max(...inputs.map(({ point }) => patienceOf(point)));
	return {
		mayRaise(hour) {
			const index = (hour - from) / HOUR;
			const lows = Float64Array.from(bands, (one) => one.lows[index] as number);
			const highs = Float64Array.from(bands, (one) => one.highs[index] as number);
			// Where one has no value the whole is unknown.
			if (lows.some((low) => low === Number.POSITIVE_INFINITY)) return false;
			const { low, high } = BOUNDS_TABLE[rule.measure]({ inputs, lows, highs, feedPower });
			return rule.level === "high" || rule.level === "high-high" ? high > rule.limit : low < rule.limit;
		},
		// Begun with values that are too old to be combined in it, it is the same as if it had always run.
		begin: (hour) => hour - longest,
	};
}
