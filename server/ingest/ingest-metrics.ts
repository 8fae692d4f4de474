import type { Metrics } from "../platform/metrics.ts";
import type { IngestService, IngestStats } from "./ingest-service.ts";
import type { UplinkTransport } from "./uplink-transport.ts";

const COUNTS: readonly [keyof IngestStats, string, string][] = [
	["readings", "watchroom_ingest_readings_total", "Readings stored"],
	["lateReadings", "watchroom_ingest_late_readings_total", "Readings stored that came late"],
	["events", "watchroom_ingest_events_total", "Access, door and status events stored"],
	["batches", "watchroom_ingest_batches_total", "Batches stored"],
	["duplicates", "watchroom_ingest_duplicate_batches_total", "Batches that came again and were not worked on again"],
	["refused", "watchroom_ingest_refused_batches_total", "Batches that can never be stored"],
	["failed", "watchroom_ingest_failed_batches_total", "Batches not acknowledged because a store failed"],
	["unknownPoints", "watchroom_ingest_unknown_points_total", "Readings dropped because the site doesn't know the point"],
	["malformed", "watchroom_ingest_malformed_messages_total", "Messages of agents that could not be read"],
	["unknownAgents", "watchroom_ingest_unknown_agents_total", "Messages of agents that the site doesn't name"],
];

/** Shows what ingest counts, and how old the newest readings are when they are stored. */
export function ingestMetrics(metrics: Metrics, ingest: Pick<IngestService, "stats">, transport: Pick<UplinkTransport, "load">): void {
	for (const [count, name, help] of COUNTS) metrics.total(name, help, () => Number(ingest.stats()[count]));
	metrics.gauge("watchroom_ingest_messages_in_work", "Messages of agents in work", () => ingest.stats().inWork);
	metrics.gauge(
		"watchroom_ingest_lag_seconds",
		"Age of the newest reading of each agent when it was stored",
		() => Array.from(ingest.stats().lastLagMs, ([agent, lag]) => ({ labels: { agent }, value: lag / 1000 })),
		["agent"],
	);
	metrics.gauge("watchroom_uplink_work_bytes", "Bytes of agents' messages in work", () => transport.load().bytes);
	metrics.gauge("watchroom_uplink_held_receipts", "Messages whose receipt is held because too much is in work", () => transport.load().held);
}
