import type { AlarmFeed } from "../alarms/alarm-feed.ts";
import type { AlarmService } from "../alarms/alarm-service.ts";
import type { OwnCondition } from "../alarms/own-conditions.ts";
import { notificationConditions } from "../alarms/own-conditions.ts";
import type { Audit } from "../audit/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/database.ts";
import type { Logger } from "../platform/logger.ts";
import type { ContactService } from "../roster/contact-service.ts";
import type { RosterService } from "../roster/roster-service.ts";
import type { WorldSource } from "../site/world-source.ts";
import type { NotificationChannel } from "./channels/channel.ts";
import { DeliveryService } from "./delivery-service.ts";
import { asOfNow, type Message } from "./message.ts";
import { NotificationService } from "./notification-service.ts";
import { NotificationViews } from "./notification-views.ts";
import type { NotificationTables, StoredNotification } from "./notifications-store.ts";
import { TEST_RULE } from "./page.ts";
import { type TestAlarmOptions, TestAlarms } from "./test-alarms.ts";
import { threadOf } from "./told-store.ts";

export interface NotificationPartOptions {
	/** With the rules in force: their receivers are told, also those of agreed rules. */
	world: WorldSource;
	database: Database;
	alarms: TestAlarmOptions["alarms"] & Pick<AlarmService, "report">;
	feed: AlarmFeed;
	roster: RosterService;
	contacts: ContactService;
	/** Usernames of those who lead shifts at all. */
	leads: () => Promise<readonly string[]>;
	channels: readonly NotificationChannel[];
	/** Address of the dashboard, without a slash at its end. */
	address: string;
	audit: Audit;
	clock: Clock;
	logger: Logger;
	/** `null`: nothing looks by itself; whoever built this calls `look` of the parts. */
	every?: null;
	nextRun?: TestAlarmOptions["nextRun"];
}

export interface NotificationPart {
	notifications: NotificationService;
	deliveries: DeliveryService;
	tests: TestAlarms;
	views: NotificationViews;
	/** The server's own conditions of this part. */
	conditions(now: number): OwnCondition[];
	/** After the alarms and the roster. */
	start(): Promise<void>;
	/** Idempotent. */
	stop(): Promise<void>;
}

/** The notifications, put together. */
export function notificationPart(options: NotificationPartOptions): NotificationPart {
	const { world, database, alarms, feed, roster, contacts, leads, channels, address, audit, clock, logger, every, nextRun } = options;
	const tests = new TestAlarms({ world, database, alarms, audit, clock, logger, ...(nextRun && { nextRun }) });
	const publicMessage = ({ id, kind, priority, alarms: told, count }: StoredNotification): Message => {
		const { id: site, timeZone, notifications: policy } = world.current().site;
		const { language } = policy;
		return { notification: id, thread: id, kind, priority, alarms: told, count, site, dashboard: address, confirm: null, timeZone, language };
	};
	const deliveries = new DeliveryService({
		database,
		channels,
		message: async (notification) => {
			const token = notification.group === TEST_RULE && notification.person !== null ? await tests.tokenOf(notification.person) : null;
			const thread = await threadOf(database.tables<NotificationTables>(), notification);
			const ids = notification.kind === "resolved" ? [] : notification.alarms.map(({ id }) => id);
			const told = asOfNow(notification.alarms, await feed.alarms(ids));
			return {
				...publicMessage(notification),
				alarms: told,
				thread,
				confirm: token === null ? null : `${address}/api/v1/notifications/proofs/${token}`,
			};
		},
		clock,
		logger,
	});
	const notifications = new NotificationService({
		world,
		database,
		feed,
		roster,
		contacts,
		leads,
		configured: (channel) => deliveries.configured(channel),
		made: () => {
			if (every !== null) deliveries.wake();
		},
		testTold: (...told) => tests.told(...told),
		clock,
		logger,
	});
	const outside = channels.map(({ name }) => name).filter((name) => name !== "dashboard");
	return {
		notifications,
		deliveries,
		tests,
		views: new NotificationViews({ database, notifications, deliveries, roster, publicMessage }),
		conditions: (now) => [
			...notificationConditions(
				notifications.unreached,
				outside.map((channel) => ({ channel, ...deliveries.health(channel) })),
				now,
			),
			...tests.conditions(),
		],
		async start() {
			await tests.start();
			if (every === null) return;
			notifications.start();
			deliveries.start();
		},
		async stop() {
			await notifications.stop();
			await tests.stop();
			await deliveries.stop();
		},
	};
}
