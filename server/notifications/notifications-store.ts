import { type Kysely, type Selectable, sql } from "kysely";
import type { Priority } from "../../contracts/kinds.ts";
import type { Channel } from "../../contracts/notification-policy.ts";
import type { DELIVERY_STATES } from "../../contracts/notifications.ts";
import type { AnyTransaction } from "../platform/database/database.ts";
import { dateOf, msOf } from "../platform/database/instants.ts";
import type { ToldAlarm } from "./message.ts";
import { type Call, DONE, type Page, type PageState } from "./page.ts";
import type { Group } from "./pipeline.ts";

export type DeliveryState = (typeof DELIVERY_STATES)[number];
export interface StoredTry {
	at: number;
	result: "delivered" | "temporary" | "permanent";
	reason: string;
}
interface PagesTable {
	alarm: string;
	occurrence: number;
	state: PageState;
	reason: Page["reason"];
	group_key: string | null;
	step: number;
	opened_at: Date;
	paged_at: Date | null;
	escalate_at: Date | null;
	repeat_at: Date | null;
	due_at: Date | null;
}
export interface DeliveriesTable {
	id: string;
	notification: string;
	person: string | null;
	channel: Channel;
	address: string | null;
	state: DeliveryState;
	reason: string | null;
	tries: StoredTry[];
	tries_made: number;
	created_at: Date;
	next_at: Date | null;
	ended_at: Date | null;
}
export interface NotificationTables {
	notification_cursor: { one: boolean; transition: number };
	notification_pages: PagesTable;
	notification_groups: { key: string; due_at: Date | null; paged_at: Date | null };
	notifications: {
		id: string;
		group_key: string;
		kind: Call;
		person: string | null;
		priority: string;
		alarms: ToldAlarm[];
		count: number;
		at: Date;
	};
	notification_alarms: { notification: string; alarm: string; occurrence: number };
	notification_deliveries: DeliveriesTable;
}
export type Tables = Kysely<NotificationTables> | AnyTransaction;
export const typed = (tables: Tables): Kysely<NotificationTables> => tables as unknown as Kysely<NotificationTables>;

/** What one receiver is told; times are Unix ms. */
export interface StoredNotification {
	id: string;
	group: string;
	kind: Call;
	person: string | null;
	priority: Priority;
	/** The first of `count`. */
	alarms: ToldAlarm[];
	count: number;
	at: number;
}
export interface StoredDelivery {
	id: string;
	notification: string;
	person: string | null;
	channel: Channel;
	address: string | null;
	state: DeliveryState;
	reason: string | null;
	tries: StoredTry[];
	triesMade: number;
	createdAt: number;
	nextAt: number | null;
	endedAt: number | null;
}

const ROWS = 500;

/** How far the transitions were followed. Whoever has it is alone until its transaction is over. */
export async function lockCursor(transaction: AnyTransaction): Promise<number> {
	const row = await typed(transaction).selectFrom("notification_cursor").select("transition").forUpdate().executeTakeFirstOrThrow();
	return row.transition;
}
export async function moveCursor(transaction: AnyTransaction, transition: number): Promise<void> {
	await typed(transaction).updateTable("notification_cursor").set({ transition }).execute();
}

