import type { Metrics } from "../platform/metrics.ts";
import type { AccessService } from "./access-service.ts";

/** Shows what happens at the doors, and what of it never arrived. */
export function accessMetrics(metrics: Metrics, access: Pick<AccessService, "stats">): void {
	metrics.total("watchroom_access_events_total", "Access events stored", () => access.stats().accessEvents);
	metrics.total("watchroom_access_denied_total", "Access events that were denied", () => access.stats().denied);
	metrics.total("watchroom_door_events_total", "Door events stored", () => access.stats().doorEvents);
	metrics.total("watchroom_access_late_events_total", "Access and door events that came late", () => access.stats().late);
	metrics.total("watchroom_access_duplicate_events_total", "Events that came again", () => access.stats().duplicates);
	metrics.total(
		"watchroom_access_conflicting_events_total",
		"Events whose number the device had used for another one",
		() => access.stats().conflicts,
	);
	metrics.total("watchroom_access_sequence_gaps_total", "Gaps noticed in devices' event numbers", () => access.stats().gaps);
}
