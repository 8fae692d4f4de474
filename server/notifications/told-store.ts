/** Who was told of what, for what is said of it afterwards. */
import { sql } from "kysely";
import { occurrencesOf, type StoredNotification, type Tables, typed } from "./notifications-store.ts";
import { type Page, pageKey } from "./page.ts";

/** Whom a message about each page has reached, by {@link pageKey}; `null`: the webhook. */
export async function reached(tables: Tables, pages: readonly Page[]): Promise<Map<string, (string | null)[]>> {
	const found = new Map<string, (string | null)[]>();
	if (pages.length === 0) return found;
	const rows = await typed(tables)
		.selectFrom("notification_alarms as told")
		.innerJoin("notifications", "notifications.id", "told.notification")
		.select(["told.alarm", "told.occurrence", "notifications.person"])
		.distinct()
		.where(occurrencesOf(pages, "told."))
		.where("notifications.kind", "<>", "resolved")
		.where(
			sql<boolean>`EXISTS (SELECT FROM notification_deliveries WHERE notification = told.notification AND notification_deliveries.state = 'delivered')`,
		)
		.orderBy("notifications.person")
		.execute();
	for (const { alarm, occurrence, person } of rows) {
		const key = pageKey(alarm, occurrence);
		found.set(key, [...(found.get(key) ?? []), person]);
	}
	return found;
}

/** Whoever was told of the occurrence before knows of the one that goes on with it. */
export async function takeOver(tables: Tables, continued: readonly { page: Page; before: Page }[]): Promise<void> {
	if (continued.length === 0) return;
	await sql`INSERT INTO notification_alarms (notification, alarm, occurrence)
		SELECT told.notification, told.alarm, next.occurrence
		FROM unnest(${continued.map(({ page }) => page.alarm)}::text[], ${continued.map(({ before }) => before.occurrence)}::int[],
			${continued.map(({ page }) => page.occurrence)}::int[]) AS next (alarm, before, occurrence)
		JOIN notification_alarms told ON told.alarm = next.alarm AND told.occurrence = next.before
		JOIN notifications ON notifications.id = told.notification AND notifications.kind <> 'resolved'
		ON CONFLICT DO NOTHING`.execute(tables);
}

/** The first that its receiver was told of the most important alarm of a notification: what follows belongs to the same thread. */
export async function threadOf(tables: Tables, { id, person, alarms: [first] }: StoredNotification): Promise<string> {
	if (!first) return id;
	const found = await typed(tables)
		.selectFrom("notification_alarms as told")
		.innerJoin("notifications", "notifications.id", "told.notification")
		.select("notifications.id")
		.where("told.alarm", "=", first.id)
		.where("told.occurrence", "=", first.occurrence)
		.where(sql<boolean>`notifications.person IS NOT DISTINCT FROM ${person}`)
		.orderBy("notifications.at")
		.limit(1)
		.executeTakeFirst();
	return found?.id ?? id;
}
