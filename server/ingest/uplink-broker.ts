import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type SecureContextOptions, TLSSocket, type Server as TlsServer } from "node:tls";
import { Aedes, type AedesPublishPacket, type AuthenticateError, type Client, type PublishPacket, type Subscription } from "aedes";
import { parseUplinkTopic } from "../../contracts/uplink.ts";
import type { Logger } from "../platform/logger.ts";
import { OPEN_UPLINK, publishingAgent, subscribingAgent, type UplinkGuard, type UplinkLogin, type UplinkRefusal } from "./uplink-guard.ts";
import type { UplinkHandler, UplinkTransport } from "./uplink-transport.ts";
import { WorkBound } from "./work-bound.ts";

const NOTHING = Buffer.alloc(0);
/** CONNACK return code 5 (MQTT 3.1.1, 3.2.2.3): not authorised. */
const NOT_AUTHORIZED = 5;

/** The certificate of a TLS listener, and its changes. */
export interface TlsContext {
	readonly context: SecureContextOptions;
	onChange(listener: (context: SecureContextOptions) => void): void;
}
/** What a connected client was let in as. */
interface Admitted {
	agent: string | null;
	credential: string | null;
}

export interface UplinkBrokerOptions {
	port: number;
	/** Address to listen on; 127.0.0.1 where it isn't given. */
	host?: string;
	/** Speak TLS and ask clients for a certificate; plain text where it isn't given. */
	tls?: TlsContext | null;
	/** Who may connect; everybody where it isn't given. */
	guard?: UplinkGuard;
	/** Bytes in work beyond which receipts (PUBACK) are held. */
	workLimit?: number;
	logger: Logger;
}

/**
 * The server's own broker for agents. Messages are taken as they come in, before the broker acknowledges or forwards them
 * (MQTT 3.1.1, 4.3.2: aedes holds the PUBACK until authorizePublish has called back).
 *
 * A client may publish and subscribe to the topics of one agent: the one that its certificate or token is of, or without any the
 * first that it names. A foreign topic ends the connection (3.3.5), a foreign subscription gets 0x80 (3.9.3).
 */
export class UplinkBroker implements UplinkTransport {
	readonly #options: UplinkBrokerOptions;
	readonly #work: WorkBound;
	readonly #sockets = new Set<Socket>();
	readonly #admitted = new Map<Client, Admitted>();
	readonly #guard: UplinkGuard;
	#broker: Aedes | undefined;
	#server: Server | undefined;

