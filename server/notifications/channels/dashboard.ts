import type { PersonalRealtime } from "../../platform/realtime-port.ts";
import { subjectOf } from "../message.ts";
import type { TryResult } from "../retry.ts";
import type { NotificationChannel, Outgoing } from "./channel.ts";

/** How soon it is tried again whether somebody has opened the dashboard, ms. */
const LOOK_EVERY = 15_000;

/** The person's open dashboards. Somebody who has none open is told when they open one, as long as it is tried. */
export class DashboardChannel implements NotificationChannel {
	readonly name = "dashboard";
	readonly #realtime: PersonalRealtime;

	constructor(realtime: PersonalRealtime) {
		this.#realtime = realtime;
	}

	async send({ id, at, address, message }: Outgoing): Promise<TryResult> {
		const { notification, kind, priority, count, alarms, confirm } = message;
		const told = this.#realtime.publishTo(address, "notification", {
			id,
			notification,
			at,
			kind,
			priority,
			count,
			subject: subjectOf(message),
			alarms: alarms.map((alarm) => alarm.id),
			confirm: confirm === null ? null : new URL(confirm).pathname,
		});
		if (told > 0) return { result: "delivered", detail: `${told} open` };
		return { result: "temporary", reason: "no dashboard open", every: LOOK_EVERY };
	}
}
