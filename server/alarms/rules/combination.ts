import type { PointKind } from "../../../contracts/kinds.ts";
import type { Reading } from "../../../contracts/reading.ts";
import { selects } from "../../../contracts/rule-selection.ts";
import { type CombinationRule, MEASURES } from "../../../contracts/rules.ts";
import type { World, WorldDevice, WorldPoint } from "../../../contracts/world.ts";
import { type Input, MEASURE_TABLE } from "./measures.ts";

/** A combination rule at one device, rack or room. */
export interface CombinationPlace {
	rule: CombinationRule;
	/** Stands for the place in alarms: `{per}.{place}:{measure}`; no point of a device. */
	point: WorldPoint;
	inputs: readonly Input[];
	feedPower: number | null;
}

/** Expected intervals after which a value is too old to be combined with newer ones, as it would be stale. */
const PATIENCE = 3;
const KINDS: Readonly<Partial<Record<CombinationRule["measure"], PointKind>>> = {
	imbalance: "load",
	"failover-load": "load",
	feeds: "count",
	"dew-point": "dew-point",
	"dew-margin": "temperature",
};
const WORDS: Readonly<Record<CombinationRule["measure"], string>> = {
	sum: "sum",
	mean: "mean",
	min: "lowest value",
	max: "highest value",
	spread: "spread",
	imbalance: "imbalance of the phases",
	"failover-load": "load on one feed if the other fails",
	feeds: "feeds that carry load",
	"dew-point": "dew point",
	"dew-margin": "margin to the dew point",
};

/** How old a point's value may be to be combined with newer ones, ms; infinite for a point that tells when it likes. */
export const patienceOf = ({ interval }: WorldPoint): number => (interval === null ? Number.POSITIVE_INFINITY : PATIENCE * interval);

/** The places at which a rule combines points: those with any that it selects, in the order of the site file. */
export function combinationPlaces(rule: CombinationRule, world: World): CombinationPlace[] {
	const byPlace = new Map<string, { device: WorldDevice; inputs: Input[] }>();
	for (const device of world.devices.values())
		for (const point of device.points) {
			const place = rule.per === "device" ? device.id : rule.per === "rack" ? point.location.rack : point.location.room;
			if (place === null || point.type !== "number" || !selects(rule.on, point, device)) continue;
			const found = byPlace.get(place) ?? { device, inputs: [] };
			byPlace.set(place, found);
			found.inputs.push({ point, feed: device.feed });
		}
	return [...byPlace].map(([place, { device, inputs }]) => {
		const rack = rule.per === "rack" ? world.site.racks.find(({ id }) => id === place) : undefined;
		const room = rule.per === "room" ? world.site.rooms.find(({ id }) => id === place) : undefined;
		const first = inputs[0] as Input;
		const intervals = inputs.map(({ point }) => point.interval);
		const point: WorldPoint = {
			id: `${rule.per}.${place}:${rule.measure}`,
			device: `${rule.per}.${place}`,
			point: rule.measure,
			name: `${rule.per === "device" ? device.name : (rack?.name ?? room?.name ?? place)}: ${WORDS[rule.measure]}`,
			kind: KINDS[rule.measure] ?? first.point.kind,
			type: "number",
			unit: MEASURES[rule.measure] ?? (rule.measure === "feeds" ? null : first.point.unit),
			states: null,
			normal: null,
			range: null,
			interval: intervals.includes(null) ? null : Math.max(...intervals.map((interval) => interval ?? 0)),
			location: rule.per === "room" ? { ...first.point.location, rack: null } : first.point.location,
			source: rule.measure,
			sourceUnit: null,
			values: null,
		};
		return { rule, point, inputs, feedPower: rack?.feedPower ?? rack?.ratedPower ?? null };
	});
}

/** The newest values of the points, by event time. */
interface Book {
	values: Float64Array;
	times: Float64Array;
	/** Newest time of all, and whether something of that time has not been judged. */
	ts: number;
	receivedAt: number;
	dirty: boolean;
}

/**
 * Combines the readings of its points into readings of its own: one for each instant at which any of them has one, once all of that
 * instant that come together are in. Back-filled readings are combined with each other, in a book of their own, never with newer ones.
 */
export class Combination {
	readonly place: CombinationPlace;
	readonly #patience: Float64Array;
	readonly #live: Book;
	#late: Book | null = null;

	constructor(place: CombinationPlace) {
		this.place = place;
		this.#patience = Float64Array.from(place.inputs, ({ point }) => patienceOf(point));
		this.#live = newBook(place.inputs.length);
	}

	/**
	 * Takes a reading of the point at `index`. Gives the reading of the instant before it where that waits still.
	 * A bad value makes the whole unknown.
	 */
	take(index: number, reading: Reading, late: boolean): Reading | null {
		this.#late ??= late ? newBook(this.place.inputs.length) : null;
		const book = late && this.#late ? this.#late : this.#live;
		const before = book.dirty && (late ? reading.ts !== book.ts : reading.ts > book.ts) ? this.#reading(book) : null;
		book.values[index] = reading.quality === "bad" || typeof reading.value !== "number" ? Number.NaN : reading.value;
		book.times[index] = reading.ts;
		book.ts = late ? reading.ts : Math.max(book.ts, reading.ts);
		book.receivedAt = reading.receivedAt;
		book.dirty = true;
		return before;
	}

	/** What is left to judge once no more readings come together. */
	rest(): Reading[] {
		return [this.#late, this.#live].flatMap((book) => (book?.dirty ? (this.#reading(book) ?? []) : []));
	}

	/** `null`: not known, since a value is missing, bad or too old. */
	#reading(book: Book): Reading | null {
		book.dirty = false;
		const { values, times, ts, receivedAt } = book;
		for (let index = 0; index < values.length; index++)
			if (Number.isNaN(values[index]) || !(Math.abs(ts - (times[index] as number)) <= (this.#patience[index] as number))) return null;
		const { inputs, feedPower, rule, point } = this.place;
		const value = MEASURE_TABLE[rule.measure]({ inputs, values, feedPower });
		return value === null || !Number.isFinite(value) ? null : { point: point.id, ts, receivedAt, value, quality: "good" };
	}
}

function newBook(size: number): Book {
	const nothing = Number.NaN;
	return {
		values: new Float64Array(size).fill(nothing),
		times: new Float64Array(size).fill(nothing),
		ts: Number.NEGATIVE_INFINITY,
		receivedAt: 0,
		dirty: false,
	};
}
