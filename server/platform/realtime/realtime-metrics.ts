import type { Metrics } from "../metrics.ts";
import type { SocketRealtime } from "./socket-realtime.ts";

/** Shows how many dashboards watch, and how often one fell behind. */
export function realtimeMetrics(metrics: Metrics, realtime: Pick<SocketRealtime, "state">): void {
	metrics.gauge("watchroom_dashboards", "Dashboards that watch a site", () => realtime.state().clients);
	metrics.total("watchroom_dashboard_reloads_total", "Times that a dashboard fell behind and was told to reload", () => realtime.state().cuts);
}
