import type { QueryClient } from "@tanstack/react-query";
import { io, type Socket } from "socket.io-client";
import { z } from "zod";
import type { FindingView } from "../../../contracts/access.ts";
import type { AccessEventView, Agent, Alarm, DoorEventView } from "../../../contracts/api.ts";
import type { LiveReading, NotificationEvent } from "../../../contracts/realtime.ts";
import { findingsQuery, withFindings } from "../api/access.ts";
import { accessFeedQuery, agentsQuery, doorsQuery, FEED_LENGTH, fetchOpenAlarms, healthQuery, pointsQuery, sitesQuery } from "../api/queries.ts";
import { isUnacknowledged, withAlarms, withFetched } from "./alarm-book.ts";
import { withCall } from "./calls.ts";
import { type ConnectionEvent, nextConnection } from "./connection.ts";
import { withAccessEvents, withAgents, withDoorEvents } from "./feeds.ts";
import { FrameQueue } from "./frame-queue.ts";
import { parseEvent, readingsOf } from "./live-events.ts";
import type { LiveStore } from "./live-state.ts";
import type { ReadingStore } from "./reading-store.ts";

const joinedSchema = z.object({ ok: z.boolean() });
const JOIN_TIMEOUT_MS = 4000;
/** Twice a second, so that a lost link shows well within five seconds; clocks on the screen move once a second. */
const TICK_MS = 500;
const JOIN_PATIENCE_MS = 2000;

interface Pending {
	readings: LiveReading[];
	alarms: Alarm[];
	access: AccessEventView[];
	findings: FindingView[];
	doors: DoorEventView[];
	agents: Agent[];
}
const nothing = (): Pending => ({ readings: [], alarms: [], access: [], findings: [], doors: [], agents: [] });

/** For whom the link is. */
export interface Viewer {
	/** Whether they may see alarms; what they may not see isn't asked for. */
	alarms: boolean;
	/** Called when the server says that nobody is signed in any more. */
	signedOut: () => void;
}

/**
 * Keeps the stores in step with the server: the socket's events on top of what was fetched, everything fetched anew whenever
 * something may have been missed. Events are collected and applied once per frame.
 */
export class LiveLink {
	readonly #site: string;
	readonly #viewer: Viewer;
	readonly #queries: QueryClient;
	readonly #readings: ReadingStore;
	readonly #state: LiveStore;
	readonly #frame = new FrameQueue(() => this.#apply());
	#socket: Socket | null = null;
	#ticker: ReturnType<typeof setInterval> | null = null;
	#unjoined: ReturnType<typeof setTimeout> | undefined;
	#fetching: AbortController | null = null;
	/** Alarms that were pushed while the list was being fetched. */
	#pushed = new Set<string>();
	#pending = nothing();

	/** Ids of calls that were shown. */
	readonly #known = new Set<string>();

	constructor(site: string, queries: QueryClient, readings: ReadingStore, state: LiveStore, viewer: Viewer) {
		this.#viewer = viewer;
		this.#site = site;
		this.#queries = queries;
		this.#readings = readings;
		this.#state = state;
	}

