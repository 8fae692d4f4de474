/**
 * The server alone, fed with batches as an agent sends them.
 *   npm run bench -- server                       server/main.ts in a process of its own, over MQTT, embedded history
 *   npm run bench -- server --influx <url>        the same with InfluxDB; "start" for one of its own
 *   npm run bench -- server --in-process          IngestService alone with stores that keep nothing, to find hot spots
 *   npm run bench -- server --rate 50000          no more than so many readings a second, for memory and CPU at a steady load
 * Options: --points 1000 --seconds 20 --batch 500 --per-envelope 4 --window 64 (batches not acknowledged at a time)
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { connectAsync } from "mqtt";
import { parseSite } from "../contracts/site-check.ts";
import { ackSchema, uplinkTopic } from "../contracts/uplink.ts";
import { expandSite } from "../contracts/world.ts";
import { NODE_FLAGS } from "../scripts/node-flags.mjs";
import { IngestService } from "../server/ingest/ingest-service.ts";
import { systemClock } from "../server/platform/clock.ts";
import { silentLogger } from "../server/platform/logger.ts";
import { LivePoints } from "../server/site/live-points.ts";
import { startChild } from "../test/helpers/child-process.ts";
import { freePort } from "../test/helpers/free-port.ts";
import { startInflux } from "../test/helpers/influx.ts";
import { temporaryDirectory } from "../test/helpers/temporary-directory.ts";
import { waitFor } from "../test/helpers/wait-for.ts";
import { processUsage } from "./support/process-usage.ts";
import { type UplinkLoad, uplinkLoad } from "./support/uplink-load.ts";

interface Options {
	load: UplinkLoad;
	points: number;
	seconds: number;
	window: number;
	/** Readings a second at most. */
	rate: number;
	influx: string | undefined;
}

/** See the head of the file. Prints one JSON line. */
export async function run(args: string[]): Promise<void> {
	const { values } = parseArgs({
		args,
		options: {
			"in-process": { type: "boolean", default: false },
			influx: { type: "string" },
			points: { type: "string", default: "1000" },
			seconds: { type: "string", default: "20" },
			batch: { type: "string", default: "500" },
			"per-envelope": { type: "string", default: "4" },
			window: { type: "string", default: "64" },
			rate: { type: "string", default: "Infinity" },
		},
	});
	const points = Number(values.points);
	const load = uplinkLoad({ points, readingsPerBatch: Number(values.batch), batchesPerEnvelope: Number(values["per-envelope"]) });
	const options = { load, points, seconds: Number(values.seconds), window: Number(values.window), rate: Number(values.rate), influx: values.influx };
	console.log(JSON.stringify(values["in-process"] ? await inProcess(options) : await overMqtt(options)));
}

async function inProcess({ load, points, seconds }: Options): Promise<object> {
	const parsed = parseSite(load.site);
	if (!("site" in parsed)) throw new Error(JSON.stringify(parsed.problems));
	const world = expandSite(parsed.site);
	const source = { current: () => world, onChange: () => {} };
	const live = new LivePoints({
		world: source,
		history: { latest: async () => new Map() },
		realtime: { publish: () => {} },
		clock: systemClock,
		logger: silentLogger(),
	});
	await live.start();
	const ingest = new IngestService({
		transport: {
			start: async () => {},
			stop: async () => {},
			publish: () => {},
			state: () => ({ connected: true, detail: "" }),
			load: () => ({ bytes: 0, held: 0 }),
		},
		world: source,
		live,
		alarms: { evaluate: async () => {} },
		history: { append: async () => {} },
		access: { record: async () => {} },
		devices: { heartbeat: () => {}, status: () => {} },
		agents: { heartbeat: () => {}, status: () => {}, heardReadings: () => {} },
		quarantine: { add: () => {} },
		clock: systemClock,
		logger: silentLogger(),
	});
	const start = performance.now();
	const before = process.cpuUsage();
	for (let seq = 1; performance.now() - start < seconds * 1000; seq += load.batchesPerEnvelope) {
		await ingest.handle({ agent: "agent-1", topic: "envelope", payload: Buffer.from(load.envelope(seq, 1_769_000_000_000)) });
		if (seq % 64 === 1) await new Promise(setImmediate);
	}
	const elapsed = (performance.now() - start) / 1000;
	const cpu = process.cpuUsage(before);
	await live.stop();
	const { readings } = ingest.stats();
	return {
		bench: "server",
		mode: "in-process, stores that keep nothing, generator included",
		points,
		readings,
		readingsPerSecond: Math.round(readings / elapsed),
		cpuSecondsPerMillion: round((cpu.user + cpu.system) / readings),
		rssMb: Math.round(process.memoryUsage().rss / 1e6),
	};
}

