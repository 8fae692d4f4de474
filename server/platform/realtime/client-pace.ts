/** How fast a dashboard gets its readings: whether the next ones go out now, wait, or are given up for a reload. */

/** A client that has held this much, or for this long, gets nothing more until its connection has drained. */
export const BUFFER_LIMIT_BYTES = 4 * 1024 * 1024;
export const BEHIND_LIMIT_MS = 5_000;

export interface Pace {
	/** `live`: gets everything; `holding`: its newest values wait here; `cut`: gets nothing, and a reload once it has drained. */
	state: "live" | "holding" | "cut";
	/** When it was last up to date, Unix ms. */
	since: number;
}

export interface Link {
	/** True when all that was sent has left for the network. */
	drained: boolean;
	/** Bytes that wait in this process for the client. */
	waitingBytes: number;
}

/** What to do with the client now: `reload` asks it to fetch everything anew. */
export interface PaceStep {
	pace: Pace;
	act: "send" | "hold" | "cut" | "reload" | "nothing";
}

/**
 * | state    | drained          | not drained                              |
 * |----------|------------------|------------------------------------------|
 * | live     | send             | hold; cut beyond 4 MB                    |
 * | holding  | send -> live     | hold; cut after 5 s or beyond 4 MB       |
 * | cut      | reload -> live   | nothing                                  |
 */
export function nextPace(pace: Pace, link: Link, now: number): PaceStep {
	if (link.drained) return { pace: { state: "live", since: now }, act: pace.state === "cut" ? "reload" : "send" };
	if (pace.state === "cut") return { pace, act: "nothing" };
	const since = pace.state === "live" ? now : pace.since;
	const isLost = now - since > BEHIND_LIMIT_MS || link.waitingBytes > BUFFER_LIMIT_BYTES;
	return isLost ? { pace: { state: "cut", since }, act: "cut" } : { pace: { state: "holding", since }, act: "hold" };
}