	constructor(options: UplinkBrokerOptions) {
		this.#options = options;
		this.#work = new WorkBound(options.workLimit ?? 32 * 1024 * 1024);
		this.#guard = options.guard ?? OPEN_UPLINK;
		this.#guard.onChange((isGood) => this.#cut(isGood));
		options.tls?.onChange((context) => {
			if (this.#server && "setSecureContext" in this.#server) (this.#server as TlsServer).setSecureContext(context);
		});
	}

	/** Throws when the port can't be listened on. */
	async start(handler: UplinkHandler, opened: () => void): Promise<void> {
		const { logger, port, host = "127.0.0.1" } = this.#options;
		const broker = await Aedes.createBroker({
			// Agents' client ids carry their names of up to 64 characters.
			maxClientsIdLength: 200,
			authorizePublish: (client, packet, done) => this.#take(handler, client, packet, done),
			authenticate: (client, username, password, done) => {
				const refused = this.#admit(client, username, password);
				done(refused === null ? null : notAuthorized(refused), refused === null);
			},
			authorizeSubscribe: (client, subscription, done) => done(null, this.#mayHear(client, subscription) ? subscription : null),
		});
		broker.on("clientError", (client, error) => logger.debug({ client: client.id, err: error }, "uplink client failed"));
		broker.on("connectionError", (_client, error) => logger.debug({ err: error }, "uplink connection failed"));
		broker.on("clientDisconnect", (client) => this.#admitted.delete(client));
		const welcome = (socket: Socket) => {
			socket.setNoDelay(true);
			this.#sockets.add(socket);
			socket.on("close", () => this.#sockets.delete(socket));
			broker.handle(socket);
		};
		// A certificate that isn't trusted is refused at CONNECT, where it can be told and noted.
		const server = this.#options.tls
			? createTlsServer({ ...this.#options.tls.context, requestCert: true, rejectUnauthorized: false, handshakeTimeout: 10_000 }, welcome)
			: createServer(welcome);
		server.on("tlsClientError", (error: Error) => logger.debug({ reason: error.message }, "uplink: no TLS connection"));
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

	/** Lets a client in, or says why not. */
	#admit(client: Client, username: string | undefined, password: Buffer | undefined): string | null {
		const login: UplinkLogin = { clientId: client.id, username, password, ...peerOf(client) };
		const admission = this.#guard.admit(login);
		if ("refused" in admission) {
			this.#refused("connect", client, username ?? login.certificate?.commonName ?? null, admission.refused);
			return admission.refused;
		}
		this.#admitted.set(client, { ...admission });
		return null;
	}

	/** True when the agent's topics are the client's; the first agent that a client without credentials names becomes its own. */
	#isOwn(client: Client, agent: string): boolean {
		const admitted = this.#admitted.get(client);
		if (!admitted) return false;
		admitted.agent ??= agent;
		return admitted.agent === agent;
	}

	#mayHear(client: Client, { topic }: Subscription): boolean {
		const agent = subscribingAgent(topic);
		if (agent !== null && this.#isOwn(client, agent)) return true;
		this.#refused("subscribe", client, this.#admitted.get(client)?.agent ?? null, `may not hear ${topic.slice(0, 200)}`);
		return false;
	}

	#refused(operation: UplinkRefusal["operation"], client: Client, agent: string | null, reason: string): void {
		const { address } = peerOf(client);
		this.#options.logger.warn({ client: client.id, agent, address, operation, reason }, "uplink: refused");
		this.#guard.refused({ operation, agent, clientId: client.id, address, reason });
	}

	/** Ends the connections whose credential no longer holds. */
	#cut(isGood: (credential: string | null) => boolean): void {
		for (const [client, { agent, credential }] of this.#admitted) {
			if (isGood(credential)) continue;
			this.#options.logger.warn({ client: client.id, agent }, "uplink connection cut: its credential has ended");
			client.close();
		}
	}

	#take(handler: UplinkHandler, client: Client | null, packet: PublishPacket | AedesPublishPacket, done: (error?: Error | null) => void): void {
		const parsed = parseUplinkTopic(packet.topic);
		const agent = publishingAgent(packet.topic);
		if (!parsed || agent === null || (client && !this.#isOwn(client, agent))) {
			const reason = `may not publish to ${packet.topic.slice(0, 200)}`;
			if (client) this.#refused("publish", client, this.#admitted.get(client)?.agent ?? null, reason);
			done(new Error(reason));
			return;
		}
		const payload = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload;
		// Nobody but the server reads what agents say: the broker's own delivery gets nothing to carry or keep.
		packet.payload = NOTHING;
		packet.retain = false;
		this.#work.add(payload.length, handler({ ...parsed, payload }), () => done(null));
	}
}

function notAuthorized(reason: string): AuthenticateError {
	return Object.assign(new Error(reason), { returnCode: NOT_AUTHORIZED }) as AuthenticateError;
}

/** Where a client comes from, and the certificate that it showed. */
function peerOf({ conn }: Client): Pick<UplinkLogin, "certificate" | "address"> {
	const address = "remoteAddress" in conn ? (conn.remoteAddress ?? null) : null;
	if (!(conn instanceof TLSSocket)) return { certificate: null, address };
	const shown = conn.getPeerX509Certificate();
	if (!shown) return { certificate: null, address };
	const commonName = /^CN=(.*)$/m.exec(shown.subject)?.[1] ?? "";
	const problem = conn.authorized ? null : String(conn.authorizationError ?? "not trusted");
	return { certificate: { fingerprint: shown.fingerprint256, commonName, problem }, address };
}
