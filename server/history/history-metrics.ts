import type { Metrics } from "../platform/metrics.ts";
import type { History, HistoryCounters } from "./history.ts";

const COUNTS: readonly [keyof HistoryCounters, string, string][] = [
	["appended", "watchroom_history_readings_total", "Readings taken, durably"],
	["written", "watchroom_history_rows_written_total", "Rows that the store has taken, rollups and repeats included"],
	["writes", "watchroom_history_writes_total", "Writes to the store"],
	["retries", "watchroom_history_retries_total", "Writes that failed and are tried again"],
	["spooled", "watchroom_history_spooled_rows_total", "Rows that went through the spool"],
	["rejected", "watchroom_history_rejected_rows_total", "Rows that the store will never take, set aside"],
	["expired", "watchroom_history_expired_readings_total", "Readings older than the retention, not stored"],
];

/** Shows whether the store keeps up, and what waits for it. */
export function historyMetrics(metrics: Metrics, history: Pick<History, "counters" | "state">): void {
	for (const [count, name, help] of COUNTS) metrics.total(name, help, () => history.counters()[count]);
	metrics.gauge("watchroom_history_waiting_readings", "Readings taken but not yet in the store itself", () => history.state().waiting);
	metrics.gauge("watchroom_history_spool_bytes", "Bytes in the spool", () => history.state().spoolBytes);
	metrics.gauge("watchroom_history_up", "1 while the store answers", () => (history.state().status === "ok" ? 1 : 0));
}
