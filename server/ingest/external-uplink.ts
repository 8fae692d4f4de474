import { Socket } from "node:net";
import { connect, type IPublishPacket, type MqttClient } from "mqtt";
import { parseUplinkTopic, uplinkTopic } from "../../contracts/uplink.ts";
import type { Logger } from "../platform/logger.ts";
import { FROM_AGENTS } from "./uplink-guard.ts";
import type { UplinkHandler, UplinkTransport } from "./uplink-transport.ts";
import { WorkBound } from "./work-bound.ts";

export interface ExternalUplinkOptions {
	/** `mqtt://` or `mqtts://`, with user and password where the broker wants them. */
	url: string;
	/** For `mqtts://`: the authority that the broker's certificate is of, and the server's own certificate; PEM. */
	tls?: { ca?: Buffer; cert?: Buffer; key?: Buffer };
	/** Names the persistent session; two servers at one broker must differ. */
	clientId: string;
	/** Bytes in work beyond which receipts (PUBACK) are held. */
	workLimit?: number;
	logger: Logger;
}

/** A foreign MQTT broker between the agents and the server, with a persistent session (clean session off, QoS 1). */
export class ExternalUplink implements UplinkTransport {
	readonly #options: ExternalUplinkOptions;
	readonly #work: WorkBound;
	#client: MqttClient | undefined;
	#detail = "not started";

	constructor(options: ExternalUplinkOptions) {
		this.#options = options;
		this.#work = new WorkBound(options.workLimit ?? 32 * 1024 * 1024);
	}

	async start(handler: UplinkHandler, opened: () => void): Promise<void> {
		const { url, clientId, logger, tls = {} } = this.#options;
		const client = connect(url, {
			...tls,
			clientId,
			clean: false,
			protocolVersion: 4,
			reconnectPeriod: 1000,
			connectTimeout: 10_000,
			resubscribe: true,
		});
		this.#client = client;
		this.#detail = "connecting";
		// mqtt.js sends the PUBACK when this has called back.
		client.handleMessage = (packet: IPublishPacket, done) => {
			const parsed = parseUplinkTopic(packet.topic);
			if (!parsed) {
				done();
				return;
			}
			const payload = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload;
			this.#work.add(payload.length, handler({ ...parsed, payload }), () => done());
		};
		client.on("connect", () => {
			// Small packets one after another: Nagle's algorithm would hold each until the other side's delayed TCP acknowledgement, 40 ms.
			if (client.stream instanceof Socket) client.stream.setNoDelay(true);
			this.#detail = "connected";
			logger.info("connected to the uplink broker");
			opened();
		});
		client.on("close", () => {
			if (this.#detail === "connected") logger.warn("connection to the uplink broker lost; trying again");
			this.#detail = "not connected";
		});
		client.on("error", (error) => {
			this.#detail = error.message;
			logger.debug({ err: error }, "uplink broker");
		});
		const topics = FROM_AGENTS.map((topic) => uplinkTopic("+", topic));
		client.subscribe(topics, { qos: 1 }, (error) => {
			if (error) logger.error({ err: error }, "the uplink broker refuses the subscription to the agents' topics");
		});
	}

	async stop(): Promise<void> {
		const client = this.#client;
		this.#client = undefined;
		if (!client) return;
		await client.endAsync(!client.connected);
	}

	publish(topic: string, payload: string, { retain }: { retain: boolean }): void {
		this.#client?.publish(topic, payload, { qos: 1, retain }, (error) => {
			if (error) this.#options.logger.debug({ err: error, topic }, "message to an agent could not be sent");
		});
	}

	state(): { connected: boolean; detail: string } {
		return { connected: this.#client?.connected ?? false, detail: this.#detail };
	}

	load(): { bytes: number; held: number } {
		return { bytes: this.#work.bytes, held: this.#work.held };
	}
}
