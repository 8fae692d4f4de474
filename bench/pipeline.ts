/**
 * The whole way: load generator -> edge agent -> server -> history, all of them real processes on this machine. Prints one JSON
 * line; the exit code is 1 when what is stored is not what was acknowledged.
 *   npm run bench -- pipeline [--points 1000] [--rate 0] [--connections 1] [--seconds 20] [--history influx|duckdb] [--latency]
 * `--rate`: readings/s, 0 for as many as are acknowledged; `--in-flight`: messages without a PUBACK on one connection;
 * `--latency`: also time from the publish of a crossing reading to the alarm at a dashboard, while the load goes on;
 * `--samples`: memory every 15 s; `--profile <dir>`: CPU profiles of agent and server.
 */
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { DuckDbHistory } from "../server/history/duckdb.ts";
import { systemClock } from "../server/platform/clock.ts";
import { silentLogger } from "../server/platform/logger.ts";
import { loadSiteYaml } from "../simulators/load/load-site.ts";
import { type Manifest, manifestSchema } from "../simulators/load/manifest.ts";
import { type InfluxServer, startInflux } from "../test/helpers/influx.ts";
import { type System, system } from "../test/helpers/system.ts";
import { temporaryDirectory } from "../test/helpers/temporary-directory.ts";
import { type Latencies, PROBE_DEVICE, PROBE_POINTS, probeAlarms } from "./support/alarm-probe.ts";
import { rawInfluxRate } from "./support/raw-influx.ts";
import { descendants, type Watched, WatchedProcesses } from "./support/watched-processes.ts";

/** How long the server may take to store what is left when the load has ended, ms. */
const DRAIN_LIMIT = 120_000;
const PROBE_EVERY = 40;
/** Load before the first crossing, ms: fresh processes compile while they run. */
const WARM_UP = 4_000;

interface Options {
	points: number;
	rate: number;
	connections: number;
	seconds: number;
	inFlight: number;
	history: "influx" | "duckdb";
	latency: boolean;
}

