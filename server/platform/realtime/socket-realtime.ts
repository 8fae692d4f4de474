import type { Server as HttpServer } from "node:http";
import { type DefaultEventsMap, Server, type Socket } from "socket.io";
import { type LiveReading, type NoticeEvent, type RealtimeEvents, realtimeEvents, watchSchema } from "../../../contracts/realtime.ts";
import type { Clock } from "../clock.ts";
import { isKnownHost, isSameOrigin, LOCAL_HOSTS } from "../http/local-only.ts";
import type { Logger } from "../logger.ts";
import type { Realtime } from "../realtime-port.ts";
import { nextPace, type Pace } from "./client-pace.ts";
import { Outgoing } from "./outgoing.ts";

export interface SocketRealtimeOptions {
	logger: Logger;
	clock: Clock;
	/** True for the id of a site that can be watched. */
	isSite(id: string): boolean;
	/** Names that the server answers to; those of the loopback interface where it isn't given. */
	hosts?: readonly string[];
	/** Check every payload against its schema and throw when it doesn't fit (tests). */
	validate?: boolean;
}

type ServerEvents = { [name in keyof RealtimeEvents]: (payload: RealtimeEvents[name]) => void };
type ClientEvents = { watch(input: unknown, answer: unknown): void };
type ClientSocket = Socket<ClientEvents, ServerEvents, DefaultEventsMap, unknown>;

interface Client {
	socket: ClientSocket;
	outgoing: Outgoing;
	site: string;
	pace: Pace;
	/** Newest readings by point that it has not been sent. */
	missed: Map<string, LiveReading>;
}

/** Shortest time between two `reading` events to a client: four a second. */
const FLUSH_MS = 250;
const HEARTBEAT_MS = 1_000;
/** The longest thing that a client says is the name of a site. */
const MESSAGE_LIMIT = 4_096;

/**
 * Socket.IO for dashboards, at `/socket.io` of the HTTP server. A client names its site with `watch` and gets that site's
 * events. Readings are put together per point and sent at most four times a second, at once after a pause; everything else is
 * sent as it comes. A client that doesn't keep up is held back alone (see client-pace.ts). A heartbeat goes out every second.
 *
 * Stop it before the HTTP server.
 */
export class SocketRealtime implements Realtime {
	readonly #options: SocketRealtimeOptions;
	#io: Server<ClientEvents, ServerEvents, DefaultEventsMap, unknown> | undefined;
	readonly #clients = new Map<string, Client>();
	readonly #pending = new Map<string, Map<string, LiveReading>>();
	#flushTimer: NodeJS.Timeout | undefined;
	#heartbeat: NodeJS.Timeout | undefined;
	#flushedAt = 0;
	#cuts = 0;

	constructor(options: SocketRealtimeOptions) {
		this.#options = options;
	}