async function overMqtt({ load, points, seconds, window, rate, influx }: Options): Promise<object> {
	const directory = await temporaryDirectory("bench-server");
	const [http, uplink] = [await freePort(), await freePort()];
	const site = join(directory.path, "site.yaml");
	const own = influx === "start" ? await startInflux() : undefined;
	const influxUrl = own?.url("bench") ?? influx;
	await writeFile(site, JSON.stringify(load.site));
	const server = startChild(process.execPath, [...NODE_FLAGS.server, "server/main.ts"], {
		env: {
			WATCHROOM_DATA: join(directory.path, "data"),
			WATCHROOM_HTTP_PORT: String(http),
			WATCHROOM_UPLINK_PORT: String(uplink),
			WATCHROOM_SITE: site,
			...(influxUrl === undefined ? {} : { INFLUX_URL: influxUrl }),
		},
	});
	try {
		await waitFor(
			"the server",
			async () => {
				if (server.process.exitCode !== null) throw new Error(server.output());
				return (await fetch(`http://127.0.0.1:${http}/readyz`)).ok;
			},
			60_000,
		);
		return {
			...(await drive(`mqtt://127.0.0.1:${uplink}`, server.pid, { load, seconds, window, rate })),
			points,
			history: influx === undefined ? "embedded" : "influxdb",
		};
	} finally {
		await server.stop();
		await own?.remove();
		await directory.remove();
	}
}

/** Publishes envelopes with at most `window` batches not acknowledged, and counts what is acknowledged. */
async function drive(
	url: string,
	pid: number,
	{ load, seconds, window, rate }: Pick<Options, "load" | "seconds" | "window" | "rate">,
): Promise<object> {
	const client = await connectAsync(url, { clientId: "agent-1", reconnectPeriod: 0 });
	let stored = 0;
	let refused = 0;
	let wake = () => {};
	client.on("message", (_topic, payload) => {
		const ack = ackSchema.parse(JSON.parse(payload.toString()));
		stored += ack.stored.length;
		refused += ack.refused.length;
		wake();
	});
	await client.subscribeAsync(uplinkTopic("agent-1", "ack"), { qos: 1 });
	const readingsPerBatch = load.readingsPerEnvelope / load.batchesPerEnvelope;
	const origin = Date.now() - 3_600_000;
	const before = processUsage(pid);
	const start = performance.now();
	let sent = 0;
	let peak = 0;
	while (performance.now() - start < seconds * 1000) {
		const due = ((performance.now() - start) / 1000) * rate;
		while (sent - stored - refused + load.batchesPerEnvelope <= window && sent * readingsPerBatch <= due) {
			client.publish(uplinkTopic("agent-1", "envelope"), load.envelope(sent + 1, origin), { qos: 1 });
			sent += load.batchesPerEnvelope;
		}
		await new Promise<void>((resolve) => {
			const timer = setTimeout(resolve, rate === Number.POSITIVE_INFINITY ? 1000 : 5);
			wake = () => {
				clearTimeout(timer);
				resolve();
			};
		});
		peak = Math.max(peak, processUsage(pid).rss);
	}
	const elapsed = (performance.now() - start) / 1000;
	const readings = stored * readingsPerBatch;
	const after = processUsage(pid);
	await waitFor("the last acknowledgements", () => stored + refused >= sent, 60_000);
	await client.endAsync();
	return {
		bench: "server",
		mode: "server/main.ts over MQTT, one agent",
		seconds: round(elapsed),
		batches: sent,
		stored,
		refused,
		readingsPerSecond: Math.round(readings / elapsed),
		cpuSecondsPerMillion: round((after.cpuSeconds - before.cpuSeconds) / (readings / 1e6)),
		rssMb: Math.round(after.rss / 1e6),
		peakRssMb: Math.round(peak / 1e6),
	};
}

function round(value: number): number {
	return Math.round(value * 100) / 100;
}
