/**
 * The link to the server as the operator must see it: what is on the screen is live only while the server says so.
 * Pure: every function takes the time (Unix ms of this machine) as an argument.
 */

/** Nothing heard for this long means that the link is lost (the server speaks every second). */
export const SILENCE_LIMIT_MS = 4000;
/** How many heartbeats the server's clock is judged by. */
const CLOCK_SAMPLES = 10;

export interface Connection {
	/** `connecting` only before the first contact; after that the link is either `live` or `lost`. */
	phase: "connecting" | "live" | "lost";
	/** The socket is open and has joined the site. */
	joined: boolean;
	/** When the phase began. */
	since: number;
	/** When the server was last heard; `null` before the first time. */
	heardAt: number | null;
	/** Grows each time that everything must be fetched anew. */
	generation: number;
	/** Server clock minus this machine's clock, ms. */
	clockOffset: number;
	/** Offsets of the last heartbeats, newest last. */
	offsets: readonly number[];
}

export type ConnectionEvent =
	| { type: "joined" }
	| { type: "disconnected" }
	/** `serverTime`: the heartbeat's `at`, Unix ms. */
	| { type: "heartbeat"; serverTime: number }
	| { type: "heard" }
	| { type: "reload" }
	| { type: "tick" };

export function initialConnection(now: number): Connection {
	return { phase: "connecting", joined: false, since: now, heardAt: null, generation: 0, clockOffset: 0, offsets: [] };
}

/** The state after `event`. The same object when nothing changed. */
export function nextConnection(state: Connection, event: ConnectionEvent, now: number): Connection {
	switch (event.type) {
		case "joined":
			// Everything may have changed while nobody listened, so each join starts a new generation.
			return toLive({ ...state, joined: true, heardAt: now, generation: state.generation + 1 }, now);
		case "heartbeat":
			return heard(withServerTime(state, event.serverTime, now), now);
		case "heard":
			return heard(state, now);
		case "disconnected":
			return state.phase === "connecting" ? { ...state, joined: false } : toLost({ ...state, joined: false }, now);
		case "reload":
			return { ...state, generation: state.generation + 1 };
		case "tick": {
			const silentSince = state.heardAt ?? state.since;
			return state.phase !== "lost" && now - silentSince >= SILENCE_LIMIT_MS ? toLost(state, now) : state;
		}
	}
}

/** Since when nothing has been heard, Unix ms of this machine. */
export function silentSince(state: Connection): number {
	return state.heardAt ?? state.since;
}

function heard(state: Connection, now: number): Connection {
	if (!state.joined) return state;
	const missedSomething = state.phase === "lost";
	return toLive({ ...state, heardAt: now, generation: missedSomething ? state.generation + 1 : state.generation }, now);
}

function toLive(state: Connection, now: number): Connection {
	return state.phase === "live" ? state : { ...state, phase: "live", since: now };
}

function toLost(state: Connection, now: number): Connection {
	return state.phase === "lost" ? state : { ...state, phase: "lost", since: now };
}

/** Of several samples the largest offset had the shortest way, and so comes nearest to the truth. */
function withServerTime(state: Connection, serverTime: number, now: number): Connection {
	const offsets = [...state.offsets, serverTime - now].slice(-CLOCK_SAMPLES);
	return { ...state, offsets, clockOffset: Math.max(...offsets) };
}
