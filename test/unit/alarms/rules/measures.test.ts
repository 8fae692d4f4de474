import { expect, test } from "vitest";
import type { PointKind } from "../../../../contracts/kinds.ts";
import type { Measure } from "../../../../contracts/rules.ts";
import type { WorldPoint } from "../../../../contracts/world.ts";
import { dewPointOf, type Input, MEASURE_TABLE } from "../../../../server/alarms/rules/measures.ts";

/** `device kind feed` */
const input = (text: string): Input => {
	const [device = "", kind = "", feed] = text.split(" ");
	const point: WorldPoint = {
		id: `${device}:${kind}`,
		device,
		point: kind,
		name: kind,
		kind: kind as PointKind,
		type: "number",
		unit: null,
		states: null,
		normal: null,
		range: null,
		interval: null,
		location: { site: "s", room: "hall", rack: "R1" },
		source: kind,
		sourceUnit: null,
		values: null,
	};
	return { point, feed: feed === "A" || feed === "B" ? feed : null };
};
const two = ["a power A", "b power B"];
const air = ["t temperature", "t humidity"];

test.each<[name: string, measure: Measure, inputs: string[], values: number[], expected: number | null]>([
	["sum", "sum", two, [1000, 2000], 3000],
	["mean", "mean", two, [1000, 2000], 1500],
	["min", "min", two, [1000, 2000], 1000],
	["max", "max", two, [1000, 2000], 2000],
	["spread", "spread", two, [1000, 2500], 1500],
	["phases that carry the same are balanced", "imbalance", ["m current", "m current", "m current"], [10, 10, 10], 0],
	["the phase that is farthest from the mean counts", "imbalance", ["m current", "m current", "m current"], [10, 12, 8], 20],
	["no load is no imbalance", "imbalance", ["m current", "m current"], [0, 0], 0],
	["what the feed that is left would carry: both loads on its rating", "failover-load", two, [2000, 2500], 90],
	["two cords on feed A count together", "failover-load", ["a power A", "b power A"], [2000, 2500], 90],
	["load on both feeds", "feeds", two, [1000, 2000], 2],
	["a cord that is out", "feeds", two, [3000, 0], 1],
	["what a meter shows without a load is none", "feeds", two, [3000, 20], 1],
	["both cords on one feed", "feeds", ["a power A", "b power A"], [1000, 2000], 1],
	["a dark rack lies on no feed", "feeds", two, [0, 0], 0],
	["a device without a feed lies on none", "feeds", ["a power A", "b power"], [1000, 1000], 1],
	["temperature and humidity of one device", "dew-point", air, [25, 50], 13.85],
	["the highest of several devices", "dew-point", [...air, "u temperature", "u humidity"], [25, 50, 25, 60], 16.69],
	["humidity alone gives none", "dew-point", ["t temperature", "u humidity"], [25, 50], null],
	["margin of the coldest place", "dew-margin", [...air, "supply temperature"], [25, 50, 15], 1.15],
	["margin without any humidity", "dew-margin", ["supply temperature"], [15], null],
])("%s (%s)", (_name, measure, inputs, values, expected) => {
	const value = MEASURE_TABLE[measure]({ inputs: inputs.map(input), values: Float64Array.from(values), feedPower: 5000 });
	expect(value === null ? null : Math.round(value * 100) / 100).toBe(expected);
});

test("what a feed can carry has to be known for what it would carry", () => {
	expect(MEASURE_TABLE["failover-load"]({ inputs: two.map(input), values: Float64Array.of(1, 2), feedPower: null })).toBeNull();
});

test.each([
	{ temperature: 20, humidity: 100, dewPoint: 20 },
	{ temperature: 25, humidity: 40, dewPoint: 10.5 },
	{ temperature: 18, humidity: 60, dewPoint: 10.1 },
	{ temperature: 10, humidity: 10, dewPoint: -20.3 },
])("dew point of air of $temperature °C and $humidity %RH: $dewPoint °C", ({ temperature, humidity, dewPoint }) => {
	expect(dewPointOf(temperature, humidity)).toBeCloseTo(dewPoint, 1);
});

test("air without any humidity has no dew point", () => {
	expect(dewPointOf(20, 0)).toBeNull();
});
