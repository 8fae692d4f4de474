/**
 * Append throughput of both histories, beside what InfluxDB takes from a bare loop of HTTP writes in the same run.
 *   npm run bench -- history [--series 1000] [--readings 2000000] [--batch 500] [--backlog]
 * Readings are of now, or with `--backlog` of the last hour. One JSON line per result; CPU is of this process, `storeCpu` of influxd. `batch` is the readings of one `append`.
 */
import { readFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { pino } from "pino";
import type { Reading } from "../contracts/reading.ts";
import { DuckDbHistory } from "../server/history/duckdb.ts";
import type { History } from "../server/history/history.ts";
import { InfluxHistory } from "../server/history/influx.ts";
import { influxAvailable, startInflux } from "../test/helpers/influx.ts";
import { temporaryDirectory } from "../test/helpers/temporary-directory.ts";
import { waitFor } from "../test/helpers/wait-for.ts";

interface Load {
	series: number;
	readings: number;
	batch: number;
	backlog: boolean;
}
const logger = pino({ level: "warn" });
/** Appends that wait for their acknowledgement, in readings. */
const WINDOW = 20_000;

export async function run(args: string[]): Promise<void> {
	const option = (name: string, otherwise: number) => Number(args[args.indexOf(`--${name}`) + 1] ?? otherwise);
	const has = (name: string) => args.includes(`--${name}`);
	const load: Load = {
		series: has("series") ? option("series", 1000) : 1000,
		readings: has("readings") ? option("readings", 2_000_000) : 2_000_000,
		batch: has("batch") ? option("batch", 500) : 500,
		backlog: has("backlog"),
	};
	if (influxAvailable) {
		const influx = await startInflux();
		try {
			print("influxdb bare writes", load, await bareWrites(influx.url("bare"), load, influx.pid()));
			const directory = await temporaryDirectory("bench");
			const history = new InfluxHistory({ url: influx.url("bench"), directory: directory.path, logger, clock: { now: () => Date.now() } });
			print("influxdb", load, await throughput(history, load, influx.pid()));
			await directory.remove();
		} finally {
			await influx.remove();
		}
	}
	const directory = await temporaryDirectory("bench");
	const history = new DuckDbHistory({ directory: directory.path, logger, clock: { now: () => Date.now() } });
	print("duckdb", load, await throughput(history, load, null));
	await directory.remove();
}

interface Figures {
	seconds: number;
	cpu: number;
	storeCpu: number | null;
	stored?: number;
}
function print(name: string, load: Load, { seconds, cpu, storeCpu, stored }: Figures): void {
	const perMillion = (value: number) => Math.round((value / load.readings) * 1e8) / 100;
	console.log(
		JSON.stringify({
			bench: "history",
			name,
			...load,
			readingsPerSecond: Math.round(load.readings / seconds),
			coreShare: Math.round((cpu / seconds) * 100) / 100,
			coreShareAt200k: Math.round((cpu / load.readings) * 200_000 * 100) / 100,
			cpuPerMillion: perMillion(cpu),
			storeCpuPerMillion: storeCpu === null ? null : perMillion(storeCpu),
			...(stored === undefined ? {} : { stored }),
			rssMb: Math.round(process.memoryUsage.rss() / 1e6),
		}),
	);
}

/** One reading each 10 ms of every series from now on, or one a second up to now, in batches. */
function* batches({ series, readings, batch, backlog }: Load): Generator<Reading[]> {
	const points = Array.from({ length: series }, (_, index) => `rack-${index}:temperature`);
	const interval = backlog ? 1000 : 10;
	const start = Date.now() - (backlog ? Math.ceil(readings / series) * interval : 0);
	for (let first = 0; first < readings; first += batch)
		yield Array.from({ length: Math.min(batch, readings - first) }, (_, index) => {
			const at = first + index;
			const ts = start + Math.floor(at / series) * interval;
			return { point: points[at % series] as string, ts, receivedAt: ts + 12, value: 20 + ((at * 7) % 1000) / 100, quality: "good" as const };
		});
}

async function measure(work: () => Promise<void>, pid: number | null): Promise<Figures> {
	const store = pid === null ? null : await cpuOf(pid);
	const [cpu, start] = [process.cpuUsage(), performance.now()];
	await work();
	const seconds = (performance.now() - start) / 1000;
	const { user, system } = process.cpuUsage(cpu);
	return { seconds, cpu: (user + system) / 1e6, storeCpu: pid === null || store === null ? null : (await cpuOf(pid)) - store };
}

async function throughput(history: History, load: Load, pid: number | null): Promise<Figures> {
	await history.start();
	await waitFor("the history to be ready", () => history.state().status === "ok");
	// Made beforehand, so that only the history is measured.
	const made = [...batches(load)];
	let seq = 0;
	const figures = await measure(async () => {
		let waiting = 0;
		const under = new Set<Promise<void>>();
		for (const readings of made) {
			while (waiting >= WINDOW) await Promise.race(under);
			waiting += readings.length;
			const one: Promise<void> = history.append({ agent: "bench", outbox: "o", seq: ++seq }, readings).then(() => {
				waiting -= readings.length;
				under.delete(one);
			});
			under.add(one);
		}
		await Promise.all(under);
	}, pid);
	const points = [...new Set(made.flat().map(({ point }) => point))];
	const stored = await history.count(points, 0, Date.now() + 3_600_000);
	await history.stop();
	return { ...figures, stored };
}

/** What InfluxDB takes: ready-made bodies of 5,000 lines with one field, three writes under way. */
async function bareWrites(url: string, load: Load, pid: number): Promise<Figures> {
	const { origin, pathname } = new URL(url);
	const database = pathname.slice(1);
	await fetch(`${origin}/query?q=${encodeURIComponent(`CREATE DATABASE ${database}`)}`, { method: "POST" });
	const bodies = [...batches({ ...load, batch: 5000 })].map((readings) =>
		Buffer.from(readings.map(({ point, ts, value }) => `reading,point=${point} value=${value} ${ts}\n`).join("")),
	);
	const agent = new Agent({ keepAlive: true });
	const post = (body: Buffer) =>
		new Promise<void>((resolve, reject) => {
			const sent = request(
				`${origin}/write?db=${database}&precision=ms`,
				{ method: "POST", agent, headers: { "content-length": body.length } },
				(response) => {
					response.resume().on("end", () => (response.statusCode === 204 ? resolve() : reject(new Error(`status ${response.statusCode}`))));
				},
			);
			sent.on("error", reject).end(body);
		});
	const figures = await measure(async () => {
		const lane = async () => {
			for (let body = bodies.shift(); body; body = bodies.shift()) await post(body);
		};
		await Promise.all([lane(), lane(), lane()]);
	}, pid);
	agent.destroy();
	return figures;
}

/** CPU seconds of a process so far. */
async function cpuOf(pid: number): Promise<number> {
	const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]?.split(" ") ?? [];
	return (Number(fields[11]) + Number(fields[12])) / 100;
}
