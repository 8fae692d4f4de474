import type { RealtimeEvents } from "../../contracts/realtime.ts";

/** Pushes events to the dashboards that watch a site. Never blocks and never throws; a slow client is told to reload. */
export interface Realtime {
	publish<name extends keyof RealtimeEvents>(site: string, event: name, payload: RealtimeEvents[name]): void;
}

/** Pushes events to one person. Never blocks and never throws. */
export interface PersonalRealtime {
	/** To how many open dashboards it went that keep up. */
	publishTo<name extends keyof RealtimeEvents>(username: string, event: name, payload: RealtimeEvents[name]): number;
}
