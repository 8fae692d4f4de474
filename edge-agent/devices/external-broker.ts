import { Socket } from "node:net";
import mqtt, { type IClientOptions, type MqttClient, type Packet } from "mqtt";
import type { Logger } from "pino";
import type { DeviceSource, TakeMessage } from "./device-source.ts";

export interface ExternalBrokerOptions {
	/** `mqtt://` or `mqtts://` */
	url: string;
	/** For `mqtts://`: the authority that the broker's certificate is of, PEM. */
	ca?: Buffer;
	/** Names the session that the broker keeps: the same after every restart, different for every agent. */
	clientId: string;
	/** Topic filters that are wanted now. */
	topics: () => readonly string[];
	take: TakeMessage;
	/** Unix ms. */
	now: () => number;
	logger: Logger;
	/** Pause before a new connection, ms. */
	reconnectPeriod?: number;
}

/** QoS 1 messages that the broker may send ahead of their acknowledgement (MQTT 5 §3.1.2.11.3): what one commit can settle. */
const RECEIVE_MAXIMUM = 2_000;
/** How long the broker keeps the session and its messages while the agent is away, s (MQTT 5 §3.1.2.11.2). */
const SESSION_EXPIRY = 7 * 86_400;
/** Largest packet that the broker may send; beyond the payload limit, so that a large payload is refused with its reason. */
const MAXIMUM_PACKET_SIZE = 8 * 1024 * 1024;

/**
 * Devices on a broker of the site's own. The session is persistent and the subscription QoS 1, so that the broker keeps what
 * the agent has not acknowledged, also while the agent is away. Speaks MQTT 5, and 3.1.1 to a broker that doesn't know 5.
 *
 * mqtt.js hands over one QoS 1 message after the other and acknowledges each before the next, which would make every message
 * wait for a commit of its own. So its `packetreceive` hook takes the message and shows it to the library as QoS 0; the
 * acknowledgements (§3.4) are written here, those of one commit together.
 */
export class ExternalBroker implements DeviceSource {
	readonly #options: ExternalBrokerOptions;
	#client: MqttClient | null = null;
	#protocolVersion: 4 | 5 = 5;
	#connection = 0;
	#acknowledgements: number[] = [];
	/** Filters that this connection has asked for. */
	readonly #subscribed = new Set<string>();
	#retry: NodeJS.Timeout | undefined;

	constructor(options: ExternalBrokerOptions) {
		this.#options = options;
	}

	/** Resolves at once: the broker is connected to as soon as it can be reached. */
	async start(): Promise<void> {
		this.#connect();
	}

	async stop(): Promise<void> {
		const client = this.#client;
		this.#client = null;
		clearTimeout(this.#retry);
		if (!client) return;
		this.#writeAcknowledgements(client);
		await client.endAsync(true);
	}

	announce(topic: string, payload: string): void {
		this.#publish(topic, payload, true);
	}

	/** Subscribes to what is wanted now; what isn't wanted any more goes with the next connection. */
	recheck(): void {
		if (this.#client?.connected) this.#subscribe(this.#client);
	}

	send(topic: string, payload: string | Buffer): void {
		// The library would keep it and send it whenever the broker is back, to a device that nobody waits for any more.
		if (this.connected) this.#publish(topic, payload, false);
	}

	#publish(topic: string, payload: string | Buffer, retain: boolean): void {
		const { logger } = this.#options;
		this.#client?.publish(topic, payload, { qos: 1, retain }, (error) => {
			if (error) logger.warn({ reason: error.message, topic }, "not published on the device broker");
		});
	}

	get connected(): boolean {
		return this.#client?.connected ?? false;
	}

	#connect(): void {
		const { url, ca, clientId, logger, reconnectPeriod = 1_000 } = this.#options;
		const options: IClientOptions = {
			...(ca && { ca }),
			clientId,
			clean: false,
			reconnectPeriod,
			resubscribe: false,
			protocolVersion: this.#protocolVersion,
		};
		if (this.#protocolVersion === 5)
			options.properties = { sessionExpiryInterval: SESSION_EXPIRY, receiveMaximum: RECEIVE_MAXIMUM, maximumPacketSize: MAXIMUM_PACKET_SIZE };
		const client = mqtt.connect(url, options);
		this.#client = client;
		client.on("packetreceive", (packet) => this.#receive(client, packet));
		client.on("connect", () => {
			// Small packets one after another: Nagle's algorithm would hold each until the other side's delayed TCP acknowledgement, 40 ms.
			if (client.stream instanceof Socket) client.stream.setNoDelay(true);
			logger.info({ url: withoutSecrets(url) }, "device broker connected");
			this.#subscribed.clear();
			this.#subscribe(client);
		});
		client.on("close", () => {
			// What was received over this connection comes again over the next one.
			this.#connection++;
			this.#acknowledgements = [];
		});
		client.on("error", (error) => {
			logger.warn({ url: withoutSecrets(url), reason: error.message }, "device broker not reachable");
			if (this.#client !== client || this.#protocolVersion !== 5 || !isOldBroker(error)) return;
			this.#protocolVersion = 4;
			client.end(true);
			this.#retry = setTimeout(() => this.#connect(), 0);
		});
	}

	#subscribe(client: MqttClient): void {
		const topics = this.#options.topics().filter((topic) => !this.#subscribed.has(topic));
		if (topics.length === 0) return;
		for (const topic of topics) this.#subscribed.add(topic);
		client.subscribe(topics, { qos: 1 }, (error) => {
			const { logger } = this.#options;
			if (this.#client !== client) return;
			if (error) logger.error({ reason: error.message, topics }, "device broker refuses the subscription");
			else logger.info({ topics: topics.length }, "device broker subscribed");
		});
	}

	#receive(client: MqttClient, packet: Packet): void {
		if (packet.cmd !== "publish" || this.#client !== client) return;
		const { messageId, topic, retain } = packet;
		const acknowledge = packet.qos === 1 && messageId !== undefined;
		if (acknowledge) packet.qos = 0;
		const payload = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload;
		const connection = this.#connection;
		this.#options.take({ topic, payload, receivedAt: this.#options.now(), retained: retain }, () => {
			if (!acknowledge || this.#connection !== connection || this.#client !== client) return;
			if (this.#acknowledgements.push(messageId) === 1) queueMicrotask(() => this.#writeAcknowledgements(client));
		});
	}

	#writeAcknowledgements(client: MqttClient): void {
		if (this.#acknowledgements.length === 0) return;
		const packets = Buffer.alloc(this.#acknowledgements.length * 4);
		for (const [index, messageId] of this.#acknowledgements.entries()) packets.writeUInt32BE(0x4002_0000 + messageId, index * 4);
		this.#acknowledgements = [];
		client.stream.write(packets);
	}
}

/** CONNACK return code 1 (MQTT 3.1.1 §3.2.2.3) or reason code 0x84 (MQTT 5 §3.2.2.2): unsupported protocol version. */
function isOldBroker(error: Error): boolean {
	return "code" in error && (error.code === 1 || error.code === 0x84);
}

function withoutSecrets(url: string): string {
	const { protocol, host } = new URL(url);
	return `${protocol}//${host}`;
}
