import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { type InfluxServer, influxAvailable, startInflux } from "../helpers/influx.ts";
import { hasMosquitto, type Mosquitto, startMosquitto } from "../helpers/mosquitto.ts";
import { type RecordingDevice, recordingDevice } from "../helpers/recording-device.ts";
import { fixture, type System, system } from "../helpers/system.ts";
import { type TcpProxy, tcpProxy } from "../helpers/tcp-proxy.ts";
import { waitFor } from "../helpers/wait-for.ts";

const POINTS = ["p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7"];
const KILLS = 20;

let running: System;
const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
	await running.stop();
	for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Repeatable "random" choices, so that a failure can be run again. */
function randomSource(seed: number): () => number {
	let state = seed;
	return () => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return state / 2 ** 32;
	};
}

interface Load {
	bench: RecordingDevice;
	door: RecordingDevice;
	/** Older than the first reading, Unix ms. */
	from: number;
	stop(): void;
}

/** A load that goes on until it is stopped: ~200 readings/s, an event now and then, and a square wave through a limit. */
function startLoad(): Load {
	const from = Date.now() - 1000;
	const bench = recordingDevice(running.devicePort, "bench");
	const door = recordingDevice(running.devicePort, "door-1");
	let seq = 0;
	let last = Date.now();
	let step = 0;
	const timer = setInterval(() => {
		const now = Math.max(Date.now(), last + 1);
		last = now;
		if (bench.pending() > 2000) return; // a device has a bounded memory too
		for (const [index, point] of POINTS.entries()) bench.reading(point, now, step + index / 10);
		bench.reading("square", now, isHigh(now) ? 60 : 20);
		if (step % 10 === 0) {
			seq++;
			if (seq % 2) door.door({ ts: now, seq, door: "main", state: "open" });
			else
				door.access({
					ts: now,
					seq,
					door: "main",
					direction: "in",
					method: "card",
					card: { format: "H10301", facility: 12, number: 3456 },
					fingerprint: null,
					result: "granted",
					reason: "granted",
				});
		}
		step++;
	}, 40);
	const stop = () => clearInterval(timer);
	cleanUps.push(
		() => bench.stop(),
		() => door.stop(),
		async () => stop(),
	);
	return { bench, door, from, stop };
}
/** Half a wave, ms: longer than an outage here, on a busy machine too, since a dip that begins and ends unseen within one is folded into its occurrence. */
const PERIOD = 25_000;
const isHigh = (now: number) => now % (2 * PERIOD) >= PERIOD;

interface Row {
	ts: string;
	value: number;
}
async function storedRows(point: string, from: number, to: number): Promise<Row[]> {
	const rows: Row[] = [];
	let begin = from;
	for (;;) {
		const query = `from=${new Date(begin).toISOString()}&to=${new Date(to).toISOString()}&step=raw`;
		const answer: { rows: Row[]; truncated: boolean } = await running.get(`/api/v1/points/bench:${point}/history?${query}`);
		rows.push(...answer.rows);
		const last = answer.rows.at(-1);
		if (!answer.truncated || !last) return rows;
		begin = Date.parse(last.ts) + 1;
	}
}

/** Holds the store against what the devices were told. */
async function expectExactlyOnce({ bench, door, from }: Load) {
	await waitFor("all publishes acknowledged", () => bench.pending() === 0 && door.pending() === 0, 60_000);
	const to = Date.now() + 60_000;
	await waitFor(
		"the agent's outbox is empty",
		async () => {
			const [agent] = await running.items<{ status: string; outbox: { batches: number }; lastSeen: string }>("/api/v1/agents");
			return agent?.status === "online" && agent.outbox.batches === 0 && Date.parse(agent.lastSeen) > to - 59_000;
		},
		90_000,
		200,
	);
	for (const point of [...POINTS, "square"]) {
		const acknowledged = bench.readings.get(point) ?? new Map<number, number>();
		const rows = await waitFor(
			`history of ${point} complete`,
			async () => {
				const found = await storedRows(point, from, to);
				return found.length >= acknowledged.size ? found : null;
			},
			30_000,
			500,
		);
		const times = rows.map((row) => Date.parse(row.ts));
		expect(new Set(times).size, `${point}: no reading twice`).toBe(times.length);
		const stored = new Map(rows.map((row) => [Date.parse(row.ts), row.value]));
		const lost = [...acknowledged].filter(([ts, value]) => stored.get(ts) !== value);
		expect(lost, `${point}: acknowledged, not stored`).toEqual([]);
	}
	const events = [
		...(await running.items<{ device: string; seq: number }>("/api/v1/access/events?limit=500")),
		...(await running.items<{ device: string; seq: number }>("/api/v1/access/door-events?limit=500")),
	].map(({ device, seq }) => `${device} ${seq}`);
	expect(new Set(events).size, "no event twice").toBe(events.length);
	expect(
		[...door.events].filter((seq) => !events.includes(`door-1 ${seq}`)),
		"acknowledged events, not stored",
	).toEqual([]);
}