/** Adds pages that are not there yet. */
export async function addPages(tables: Tables, pages: readonly Page[]): Promise<void> {
	for (const rows of chunks(pages))
		await typed(tables)
			.insertInto("notification_pages")
			.values(rows.map(pageRow))
			.onConflict((conflict) => conflict.doNothing())
			.execute();
}
/** Something has happened to these alarms: their open pages are looked at now. */
export async function makeDue(tables: Tables, alarms: readonly string[], now: number): Promise<void> {
	if (alarms.length === 0) return;
	await typed(tables)
		.updateTable("notification_pages")
		.set({ due_at: dateOf(now) })
		.where("state", "<>", "closed")
		.where(sql<boolean>`alarm = any(${[...alarms]}::text[])`)
		.execute();
}
/** Somebody has acknowledged these occurrences, whatever has become of them since. */
export async function answer(tables: Tables, occurrences: readonly Pick<Page, "alarm" | "occurrence">[]): Promise<void> {
	if (occurrences.length === 0) return;
	await typed(tables).updateTable("notification_pages").set({ reason: "acknowledged" }).where(occurrencesOf(occurrences)).execute();
}
/** Pages that are due at `now`, those that wait in groups that are, and those of groups that are told again whose own repetition is due by `repeatBy`. */
export async function duePages(tables: Tables, { now, repeatBy, limit }: { now: number; repeatBy: number; limit: number }): Promise<Page[]> {
	const rows = await typed(tables)
		.selectFrom("notification_pages")
		.selectAll()
		.where((row) =>
			row.or([
				row("due_at", "<=", dateOf(now)),
				row.and([
					row("state", "=", "waiting"),
					row("group_key", "in", row.selectFrom("notification_groups").select("key").where("due_at", "<=", dateOf(now))),
				]),
				row.and([
					row("state", "=", "returned"),
					row("group_key", "in", row.selectFrom("notification_groups").select("key").where("due_at", "<=", dateOf(now))),
				]),
				row.and([
					row("due_at", "<=", dateOf(repeatBy)),
					row("repeat_at", "<=", dateOf(repeatBy)),
					row(
						"group_key",
						"in",
						row
							.selectFrom("notification_pages as told")
							.select("told.group_key")
							.where("told.due_at", "<=", dateOf(now))
							.where("told.repeat_at", "<=", dateOf(now)),
					),
				]),
			]),
		)
		.orderBy("opened_at")
		.limit(limit)
		.execute();
	return rows.map(pageOf);
}
/** Of each new page, that of the occurrence before, by alarm. */
export async function pagesBefore(tables: Tables, pages: readonly Page[]): Promise<Map<string, Page>> {
	const later = pages.filter(({ state, occurrence }) => state === "new" && occurrence > 1);
	if (later.length === 0) return new Map();
	const { rows } = await sql<Selectable<PagesTable>>`SELECT before.* FROM unnest(${later.map(({ alarm }) => alarm)}::text[],
			${later.map(({ occurrence }) => occurrence)}::int[]) AS page (alarm, occurrence)
		CROSS JOIN LATERAL (SELECT * FROM notification_pages WHERE alarm = page.alarm AND occurrence < page.occurrence ORDER BY occurrence DESC LIMIT 1) before`.execute(
		tables,
	);
	return new Map(rows.map((row) => [row.alarm, pageOf(row)]));
}
/** The groups with these keys, and all that are due. */
export async function groups(tables: Tables, keys: readonly string[], now: number): Promise<Map<string, Group>> {
	const rows = await typed(tables)
		.selectFrom("notification_groups")
		.selectAll()
		.where((row) => row.or([row("due_at", "<=", dateOf(now)), sql<boolean>`key = any(${[...keys]}::text[])`]))
		.execute();
	return new Map(rows.map(({ key, due_at, paged_at }) => [key, { key, dueAt: msOf(due_at), pagedAt: msOf(paged_at) }]));
}
export async function putPages(tables: Tables, pages: readonly Page[]): Promise<void> {
	for (const rows of chunks(pages))
		await typed(tables)
			.insertInto("notification_pages")
			.values(rows.map(pageRow))
			.onConflict((conflict) =>
				conflict.columns(["alarm", "occurrence"]).doUpdateSet((excluded) => ({
					state: excluded.ref("excluded.state"),
					reason: excluded.ref("excluded.reason"),
					group_key: excluded.ref("excluded.group_key"),
					step: excluded.ref("excluded.step"),
					opened_at: excluded.ref("excluded.opened_at"),
					paged_at: excluded.ref("excluded.paged_at"),
					escalate_at: excluded.ref("excluded.escalate_at"),
					repeat_at: excluded.ref("excluded.repeat_at"),
					due_at: excluded.ref("excluded.due_at"),
				})),
			)
			.execute();
}
export async function putGroups(tables: Tables, changed: readonly Group[]): Promise<void> {
	for (const { key, dueAt, pagedAt } of changed) {
		const times = { due_at: dateOf(dueAt), paged_at: dateOf(pagedAt) };
		await typed(tables)
			.insertInto("notification_groups")
			.values({ key, ...times })
			.onConflict((conflict) => conflict.column("key").doUpdateSet(times))
			.execute();
	}
}

