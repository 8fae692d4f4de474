/** What the API shows of notifications. */
import { z } from "zod";
import type { Page as ListPage } from "../../contracts/api.ts";
import { DUTY_PLACES } from "../../contracts/duty-plan.ts";
import { CHANNELS, type Channel } from "../../contracts/notification-policy.ts";
import type { DeliveryView, NotificationState, PageView } from "../../contracts/notifications.ts";
import type { Database } from "../platform/database/database.ts";
import { isoOf } from "../platform/database/instants.ts";
import { decodeCursor, pageOfRows } from "../platform/http/paging.ts";
import type { RosterService } from "../roster/roster-service.ts";
import * as sent from "./deliveries-store.ts";
import type { DeliveryService } from "./delivery-service.ts";
import { type Message, subjectOf } from "./message.ts";
import type { NotificationService } from "./notification-service.ts";
import * as store from "./notifications-store.ts";
import { type Page, pageKey } from "./page.ts";

export interface ViewOptions {
	database: Database;
	notifications: NotificationService;
	deliveries: DeliveryService;
	roster: RosterService;
	/** What a notification says, without what is for its receiver alone. */
	publicMessage: (notification: store.StoredNotification) => Message;
}
interface DeliveryFilter {
	alarm?: string | undefined;
	person?: string | undefined;
	channel?: Channel | undefined;
	state?: store.DeliveryState | undefined;
	limit: number;
	cursor?: string | undefined;
}

const positionSchema = z.object({ at: z.number(), id: z.uuid() });
const MOST_PAGES = 500;

/** Reads what was decided and delivered. */
export class NotificationViews {
	readonly #options: ViewOptions;

	constructor(options: ViewOptions) {
		this.#options = options;
	}

	/** The delivery log, the newest first. */
	async deliveries({ limit, cursor, ...filter }: DeliveryFilter): Promise<ListPage<DeliveryView>> {
		const rows = await sent.deliveries(this.#tables(), filter, decodeCursor(cursor, positionSchema), limit + 1);
		return pageOfRows(
			rows,
			limit,
			(row) => this.#delivery(row),
			({ delivery }) => ({ at: delivery.createdAt, id: delivery.id }),
		);
	}

	/** Of an alarm, the newest first; without one those that are open. At most 500. */
	async pages(alarm: string | undefined): Promise<PageView[]> {
		return (await store.pagesOf(this.#tables(), alarm, MOST_PAGES)).map(pageView);
	}

	/** Whether people are reached now. */
	async state(): Promise<NotificationState> {
		const { deliveries, roster, notifications } = this.#options;
		const figures = await sent.channelFigures(this.#tables());
		const channels = CHANNELS.map((channel): NotificationState["channels"][number] => {
			const { waiting = 0, lastDeliveredAt = null } = figures.get(channel) ?? {};
			const { failingSince, reason } = deliveries.health(channel);
			const status = failingSince === null ? (lastDeliveredAt === null ? "unused" : "ok") : "failing";
			return { channel, configured: deliveries.configured(channel), status, reason, lastDeliveredAt: isoOf(lastDeliveredAt), waiting };
		});
		const outside = channels.filter(({ channel, configured }) => configured && channel !== "dashboard");
		const { version, onDuty } = roster.view();
		const silent: NotificationState["silent"] = [
			...(outside.length === 0 ? ["no-channel" as const] : []),
			...(outside.length > 0 && outside.every(({ status }) => status === "failing") ? ["channels-failing" as const] : []),
			...(onDuty.length === 0 ? ["nobody-on-duty" as const] : []),
			...(notifications.unreached > 0 ? ["unreached" as const] : []),
		];
		return {
			channels,
			roster: version > 0,
			onDuty: onDuty.map(({ place, person, name }) => ({ place, person, name })),
			unreached: notifications.unreached,
			silent,
		};
	}

	#delivery({ delivery, notification }: { delivery: store.StoredDelivery; notification: store.StoredNotification }): DeliveryView {
		const { tries, createdAt, nextAt, endedAt, address, person, ...rest } = delivery;
		return {
			...rest,
			kind: notification.kind,
			priority: notification.priority,
			subject: subjectOf(this.#options.publicMessage(notification)),
			alarms: notification.alarms.map(({ id }) => id),
			count: notification.count,
			person,
			address: person === null || delivery.channel === "dashboard" ? null : address,
			tries: tries.map(({ at, ...tried }) => ({ at: isoOf(at), ...tried })),
			createdAt: isoOf(createdAt),
			nextAt: isoOf(nextAt),
			endedAt: isoOf(endedAt),
		};
	}

	#tables() {
		return this.#options.database.tables<store.NotificationTables>();
	}
}

function pageView({ alarm, occurrence, state, reason, step, openedAt, pagedAt, escalateAt }: Page): PageView {
	const over = state === "answered" || state === "returned" || state === "closed";
	return {
		id: pageKey(alarm, occurrence),
		alarm,
		occurrence,
		state: over ? "closed" : state,
		reason,
		place: DUTY_PLACES[step] ?? "shift-lead",
		openedAt: isoOf(openedAt),
		pagedAt: isoOf(pagedAt),
		escalatesAt: over ? null : isoOf(escalateAt),
	};
}
