/**
 * Alarm evaluation alone: readings of points whose conditions don't change, three rules on each point (two limits, a rate). Prints one JSON
 * line a case: CPU (collection of garbage included) and time of a reading, the same for a bare look-up of its point in a `Map` of that
 * many, and the memory that a rule on a point takes with its share of the point.
 *   npm run bench -- alarms [--points N] [--order file|random] [--every S]
 * Without options all cases, each in a process of its own, so that none leaves its heap to the next one.
 */
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { fromColumns, type Reading, toColumns } from "../contracts/reading.ts";
import { parseSite } from "../contracts/site-check.ts";
import { expandSite } from "../contracts/world.ts";
import { AlarmEngine } from "../server/alarms/alarm-engine.ts";

const START = 1_769_000_000_000;
/** Readings of one measurement, and how many are taken: of those the lower quartile counts, for what else the machine does only adds. */
const SAMPLE = 100_000;
const SAMPLES = 15;
/** Readings of one call, as an agent's batches bring them. */
const BATCH = 1000;
const RULES = 3;
/** Rounds before the first measurement: as many as fill the window of the rate, ms. */
const WINDOW = 15 * 60_000;
const WARM_UP = 30;

interface Case {
	points: number;
	/** In the order of the site file, as an agent reads its devices, or in another order each round. */
	order: "file" | "random";
	/** Time between two readings of a point, ms. */
	every: number;
}

setFlagsFromString("--expose_gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** See the head of the file. */
export async function run(args: string[]): Promise<void> {
	const { values } = parseArgs({ args, options: { points: { type: "string" }, order: { type: "string" }, every: { type: "string" } } });
	const { points, order, every } = values;
	if (points && order && every)
		return console.log(
			JSON.stringify(measure({ points: Number(points), order: order === "random" ? "random" : "file", every: Number(every) * 1000 })),
		);
	for (const each of every ? [every] : ["1", "30"])
		for (const one of order ? [order] : ["file", "random"])
			for (const count of points ? [points] : ["1000", "10000", "100000"])
				spawnSync(process.execPath, [...process.execArgv, process.argv[1] ?? "", "alarms", "--points", count, "--order", one, "--every", each], {
					stdio: "inherit",
				});
}

function measure({ points, order, every }: Case) {
	const engine = new AlarmEngine(() => crypto.randomUUID());
	const watched = world(points, every);
	const names = [...watched.points.keys()];
	const bare = new Map(names.map((name) => [`${name}`, { value: 0 }]));
	const rows = Array.from({ length: points }, (_, row) => row);
	const before = memory();
	engine.load([], [], watched, START);
	let [effects, at, ts] = [0, 0, START];
	const next = (step: number): Reading[] =>
		Array.from({ length: BATCH }, (): Reading => {
			if (at === 0) {
				ts += step;
				if (order === "random") shuffle(rows);
			}
			const index = rows[at] as number;
			at = (at + 1) % points;
			return { point: names[index] as string, ts, receivedAt: ts, value: 22 + Math.sin(ts / 10_000 + index), quality: "good" };
		});
	const evaluate = (readings: readonly Reading[]) => {
		effects += engine.evaluate(readings, ts).length;
		if (at === 0) effects += engine.tick(ts).length;
	};
	for (let taken = 0; taken < WARM_UP * points; taken += BATCH) evaluate(next(WINDOW / WARM_UP));
	const reference = new Stopwatch();
	const watch = new Stopwatch();
	for (let sample = 0; sample < SAMPLES; sample++) {
		for (let taken = 0; taken < SAMPLE; taken += BATCH) {
			// What comes from an agent has names of its own, which nobody has looked at.
			const readings = fromColumns(JSON.parse(JSON.stringify(toColumns(next(every)))));
			watch.time(() => evaluate(readings));
		}
		for (let taken = 0; taken < SAMPLE; taken += BATCH) {
			const readings = fromColumns(JSON.parse(JSON.stringify(toColumns(next(every)))));
			reference.time(() => lookUp(bare, readings));
		}
		watch.lap();
		reference.lap();
	}
	const bytes = memory() - before;
	return {
		bench: "alarms",
		points,
		rulesPerPoint: RULES,
		order,
		everySeconds: every / 1000,
		cpuNsPerReading: Math.round(quartile(watch.cpu)),
		nsPerReading: Math.round(quartile(watch.wall)),
		bareMapCpuNsPerReading: Math.round(quartile(reference.cpu)),
		bareMapNsPerReading: Math.round(quartile(reference.wall)),
		readingsPerSecond: Math.round(1e9 / quartile(watch.wall)),
		bytesPerRule: Math.round(bytes / points / RULES),
		evaluations: engine.stats().evaluations,
		transitions: effects,
		rssMB: Math.round(process.memoryUsage.rss() / 1e6),
	};
}

/** What any look at a point costs, whatever is done with it then. */
function lookUp(bare: ReadonlyMap<string, { value: unknown }>, readings: readonly Reading[]): void {
	for (const { point, value } of readings) {
		const found = bare.get(point);
		if (found) found.value = value;
	}
}

/** Sums CPU and time up to a lap: ns for each reading of a sample. */
class Stopwatch {
	readonly cpu: number[] = [];
	readonly wall: number[] = [];
	#user = 0;
	#elapsed = 0;

	time(work: () => void): void {
		const [began, used] = [process.hrtime.bigint(), process.cpuUsage()];
		work();
		this.#elapsed += Number(process.hrtime.bigint() - began);
		const { user, system } = process.cpuUsage(used);
		this.#user += user + system;
	}
	lap(): void {
		this.cpu.push((this.#user * 1000) / SAMPLE);
		this.wall.push(this.#elapsed / SAMPLE);
		this.#user = 0;
		this.#elapsed = 0;
	}
}

/** Bytes in use, those outside of V8's heap included. */
function memory(): number {
	collectGarbage();
	const { heapUsed, external } = process.memoryUsage();
	return heapUsed + external;
}

/** Fisher and Yates, the same at each run. */
let seed = 1;
function shuffle(rows: number[]): void {
	for (let last = rows.length - 1; last > 0; last--) {
		seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
		const other = Math.floor((seed / 2 ** 32) * (last + 1));
		[rows[last], rows[other]] = [rows[other] as number, rows[last] as number];
	}
}

const quartile = (values: readonly number[]): number => [...values].sort((one, other) => one - other)[Math.floor(values.length / 4)] ?? Number.NaN;

function world(points: number, interval: number) {
	const on = { pointKind: "temperature" };
	const result = parseSite({
		id: "bench",
		name: "Bench",
		timeZone: "UTC",
		agents: [{ id: "a", name: "A" }],
		models: [{ id: "th", kind: "temperature-sensor", points: [{ id: "temperature", kind: "temperature", interval: `${interval}ms` }] }],
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
