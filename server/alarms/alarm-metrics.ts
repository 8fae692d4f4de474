import type { Metrics } from "../platform/metrics.ts";
import type { AlarmService } from "./alarm-service.ts";

/** Shows how many alarms there are, and whether their evaluation and recording keep up. */
export function alarmMetrics(metrics: Metrics, alarms: Pick<AlarmService, "stats" | "summary">): void {
	const byPriority = (figures: Record<string, number>) => Object.entries(figures).map(([priority, value]) => ({ labels: { priority }, value }));
	metrics.gauge("watchroom_alarms_open", "Alarms not in state normal", () => byPriority(alarms.stats().open), ["priority"]);
	metrics.gauge("watchroom_alarms_active", "Alarms whose condition holds", () => byPriority(alarms.stats().active), ["priority"]);
	metrics.gauge(
		"watchroom_alarms_aside",
		"Alarms that are shelved, suppressed by design or out of service",
		() => {
			const { shelved, suppressed, outOfService } = alarms.summary();
			return Object.entries({ shelved, suppressed, "out-of-service": outOfService }).map(([state, value]) => ({ labels: { state }, value }));
		},
		["state"],
	);
	metrics.total(
		"watchroom_alarm_transitions_total",
		"Transitions recorded",
		() => Object.entries(alarms.stats().transitions).map(([kind, value]) => ({ labels: { kind }, value })),
		["kind"],
	);
	metrics.total("watchroom_alarm_evaluations_total", "Evaluations of a rule on a reading", () => alarms.stats().evaluations);
	metrics.total("watchroom_alarm_late_readings_total", "Late readings evaluated", () => alarms.stats().lateReadings);
	metrics.gauge("watchroom_alarm_transitions_waiting", "Transitions waiting for the database", () => alarms.stats().waiting);
	metrics.gauge("watchroom_alarm_commit_lag_seconds", "From evaluation to commit of the newest transition", () => alarms.stats().commitLagMs / 1000);
}