	/** Connects and keeps on connecting until {@link stop}. */
	start(): void {
		if (this.#socket) return;
		const socket = io({
			transports: ["websocket", "polling"],
			reconnectionDelay: 300,
			reconnectionDelayMax: 2000,
			randomizationFactor: 0.3,
			timeout: 4000,
		});
		this.#socket = socket;
		socket.on("connect", () => this.#join(socket));
		socket.on("connect_error", (error) => error.message === "not-signed-in" && this.#viewer.signedOut());
		socket.on("disconnect", (reason) => {
			this.#step({ type: "disconnected" });
			if (reason !== "io server disconnect") return;
			// The server ends the links of a session that is over or has other rights now.
			this.#viewer.signedOut();
			setTimeout(() => socket === this.#socket && socket.connect(), 1000);
		});
		socket.on("reading", (payload: unknown) => {
			for (const reading of readingsOf(payload)) this.#pending.readings.push(reading);
			this.#collected();
		});
		socket.on("alarm", (payload: unknown) => this.#collect(this.#pending.alarms, parseEvent("alarm", payload)));
		socket.on("access", (payload: unknown) => this.#collect(this.#pending.access, parseEvent("access", payload)));
		socket.on("door", (payload: unknown) => this.#collect(this.#pending.doors, parseEvent("door", payload)));
		socket.on("agent", (payload: unknown) => this.#collect(this.#pending.agents, parseEvent("agent", payload)));
		socket.on("finding", (payload: unknown) => this.#collect(this.#pending.findings, parseEvent("finding", payload)));
		socket.on("notification", (payload: unknown) => this.#called(parseEvent("notification", payload)));
		socket.on("notice", (payload: unknown) => this.#notice(payload));
		this.#ticker = setInterval(() => this.#tick(), TICK_MS);
		// Whoever can't join still wants to see what can be fetched.
		this.#unjoined = setTimeout(() => void this.refetch(), JOIN_PATIENCE_MS);
	}

	/** Closes the link. May be called again. */
	stop(): void {
		this.#socket?.disconnect();
		this.#socket = null;
		if (this.#ticker) clearInterval(this.#ticker);
		this.#ticker = null;
		clearTimeout(this.#unjoined);
		this.#fetching?.abort();
		this.#frame.stop();
	}

	/** Fetches everything anew. */
	async refetch(): Promise<void> {
		this.#fetching?.abort();
		const fetching = new AbortController();
		this.#fetching = fetching;
		this.#pushed = new Set();
		const others = this.#queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "points" && queryKey[0] !== "doors" });
		try {
			const alarms = !this.#viewer.alarms ? [] : await fetchOpenAlarms(fetching.signal);
			this.#state.setState((state) => ({ alarms: withFetched(state.alarms, alarms, this.#pushed), alarmsError: null }));
		} catch (error) {
			if (!fetching.signal.aborted) this.#state.setState({ alarmsError: error });
		}
		await Promise.allSettled([others, this.#fetchPoints(), this.#fetchDoors()]);
	}

	/** Takes over an alarm that came as the answer to a request. */
	put(alarm: Alarm): void {
		this.#collect(this.#pending.alarms, alarm);
	}

	/** The person has seen a call. */
	putAway(id: string): void {
		this.#state.setState(({ calls }) => ({ calls: calls.filter((call) => call.id !== id) }));
	}

	/** What comes twice is shown once. */
	#called(call: NotificationEvent | null): void {
		if (call === null || this.#known.has(call.id)) return;
		this.#known.add(call.id);
		this.#state.setState(({ calls }) => ({ calls: withCall(calls, call) }));
	}

	#join(socket: Socket): void {
		socket.timeout(JOIN_TIMEOUT_MS).emit("watch", { site: this.#site }, (error: Error | null, answer: unknown) => {
			if (socket !== this.#socket || !socket.connected) return;
			const joined = joinedSchema.safeParse(answer);
			if (error || !joined.success || !joined.data.ok) {
				// The server may still be starting; a fresh connection asks again.
				setTimeout(() => socket === this.#socket && socket.disconnect().connect(), 1000);
				return;
			}
			clearTimeout(this.#unjoined);
			this.#step({ type: "joined" });
		});
	}

	#notice(payload: unknown): void {
		const notice = parseEvent("notice", payload);
		if (!notice) return;
		if (notice.kind === "heartbeat") this.#step({ type: "heartbeat", serverTime: notice.at });
		else if (notice.kind === "storage") void this.#queries.invalidateQueries({ queryKey: healthQuery.queryKey });
		else if (notice.kind === "site-file-broken") void this.#queries.invalidateQueries({ queryKey: sitesQuery.queryKey });
		else this.#step({ type: "reload" });
	}

	#step(event: ConnectionEvent): void {
		const before = this.#state.getState().connection;
		const connection = nextConnection(before, event, Date.now());
		if (connection === before) return;
		this.#state.setState({ connection });
		if (connection.generation !== before.generation) void this.refetch();
	}

	#tick(): void {
		this.#step({ type: "tick" });
		const { connection, now: shown } = this.#state.getState();
		const now = Date.now() + connection.clockOffset;
		if (Math.floor(now / 1000) === Math.floor(shown / 1000)) return;
		this.#state.setState({ now });
		this.#readings.sweep(now);
		this.#frame.request();
	}

	#collect<T>(list: T[], event: T | null): void {
		if (event === null) return;
		list.push(event);
		this.#collected();
	}

	#collected(): void {
		this.#step({ type: "heard" });
		this.#frame.request();
	}

	#apply(): void {
		const { readings, alarms, access, findings, doors, agents } = this.#pending;
		this.#pending = nothing();
		this.#readings.apply(readings);
		if (doors.length > 0) {
			this.#applyDoors(doors);
			this.#queries.setQueryData(doorsQuery.queryKey, (known) => known && withDoorEvents(known, doors));
		}
		this.#readings.flush();
		if (alarms.length > 0) this.#applyAlarms(alarms);
		if (access.length > 0) this.#queries.setQueryData(accessFeedQuery.queryKey, (feed) => feed && withAccessEvents(feed, access, FEED_LENGTH));
		if (findings.length > 0) this.#queries.setQueryData(findingsQuery.queryKey, (known) => known && withFindings(known, findings));
		if (agents.length > 0) this.#queries.setQueryData(agentsQuery.queryKey, (known) => known && withAgents(known, agents));
	}

	#applyAlarms(alarms: readonly Alarm[]): void {
		for (const alarm of alarms) this.#pushed.add(alarm.id);
		const before = this.#state.getState().alarms;
		const critical = alarms.findLast(
			(alarm) => alarm.priority === "critical" && alarm.active && isUnacknowledged(alarm) && !before.byId.get(alarm.id)?.active,
		);
		this.#state.setState({
			alarms: withAlarms(before, alarms),
			...(critical ? { announced: { id: `${critical.id} ${critical.version}`, text: critical.message } } : {}),
		});
	}

	/** A door's state is a point too; the event may be the first to bring it. */
	#applyDoors(doors: readonly DoorEventView[]): void {
		const points = this.#doorPoints();
		this.#readings.apply(
			doors.flatMap((event): LiveReading[] => {
				const point = points.get(event.door);
				return point ? [[point, event.state, "good", Date.parse(event.ts), Date.parse(event.receivedAt)]] : [];
			}),
		);
	}

	#doorPoints(): Map<string, string> {
		const sites = this.#queries.getQueryData(sitesQuery.queryKey) ?? [];
		return new Map(sites.flatMap((site) => site.doors.map((door) => [door.id, door.point] as const)));
	}

	async #fetchPoints(): Promise<void> {
		const points = await this.#queries.fetchQuery({ ...pointsQuery, staleTime: 0 });
		this.#readings.load(points);
		this.#frame.request();
	}

	async #fetchDoors(): Promise<void> {
		const doors = await this.#queries.fetchQuery({ ...doorsQuery, staleTime: 0 });
		const points = this.#doorPoints();
		for (const door of doors) {
			const point = points.get(door.id);
			if (point && door.state && door.since) this.#readings.apply([[point, door.state, "good", Date.parse(door.since), Date.parse(door.since)]]);
		}
		this.#frame.request();
	}
}
