import { connectAsync } from "mqtt";
import { io } from "socket.io-client";
import { alarmSchema } from "../../contracts/api.ts";
import { deviceTopic } from "../../contracts/native-dialect.ts";

export const PROBE_DEVICE = "probe";
export const PROBE_POINTS = 50;
/** Of the alarm on the probe's points. */
const ABOVE = 95;
const BELOW = 20;

export interface Latencies {
	crossings: number;
	missed: number;
	p50: number;
	p90: number;
	p99: number;
	max: number;
}

/**
 * Publishes readings that cross a limit, each point's value up and down in turn, and takes the time until the raised alarm is
 * at a Socket.IO client, until `signal` aborts. All in one process, so that one clock measures.
 */
export async function probeAlarms(options: {
	broker: string;
	server: string;
	token: string;
	site: string;
	every: number;
	signal: AbortSignal;
}): Promise<Latencies> {
	const { broker, server, token, site, every, signal } = options;
	const device = await connectAsync(broker, { clientId: "probe", reconnectPeriod: 0 });
	const socket = io(server, { transports: ["websocket"], auth: { token } });
	await new Promise<void>((resolve, reject) => {
		socket.on("connect", () => socket.emit("watch", { site }, () => resolve()));
		socket.on("connect_error", reject);
	});
	const publishedAt = new Map<string, number>();
	const latencies: number[] = [];
	socket.on("alarm", (payload) => {
		const now = performance.now();
		const { point, active } = alarmSchema.parse(payload);
		const begun = publishedAt.get(point);
		if (!active || begun === undefined) return;
		latencies.push(now - begun);
		publishedAt.delete(point);
	});
	let crossings = 0;
	for (let turn = 0; !signal.aborted; turn++) {
		const point = `p${turn % PROBE_POINTS}`;
		const high = Math.floor(turn / PROBE_POINTS) % 2 === 0;
		if (high) {
			crossings++;
			publishedAt.set(`${PROBE_DEVICE}:${point}`, performance.now());
		}
		device.publish(deviceTopic(PROBE_DEVICE, point), JSON.stringify({ ts: Date.now(), value: high ? ABOVE : BELOW }), { qos: 1 });
		// Not in step with anything that the system does at intervals.
		await new Promise((resolve) => setTimeout(resolve, every * (0.5 + Math.random())));
	}
	for (let wait = 0; publishedAt.size > 0 && wait < 500; wait++) await new Promise((resolve) => setTimeout(resolve, 20));
	await device.endAsync();
	socket.disconnect();
	return { crossings, missed: publishedAt.size, ...quantiles(latencies) };
}

function quantiles(values: number[]): Pick<Latencies, "p50" | "p90" | "p99" | "max"> {
	const sorted = [...values].sort((a, b) => a - b);
	const at = (share: number) => Math.round((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN) * 100) / 100;
	return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}