/** See the head of the file. */
export async function run(args: string[]): Promise<void> {
	const { values } = parseArgs({
		args,
		options: {
			points: { type: "string", default: "1000" },
			rate: { type: "string", default: "0" },
			connections: { type: "string", default: "1" },
			seconds: { type: "string", default: "20" },
			"in-flight": { type: "string" },
			history: { type: "string", default: "influx" },
			latency: { type: "boolean", default: false },
			samples: { type: "boolean", default: false },
			profile: { type: "string" },
		},
	});
	const connections = Number(values.connections);
	const options: Options = {
		points: Number(values.points),
		rate: Number(values.rate),
		connections,
		seconds: Number(values.seconds),
		inFlight: Number(values["in-flight"] ?? Math.max(20, Math.floor(5_000 / connections))),
		history: values.history === "duckdb" ? "duckdb" : "influx",
		latency: values.latency,
	};
	const influx = options.history === "influx" ? await startInflux() : null;
	const directory = await temporaryDirectory("pipeline");
	const site = join(directory.path, "site.yaml");
	await writeFile(site, siteFile(options.points));
	const running = await system({
		site,
		env: {
			...(influx ? { INFLUX_URL: influx.url("watchroom") } : {}),
			...(values.profile ? { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${values.profile}` } : {}),
		},
	});
	try {
		await running.startServer();
		await running.startAgent();
		const result = await measure(running, influx, join(directory.path, "manifest.json"), options);
		const { watch, ...figures } = result;
		const raw = influx ? await rawInfluxRate(influx.url("raw")) : null;
		const stored = influx
			? await storedInInflux(influx.url("watchroom"))
			: await storedInDuckDb(
					running,
					result.manifest.points.map(({ id }) => id),
					result.manifest.summary,
				);
		const { manifest, ...shown } = figures;
		const { acknowledged, sent } = manifest.summary;
		const equal = stored >= acknowledged && stored <= sent;
		console.log(
			JSON.stringify({
				bench: "pipeline",
				...options,
				sent,
				acknowledged,
				stored,
				equal,
				...shown,
				...(raw ? { rawInfluxPerSecond: raw.pointsPerSecond, shareOfRaw: round(shown.readingsPerSecond / raw.pointsPerSecond) } : {}),
				...(values.samples ? { samples: watch.samples.filter((_, index) => index % 60 === 0) } : {}),
			}),
		);
		if (!equal) process.exitCode = 1;
	} finally {
		await running.stop();
		await influx?.remove();
		await directory.remove();
	}
	if (process.exitCode) process.exit(process.exitCode);
}

async function measure(running: System, influx: InfluxServer | null, manifestFile: string, options: Options) {
	const { points, rate, connections, seconds, inFlight } = options;
	const server = running.server?.pid ?? 0;
	const watch = new WatchedProcesses(() => ({
		agent: [running.agent?.pid ?? 0],
		server: [server],
		postgres: descendants(server),
		...(influx ? { influxdb: [influx.pid()] } : {}),
	}));
	const load = running.simulate(
		"load",
		"--points",
		String(points),
		"--rate",
		String(rate),
		"--connections",
		String(connections),
		"--seconds",
		String(seconds),
		"--in-flight",
		String(inFlight),
		"--manifest",
		manifestFile,
	);
	await load.says(/load ready/);
	const broker = `mqtt://127.0.0.1:${running.devicePort}`;
	const ending = new AbortController();
	const probe = options.latency
		? sleep(WARM_UP).then(async () =>
				probeAlarms({ broker, server: running.url, token: (await running.logIn()).token, site: "load", every: PROBE_EVERY, signal: ending.signal }),
			)
		: Promise.resolve(null);
	const stop = setTimeout(() => ending.abort(), (seconds - 1) * 1000);
	if (load.process.exitCode === null) await once(load.process, "exit");
	clearTimeout(stop);
	ending.abort();
	const endedAt = Date.now();
	const manifest: Manifest = manifestSchema.parse(JSON.parse(await readFile(manifestFile, "utf8")));
	const { acknowledged, from, readingsPerSecond, cpuSeconds } = manifest.summary;
	const alarmLatency = await probe;
	const wanted = acknowledged + (alarmLatency ? 1 : 0);
	let counted = await counters(running);
	const backlog = Math.max(0, acknowledged - counted.readings);
	while (counted.readings < wanted && Date.now() - endedAt < DRAIN_LIMIT) {
		await sleep(50);
		counted = await counters(running);
	}
	const drainSeconds = round((Date.now() - endedAt) / 1000);
	const usage = watch.usage();
	watch.stop();
	const million = acknowledged / 1e6;
	return {
		manifest,
		watch,
		readingsPerSecond,
		untilStoredPerSecond: Math.round(acknowledged / ((Date.now() - from) / 1000)),
		backlogAtEnd: backlog,
		drainSeconds,
		lateReadings: counted.late,
		cpuSecondsPerMillion: { ...perName(usage, ({ cpuSeconds: used }) => round(used / million)), generator: round(cpuSeconds / million) },
		peakRssMb: perName(usage, ({ peakRssMb }) => peakRssMb),
		...(alarmLatency ? { alarmLatencyMs: alarmLatency satisfies Latencies } : {}),
	};
}

/** The load's points, the probe's, and a limit that the load never crosses. */
function siteFile(points: number): string {
	const site = z.looseObject({ rooms: z.array(z.looseObject({ devices: z.array(z.unknown()) })) }).parse(parse(loadSiteYaml(points, true)));
	const names = Array.from({ length: PROBE_POINTS }, (_, index) => ({ id: `p${index}`, kind: "temperature", interval: "1h" }));
	site.rooms[0]?.devices.push({ id: PROBE_DEVICE, kind: "temperature-sensor", points: names });
	return stringify(site);
}

async function counters(running: System): Promise<{ readings: number; late: number }> {
	const text = await (await fetch(`${running.url}/metrics`)).text();
	const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1] ?? 0);
	return { readings: value("watchroom_ingest_readings_total"), late: value("watchroom_ingest_late_readings_total") };
}

const answerSchema = z.object({
	results: z.array(z.object({ series: z.array(z.object({ values: z.array(z.array(z.union([z.number(), z.string()]))) })).optional() })),
});

/** Readings of the load's points in InfluxDB. */
async function storedInInflux(url: string): Promise<number> {
	const { origin, pathname } = new URL(url);
	const database = pathname.slice(1);
	const q = `SELECT count(value) FROM "raw"."reading" WHERE point =~ /^load-/`;
	const answer = answerSchema.parse(await (await fetch(`${origin}/query?${new URLSearchParams({ db: database, q })}`)).json());
	return Number(answer.results[0]?.series?.[0]?.values[0]?.[1] ?? 0);
}

/** The same in the embedded history; the server must let go of it first. */
async function storedInDuckDb(running: System, points: string[], { from, to }: { from: number; to: number }): Promise<number> {
	await running.server?.stop();
	const history = new DuckDbHistory({ directory: running.directory, logger: silentLogger(), clock: systemClock });
	await history.start();
	try {
		return await history.count(points, from - 5_000, to + 60_000);
	} finally {
		await history.stop();
	}
}

function perName(usage: Record<string, Watched>, figure: (watched: Watched) => number): Record<string, number> {
	return Object.fromEntries(Object.entries(usage).map(([name, watched]) => [name, figure(watched)]));
}

function round(value: number): number {
	return Math.round(value * 100) / 100;
}
