/** Alarm evaluation alone: readings of points whose conditions don't change, three rules on each point (two limits, a rate). */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Reading } from "../contracts/reading.ts";
import { parseSite } from "../contracts/site-check.ts";
import { expandSite } from "../contracts/world.ts";
import { AlarmEngine } from "../server/alarms/alarm-engine.ts";

const START = 1_769_000_000_000;
/** Readings of one measurement, and how many are taken: the median doesn't mind what else the machine does meanwhile. */
const SAMPLE = 100_000;
const SAMPLES = 30;
/** Readings of one call, as an agent's batches bring them. */
const BATCH = 1000;
const RULES = 3;

setFlagsFromString("--expose_gc");
const collectGarbage = runInNewContext("gc") as () => void;

/**
 * Prints one JSON line for 1,000, 10,000 and 100,000 points, each read every second: CPU (collection of garbage included) and time of a reading,
 * and the heap that a rule on a point takes with its share of the point.
 */
export async function run(): Promise<void> {
	for (const points of [1000, 10_000, 100_000]) console.log(JSON.stringify(measure(points)));
}

function measure(points: number) {
	const engine = new AlarmEngine(() => crypto.randomUUID());
	const watched = world(points);
	collectGarbage();
	const before = process.memoryUsage().heapUsed;
	engine.load([], [], watched, START);
	const names = Array.from({ length: points }, (_, index) => `d${index}:temperature`);
	let [effects, at] = [0, 0];
	const [cpu, wall]: [number[], number[]] = [[], []];
	for (let sample = 0; sample < SAMPLES; sample++) {
		let [user, elapsed] = [0, 0];
		for (let taken = 0; taken < SAMPLE; taken += BATCH) {
			const ts = START + 1000 * (1 + Math.floor(at / points));
			const readings = Array.from({ length: BATCH }, (_, row): Reading => {
				const index = (at + row) % points;
				return { point: names[index] as string, ts, receivedAt: ts, value: 22 + Math.sin(ts / 10_000 + index), quality: "good" };
			});
			const [began, used] = [process.hrtime.bigint(), process.cpuUsage()];
			effects += engine.evaluate(readings, ts).length;
			if ((at + BATCH) % points === 0) effects += engine.tick(ts).length;
			elapsed += Number(process.hrtime.bigint() - began);
			const { user: more, system } = process.cpuUsage(used);
			user += more + system;
			at += BATCH;
		}
		cpu.push((user * 1000) / SAMPLE);
		wall.push(elapsed / SAMPLE);
	}
	collectGarbage();
	const bytes = process.memoryUsage().heapUsed - before;
	return {
		bench: "alarms",
		points,
		rulesPerPoint: RULES,
		cpuNsPerReading: Math.round(median(cpu)),
		nsPerReading: Math.round(median(wall)),
		readingsPerSecond: Math.round(1e9 / median(wall)),
		bytesPerRule: Math.round(bytes / points / RULES),
		evaluations: engine.stats().evaluations,
		transitions: effects,
		rssMB: Math.round(process.memoryUsage.rss() / 1e6),
	};
}

const median = (values: readonly number[]): number => [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;

function world(points: number) {
	const on = { pointKind: "temperature" };
	const result = parseSite({
		id: "bench",
		name: "Bench",
		timeZone: "UTC",
		agents: [{ id: "a", name: "A" }],
		models: [{ id: "th", kind: "temperature-sensor", points: [{ id: "temperature", kind: "temperature" }] }],
		rooms: [
			{
				id: "hall",
				name: "Hall",
				kind: "data-hall",
				plan: { x: 0, y: 0, width: 1, depth: 1 },
				devices: Array.from({ length: points }, (_, index) => ({ id: `d${index}`, model: "th" })),
			},
		],
		rules: [
			{ id: "high", name: "High", kind: "limit", level: "high", limit: 32, deadband: 1, on, priority: "high", onDelay: "30s" },
			{ id: "low", name: "Low", kind: "limit", level: "low", limit: 10, deadband: 1, on, priority: "medium" },
			{ id: "rate", name: "Rate", kind: "rate", change: 5, within: "15min", on, priority: "medium" },
		],
	});
	if (!("site" in result)) throw new Error(JSON.stringify(result.problems));
	return expandSite(result.site);
}