	/** `server`: the HTTP server whose `/socket.io` it takes; see HttpServer.server. */
	start(server: HttpServer): void {
		const { hosts = LOCAL_HOSTS } = this.#options;
		this.#io = new Server(server, {
			serveClient: false,
			maxHttpBufferSize: MESSAGE_LIMIT,
			pingInterval: 10_000,
			pingTimeout: 10_000,
			allowRequest: (request, done) => {
				// Node joins repeated headers of these names into one text.
				const site = request.headers["sec-fetch-site"];
				done(null, isKnownHost(request.headers, hosts) && isSameOrigin({ ...request.headers, "sec-fetch-site": site }));
			},
		});
		this.#io.on("connection", (socket) => this.#welcome(socket));
		this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
	}

	/** Idempotent. Disconnects every client; the HTTP server goes on. */
	async stop(): Promise<void> {
		clearInterval(this.#heartbeat);
		clearTimeout(this.#flushTimer);
		this.#flushTimer = undefined;
		const io = this.#io;
		this.#io = undefined;
		io?.disconnectSockets(true);
		io?.engine.close();
		this.#clients.clear();
		this.#pending.clear();
	}

	/** Figures for the metrics: clients that watch, and how often one fell behind and was told to reload. */
	state(): { clients: number; cuts: number } {
		return { clients: this.#clients.size, cuts: this.#cuts };
	}

	publish<name extends keyof RealtimeEvents>(site: string, event: name, payload: RealtimeEvents[name]): void {
		if (this.#options.validate) realtimeEvents[event].parse(payload);
		if (!this.#io?.sockets.adapter.rooms.has(roomOf(site))) return;
		if (event === "reading") this.#collect(site, payload as RealtimeEvents["reading"]);
		else this.#io.to(roomOf(site)).emit(event, ...([payload] as Parameters<ServerEvents[name]>));
	}

	#welcome(socket: ClientSocket): void {
		const outgoing = new Outgoing(socket.conn);
		socket.on("watch", (input, answer) => {
			const result = this.#watch(socket, outgoing, input);
			if (typeof answer === "function") answer(result);
		});
		socket.on("disconnect", () => this.#clients.delete(socket.id));
	}

	#watch(socket: ClientSocket, outgoing: Outgoing, input: unknown): { ok: true } | { ok: false; error: string } {
		const parsed = watchSchema.safeParse(input);
		if (!parsed.success) return { ok: false, error: "expected {site}" };
		const { site } = parsed.data;
		if (!this.#options.isSite(site)) return { ok: false, error: `There is no site ${site}.` };
		const before = this.#clients.get(socket.id);
		if (before && before.site !== site) void socket.leave(roomOf(before.site));
		void socket.join(roomOf(site));
		const pace: Pace = { state: "live", since: this.#options.clock.now() };
		this.#clients.set(socket.id, { socket, outgoing, site, pace, missed: new Map() });
		return { ok: true };
	}

	#collect(site: string, { readings }: RealtimeEvents["reading"]): void {
		let newest = this.#pending.get(site);
		if (!newest) {
			newest = new Map();
			this.#pending.set(site, newest);
		}
		for (const reading of readings) newest.set(reading[0], reading);
		this.#schedule();
	}

	/** At once after a pause, else a quarter of a second after the flush before. */
	#schedule(): void {
		if (this.#flushTimer !== undefined) return;
		const wait = this.#flushedAt + FLUSH_MS - performance.now();
		this.#flushTimer = setTimeout(() => this.#flush(), Math.max(0, wait));
	}

	#flush(): void {
		this.#flushTimer = undefined;
		this.#flushedAt = performance.now();
		const late = this.#paceClients();
		for (const [site, newest] of this.#pending) {
			const readings = [...newest.values()];
			const held = late.filter((client) => client.site === site).map((client) => client.socket.id);
			// Encoded once for all who keep up.
			this.#io?.to(roomOf(site)).except(held).emit("reading", { site, sentAt: this.#options.clock.now(), readings });
		}
		this.#pending.clear();
		if (this.#clients.values().some((client) => client.pace.state !== "live")) this.#schedule();
	}

	/** Moves every client a step on; returns those who must not get what is pending from the broadcast. */
	#paceClients(): Client[] {
		const now = this.#options.clock.now();
		const apart: Client[] = [];
		for (const client of this.#clients.values()) {
			const { pace, act } = nextPace(client.pace, client.outgoing.link(), now);
			const pending = this.#pending.get(client.site);
			client.pace = pace;
			if (act === "hold" || (act === "send" && client.missed.size > 0)) {
				apart.push(client);
				for (const [point, reading] of pending ?? []) client.missed.set(point, reading);
			}
			if (act === "send" && client.missed.size > 0) {
				client.socket.emit("reading", { site: client.site, sentAt: now, readings: [...client.missed.values()] });
				client.missed.clear();
			} else if (act === "cut") this.#cut(client);
			else if (act === "reload") {
				void client.socket.join(roomOf(client.site));
				client.socket.emit("notice", this.#notice("reload", "The connection was too slow; fetch everything anew."));
			}
		}
		return apart;
	}

	#cut(client: Client): void {
		this.#cuts++;
		client.missed.clear();
		void client.socket.leave(roomOf(client.site));
		this.#options.logger.info({ socket: client.socket.id }, "a dashboard fell behind; it will be told to reload");
	}

	/** Goes only to clients that keep up: what is queued would make a stalled page look alive later. */
	#beat(): void {
		for (const client of this.#clients.values()) if (client.pace.state === "live" && !client.outgoing.link().drained) this.#schedule();
		const late = [...this.#clients.values()].filter((client) => client.pace.state !== "live").map((client) => client.socket.id);
		const rooms = [...new Set(this.#clients.values().map((client) => roomOf(client.site)))];
		if (rooms.length === 0) return;
		this.#io?.to(rooms).except(late).emit("notice", this.#notice("heartbeat", ""));
	}

	#notice(kind: NoticeEvent["kind"], text: string): NoticeEvent {
		return { kind, at: this.#options.clock.now(), text };
	}
}

const roomOf = (site: string) => `site:${site}`;
