import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { Aedes, type AedesPublishPacket, type Client, type PublishPacket } from "aedes";
import { parseUplinkTopic, type UplinkTopic } from "../../contracts/uplink.ts";
import type { Logger } from "../platform/logger.ts";
import type { UplinkHandler, UplinkTransport } from "./uplink-transport.ts";
import { WorkBound } from "./work-bound.ts";

/** What agents may publish; the rest is the server's. */
const FROM_AGENTS: readonly UplinkTopic[] = ["envelope", "snapshot", "heartbeat", "status"];
const NOTHING = Buffer.alloc(0);

export interface UplinkBrokerOptions {
	port: number;
	/** Address to listen on. Until agents log in, only the machine itself. */
	host?: string;
	/** Bytes in work beyond which receipts (PUBACK) are held. */
	workLimit?: number;
	logger: Logger;
}

/**
 * The server's own broker for agents. Messages are taken as they come in, before the broker acknowledges or forwards them
 * (MQTT 3.1.1, 4.3.2: aedes holds the PUBACK until authorizePublish has called back).
 */
export class UplinkBroker implements UplinkTransport {
	readonly #options: UplinkBrokerOptions;
	readonly #work: WorkBound;
	readonly #sockets = new Set<Socket>();
	#broker: Aedes | undefined;
	#server: Server | undefined;

	constructor(options: UplinkBrokerOptions) {
		this.#options = options;
		this.#work = new WorkBound(options.workLimit ?? 32 * 1024 * 1024);
	}

	/** Throws when the port can't be listened on. */
	async start(handler: UplinkHandler, opened: () => void): Promise<void> {
		const { logger, port, host = "127.0.0.1" } = this.#options;
		const broker = await Aedes.createBroker({
			// Agents' client ids carry their names of up to 64 characters.
			maxClientsIdLength: 200,
			authorizePublish: (client, packet, done) => this.#take(handler, client, packet, done),
			authorizeSubscribe: (_client, subscription, done) => done(null, subscription),
		});
		broker.on("clientError", (client, error) => logger.debug({ client: client.id, err: error }, "uplink client failed"));
		broker.on("connectionError", (_client, error) => logger.debug({ err: error }, "uplink connection failed"));
		const server = createServer((socket) => {
			socket.setNoDelay(true);
			this.#sockets.add(socket);
			socket.on("close", () => this.#sockets.delete(socket));
			broker.handle(socket);
		});
		this.#broker = broker;
		this.#server = server;
		server.listen(port, host);
		await once(server, "listening");
		logger.info({ host, port: this.port }, "uplink broker listening");
		opened();
	}

	/** The port that is listened on. */
	get port(): number {
		const address = this.#server?.address();
		return typeof address === "object" && address ? address.port : this.#options.port;
	}

	async stop(): Promise<void> {
		const [broker, server] = [this.#broker, this.#server];
		this.#broker = this.#server = undefined;
		if (!broker || !server) return;
		const closed = new Promise<void>((resolve) => server.close(() => resolve()));
		await new Promise<void>((resolve) => {
			// A client that doesn't take the end of its connection must not hold up the server's.
			const timer = setTimeout(resolve, 2000);
			broker.close(() => {
				clearTimeout(timer);
				resolve();
			});
		});
		for (const socket of this.#sockets) socket.destroy();
		await closed;
	}

	publish(topic: string, payload: string, { retain }: { retain: boolean }): void {
		this.#broker?.publish({ cmd: "publish", topic, payload: Buffer.from(payload), qos: 1, retain, dup: false }, (error) => {
			if (error) this.#options.logger.warn({ err: error, topic }, "message to an agent could not be sent");
		});
	}

	state(): { connected: boolean; detail: string } {
		const connected = this.#broker !== undefined;
		return { connected, detail: `${this.#broker?.connectedClients ?? 0} connections, ${this.#work.bytes} bytes in work` };
	}

	load(): { bytes: number; held: number } {
		return { bytes: this.#work.bytes, held: this.#work.held };
	}

	#take(handler: UplinkHandler, _client: Client | null, packet: PublishPacket | AedesPublishPacket, done: (error?: Error | null) => void): void {
		const parsed = parseUplinkTopic(packet.topic);
		if (!parsed || !FROM_AGENTS.includes(parsed.topic)) {
			done(new Error(`agents may not publish to ${packet.topic}`));
			return;
		}
		const payload = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload;
		// Nobody but the server reads what agents say: the broker's own delivery gets nothing to carry or keep.
		packet.payload = NOTHING;
		packet.retain = false;
		this.#work.add(payload.length, handler({ ...parsed, payload }), () => done(null));
	}
}
