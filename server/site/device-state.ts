import { z } from "zod";
import { type DeviceCounters, UNUSABLE_CLOCKS } from "../../contracts/uplink.ts";
import { count, totalSchema, ZERO } from "./total.ts";

/** What is known of a device from heartbeats and status messages. Times in Unix ms. */
export const deviceStateSchema = z.object({
	/** Start of the agent's run that the counters are of. */
	startedAt: z.number(),
	status: z.enum(["online", "offline", "unknown"]),
	/** When it had this status. */
	statusAt: z.number(),
	/** When it last went offline: what it said before is no longer so. */
	offlineAt: z.number().nullable().default(null),
	lastSeen: z.number().nullable(),
	accepted: totalSchema,
	rejected: totalSchema,
	sequenceGaps: totalSchema,
	clockSkewMs: z.number().nullable(),
	/** Why the times that it sends can't be used. */
	unusableClock: z.enum(UNUSABLE_CLOCKS).nullable().default(null),
});
export type DeviceState = z.output<typeof deviceStateSchema>;

export const UNHEARD: DeviceState = {
	startedAt: 0,
	status: "unknown",
	statusAt: 0,
	offlineAt: null,
	lastSeen: null,
	accepted: ZERO,
	rejected: ZERO,
	sequenceGaps: ZERO,
	clockSkewMs: null,
	unusableClock: null,
};

/** Takes over a device's counters from a heartbeat; one of an earlier run of the agent changes nothing. */
export function takeCounters(state: DeviceState, counters: DeviceCounters, heartbeat: { startedAt: number; sentAt: number }): DeviceState {
	if (heartbeat.startedAt < state.startedAt) return state;
	const restarted = heartbeat.startedAt > state.startedAt;
	const next: DeviceState = {
		...state,
		startedAt: heartbeat.startedAt,
		lastSeen: latest(state.lastSeen, counters.lastSeen),
		accepted: count(state.accepted, counters.accepted, restarted),
		rejected: count(state.rejected, counters.rejected, restarted),
		sequenceGaps: count(state.sequenceGaps, counters.sequenceGaps, restarted),
		clockSkewMs: counters.clockSkewMs ?? state.clockSkewMs,
		unusableClock: counters.unusableClock === undefined ? state.unusableClock : counters.unusableClock,
	};
	const repeated = counters.status === "offline" && next.status === "offline" && heartbeat.sentAt >= next.statusAt;
	if (repeated) return { ...next, statusAt: heartbeat.sentAt };
	return heartbeat.sentAt < next.statusAt ? next : takeStatus(next, counters.status, heartbeat.sentAt);
}

/** Takes over a status unless a newer one is known. One that comes late tells all the same when the device was away. */
export function takeStatus(state: DeviceState, status: DeviceState["status"], at: number): DeviceState {
	const offlineAt = status === "offline" ? latest(state.offlineAt, at) : state.offlineAt;
	return at < state.statusAt ? { ...state, offlineAt } : { ...state, status, statusAt: at, offlineAt };
}

/** What a device said up to then is no longer so, by the agent's clock, Unix ms; `null`: it has not been offline. */
export function voidUntil({ status, offlineAt }: DeviceState): number | null {
	// What came in the same instant is from before it went while it is offline, and from after it is back once it is.
	return offlineAt === null || status === "offline" ? offlineAt : offlineAt - 1;
}

function latest(one: number | null, other: number | null): number | null {
	if (one === null || other === null) return one ?? other;
	return Math.max(one, other);
}
