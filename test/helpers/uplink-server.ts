/** The server's side of the uplink for tests and benchmarks of the agent: a real broker, with a peer that answers as the server does. */
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { Aedes } from "aedes";
import { fromColumns, type Reading } from "../../contracts/reading.ts";
import {
	type Ack,
	type Batch,
	type DeviceList,
	type Envelope,
	envelopeSchema,
	type Heartbeat,
	heartbeatSchema,
	parseUplinkTopic,
	type Snapshot,
	snapshotSchema,
	type UplinkEvent,
	uplinkTopic,
} from "../../contracts/uplink.ts";

export interface UplinkServer {
	port: number;
	url: string;
	/** Decides what is answered to an envelope; `null`: nothing. By default everything is stored. */
	answer: (envelope: Envelope, agent: string) => Ack | null;
	/** What came, in order; batches repeated after a lost answer stand here once only. */
	batches: (Batch & { late: boolean })[];
	snapshots: Snapshot[];
	heartbeats: Heartbeat[];
	/** Retained states as they came. */
	statuses: string[];
	/** Names of the topics in the order in which they came. */
	order: string[];
	/** Batches that came more than once. */
	repeated: number;
	readings(): Reading[];
	events(): UplinkEvent[];
	sendDevices(agent: string, list: DeviceList): void;
	/** Sends any payload to the agent. */
	send(agent: string, topic: "ack" | "devices", payload: string): void;
	/** Cuts every connection. */
	cut(): void;
	stop(): Promise<void>;
}

/** `keep: false` only counts: for floods. */
export async function startUplinkServer(
	options: { port?: number; keep?: boolean; onBatch?: (batch: Batch, late: boolean) => void } = {},
): Promise<UplinkServer> {
	const { keep = true } = options;
	const sockets = new Set<Socket>();
	const seen = new Set<string>();
	const broker = new Aedes({
		maxClientsIdLength: 200,
		authorizePublish: (_client, packet, done) => {
			take(packet.topic, packet.payload.toString());
			done(null);
		},
	});
	await broker.listen();
	const server: Server = createServer((socket) => {
		sockets.add(socket);
		socket.on("close", () => sockets.delete(socket));
		broker.handle(socket);
	});
	server.listen(options.port ?? 0, "127.0.0.1");
	await once(server, "listening");
	const address = server.address();
	const port = typeof address === "object" && address ? address.port : 0;
	const send = (agent: string, topic: "ack" | "devices", payload: string) =>
		broker.publish(
			{ cmd: "publish", topic: uplinkTopic(agent, topic), payload: Buffer.from(payload), qos: 1, retain: topic === "devices", dup: false },
			() => {},
		);

	const peer: UplinkServer = {
		port,
		url: `mqtt://127.0.0.1:${port}`,
		answer: (envelope) => ({ outbox: envelope.outbox, stored: envelope.batches.map(({ seq }) => seq), refused: [] }),
		batches: [],
		snapshots: [],
		heartbeats: [],
		statuses: [],
		order: [],
		repeated: 0,
		readings: () => peer.batches.flatMap(({ readings }) => (readings ? fromColumns(readings) : [])),
		events: () => peer.batches.flatMap(({ events }) => events),
		sendDevices: (agent, list) => send(agent, "devices", JSON.stringify(list)),
		send,
		cut: () => {
			for (const socket of sockets) socket.destroy();
		},
		stop: async () => {
			const closed = new Promise<void>((resolve) => server.close(() => resolve()));
			for (const socket of sockets) socket.destroy();
			await new Promise<void>((resolve) => broker.close(() => resolve()));
			await closed;
		},
	};

	function take(topic: string, payload: string): void {
		const parsed = parseUplinkTopic(topic);
		if (!parsed) return;
		if (keep) peer.order.push(parsed.topic);
		if (parsed.topic === "status") peer.statuses.push(payload);
		else if (parsed.topic === "snapshot") peer.snapshots.push(snapshotSchema.parse(JSON.parse(payload)));
		else if (parsed.topic === "heartbeat") {
			peer.heartbeats.push(heartbeatSchema.parse(JSON.parse(payload)));
			if (!keep) peer.heartbeats.splice(0, peer.heartbeats.length - 10);
		} else if (parsed.topic === "envelope") {
			const envelope = envelopeSchema.parse(JSON.parse(payload));
			const answer = peer.answer(envelope, parsed.agent);
			for (const batch of envelope.batches) {
				const key = `${envelope.outbox}/${batch.seq}`;
				if (answer && !answer.stored.includes(batch.seq)) continue;
				if (!answer) continue;
				if (seen.has(key)) {
					peer.repeated++;
					continue;
				}
				seen.add(key);
				if (keep) peer.batches.push({ ...batch, late: envelope.late });
				options.onBatch?.(batch, envelope.late);
			}
			if (answer) setImmediate(() => send(parsed.agent, "ack", JSON.stringify(answer)));
		}
	}
	return peer;
}
