import type { Channel } from "../../contracts/notification-policy.ts";
import type { NotificationChannel, Outgoing } from "../../server/notifications/channels/channel.ts";
import type { TryResult } from "../../server/notifications/retry.ts";

/** A channel in memory that keeps what it is given, and says of it what `result` says. */
export function recordingChannel(name: Channel): NotificationChannel & { sent: Outgoing[]; result: TryResult } {
	const channel = {
		name,
		sent: [] as Outgoing[],
		result: { result: "delivered", detail: "kept" } as TryResult,
		async send(outgoing: Outgoing) {
			channel.sent.push(outgoing);
			return channel.result;
		},
	};
	return channel;
}
