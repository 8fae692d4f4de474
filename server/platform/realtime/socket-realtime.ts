import type { Server as HttpServer } from "node:http";
import { type DefaultEventsMap, Server, type Socket } from "socket.io";
import { type LiveReading, type NoticeEvent, type RealtimeEvents, realtimeEvents, watchSchema } from "../../../contracts/realtime.ts";
import type { Actor } from "../actor.ts";
import type { Clock } from "../clock.ts";
import { AppError } from "../errors.ts";
import type { NoteAccess } from "../http/access-note.ts";
import type { Authenticator } from "../http/authenticator.ts";
import { isKnownHost, isSameOrigin, LOCAL_HOSTS } from "../http/local-only.ts";
import { TrustedProxies } from "../http/trusted-proxies.ts";
import type { Logger } from "../logger.ts";
import { maskerOf } from "../masking.ts";
import type { PersonalRealtime, Realtime } from "../realtime-port.ts";
import { nextPace, type Pace } from "./client-pace.ts";
import { Outgoing } from "./outgoing.ts";
import { roomsFor, roomsOf } from "./rooms.ts";
import { connectError, handshakeHeaders, isOver, Visitor } from "./visitor.ts";

export interface SocketRealtimeOptions {
	logger: Logger;
	clock: Clock;
	/** Without it nobody can be known, and no connection is taken. */
	authenticator?: Authenticator;
	/** Takes connections that were refused. */
	note?: NoteAccess;
	/** True for the id of a site that can be watched. */
	isSite(id: string): boolean;
	/** Names that the server answers to; those of the loopback interface where it isn't given. */
	hosts?: readonly string[];
	/** Who may say in `X-Forwarded-For` where a connection came from; nobody where it isn't given. */
	proxies?: TrustedProxies;
	/** Check every payload against its schema and throw when it doesn't fit (tests). */
	validate?: boolean;
}

type ServerEvents = { [name in keyof RealtimeEvents]: (payload: RealtimeEvents[name]) => void };
type ClientEvents = { watch(input: unknown, answer: unknown): void };
interface SocketData {
	visitor: Visitor;
}
type ClientSocket = Socket<ClientEvents, ServerEvents, DefaultEventsMap, SocketData>;

interface Client {
	socket: ClientSocket;
	outgoing: Outgoing;
	site: string;
	/** By event; those that it may not get are missing. */
	rooms: ReadonlyMap<keyof RealtimeEvents, string>;
	pace: Pace;
	/** Newest readings by point that it has not been sent. */
	missed: Map<string, LiveReading>;
}

/** Shortest time between two `reading` events to a client: four a second. */
const FLUSH_MS = 250;
const HEARTBEAT_MS = 1_000;
/** How often everybody's log-in is looked at, for what another process changed. */
const LOOK_MS = 15_000;
/** The longest thing that a client says is its token or the name of a site. */
const MESSAGE_LIMIT = 4_096;

/**
 * Socket.IO for dashboards, at `/socket.io` of the HTTP server. A client is known by its cookie or token, names its site with
 * `watch` and gets those of the site's events that its rights allow, masked by them; when these change, so does what it gets, and
 * when its session ends, it is disconnected. Readings are put together per point and sent at most four times a second, at once after a pause; everything else is
 * sent as it comes. A client that doesn't keep up is held back alone (see client-pace.ts). A heartbeat goes out every second.
 *
 * Stop it before the HTTP server.
 */
export class SocketRealtime implements Realtime, PersonalRealtime {
	readonly #options: SocketRealtimeOptions;
	readonly #proxies: TrustedProxies;
	#io: Server<ClientEvents, ServerEvents, DefaultEventsMap, SocketData> | undefined;
	readonly #clients = new Map<string, Client>();
	readonly #pending = new Map<string, Map<string, LiveReading>>();
	/** Every connection, also while it is not known yet who it is. */
	readonly #visitors = new Map<Visitor, ClientSocket>();
	#lookTimer: NodeJS.Timeout | undefined;
	#flushTimer: NodeJS.Timeout | undefined;
	#heartbeat: NodeJS.Timeout | undefined;
	#flushedAt = 0;
	#cuts = 0;

