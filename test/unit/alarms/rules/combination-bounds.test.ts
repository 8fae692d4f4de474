import fc from "fast-check";
import { expect, test } from "vitest";
import type { Quality } from "../../../../contracts/kinds.ts";
import { type CombinationRule, MEASURES, type Measure, ruleSchema } from "../../../../contracts/rules.ts";
import { Combination, combinationPlaces } from "../../../../server/alarms/rules/combination.ts";
import { BOUNDS_TABLE } from "../../../../server/alarms/rules/combination-bounds.ts";
import { HistoryReplay } from "../../../../server/alarms/rules/history-replay.ts";
import { MEASURE_TABLE } from "../../../../server/alarms/rules/measures.ts";
import { RuleReplay } from "../../../../server/alarms/rules/rule-replay.ts";
import type { HourExtremes, RawRow } from "../../../../server/history/history.ts";
import { smallSite, worldOf } from "../../../helpers/small-world.ts";

const HOUR = 3_600_000;
const T0 = Math.floor(1_769_000_000_000 / HOUR) * HOUR;
const measures = Object.keys(MEASURES) as Measure[];

/** A rack with three PDUs, one on no feed, and two air sensors, so that every measure has points. */
const device = (id: string, kind: string, points: string[], interval: string, feed?: string) => ({
	id,
	kind,
	...(feed && { feed }),
	points: points.map((point) => ({ id: point, kind: point, interval })),
});
const worldAt = (interval: string) =>
	worldOf({
		...smallSite(),
		racks: [
			{
				...smallSite().racks[0],
				feedPower: 100,
				devices: [
					device("pdu-a", "pdu", ["power"], interval, "A"),
					device("pdu-b", "pdu", ["power"], "1min", "B"),
					device("pdu-c", "pdu", ["power"], interval),
					device("air-1", "temperature-sensor", ["temperature", "humidity"], interval),
					device("air-2", "temperature-sensor", ["temperature", "humidity"], "1min"),
				],
			},
		],
	});
const kindsOf = (measure: Measure) => (measure.startsWith("dew") ? ["temperature", "humidity"] : ["power"]);
const ruleOf = (measure: Measure, rest: object) =>
	ruleSchema.parse({
		id: "r",
		name: "R",
		kind: "combination",
		per: "rack",
		measure,
		on: { pointKind: kindsOf(measure) },
		priority: "low",
		...rest,
	}) as CombinationRule;

/** Loads and temperatures around nought too, humidity also where there is none or too much. */
const value = fc.oneof(fc.double({ min: -5, max: 60, noNaN: true }), fc.integer({ min: -1, max: 2 }), fc.constantFrom(1e4, -300, 0.5, 50));

test.each(measures)("%s lies between its bounds wherever its points lie between theirs", (measure) => {
	const place = combinationPlaces(ruleOf(measure, { level: "high", limit: 1 }), worldAt("1min"))[0];
	if (!place) throw new Error("no place");
	const { inputs, feedPower } = place;
	const part = fc.tuple(value, value, fc.double({ min: 0, max: 1, noNaN: true }));
	fc.assert(
		fc.property(fc.array(part, { minLength: inputs.length, maxLength: inputs.length }), (parts) => {
			const lows = Float64Array.from(parts, ([one, other]) => Math.min(one, other));
			const highs = Float64Array.from(parts, ([one, other]) => Math.max(one, other));
			const values = Float64Array.from(parts, ([, , share], index) => {
				const [low, high] = [lows[index] as number, highs[index] as number];
				return Math.min(high, Math.max(low, low + share * (high - low)));
			});
			const found = MEASURE_TABLE[measure]({ inputs, values, feedPower });
			if (found === null || !Number.isFinite(found)) return;
			const { low, high } = BOUNDS_TABLE[measure]({ inputs, lows, highs, feedPower });
			expect(found).toBeGreaterThanOrEqual(low);
			expect(found).toBeLessThanOrEqual(high);
		}),
		{ numRuns: 3000 },
	);
});

test.each<[measure: Measure, lows: number[], highs: number[], low: number, high: number]>([
	["sum", [10, 20], [15, 30], 30, 45],
	["spread", [10, 20], [15, 30], 5, 20],
	["spread", [10, 10], [15, 15], 0, 5],
	["imbalance", [9, 9], [11, 11], 0, 22.2],
	["imbalance", [0, 10, 10], [0, 10, 10], 0, 100],
	["imbalance", [-1, 1], [1, 1], 0, Number.POSITIVE_INFINITY],
	["failover-load", [20, 20], [30, 40], 40, 70],
	["feeds", [10, 10], [20, 20], 2, 2],
	["feeds", [0, 10], [20, 20], 1, 2],
	["feeds", [0, 10], [0, 20], 1, 1],
])("bounds of %s from %j to %j are as narrow as they can be told", (measure, lows, highs, low, high) => {
	const place = combinationPlaces(ruleOf(measure, { level: "high", limit: 1 }), worldAt("1min"))[0];
	const found = BOUNDS_TABLE[measure]({
		inputs: place?.inputs.slice(0, lows.length) ?? [],
		lows: Float64Array.from(lows),
		highs: Float64Array.from(highs),
		feedPower: place?.feedPower ?? null,
	});
	expect([found.low, Math.round(found.high * 10) / 10]).toEqual([low, high]);
});

