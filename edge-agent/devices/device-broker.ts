import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createServer as createTlsServer, type SecureContextOptions, type Server as TlsServer } from "node:tls";
import { Aedes, type AedesPublishPacket, type AuthenticateError, type Client, type PublishPacket } from "aedes";
import type { Logger } from "pino";
import type { DeviceAccount } from "../../contracts/uplink.ts";
import { type Accounts, type DeviceAuth, heardDevice, isHarmless, logIn, maySend, speaksFor, stillHolds } from "./device-access.ts";
import type { DeviceSource, TakeMessage } from "./device-source.ts";
import { type DeviceConnection, whenVersionIsKnown } from "./mqtt5-connection.ts";

/** What was refused to a client, and on whose account it is counted. */
export interface AccessRefusal {
	device: string;
	topic: string;
	reason: "login-refused" | "topic-refused";
	detail: string;
	receivedAt: number;
	/** Network address of the client. */
	address: string | undefined;
}

export interface DeviceBrokerOptions {
	port: number;
	/** Address to listen on; 127.0.0.1 where it isn't given. */
	bind?: string;
	/** Speak TLS; plain text where it isn't given. */
	tls?: { readonly context: SecureContextOptions; onChange(listener: (context: SecureContextOptions) => void): void } | null;
	/** Whether devices must log in; without it those that have a password. */
	auth?: DeviceAuth;
	/** Accounts of the device list in use. */
	accounts?: () => Accounts;
	/** Whose topic it is, see Dialects.ownersOf. */
	owners: (topic: string) => { devices: readonly string[] | null; ofDialect: () => Iterable<string> } | undefined;
	/** Hears of refused log-ins and topics; must be cheap. */
	refused?: (refusal: AccessRefusal) => void;
	take: TakeMessage;
	/** True while nothing can be stored: no further device is let in until it can. */
	stalled: () => boolean;
	/** Unix ms. */
	now: () => number;
	logger: Logger;
}

/** A device whose unfinished packet grows beyond this many bytes is cut off: the packet would have to fit in memory before it can be refused. */
const PACKET_LIMIT = 8 * 1024 * 1024;
/** What MQTT 5.0 devices are told: a full payload with its topic. Larger ones are taken all the same, and refused with their reason. */
const LARGEST_PACKET = 128 * 1024;
const PACKET_CHECK_INTERVAL = 100;
/** Unsettled messages, a large one counting as several, from which nothing more is read, and below which reading goes on. */
const MOST_UNSETTLED = 20_000;
const FEW_UNSETTLED = 10_000;
const NO_ACCOUNTS: Accounts = new Map();
/** Raw bytes that wait for a connection's turn: what it can send in one commit. */
const READ_AHEAD = 128 * 1024;

/**
 * aedes delivers what is published through an emitter whose queue has no bound and whose recursion grows with it. Devices'
 * messages don't go there: they are taken in authorizePublish, and no device listens to another.
 */
class TakingAedes extends Aedes {
	/** Within aedes a device's message comes with its client between packet and callback, the broker's own without. */
	override publish(packet: PublishPacket, client: unknown, done?: () => void): void {
		if (typeof client === "function") super.publish(packet, (error) => void client(error));
		else done?.();
	}
}

/**
 * The agent's own MQTT broker for devices. The PUBACK of a QoS 1 message (MQTT 3.1.1 §4.3.2) is sent once its
 * content is settled: aedes holds it until authorizePublish calls back, and reads no more from a connection than one chunk
 * beyond what it has acknowledged, which bounds the memory. Last wills pass authorizePublish too.
 *
 * MQTT 5.0 is translated (mqtt5.ts); aedes itself speaks 3.1 and 3.1.1.
 *
 * A device logs in as itself and uses its own topics (device-access.ts). It may subscribe to `watchroom/{device}/command` and to topics of
 * other dialects, which carry nothing but what the agent asks there: card numbers are not for everybody on the network. What it publishes elsewhere is acknowledged and refused (3.3.5), as
 * everything else that it should not have sent.
 */
