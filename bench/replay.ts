/**
 * A proposed rule over stored history: 30 days of 1,000 points at one reading a minute (43.2 million readings), one point in 50 warm for half an
 * hour a day, beside the rule in force, with both histories; ten points a rack.
 *   npm run bench -- replay [--points 1000] [--days 30] [--store duckdb|influxdb] [--whole]
 * `--whole`: also a rule that looks at every reading, which takes minutes.
 * One JSON line for each store and rule; the stores are filled by themselves before that.
 */
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { pino } from "pino";
import { type Rule, ruleSchema } from "../contracts/rules.ts";
import { parseSite } from "../contracts/site-check.ts";
import { expandSite, type World } from "../contracts/world.ts";
import { HistoryReplay } from "../server/alarms/rules/history-replay.ts";
import { DuckDbHistory } from "../server/history/duckdb.ts";
import { SCHEMA } from "../server/history/duckdb-schema.ts";
import type { History } from "../server/history/history.ts";
import { InfluxHistory } from "../server/history/influx.ts";
import { InfluxHttp } from "../server/history/influx-http.ts";
import { parseInfluxUrl } from "../server/history/influx-url.ts";
import { bucketLine, linePrefix, MEASUREMENTS } from "../server/history/line-protocol.ts";
import { floorTo, HOUR, MINUTE } from "../server/history/rollup.ts";
import { influxAvailable, startInflux } from "../test/helpers/influx.ts";
import { temporaryDirectory } from "../test/helpers/temporary-directory.ts";
import { waitFor } from "../test/helpers/wait-for.ts";

const DAY = 24 * HOUR;
const logger = pino({ level: "warn" });
const retention = { rawMs: 40 * DAY, minuteMs: 40 * DAY, hourMs: 40 * DAY };
/** InfluxDB expires by the real time. */
const NOW = floorTo(Date.now(), HOUR);
const clock = { now: () => NOW };

interface Size {
	points: number;
	days: number;
}
const names = ({ points }: Size) => Array.from({ length: points }, (_, index) => `r${index}:inlet`);
const WARM_EVERY = 50;
const POINTS_A_RACK = 10;
/** What a point reads in a minute (counted from the first): a day's wave, noise, and half an hour at 29 to 30 °C every day at one point in 50. */
const valueAt = (index: number, minute: number): number => {
	const warm = index % WARM_EVERY === 0 && (minute + index) % 1440 < 30;
	return (
		Math.round((22 + 2 * Math.sin((2 * Math.PI * (minute % 1440)) / 1440) + ((minute * 7919 + index * 104_729) % 100) / 100 + (warm ? 8 : 0)) * 100) /
		100
	);
};
/** The same in DuckDB's words. */
const VALUE = `round(22 + 2 * sin(2 * pi() * (minute % 1440) / 1440) + ((minute * 7919 + index * 104729) % 100) / 100.0
	+ CASE WHEN index % ${WARM_EVERY} = 0 AND (minute + index) % 1440 < 30 THEN 8 ELSE 0 END, 2)`;

export async function run(args: string[]): Promise<void> {
	const option = (name: string, otherwise: number) => (args.includes(`--${name}`) ? Number(args[args.indexOf(`--${name}`) + 1]) : otherwise);
	const size = { points: option("points", 1000), days: option("days", 30) };
	const whole = args.includes("--whole");
	const store = args.includes("--store") ? args[args.indexOf("--store") + 1] : undefined;
	const directory = await temporaryDirectory("bench-replay");
	if (store !== "influxdb") {
		await fillDuckDb(directory.path, size);
		await measure("duckdb", new DuckDbHistory({ directory: directory.path, logger, clock, retention, maintainEveryMs: 0 }), size, whole);
	}
	if (store !== "duckdb" && influxAvailable) {
		const influx = await startInflux();
		try {
			const url = influx.url("replay");
			const history = new InfluxHistory({ url, directory: directory.path, logger, clock, retention, maintainEveryMs: 0 });
			await measure("influxdb", history, size, whole, () => fillInflux(url, size));
		} finally {
			await influx.remove();
		}
	}
	await directory.remove();
}

