import type { Clock } from "../platform/clock.ts";
import type { Metrics } from "../platform/metrics.ts";
import type { LinksService } from "./links-service.ts";

/** Shows how long certificates still hold, and what was refused on the links. */
export function linksMetrics(metrics: Metrics, links: Pick<LinksService, "expiries" | "refusals">, clock: Clock): void {
	metrics.gauge(
		"watchroom_certificate_days_left",
		"Days until a certificate or token in use ends",
		() => links.expiries().map(({ of, name, expiresAt }) => ({ labels: { of, name }, value: (expiresAt - clock.now()) / 86_400_000 })),
		["of", "name"],
	);
	metrics.total(
		"watchroom_link_refusals_total",
		"Connections, topics and subscriptions refused to agents and devices",
		() => Array.from(links.refusals, ([kind, value]) => ({ labels: { kind }, value })),
		["kind"],
	);
}