/** Pages of an alarm, the newest occurrence first; without one all that are open, the oldest first. */
export async function pagesOf(tables: Tables, alarm: string | undefined, limit: number): Promise<Page[]> {
	const query = typed(tables).selectFrom("notification_pages").selectAll().limit(limit);
	const rows = await (alarm === undefined
		? query.where("state", "not in", DONE).orderBy("opened_at").orderBy("alarm")
		: query.where("alarm", "=", alarm).orderBy("occurrence", "desc")
	).execute();
	return rows.map(pageOf);
}

/** Whether a row is of the occurrence of one of the pages; `table`: prefix of its columns. */
export const occurrencesOf = (pages: readonly Pick<Page, "alarm" | "occurrence">[], table = "") =>
	sql<boolean>`(${sql.raw(`${table}alarm, ${table}occurrence`)}) IN (SELECT * FROM unnest(${pages.map(({ alarm }) => alarm)}::text[], ${pages.map(({ occurrence }) => occurrence)}::int[]))`;

export function chunks<T>(rows: readonly T[]): T[][] {
	const parts: T[][] = [];
	for (let at = 0; at < rows.length; at += ROWS) parts.push(rows.slice(at, at + ROWS));
	return parts;
}

function pageRow({ group, openedAt, pagedAt, escalateAt, repeatAt, dueAt, ...rest }: Page): PagesTable {
	return {
		...rest,
		group_key: group,
		opened_at: dateOf(openedAt),
		paged_at: dateOf(pagedAt),
		escalate_at: dateOf(escalateAt),
		repeat_at: dateOf(repeatAt),
		due_at: dateOf(dueAt),
	};
}
export function pageOf({ group_key, opened_at, paged_at, escalate_at, repeat_at, due_at, ...rest }: Selectable<PagesTable>): Page {
	return {
		...rest,
		group: group_key,
		openedAt: msOf(opened_at),
		pagedAt: msOf(paged_at),
		escalateAt: msOf(escalate_at),
		repeatAt: msOf(repeat_at),
		dueAt: msOf(due_at),
	};
}
/**
 * Pages that wait for an answer and of which nobody was told: every delivery has ended without reaching anybody, but those to
 * dashboards that nobody has opened since `since`.
 */
export async function unreachedPages(tables: Tables, since: number, limit: number): Promise<Page[]> {
	const rows = await typed(tables)
		.selectFrom("notification_pages as page")
		.selectAll("page")
		.where("page.state", "=", "paged")
		.where(
			sql<boolean>`NOT EXISTS (SELECT FROM notification_alarms told JOIN notification_deliveries delivery ON delivery.notification = told.notification
				WHERE told.alarm = page.alarm AND told.occurrence = page.occurrence AND (delivery.state = 'delivered'
					OR (delivery.state = 'pending' AND (delivery.channel <> 'dashboard' OR delivery.created_at > ${dateOf(since)}))))`,
		)
		.limit(limit)
		.execute();
	return rows.map(pageOf);
}
/** Pages that wait in a group that waits for nothing: of a flood, those that did not go out with the first ones. */
export async function wakeLeftBehind(tables: Tables, now: number): Promise<void> {
	await typed(tables)
		.updateTable("notification_pages")
		.set({ due_at: dateOf(now) })
		.where("state", "in", ["waiting", "returned"])
		.where("due_at", "is", null)
		.where("group_key", "not in", (inner) => inner.selectFrom("notification_groups").select("key").where("due_at", "is not", null))
		.execute();
}
/** The next place in the chain is called now. */
export async function escalateNow(tables: Tables, pages: readonly Page[], now: number): Promise<void> {
	if (pages.length === 0) return;
	const at = dateOf(now);
	await typed(tables)
		.updateTable("notification_pages")
		.set({ escalate_at: at, due_at: at })
		.where("state", "=", "paged")
		.where("escalate_at", ">", at)
		.where(occurrencesOf(pages))
		.execute();
}

/** Forgets what ended before a moment: notifications with their deliveries, and closed pages. */
export async function forget(tables: Tables, before: number): Promise<void> {
	const limit = dateOf(before);
	await typed(tables).deleteFrom("notifications").where("at", "<", limit).execute();
	await typed(tables).deleteFrom("notification_pages").where("state", "=", "closed").where("opened_at", "<", limit).execute();
	await typed(tables).deleteFrom("notification_groups").where("due_at", "is", null).where("paged_at", "<", limit).execute();
}
