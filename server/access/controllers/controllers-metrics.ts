import { CONTROLLER_STATES } from "../../../contracts/controllers.ts";
import type { Metrics } from "../../platform/metrics.ts";
import type { ControllerService } from "./controller-service.ts";
import { stateOf } from "./controller-state.ts";

/** Shows how the controllers' lists agree with what was granted. */
export function controllersMetrics(metrics: Metrics, controllers: Pick<ControllerService, "stats">, now: () => number): void {
	metrics.gauge(
		"watchroom_controllers",
		"Door controllers by the state of their access lists",
		() => {
			const { records } = controllers.stats();
			return CONTROLLER_STATES.map((state) => ({ labels: { state }, value: records.filter((record) => stateOf(record) === state).length }));
		},
		["state"],
	);
	metrics.gauge("watchroom_removals_unconfirmed", "Removals of access that a controller has not confirmed", () =>
		[...controllers.stats().open.values()].reduce((sum, { count }) => sum + count, 0),
	);
	metrics.gauge(
		"watchroom_removals_oldest_unconfirmed_seconds",
		"Age of the oldest decision that a controller has not confirmed; 0 without any",
		() => {
			const oldest = [...controllers.stats().open.values()].map((open) => open.oldest);
			return oldest.length === 0 ? 0 : Math.max(0, now() - Math.min(...oldest)) / 1000;
		},
	);
	metrics.total("watchroom_removals_confirmed_total", "Removals confirmed by this server", () => controllers.stats().confirmed);
}