export class DeviceBroker implements DeviceSource {
	readonly #options: DeviceBrokerOptions;
	readonly #connections = new Map<Duplex, { connection: DeviceConnection; taken: number }>();
	/** Sockets that have not said yet which version they speak. */
	readonly #waiting = new Set<Socket>();
	/** What each client logged in to; `null`: to nothing. */
	readonly #logins = new Map<Client, DeviceAccount | null>();
	#broker: Aedes | null = null;
	#server: Server | null = null;
	/** Those that had to wait since too much is unsettled. */
	readonly #heldBack = new Set<DeviceConnection>();
	#unsettled = 0;
	#holding = false;
	#packetCheck: NodeJS.Timeout | undefined;

	constructor(options: DeviceBrokerOptions) {
		this.#options = options;
		options.tls?.onChange((context) => (this.#server as TlsServer | null)?.setSecureContext(context));
	}

	/** Throws when the port can't be listened on. */
	async start(): Promise<void> {
		const { port, bind = "127.0.0.1", tls, stalled, logger } = this.#options;
		const broker = new TakingAedes({
			maxClientsIdLength: 200,
			preConnect: (_client, _packet, done) => done(null, !stalled()),
			authenticate: (client, username, password, done) => {
				const problem = this.#logIn(client, username, password);
				done(problem, problem === null);
			},
			authorizePublish: (client, packet, done) => this.#take(client, packet, done),
			authorizeSubscribe: (client, subscription, done) => done(null, this.#mayHear(client, subscription.topic) ? subscription : null),
		});
		await broker.listen();
		broker.on("clientError", (client, error) => logger.debug({ client: client.id, reason: error.message }, "device connection failed"));
		broker.on("connectionError", (_client, error) => logger.debug({ reason: error.message }, "device connection failed before it was one"));
		broker.on("clientDisconnect", (client) => this.#logins.delete(client));
		const welcome = (socket: Socket) => {
			socket.setNoDelay(true);
			this.#waiting.add(socket);
			socket.on("close", () => this.#waiting.delete(socket));
			whenVersionIsKnown(socket, LARGEST_PACKET, (connection) => {
				this.#waiting.delete(socket);
				this.#connections.set(connection, { connection, taken: 0 });
				connection.on("close", () => {
					this.#connections.delete(connection);
					this.#heldBack.delete(connection);
				});
				this.#gate(connection);
				broker.handle(connection);
			});
		};
		const server = tls
			? createTlsServer({ ...tls.context, highWaterMark: READ_AHEAD, handshakeTimeout: 10_000 }, welcome)
			: createServer({ highWaterMark: READ_AHEAD }, welcome);
		server.on("tlsClientError", (error: Error) => logger.debug({ reason: error.message }, "device: no TLS connection"));
		this.#broker = broker;
		this.#server = server;
		server.listen(port, bind);
		await once(server, "listening");
		this.#packetCheck = setInterval(() => this.#cutOffEndlessPackets(), PACKET_CHECK_INTERVAL);
		logger.info({ port: this.port }, "device broker listening");
	}

	/** The port that is listened on. */
	get port(): number {
		const address = this.#server?.address();
		return typeof address === "object" && address ? address.port : this.#options.port;
	}

	async stop(): Promise<void> {
		const [broker, server] = [this.#broker, this.#server];
		this.#broker = this.#server = null;
		clearInterval(this.#packetCheck);
		if (!broker || !server) return;
		const closed = new Promise<void>((resolve) => server.close(() => resolve()));
		for (const stream of [...this.#waiting, ...this.#connections.keys()]) stream.destroy();
		await new Promise<void>((resolve) => broker.close(() => resolve()));
		await closed;
	}

	/** Ends the connections whose account is no longer what they logged in to; after each new device list. */
	recheck(): void {
		const { accounts, auth } = this.#access();
		for (const [client, account] of this.#logins) if (!stillHolds(accounts, auth, account)) client.close();
	}

	#access(): { accounts: Accounts; auth: DeviceAuth } {
		const { accounts = () => NO_ACCOUNTS, auth = "optional" } = this.#options;
		return { accounts: accounts(), auth };
	}

	/** `null` when the client is let in. */
	#logIn(client: Client, username: string | undefined, password: Buffer | undefined): AuthenticateError | null {
		const { accounts, auth } = this.#access();
		const result = logIn(accounts, auth, { username, password });
		if ("account" in result) {
			this.#logins.set(client, result.account);
			return null;
		}
		this.#refuse(client, "login-refused", username ?? client.id, "", result.refused);
		// CONNACK return code 4 (MQTT 3.1.1, 3.2.2.3).
		return Object.assign(new Error(result.refused), { returnCode: 4 }) as AuthenticateError;
	}

	#speaksFor(client: Client, device: string): boolean {
		const { accounts, auth } = this.#access();
		const account = this.#logins.get(client);
		return account !== undefined && speaksFor(accounts, auth, account, device);
	}

	/** A topic of no dialect is refused by whoever takes the message. */
	#maySend(client: Client, topic: string): boolean {
		const owners = this.#options.owners(topic);
		if (!owners) return true;
		const { accounts, auth } = this.#access();
		const account = this.#logins.get(client);
		if (account !== undefined && maySend(accounts, auth, account, owners.devices, owners.ofDialect)) return true;
		this.#refuse(client, "topic-refused", account?.name ?? owners.devices?.[0] ?? client.id, topic, "may not publish there");
		return false;
	}

	announce(topic: string, payload: string): void {
		this.#publish(topic, payload, true);
	}

	send(topic: string, payload: string | Buffer): void {
		this.#publish(topic, payload, false);
	}

	#publish(topic: string, payload: string | Buffer, retain: boolean): void {
		this.#broker?.publish(
			{ cmd: "publish", topic, payload: typeof payload === "string" ? Buffer.from(payload) : payload, qos: 1, retain, dup: false },
			(error) => {
				if (error) this.#options.logger.warn({ err: error, topic }, "not published on the device broker");
			},
		);
	}

	#mayHear(client: Client, filter: string): boolean {
		// The agent's own alarms are for everybody there, to read.
		if (/^watchroom-agent\/[A-Za-z0-9._+-]{1,64}\/alarm$/.test(filter)) return true;
		if (isHarmless(filter)) return true;
		const device = heardDevice(filter);
		if (device !== null && this.#speaksFor(client, device)) return true;
		this.#refuse(client, "topic-refused", this.#logins.get(client)?.name ?? device ?? client.id, filter, "may not hear this");
		return false;
	}

	#refuse(client: Client, reason: AccessRefusal["reason"], device: string, topic: string, detail: string): void {
		const { refused, now, logger } = this.#options;
		const address = (client.conn as DeviceConnection).remoteAddress;
		logger.debug({ device, topic, reason, detail, address }, "device refused");
		refused?.({ device: device.replace(/[^A-Za-z0-9._-]/g, "_").slice(0, 64), topic, reason, detail, receivedAt: now(), address });
	}

	#take(client: Client | null, packet: PublishPacket | AedesPublishPacket, done: (error?: Error | null) => void): void {
		// Stopping cuts every connection; the wills that this makes are the agent's doing, not the devices'.
		if (!this.#broker) {
			done(null);
			return;
		}
		if (client) {
			const known = this.#connections.get(client.conn);
			if (known) known.taken = known.connection.bytesRead;
		}
		const payload = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload;
		if (client && !this.#maySend(client, packet.topic)) {
			done(null);
			return;
		}
		// A refusal is settled as well: without a PUBACK the device would send the same again and again.
		const weight = 1 + (payload.length >> 7);
		this.#unsettled += weight;
		if (this.#unsettled > MOST_UNSETTLED) this.#holding = true;
		this.#options.take({ topic: packet.topic, payload, receivedAt: this.#options.now(), retained: false }, () => {
			this.#unsettled -= weight;
			done(null);
			if (this.#holding && this.#unsettled < FEW_UNSETTLED) this.#letGo();
		});
	}

	/** aedes parses all that a connection has: while too much is unsettled the connection shows nothing, which is what bounds the memory over all connections. */
	#gate(connection: DeviceConnection): void {
		const read = connection.read.bind(connection);
		connection.read = (size?: number) => {
			if (!this.#holding) return read(size);
			this.#heldBack.add(connection);
			return null;
		};
	}

	#letGo(): void {
		this.#holding = false;
		const connections = [...this.#heldBack];
		this.#heldBack.clear();
		for (const connection of connections) setImmediate(() => connection.emit("readable"));
	}

	#cutOffEndlessPackets(): void {
		for (const { connection, taken } of this.#connections.values()) {
			if (connection.bytesRead - taken <= PACKET_LIMIT) continue;
			this.#options.logger.warn({ bytes: connection.bytesRead - taken }, "device connection cut: a packet without end");
			connection.destroy();
		}
	}
}