type Rows = ReadonlyMap<string, readonly RawRow[]>;

/** A store of these rows that counts what is asked for, and doesn't know some of the hours. */
function stored(rows: Rows, unknown: readonly number[]) {
	const hours = (point: string) =>
		[...Map.groupBy(rows.get(point) ?? [], ({ ts }) => Math.floor(ts / HOUR) * HOUR)].map(([ts, some]): HourExtremes => {
			const numbers = some.flatMap(({ value: one, quality }) => (typeof one === "number" && quality !== "bad" ? one : []));
			return { ts, min: numbers.length ? Math.min(...numbers) : null, max: numbers.length ? Math.max(...numbers) : null };
		});
	return {
		extremes: async (points: readonly string[]) =>
			new Map(points.map((point) => [point, { hours: hours(point).filter(({ ts }) => !unknown.includes(ts)), unknown: [...unknown] }])),
		silences: async () => new Map(),
		hoursOfStates: async () => new Map(),
		readings: async (points: readonly string[], from: number, to: number) =>
			new Map(points.map((point) => [point, (rows.get(point) ?? []).filter(({ ts }) => ts >= from && ts < to)])),
	};
}
const bounds = { deadline: 1, now: () => 0 };

/** The same with every reading, instant by instant. */
function whole(rule: CombinationRule, world: ReturnType<typeof worldAt>, rows: Rows, to: number) {
	return combinationPlaces(rule, world).map((place) => {
		const combination = new Combination(place);
		const replay = new RuleReplay(rule, place.point.id, place.point.interval, T0);
		const all = place.inputs.flatMap(({ point }, index) => (rows.get(point.id) ?? []).map((row) => ({ ...row, index })));
		for (const { index, ts, value: one, quality } of all.sort((a, b) => a.ts - b.ts)) {
			const ready = combination.take(index, { point: "", ts, receivedAt: ts, value: one, quality }, false);
			if (ready) replay.take(ready);
		}
		for (const ready of combination.rest()) replay.take(ready);
		replay.finish(to);
		return replay.firings;
	});
}

/** Mostly quiet, with steps within an hour and beyond it. */
const steps = fc.array(
	fc.tuple(
		fc.constantFrom(60_000, 120_000, 600_000, HOUR, 3 * HOUR),
		fc.oneof({ weight: 6, arbitrary: fc.constantFrom(20, 22) }, { weight: 2, arbitrary: value }, { weight: 1, arbitrary: fc.constant(90) }),
		fc.constantFrom<Quality>("good", "good", "good", "uncertain", "bad"),
	),
	{ maxLength: 30 },
);

test.each(measures)("%s replayed by what is known of hours finds what it finds reading by reading", async (measure) => {
	const terms = fc.record({
		level: fc.constantFrom("high", "low"),
		limit: fc.constantFrom(0, 1, 2, 10, 25, 40, 70),
		deadband: fc.constantFrom(0, 2),
		onDelay: fc.constantFrom("0s", "2min", "2h"),
		offDelay: fc.constantFrom("0s", "10min"),
	});
	const unknown = fc.array(fc.nat(20).map((hour) => T0 + hour * HOUR));
	await fc.assert(
		fc.asyncProperty(
			terms,
			fc.constantFrom("1min", "10min", "40min"),
			fc.array(steps, { minLength: 4, maxLength: 4 }),
			unknown,
			async (terms, interval, lists, gaps) => {
				const world = worldAt(interval);
				const rule = ruleOf(measure, terms);
				const points = combinationPlaces(rule, world).flatMap(({ inputs }) => inputs.map(({ point }) => point.id));
				const rows = new Map(
					points.map((point, index) => {
						let ts = T0;
						const list = (lists[index] ?? []).map(([step, one, quality]): RawRow => {
							ts += step;
							return { ts, value: one, quality };
						});
						return [point, list];
					}),
				);
				const newest = Math.max(T0, ...[...rows.values()].flatMap((some) => some.map(({ ts }) => ts)));
				const to = Math.ceil((newest + HOUR) / HOUR) * HOUR;
				const [side] = await new HistoryReplay(stored(rows, gaps), bounds).run([rule], world, T0, to);
				const firings = whole(rule, world, rows, to).flat();
				const activeMs = firings.reduce((sum, { from, to: end }) => sum + (end ?? to) - from, 0);
				expect([side?.fired, side?.activeMs]).toEqual([firings.length, activeMs]);
			},
		),
		{ numRuns: 300 },
	);
});

test("hours in which a rack can't be beyond its limit are not read", async () => {
	const world = worldAt("1min");
	const minutes = Array.from({ length: 240 * 60 }, (_, minute) => minute);
	const rows = new Map(
		["pdu-a:power", "pdu-b:power", "pdu-c:power"].map((point) => [
			point,
			minutes.map((minute): RawRow => ({ ts: T0 + minute * 60_000, value: minute === 6000 ? 30 : 10 + (minute % 10), quality: "good" })),
		]),
	);
	const replay = new HistoryReplay(stored(rows, []), bounds);
	const [side] = await replay.run([ruleOf("failover-load", { level: "high", limit: 80 })], world, T0, T0 + 240 * HOUR);
	expect(side).toMatchObject({ fired: 1, activeMs: 60_000 });
	expect(replay.readings, "the hour, the one with which it may be combined, the one after, and what may be combined with the first").toBe(3 * 183);
});
