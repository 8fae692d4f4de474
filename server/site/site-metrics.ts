import type { Metrics } from "../platform/metrics.ts";
import type { Agents } from "./agents.ts";
import type { Devices } from "./devices.ts";
import type { LivePoints } from "./live-points.ts";
import type { Quarantine } from "./quarantine.ts";

export interface SiteMetricsOptions {
	points: Pick<LivePoints, "qualities">;
	devices: Pick<Devices, "list">;
	agents: Pick<Agents, "list">;
	quarantine: Pick<Quarantine, "dropped">;
}

/** Shows how the watched world does: points by quality, devices by status, and how full the agents' outboxes are. */
export function siteMetrics(metrics: Metrics, { points, devices, agents, quarantine }: SiteMetricsOptions): void {
	metrics.gauge(
		"watchroom_points",
		"Points by the quality of their newest value",
		() => Object.entries(points.qualities()).map(([quality, value]) => ({ labels: { quality }, value })),
		["quality"],
	);
	metrics.gauge(
		"watchroom_devices",
		"Devices by status",
		() => {
			const counts = { online: 0, offline: 0, unknown: 0 };
			for (const { status } of devices.list()) counts[status]++;
			return Object.entries(counts).map(([status, value]) => ({ labels: { status }, value }));
		},
		["status"],
	);
	metrics.total("watchroom_device_rejected_total", "Payloads that the agents refused", () => total(devices.list().map(({ rejected }) => rejected)));
	metrics.total("watchroom_device_accepted_total", "Payloads that the agents accepted", () => total(devices.list().map(({ accepted }) => accepted)));
	metrics.total("watchroom_quarantine_dropped_total", "Refused payloads that could not be stored for an operator to read", () => quarantine.dropped);
	const perAgent = (kind: "gauge" | "total", name: string, help: string, value: (agent: ReturnType<Agents["list"]>[number]) => number) =>
		metrics[kind](name, help, () => agents.list().map((agent) => ({ labels: { agent: agent.id }, value: value(agent) })), ["agent"]);
	perAgent("gauge", "watchroom_agent_up", "1 while the agent is heard", ({ status }) => (status === "online" ? 1 : 0));
	perAgent("gauge", "watchroom_agent_outbox_batches", "Batches that wait in the agent", ({ outbox }) => outbox.batches);
	perAgent("gauge", "watchroom_agent_outbox_bytes", "Size of what waits in the agent", ({ outbox }) => outbox.bytes);
	perAgent(
		"total",
		"watchroom_agent_dropped_readings_total",
		"Readings that the agent dropped because its outbox was full",
		({ dropped }) => dropped,
	);
	perAgent(
		"total",
		"watchroom_agent_rejected_unknown_total",
		"Payloads of devices that the agent doesn't know",
		({ rejectedUnknown }) => rejectedUnknown,
	);
}

function total(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0);
}
