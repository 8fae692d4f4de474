import { setTimeout as sleep } from "node:timers/promises";
import { deviceTopic, READINGS_PER_MESSAGE } from "../../contracts/native-dialect.ts";
import { LoadConnection } from "./load-connection.ts";
import { addHash, loadMilliValue, loadPoint, POINTS_PER_DEVICE, readingHash } from "./load-points.ts";
import type { Manifest } from "./manifest.ts";
import { createPacer, type Pacer } from "./pacer.ts";

export interface LoadOptions {
	url: string;
	points: number;
	/** Readings/s in all; 0: as fast as the window of messages in flight allows. */
	rate: number;
	seconds: number;
	connections: number;
	/** Readings in one message. */
	batch: number;
	/** Messages in flight on one connection at most. */
	inFlight: number;
	progress(text: string): void;
}

/** How far ahead of the clock a time stamp may be so that no two readings of a point share one, ms. */
const AHEAD = 2_000;
/** Longest wait for connections at the beginning and for acknowledgements at the end, ms. */
const CONNECT_LIMIT = 60_000;
const DRAIN_LIMIT = 30_000;

interface Lane {
	connection: LoadConnection;
	points: number[];
	cursor: number;
	pacer: Pacer | null;
}

/**
 * Publishes readings of the load site's points and counts what is acknowledged. Time stamps of a point are distinct, so a
 * point takes at most 1,000 readings/s. Throws an Error for options that can't be met and when the broker can't be reached.
 */
export async function runLoad(options: LoadOptions, signal: AbortSignal): Promise<Manifest> {
	const { points, rate, batch } = options;
	if (batch > READINGS_PER_MESSAGE) throw new Error(`--batch: expected at most ${READINGS_PER_MESSAGE}, got ${batch}`);
	if (rate > points * 1000) throw new Error(`--rate: expected at most 1,000 readings/s a point, that is ${points * 1000}, got ${rate}`);
	const count = new Uint32Array(points);
	const checksum = new Uint32Array(points);
	const first = new Float64Array(points).fill(Number.POSITIVE_INFINITY);
	const last = new Float64Array(points).fill(Number.NEGATIVE_INFINITY);
	const used = new Float64Array(points);
	let acknowledged = 0;
	let lastAcknowledged = 0;
	const onAcknowledged = (index: number, ts: number, readings: number) => {
		for (let at = ts; at < ts + readings; at++) checksum[index] = addHash(checksum[index] ?? 0, readingHash(at, loadMilliValue(index, at)));
		count[index] = (count[index] ?? 0) + readings;
		first[index] = Math.min(first[index] ?? 0, ts);
		last[index] = Math.max(last[index] ?? 0, ts + readings - 1);
		acknowledged += readings;
		lastAcknowledged = performance.now();
	};
	const lanes = createLanes(options, onAcknowledged);
	try {
		for (const lane of lanes) lane.connection.start();
		await until(() => lanes.every((lane) => lane.connection.ready), CONNECT_LIMIT, signal);
		if (!lanes.every((lane) => lane.connection.ready))
			throw new Error(`${lanes.filter((lane) => !lane.connection.ready).length} of ${lanes.length} connections to ${options.url} were not accepted`);
		options.progress(`load ready: ${points} points over ${lanes.length} connections`);
		const from = Date.now();
		const started = performance.now();
		const cpuBefore = process.cpuUsage();
		const end = started + options.seconds * 1000;
		let sent = 0;
		let told = started;
		for (let now = started; now < end && !signal.aborted; now = performance.now()) {
			const before = sent;
			for (const lane of lanes) sent += fill(lane, now - started, used, batch);
			if (now - told > 5000) {
				told = now;
				options.progress(`${sent} sent, ${acknowledged} acknowledged`);
			}
			// A generator that spins while every window is full takes the processor from what it measures.
			await (rate === 0 && sent > before ? new Promise((resolve) => setImmediate(resolve)) : sleep(1));
		}
		await until(() => lanes.every((lane) => lane.connection.waiting === 0), DRAIN_LIMIT, signal);
		const elapsedMs = Math.round((lastAcknowledged || performance.now()) - started);
		const cpu = process.cpuUsage(cpuBefore);
		const unacknowledged: Manifest["unacknowledged"] = [];
		for (const { connection } of lanes) connection.inFlight((index, ts) => unacknowledged.push({ id: idOf(index), ts, count: batch }));
		const known = (value: number | undefined) => (value !== undefined && Number.isFinite(value) ? value : null);
		return {
			summary: {
				points,
				rate,
				seconds: options.seconds,
				connections: lanes.length,
				batch,
				sent,
				acknowledged,
				unacknowledged: sent - acknowledged,
				elapsedMs,
				readingsPerSecond: Math.round((1000 * acknowledged) / Math.max(1, elapsedMs)),
				lostConnections: lanes.reduce((sum, lane) => sum + lane.connection.lost, 0),
				cpuSeconds: (cpu.user + cpu.system) / 1e6,
				from,
				to: Date.now(),
			},
			points: Array.from({ length: points }, (_, index) => ({
				id: idOf(index),
				count: count[index] ?? 0,
				first: known(first[index]),
				last: known(last[index]),
				checksum: checksum[index] ?? 0,
			})),
			unacknowledged,
		};
	} finally {
		for (const lane of lanes) lane.connection.stop();
	}
}

function idOf(index: number): string {
	const { device, point } = loadPoint(index);
	return `${device}:${point}`;
}

/** Whole devices to each connection while there are enough of them, single points otherwise. */
function createLanes(options: LoadOptions, onAcknowledged: (index: number, ts: number, count: number) => void): Lane[] {
	const wanted = Math.min(options.connections, options.points);
	const byDevice = Math.ceil(options.points / POINTS_PER_DEVICE) >= wanted;
	const owned: number[][] = Array.from({ length: wanted }, () => []);
	for (let index = 0; index < options.points; index++) owned[(byDevice ? Math.floor(index / POINTS_PER_DEVICE) : index) % wanted]?.push(index);
	const topic = (index: number) => {
		const { device, point } = loadPoint(index);
		return deviceTopic(device, point);
	};
	return owned.map((points, number) => ({
		connection: new LoadConnection(options.url, `load-${process.pid}-${number}`, options.batch, options.inFlight, topic, onAcknowledged),
		points,
		cursor: 0,
		pacer: options.rate === 0 ? null : createPacer((options.rate * points.length) / options.points / options.batch, number / wanted),
	}));
}

/** Sends what is due on this connection, or as much as it takes; returns the number of readings. */
function fill(lane: Lane, elapsed: number, used: Float64Array, batch: number): number {
	const { connection, points, pacer } = lane;
	const most = pacer ? pacer.due(elapsed) : Number.POSITIVE_INFINITY;
	const now = Date.now();
	let messages = 0;
	while (messages < most && connection.free) {
		const index = points[lane.cursor] as number;
		const ts = Math.max((used[index] ?? 0) + 1, now - batch + 1);
		if (ts + batch - 1 > now + AHEAD) break;
		used[index] = ts + batch - 1;
		lane.cursor = lane.cursor + 1 === points.length ? 0 : lane.cursor + 1;
		connection.send(index, ts);
		messages++;
	}
	connection.flush();
	pacer?.sent(messages);
	return messages * batch;
}

async function until(condition: () => boolean, limit: number, signal: AbortSignal): Promise<void> {
	const end = performance.now() + limit;
	while (!condition() && performance.now() < end && !signal.aborted) await sleep(5);
}
