import type { RealtimeEvents } from "../../contracts/realtime.ts";

/** Pushes events to the dashboards that watch a site. Never blocks and never throws; a slow client is told to reload. */
export interface Realtime {
	publish<name extends keyof RealtimeEvents>(site: string, event: name, payload: RealtimeEvents[name]): void;
}