	constructor(options: SocketRealtimeOptions) {
		this.#options = options;
		this.#proxies = options.proxies ?? new TrustedProxies();
		options.authenticator?.onChange((change) => {
			for (const [visitor, socket] of this.#visitors) if (visitor.concerns(change)) this.#rightsChanged(visitor, socket);
		});
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
		this.#io.use((socket, next) => {
			this.#admit(socket).then(
				() => next(),
				(error: unknown) => next(connectError(error)),
			);
		});
		this.#io.on("connection", (socket) => this.#welcome(socket));
		this.#lookTimer = setInterval(() => this.#look(), LOOK_MS);
		this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
	}

	/** Idempotent. Disconnects every client; the HTTP server goes on. */
	async stop(): Promise<void> {
		clearInterval(this.#heartbeat);
		clearInterval(this.#lookTimer);
		clearTimeout(this.#flushTimer);
		this.#flushTimer = undefined;
		const io = this.#io;
		this.#io = undefined;
		io?.disconnectSockets(true);
		io?.engine.close();
		this.#clients.clear();
		this.#visitors.clear();
		this.#pending.clear();
	}

	/** Figures for the metrics: clients that watch, and how often one fell behind and was told to reload. */
	state(): { clients: number; cuts: number } {
		return { clients: this.#clients.size, cuts: this.#cuts };
	}

	publish<name extends keyof RealtimeEvents>(site: string, event: name, payload: RealtimeEvents[name]): void {
		if (this.#options.validate) realtimeEvents[event].parse(payload);
		const taken = this.#io?.sockets.adapter.rooms;
		for (const { name, sees } of roomsOf(site, event)) {
			if (!taken?.has(name)) continue;
			if (event === "reading") this.#collect(site, payload as RealtimeEvents["reading"]);
			else {
				const shown = maskerOf(realtimeEvents[event]).mask(payload, (permission) => sees.has(permission));
				this.#io?.to(name).emit(event, ...([shown] as Parameters<ServerEvents[name]>));
			}
		}
	}

	publishTo<name extends keyof RealtimeEvents>(username: string, event: name, payload: RealtimeEvents[name]): number {
		if (this.#options.validate) realtimeEvents[event].parse(payload);
		const theirs = [...this.#clients.values()].filter(({ socket, pace }) => socket.data.visitor.actor?.username === username && pace.state !== "cut");
		for (const { socket } of theirs) socket.emit(event, ...([payload] as Parameters<ServerEvents[name]>));
		return theirs.length;
	}

	/** Throws what `connect_error` says. */
	async #admit(socket: ClientSocket): Promise<void> {
		const { authenticator, note, logger } = this.#options;
		if (!authenticator) throw new AppError("not-signed-in", 401, "Nobody can log in here.");
		const { headers, auth } = socket.handshake;
		const address = this.#proxies.clientOf(socket.request) ?? null;
		const visitor = new Visitor(authenticator, { headers: handshakeHeaders(headers, auth), address });
		socket.data.visitor = visitor;
		this.#visitors.set(visitor, socket);
		socket.conn.once("close", () => this.#visitors.delete(visitor));
		try {
			await visitor.identify(false);
		} catch (error) {
			this.#visitors.delete(visitor);
			if (!(error instanceof AppError)) logger.warn({ err: error }, "a dashboard can't be identified");
			else if (error.code !== "not-signed-in")
				await note?.({
					tag: "authorisation",
					operation: "live.connect",
					actor: { address, typedName: null },
					object: { type: "route", id: "/socket.io" },
					result: "refused",
					detail: { code: error.code, said: error.message },
				}).catch((cause: unknown) => logger.warn({ err: cause }, "a refusal could not be noted in the audit log"));
			throw error;
		}
	}

	/** Nothing more goes out by the old rights; what the new ones are is found out at once, and whoever is nobody now is disconnected. */
	#rightsChanged(visitor: Visitor, socket: ClientSocket): void {
		visitor.outdate();
		if (!visitor.actor) return;
		const client = this.#clients.get(socket.id);
		if (client) this.#leave(client);
		visitor.identify(true).then(
			(actor) => {
				const now = this.#clients.get(socket.id);
				if (!now || !socket.connected) return;
				this.#place(now, actor);
				socket.emit("notice", this.#notice("reload", "Your rights changed; fetch everything anew."));
			},
			() => socket.disconnect(true),
		);
	}

	/** What another process changed is seen here only by asking. */
	#look(): void {
		for (const [visitor, socket] of this.#visitors) {
			const before = visitor.actor;
			if (!before) continue;
			visitor.identify(true).then(
				(actor) => {
					if (rightsText(actor) !== rightsText(before)) this.#rightsChanged(visitor, socket);
				},
				(error: unknown) => {
					if (isOver(error)) socket.disconnect(true);
				},
			);
		}
	}

	/** Puts a client into the rooms of its rights. */
	#place(client: Client, actor: Actor): void {
		this.#leave(client);
		client.rooms = roomsFor(actor, client.site);
		if (client.pace.state !== "cut") void client.socket.join([...client.rooms.values()]);
	}

	#leave(client: Client): void {
		for (const room of client.rooms.values()) void client.socket.leave(room);
		client.rooms = new Map();
		client.missed.clear();
	}

	#welcome(socket: ClientSocket): void {
		// The session may have ended since it was let in.
		if (!socket.data.visitor.actor) {
			socket.disconnect(true);
			return;
		}
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
		const { actor } = socket.data.visitor;
		if (!actor) return { ok: false, error: "Log in first." };
		const before = this.#clients.get(socket.id);
		if (before) this.#leave(before);
		const pace: Pace = { state: "live", since: this.#options.clock.now() };
		const client: Client = { socket, outgoing, site, rooms: new Map(), pace, missed: new Map() };
		this.#clients.set(socket.id, client);
		this.#place(client, actor);
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
			for (const { name } of roomsOf(site, "reading"))
				this.#io?.to(name).except(held).emit("reading", { site, sentAt: this.#options.clock.now(), readings });
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
			const pending = client.rooms.has("reading") ? this.#pending.get(client.site) : undefined;
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
				void client.socket.join([...client.rooms.values()]);
				client.socket.emit("notice", this.#notice("reload", "The connection was too slow; fetch everything anew."));
			}
		}
		return apart;
	}

	#cut(client: Client): void {
		this.#cuts++;
		client.missed.clear();
		for (const room of client.rooms.values()) void client.socket.leave(room);
		this.#options.logger.info({ socket: client.socket.id }, "a dashboard fell behind; it will be told to reload");
	}

	/** Goes only to clients that keep up: what is queued would make a stalled page look alive later. */
	#beat(): void {
		for (const client of this.#clients.values()) if (client.pace.state === "live" && !client.outgoing.link().drained) this.#schedule();
		const late = [...this.#clients.values()].filter((client) => client.pace.state !== "live").map((client) => client.socket.id);
		const rooms = [...new Set([...this.#clients.values()].map((client) => client.rooms.get("notice")).filter((room) => room !== undefined))];
		if (rooms.length === 0) return;
		this.#io?.to(rooms).except(late).emit("notice", this.#notice("heartbeat", ""));
	}

	#notice(kind: NoticeEvent["kind"], text: string): NoticeEvent {
		return { kind, at: this.#options.clock.now(), text };
	}
}

/** What somebody may do, as one text to compare. */
function rightsText({ permissions }: Actor): string {
	const all = [...permissions].flatMap(([permission, sites]) => [...sites].map((site) => `${permission}@${site}`));
	return all.sort().join(" ");
}
