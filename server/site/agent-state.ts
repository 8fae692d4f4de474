import { z } from "zod";
import type { Heartbeat } from "../../contracts/uplink.ts";
import { count, totalSchema, ZERO } from "./total.ts";

/** Silence after which an agent counts as offline, ms. */
export const HEARTBEAT_LIMIT = 10_000;

/** What is known of an agent that outlives a restart of the server. Times in Unix ms, of the server's clock but for `startedAt`. */
export const agentStateSchema = z.object({
	startedAt: z.number(),
	lastSeen: z.number().nullable(),
	outbox: z.object({ batches: z.number(), bytes: z.number(), oldest: z.number().nullable() }),
	dropped: totalSchema,
	rejectedUnknown: totalSchema,
	/** Device time of the newest reading that came from it. */
	newestReading: z.number().nullable(),
});
export type AgentState = z.output<typeof agentStateSchema>;

export const UNHEARD: AgentState = {
	startedAt: 0,
	lastSeen: null,
	outbox: { batches: 0, bytes: 0, oldest: null },
	dropped: ZERO,
	rejectedUnknown: ZERO,
	newestReading: null,
};

/** Takes over a heartbeat received at `now`; one of an earlier run of the agent changes nothing. */
export function takeHeartbeat(state: AgentState, heartbeat: Heartbeat, now: number): AgentState {
	if (heartbeat.startedAt < state.startedAt) return state;
	return {
		startedAt: heartbeat.startedAt,
		lastSeen: now,
		outbox: heartbeat.outbox,
		// Counted since the outbox was made, and so over restarts of the agent: it is lower only in a new outbox.
		dropped: count(state.dropped, heartbeat.dropped, heartbeat.startedAt > state.startedAt && heartbeat.dropped < state.dropped.now),
		rejectedUnknown: count(state.rejectedUnknown, heartbeat.rejectedUnknown, heartbeat.startedAt > state.startedAt),
		newestReading: state.newestReading,
	};
}

/** What was heard of an agent since the server started. */
export interface AgentLink {
	/** The newest heartbeat, Unix ms; `null` before the first. */
	heardAt: number | null;
	/** Its last will has come, and no heartbeat since. */
	gone: boolean;
}

/** An agent is offline on its last will or after {@link HEARTBEAT_LIMIT} without a heartbeat; unknown while that time runs after the server's start. */
export function agentStatus(link: AgentLink, watchedSince: number, now: number): "online" | "offline" | "unknown" {
	if (link.gone) return "offline";
	if (link.heardAt !== null) return now - link.heardAt <= HEARTBEAT_LIMIT ? "online" : "offline";
	return now - watchedSince <= HEARTBEAT_LIMIT ? "unknown" : "offline";
}
