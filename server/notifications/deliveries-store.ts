/** What has been sent to whom, and what became of it: notifications and their deliveries. */
import { type Selectable, sql } from "kysely";
import { prioritySchema } from "../../contracts/kinds.ts";
import type { Channel } from "../../contracts/notification-policy.ts";
import { dateOf, msOf } from "../platform/database/instants.ts";
import {
	chunks,
	type DeliveriesTable,
	type DeliveryState,
	type NotificationTables,
	type StoredDelivery,
	type StoredNotification,
	type StoredTry,
	type Tables,
	typed,
} from "./notifications-store.ts";

export async function addNotification(
	tables: Tables,
	{ group, at, alarms, ...rest }: StoredNotification,
	occurrences: readonly { alarm: string; occurrence: number }[],
): Promise<void> {
	await typed(tables)
		.insertInto("notifications")
		.values({ ...rest, group_key: group, alarms: sql`${JSON.stringify(alarms)}::jsonb`, at: dateOf(at) })
		.execute();
	for (const rows of chunks(occurrences))
		await typed(tables)
			.insertInto("notification_alarms")
			.values(rows.map((row) => ({ ...row, notification: rest.id })))
			.onConflict((conflict) => conflict.doNothing())
			.execute();
}

export async function addDeliveries(tables: Tables, deliveries: readonly StoredDelivery[]): Promise<void> {
	for (const rows of chunks(deliveries))
		await typed(tables)
			.insertInto("notification_deliveries")
			.values(
				rows.map(({ triesMade, tries, createdAt, nextAt, endedAt, ...rest }) => ({
					...rest,
					tries: sql<StoredTry[]>`${JSON.stringify(tries)}::jsonb`,
					tries_made: triesMade,
					created_at: dateOf(createdAt),
					next_at: dateOf(nextAt),
					ended_at: dateOf(endedAt),
				})),
			)
			.execute();
}

/**
 * Deliveries that are not needed any more, since somebody has answered every alarm that they tell of. Who acknowledges an occurrence
 * answers those before it, too. That an alarm has returned is no answer.
 */
export async function dropAnswered(tables: Tables, alarms: readonly string[], now: number): Promise<void> {
	if (alarms.length === 0) return;
	await sql`UPDATE notification_deliveries SET state = 'dropped', reason = 'answered before', next_at = NULL, ended_at = ${dateOf(now)}
		WHERE state = 'pending' AND notification IN (SELECT notification FROM notification_alarms WHERE alarm = any(${[...alarms]}::text[]))
		AND NOT EXISTS (SELECT FROM notifications WHERE id = notification_deliveries.notification AND kind = 'resolved')
		AND NOT EXISTS (SELECT FROM notification_alarms told WHERE told.notification = notification_deliveries.notification
			AND NOT EXISTS (SELECT FROM notification_pages page
				WHERE page.alarm = told.alarm AND page.occurrence >= told.occurrence AND page.reason = 'acknowledged'))`.execute(tables);
}

/** Deliveries of which every alarm has come again since, and is told of anew to the same receiver by the same channel. */
export async function dropToldAnew(tables: Tables, alarms: readonly string[], now: number): Promise<void> {
	if (alarms.length === 0) return;
	await sql`UPDATE notification_deliveries old SET state = 'dropped', reason = 'told anew', next_at = NULL, ended_at = ${dateOf(now)}
		WHERE state = 'pending' AND notification IN (SELECT notification FROM notification_alarms WHERE alarm = any(${[...alarms]}::text[]))
		AND NOT EXISTS (SELECT FROM notification_alarms told WHERE told.notification = old.notification
			AND NOT EXISTS (SELECT FROM notification_alarms again JOIN notifications ON notifications.id = again.notification AND kind <> 'resolved'
				JOIN notification_deliveries newer ON newer.notification = again.notification
				WHERE again.alarm = told.alarm AND again.occurrence > told.occurrence AND newer.state IN ('pending', 'delivered')
				AND newer.channel = old.channel AND newer.person IS NOT DISTINCT FROM old.person))`.execute(tables);
}

/**
 * Takes deliveries that are due for a try, each for one taker: it is due again at `until` unless what came of it is recorded before.
 * The oldest first; that something is over waits until its receiver can't be told by the same channel any more that it began.
 */
