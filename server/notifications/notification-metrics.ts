import { CHANNELS } from "../../contracts/notification-policy.ts";
import type { Metrics } from "../platform/metrics.ts";
import type { NotificationPart } from "./notifications.ts";

/** Shows whether people are reached. */
export function notificationMetrics(metrics: Metrics, { notifications, deliveries }: Pick<NotificationPart, "notifications" | "deliveries">): void {
	metrics.gauge("watchroom_notifications_unreached", "Alarms that wait for an answer and have reached nobody", () => notifications.unreached);
	metrics.gauge(
		"watchroom_notification_channel_failing",
		"1 while every message by the channel fails; channels that are not set are missing",
		() =>
			CHANNELS.filter((channel) => deliveries.configured(channel)).map((channel) => ({
				labels: { channel },
				value: deliveries.health(channel).failingSince === null ? 0 : 1,
			})),
		["channel"],
	);
}
