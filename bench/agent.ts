/**
 * The edge agent alone: raw QoS 1 publishers against the real process, whose uplink goes to a peer that answers as the server
 * does. Prints one JSON line per result. Arguments: `--connections 1 --seconds 10 --window 1000 [--rate N] [--points 1000]`.
 * The generator, the peer and the agent share the machine.
 */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import mqttPacket from "mqtt-packet";
import type { DeviceList } from "../contracts/uplink.ts";
import { startEdgeAgent } from "../test/helpers/edge-agent.ts";
import { freePort } from "../test/helpers/free-port.ts";
import { temporaryDirectory } from "../test/helpers/temporary-directory.ts";
import { startUplinkServer } from "../test/helpers/uplink-server.ts";
import { waitFor } from "../test/helpers/wait-for.ts";

const DEVICES = 100;

/** CPU time used so far, s, and resident memory, MB (Linux). */
function usage(pid: number): { cpu: number; memory: number } {
	const stat = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
	const memory = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
	return { cpu: (Number(stat[11]) + Number(stat[12])) / 100, memory: Number(memory) / 1024 };
}

function list(points: number): DeviceList {
	const perDevice = Math.ceil(points / DEVICES);
	return {
		version: `bench-${points}`,
		site: "bench",
		devices: Array.from({ length: DEVICES }, (_, device) => ({
			id: `d${device}`,
			kind: "temperature-sensor" as const,
			profile: "native",
			doors: [],
			points: Array.from({ length: perDevice }, (_, point) => ({ point: `p${point}`, type: "number" as const, states: null, range: null })),
		})),
	};
}

/** One raw MQTT connection that keeps `window` messages without an acknowledgement, or sends at a set rate. */
class Publisher {
	sent = 0;
	acknowledged = 0;
	readonly latencies: number[] = [];
	readonly #socket: Socket;
	readonly #sentAt = new Float64Array(65_536);
	#messageId = 0;

	constructor(socket: Socket) {
		this.#socket = socket;
		const parser = mqttPacket.parser();
		parser.on("packet", (packet) => {
			if (packet.cmd !== "puback" || packet.messageId === undefined) return;
			this.acknowledged++;
			if ((this.acknowledged & 63) === 0) this.latencies.push(performance.now() - (this.#sentAt[packet.messageId] ?? 0));
		});
		socket.on("data", (data) => parser.parse(data));
		socket.on("error", () => undefined);
	}

	static async open(port: number, clientId: string): Promise<Publisher> {
		const socket = connect(port, "127.0.0.1");
		await once(socket, "connect");
		socket.setNoDelay(true);
		socket.write(mqttPacket.generate({ cmd: "connect", protocolId: "MQTT", protocolVersion: 4, clean: true, clientId, keepalive: 0 }));
		await once(socket, "data");
		return new Publisher(socket);
	}

	send(count: number, message: () => { topic: string; payload: string }): void {
		if (count <= 0) return;
		const packets: Buffer[] = [];
		for (let i = 0; i < count; i++) {
			this.#messageId = (this.#messageId % 65_535) + 1;
			this.#sentAt[this.#messageId] = performance.now();
			packets.push(mqttPacket.generate({ cmd: "publish", qos: 1, dup: false, retain: false, messageId: this.#messageId, ...message() }));
		}
		this.sent += count;
		this.#socket.write(Buffer.concat(packets));
	}

	get open(): number {
		return this.sent - this.acknowledged;
	}

	close(): void {
		this.#socket.destroy();
	}
}

export async function run(args: string[]): Promise<void> {
	const { values } = parseArgs({
		args,
		options: {
			connections: { type: "string", default: "1" },
			seconds: { type: "string", default: "10" },
			window: { type: "string", default: "2000" },
			rate: { type: "string" },
			points: { type: "string", default: "1000" },
			offline: { type: "boolean", default: false },
		},
	});
	const [connections, seconds, points] = [Number(values.connections), Number(values.seconds), Number(values.points)];
	const window = Math.max(1, Math.floor(Number(values.window) / connections));
	const rate = values.rate === undefined ? null : Number(values.rate);
	let stored = 0;
	const uplink = await startUplinkServer({ keep: false, onBatch: (batch) => (stored += batch.readings?.p.length ?? 0) });
	const folder = await temporaryDirectory("bench-agent");
	const devicePort = await freePort();
	const agent = startEdgeAgent({ data: folder.path, devicePort, uplinkUrl: uplink.url });
	try {
		await waitFor("the agent to connect", () => uplink.statuses.includes("online"));
		uplink.sendDevices("agent-1", list(points));
		await agent.says(/edge agent ready/);
		if (values.offline) uplink.answer = () => null;
		const publishers: Publisher[] = [];
		for (let index = 0; index < connections; index++) publishers.push(await Publisher.open(devicePort, `bench-${index}`));
		let number = 0;
		let last = 0;
		const message = () => {
			const device = number % DEVICES;
			const point = Math.floor(number / DEVICES) % Math.ceil(points / DEVICES);
			number++;
			// Each (point, time) once, so that what is stored can be counted.
			last = Math.max(last + (number % points === 0 ? 1 : 0), Date.now());
			return { topic: `watchroom/d${device}/p${point}`, payload: `{"ts":${last},"value":${(20 + (number % 1000) / 100).toFixed(2)}}` };
		};
		const before = usage(agent.pid);
		const generatorBefore = process.cpuUsage();
		const begun = performance.now();
		const end = begun + seconds * 1000;
		let peak = 0;
		let memoryAt = 0;
		for (let now = begun; now < end; now = performance.now()) {
			if (rate === null) for (const publisher of publishers) publisher.send(window - publisher.open, message);
			else {
				const due = Math.floor(((now - begun) / 1000) * rate);
				for (let left = due - number, index = number; left > 0; left--, index++) publishers[index % connections]?.send(1, message);
			}
			if (now > memoryAt) {
				peak = Math.max(peak, usage(agent.pid).memory);
				memoryAt = now + 200;
			}
			await (rate === null && connections === 1 ? new Promise((resolve) => setImmediate(resolve)) : sleep(1));
		}
		await waitFor("every acknowledgement", () => publishers.every((publisher) => publisher.open === 0), 60_000);
		const took = (performance.now() - begun) / 1000;
		const after = usage(agent.pid);
		const sent = publishers.reduce((sum, publisher) => sum + publisher.sent, 0);
		if (!values.offline) await waitFor("everything to be stored", () => stored >= sent, 60_000).catch(() => undefined);
		const generator = process.cpuUsage(generatorBefore);
		const latencies = publishers.flatMap((publisher) => publisher.latencies).toSorted((a, b) => a - b);
		const percentile = (share: number) => Math.round((latencies[Math.floor(latencies.length * share)] ?? 0) * 100) / 100;
		process.stdout.write(
			`${JSON.stringify({
				bench: "agent",
				connections,
				points,
				rate,
				acknowledged: sent,
				stored,
				readingsPerSecond: Math.round(sent / took),
				cpuSecondsPerMillion: Math.round(((after.cpu - before.cpu) / sent) * 1e8) / 100,
				cpuShare: Math.round(((after.cpu - before.cpu) / took) * 100) / 100,
				generatorCpuShare: Math.round((generator.user + generator.system) / 1e4 / took) / 100,
				pubackMs: { p50: percentile(0.5), p99: percentile(0.99) },
				memoryMb: { before: Math.round(before.memory), peak: Math.round(peak), after: Math.round(after.memory) },
			})}\n`,
		);
		for (const publisher of publishers) publisher.close();
	} finally {
		await agent.stop();
		await uplink.stop();
		await folder.remove();
	}
}