export async function takeDeliveries(
	tables: Tables,
	{ now, until, limit }: { now: number; until: number; limit: number },
): Promise<{ delivery: StoredDelivery; notification: StoredNotification }[]> {
	const taken = await typed(tables)
		.updateTable("notification_deliveries")
		.set((row) => ({ next_at: dateOf(until), tries_made: row("tries_made", "+", 1) }))
		.where("id", "in", (inner) =>
			inner
				.selectFrom("notification_deliveries")
				.select("id")
				.where("state", "=", "pending")
				.where("next_at", "<=", dateOf(now))
				.where(
					sql<boolean>`NOT EXISTS (SELECT FROM notifications ending JOIN notification_alarms ended ON ended.notification = ending.id
						JOIN notification_alarms told ON told.alarm = ended.alarm AND told.occurrence = ended.occurrence
						JOIN notifications began ON began.id = told.notification AND began.kind <> 'resolved'
						JOIN notification_deliveries earlier ON earlier.notification = began.id AND earlier.state = 'pending'
						WHERE ending.id = notification_deliveries.notification AND ending.kind = 'resolved'
						AND earlier.channel = notification_deliveries.channel AND earlier.person IS NOT DISTINCT FROM notification_deliveries.person)`,
				)
				.orderBy("next_at")
				.limit(limit)
				.forUpdate()
				.skipLocked(),
		)
		.returningAll()
		.execute();
	if (taken.length === 0) return [];
	const rows = await typed(tables)
		.selectFrom("notifications")
		.selectAll()
		.where(
			"id",
			"in",
			taken.map(({ notification }) => notification),
		)
		.execute();
	const notifications = new Map(rows.map((row) => [row.id, notificationOf(row)]));
	return taken.flatMap((row) => {
		const notification = notifications.get(row.notification);
		return notification ? [{ delivery: deliveryOf(row), notification }] : [];
	});
}

/** Records what came of a try, unless the delivery has ended meanwhile. */
export async function recordTry(
	tables: Tables,
	id: string,
	{ state, reason, nextAt, tried, now }: { state: DeliveryState; reason: string; nextAt: number | null; tried: StoredTry; now: number },
): Promise<void> {
	await typed(tables)
		.updateTable("notification_deliveries")
		.set({
			state,
			reason,
			next_at: dateOf(nextAt),
			ended_at: dateOf(state === "pending" ? null : now),
			tries: sql`(CASE WHEN jsonb_array_length(tries) >= 20 THEN tries - 0 ELSE tries END) || ${JSON.stringify([tried])}::jsonb`,
		})
		.where("id", "=", id)
		.where("state", "in", state === "delivered" ? ["pending", "dropped"] : ["pending"])
		.execute();
}

/** The newest first. */
export async function deliveries(
	tables: Tables,
	filter: { alarm?: string | undefined; person?: string | undefined; channel?: Channel | undefined; state?: DeliveryState | undefined },
	after: { at: number; id: string } | undefined,
	limit: number,
): Promise<{ delivery: StoredDelivery; notification: StoredNotification }[]> {
	let query = typed(tables).selectFrom("notification_deliveries").selectAll().orderBy("created_at", "desc").orderBy("id", "desc").limit(limit);
	const { alarm, ...columns } = filter;
	for (const column of ["person", "channel", "state"] as const) {
		const value = columns[column];
		if (value !== undefined) query = query.where(column, "=", value);
	}
	if (alarm !== undefined)
		query = query.where("notification", "in", (inner) =>
			inner.selectFrom("notification_alarms").select("notification_alarms.notification").where("alarm", "=", alarm),
		);
	if (after) query = query.where(sql<boolean>`(created_at, id) < (${dateOf(after.at)}::timestamptz, ${after.id}::uuid)`);
	const rows = await query.execute();
	if (rows.length === 0) return [];
	const told = await typed(tables)
		.selectFrom("notifications")
		.selectAll()
		.where("id", "in", [...new Set(rows.map(({ notification }) => notification))])
		.execute();
	const notifications = new Map(told.map((row) => [row.id, notificationOf(row)]));
	return rows.flatMap((row) => {
		const notification = notifications.get(row.notification);
		return notification ? [{ delivery: deliveryOf(row), notification }] : [];
	});
}

function notificationOf({ group_key, at, priority, ...rest }: Selectable<NotificationTables["notifications"]>): StoredNotification {
	return { ...rest, group: group_key, at: msOf(at), priority: prioritySchema.parse(priority) };
}

function deliveryOf({ tries_made, created_at, next_at, ended_at, ...rest }: Selectable<DeliveriesTable>): StoredDelivery {
	return { ...rest, triesMade: tries_made, createdAt: msOf(created_at), nextAt: msOf(next_at), endedAt: msOf(ended_at) };
}

/** By channel: how many deliveries wait, and when the last one arrived. */
export async function channelFigures(tables: Tables): Promise<Map<string, { waiting: number; lastDeliveredAt: number | null }>> {
	const rows = await typed(tables)
		.selectFrom("notification_deliveries")
		.select([
			"channel",
			sql<number>`count(*) FILTER (WHERE state = 'pending')`.as("waiting"),
			sql<Date | null>`max(ended_at) FILTER (WHERE state = 'delivered')`.as("last"),
		])
		.groupBy("channel")
		.execute();
	return new Map(rows.map(({ channel, waiting, last }) => [channel, { waiting, lastDeliveredAt: msOf(last) }]));
}