async function measure(store: string, history: History, size: Size, whole: boolean, fill?: () => Promise<void>): Promise<void> {
	await history.start();
	await waitFor("the history to be ready", () => history.state().status === "ok");
	await fill?.();
	const world = worldOf(size);
	const from = NOW - size.days * DAY;
	const on = { point: "inlet" };
	const common = { id: "r", name: "R", priority: "high", on, onDelay: "5min", offDelay: "5min" };
	const readsAll: [string, Rule, Rule] = [
		"count",
		ruleSchema.parse({ ...common, kind: "count", count: 100, within: "1h" }),
		ruleSchema.parse({ ...common, kind: "count", count: 200, within: "1h" }),
	];
	const rules: [string, Rule, Rule][] = [
		[
			"limit",
			ruleSchema.parse({ ...common, kind: "limit", level: "high", limit: 27 }),
			ruleSchema.parse({ ...common, kind: "limit", level: "high", limit: 32 }),
		],
		[
			"rate",
			ruleSchema.parse({ ...common, kind: "rate", change: 5, within: "15min" }),
			ruleSchema.parse({ ...common, kind: "rate", change: 20, within: "1h" }),
		],
		["no-data", ruleSchema.parse({ ...common, kind: "no-data", after: "3min" }), ruleSchema.parse({ ...common, kind: "no-data", after: "10min" })],
		[
			"combination",
			ruleSchema.parse({ ...common, kind: "combination", per: "rack", measure: "max", level: "high", limit: 27 }),
			ruleSchema.parse({ ...common, kind: "combination", per: "rack", measure: "spread", level: "high", limit: 10 }),
		],
		...(whole ? [readsAll] : []),
	];
	for (const [kind, proposed, inForce] of rules) {
		let [longest, last] = [0, performance.now()];
		const timer = setInterval(() => {
			longest = Math.max(longest, performance.now() - last);
			last = performance.now();
		}, 1);
		const [began, cpu] = [performance.now(), process.cpuUsage()];
		const replay = new HistoryReplay(history, { deadline: Number.POSITIVE_INFINITY, now: () => 0 });
		const sides = await replay.run([proposed, inForce], world, from, NOW);
		const seconds = (performance.now() - began) / 1000;
		const { user, system } = process.cpuUsage(cpu);
		clearInterval(timer);
		const figures = sides.map((side) => `${side.fired} at ${side.points} points`);
		console.log(
			JSON.stringify({
				bench: "replay",
				store,
				...size,
				stored: size.points * size.days * 1440,
				rule: kind,
				seconds: Math.round(seconds * 100) / 100,
				cpuSeconds: Math.round((user + system) / 10_000) / 100,
				readLineByLine: replay.readings,
				proposed: figures[0],
				inForce: figures[1],
				longestBlockMs: Math.round(longest),
				rssMB: Math.round(process.memoryUsage.rss() / 1e6),
			}),
		);
	}
	await history.stop();
}

function worldOf(size: Size): World {
	const racks = Array.from({ length: Math.ceil(size.points / POINTS_A_RACK) }, (_, rack) => ({
		id: `R${rack}`,
		room: "hall",
		plan: { x: 0, y: 0, width: 1, depth: 1 },
		devices: names(size)
			.slice(rack * POINTS_A_RACK, (rack + 1) * POINTS_A_RACK)
			.map((name) => ({ id: name.split(":")[0], model: "climate" })),
	}));
	const result = parseSite({
		id: "bench",
		name: "Bench",
		timeZone: "UTC",
		agents: [{ id: "a", name: "A" }],
		models: [{ id: "climate", kind: "temperature-sensor", points: [{ id: "inlet", kind: "temperature", interval: "1min" }] }],
		rooms: [{ id: "hall", name: "Hall", kind: "data-hall", plan: { x: 0, y: 0, width: 1, depth: 1 } }],
		racks,
	});
	if (!("site" in result)) throw new Error(JSON.stringify(result.problems));
	return expandSite(result.site);
}

/** Readings in the order of time, as they come in, and the hours that follow from them. */
async function fillDuckDb(directory: string, size: Size): Promise<void> {
	const instance = await DuckDBInstance.create(join(directory, "history.duckdb"), { memory_limit: "2GB" });
	const connection = await instance.connect();
	await connection.run(SCHEMA);
	const ids = names(size).map((name, index) => `(${index + 1}, '${name}')`);
	await connection.run(`INSERT INTO point VALUES ${ids.join(",")}`);
	const first = NOW - size.days * DAY;
	for (let day = 0; day < size.days; day++)
		await connection.run(`INSERT INTO raw SELECT index + 1, ${first} + minute * ${MINUTE}, 0, 0, ${VALUE}
			FROM range(${day * 1440}, ${(day + 1) * 1440}) minutes(minute), range(${size.points}) points(index) ORDER BY minute`);
	await connection.run(`INSERT INTO hour SELECT point, ts // ${HOUR} * ${HOUR} AS bucket, min(value), max(value), sum(value), count(*), count(*), 0, arg_max(value, ts)
		FROM raw WHERE ts < ${NOW - HOUR} GROUP BY point, bucket ORDER BY bucket`);
	await connection.run("CHECKPOINT");
	connection.closeSync();
	instance.closeSync();
}

async function fillInflux(url: string, size: Size): Promise<void> {
	const http = new InfluxHttp(parseInfluxUrl(url), { connections: 2, timeoutMs: 60_000 });
	const write = async (policy: string, lines: string[]) => {
		const outcome = await http.write(policy, Buffer.from(lines.join("")));
		if (outcome.kind !== "written" || outcome.expired > 0) throw new Error(JSON.stringify(outcome));
	};
	const raw = names(size).map((name) => linePrefix(MEASUREMENTS.raw, name));
	const hourly = names(size).map((name) => linePrefix(MEASUREMENTS["1h"], name));
	const first = NOW - size.days * DAY;
	for (let hour = 0; hour < size.days * 24; hour++) {
		const start = first + hour * HOUR;
		const writes: Promise<void>[] = [];
		const buckets: string[] = [];
		for (let from = 0; from < size.points; from += 250) {
			const lines: string[] = [];
			for (let index = from; index < Math.min(from + 250, size.points); index++) {
				const values = Array.from({ length: 60 }, (_, minute) => valueAt(index, hour * 60 + minute));
				for (const [minute, value] of values.entries()) lines.push(`${raw[index]}value=${value} ${start + minute * MINUTE}\n`);
				const sum = values.reduce((total, value) => total + value, 0);
				const [min, max, last] = [Math.min(...values), Math.max(...values), values.at(-1) ?? 0];
				buckets.push(bucketLine(hourly[index] ?? "", { ts: start, min, max, sum, n: 60, count: 60, last }));
			}
			writes.push(write("raw", lines));
		}
		if (start < NOW - HOUR) writes.push(write("1h", buckets));
		await Promise.all(writes);
	}
	http.close();
}