interface Transition {
	kind: string;
	at: string;
	occurrence: number;
	late: boolean;
}
/** Every high half of the square wave is one occurrence: raised once within it, returned once after it. */
async function expectAlarmsOnce(bench: RecordingDevice) {
	const transitions = await running.items<Transition>("/api/v1/points/bench:square/alarm-transitions?limit=500");
	const acknowledged = [...(bench.readings.get("square") ?? [])].sort(([a], [b]) => a - b);
	const halves = new Map<number, { high: boolean; first: number; last: number }>();
	for (const [ts] of acknowledged) {
		const key = Math.floor(ts / PERIOD);
		const half = halves.get(key) ?? { high: isHigh(ts), first: ts, last: ts };
		half.last = ts;
		halves.set(key, half);
	}
	// A late occurrence of which nothing tells when it ended ends with its own last reading: just before the half after it.
	const at = ({ kind, late, at }: Transition) => Date.parse(at) + (late && kind === "returned" ? 100 : 0);
	const within = (kind: string, half: { first: number; last: number }) =>
		transitions.filter((one) => one.kind === kind && at(one) >= half.first && at(one) <= half.last);
	const ordered = [...halves.values()];
	for (const [index, half] of ordered.entries()) {
		const kind = half.high ? "raised" : "returned";
		if (index === 0) continue; // begins before the load did
		expect(within(kind, half), `${kind} within ${new Date(half.first).toISOString()}..${new Date(half.last).toISOString()}`).toHaveLength(1);
		expect(within(half.high ? "returned" : "raised", half)).toHaveLength(0);
	}
	const open = await running.items<{ rule: string; point: string }>("/api/v1/alarms?rule=too-hot");
	expect(open.filter((alarm) => alarm.point === "bench:square").length).toBeLessThanOrEqual(1);
}

interface Victim {
	name: string;
	/** Kills it, and brings it back. */
	kill(): Promise<void>;
}
const OWN_PROCESSES: Victim[] = [
	{
		name: "agent",
		kill: async () => {
			await running.agent?.stop("SIGKILL");
			await running.startAgent();
		},
	},
	{
		name: "server",
		kill: async () => {
			await running.server?.stop("SIGKILL");
			await running.startServer();
		},
	},
];

async function killAround(victims: readonly Victim[], seed: number) {
	const random = randomSource(seed);
	for (let kill = 0; kill < KILLS; kill++) {
		await sleep(1000 + random() * 2500); // the moment of a kill is arbitrary, nothing is waited for
		const victim = victims[kill % victims.length];
		if (!victim) throw new Error("no victims");
		await victim.kill();
	}
}

describe.skipIf(!influxAvailable)("with InfluxDB", () => {
	test("what a device had acknowledged is stored exactly once, whatever is killed", { timeout: 600_000 }, async () => {
		const influx: InfluxServer = await startInflux();
		cleanUps.push(() => influx.stop());
		running = await system({ site: fixture("faults.yaml"), env: { INFLUX_URL: influx.url("faults") } });
		await running.startServer();
		await running.startAgent();
		const load = startLoad();
		await killAround(
			[
				...OWN_PROCESSES,
				{
					name: "InfluxDB",
					kill: async () => {
						await influx.kill();
						await sleep(1500); // down for a while
						await influx.restart();
					},
				},
			],
			1,
		);
		await sleep(3000);
		load.stop();
		await expectExactlyOnce(load);
		await expectAlarmsOnce(load.bench);
	});
});

describe.skipIf(!hasMosquitto)("with the embedded history and Mosquitto between agent and server", () => {
	test("what a device had acknowledged is stored exactly once, whatever is killed or cut", { timeout: 600_000 }, async () => {
		const mosquitto: Mosquitto = await startMosquitto();
		cleanUps.push(() => mosquitto.stop());
		const link: TcpProxy = await tcpProxy(mosquitto.port);
		cleanUps.push(() => link.stop());
		running = await system({ site: fixture("faults.yaml"), env: { UPLINK_URL: `mqtt://127.0.0.1:${mosquitto.port}` } });
		await running.startServer();
		running.env.UPLINK_URL = `mqtt://127.0.0.1:${link.port}`; // only the agent goes over the link that is cut
		await running.startAgent();
		const load = startLoad();
		await killAround(
			[
				...OWN_PROCESSES,
				{
					name: "Mosquitto",
					kill: async () => {
						await mosquitto.process.stop("SIGKILL");
						await mosquitto.restart();
					},
				},
				{
					name: "the link",
					kill: async () => {
						link.cut();
						await sleep(3000); // down for a while
						link.restore();
					},
				},
			],
			2,
		);
		await sleep(3000);
		load.stop();
		await expectExactlyOnce(load);
		await expectAlarmsOnce(load.bench);
	});
});
