import { sql } from "kysely";
import type { Migrations } from "../platform/database/database.ts";

/**
 * Tables of the notifications: how far the alarms' transitions were followed, a page for each occurrence, groups, what receivers were
 * told, its deliveries with every try, test alarms and their proofs. What was before is told to nobody.
 */
export const notificationsMigrations: Migrations = {
	"2026-11-26-notifications": {
		async up(database) {
			await sql`CREATE TABLE notification_cursor (one boolean PRIMARY KEY CHECK (one), transition bigint NOT NULL)`.execute(database);
			await sql`INSERT INTO notification_cursor SELECT true, coalesce(max(id), 0) FROM alarm_transitions`.execute(database);
			await sql`CREATE TABLE notification_pages (
				alarm text NOT NULL,
				occurrence integer NOT NULL,
				state text NOT NULL,
				reason text,
				group_key text,
				step integer NOT NULL,
				opened_at timestamptz NOT NULL,
				paged_at timestamptz,
				escalate_at timestamptz,
				repeat_at timestamptz,
				due_at timestamptz,
				PRIMARY KEY (alarm, occurrence)
			)`.execute(database);
			await sql`CREATE INDEX notification_pages_due ON notification_pages (due_at) WHERE due_at IS NOT NULL`.execute(database);
			await sql`CREATE INDEX notification_pages_open ON notification_pages (state) WHERE state <> 'closed'`.execute(database);
			await sql`CREATE INDEX notification_pages_waiting ON notification_pages (group_key) WHERE state = 'waiting'`.execute(database);
			await sql`CREATE TABLE notification_groups (key text PRIMARY KEY, due_at timestamptz, paged_at timestamptz)`.execute(database);
			await sql`CREATE TABLE notifications (
				id uuid PRIMARY KEY,
				group_key text NOT NULL,
				kind text NOT NULL,
				person text,
				priority text NOT NULL,
				alarms jsonb NOT NULL,
				count integer NOT NULL,
				at timestamptz NOT NULL
			)`.execute(database);
			await sql`CREATE TABLE notification_alarms (
				notification uuid NOT NULL REFERENCES notifications (id) ON DELETE CASCADE,
				alarm text NOT NULL,
				occurrence integer NOT NULL,
				PRIMARY KEY (alarm, occurrence, notification)
			)`.execute(database);
			await sql`CREATE INDEX notification_alarms_by_notification ON notification_alarms (notification)`.execute(database);
			await sql`CREATE TABLE notification_deliveries (
				id uuid PRIMARY KEY,
				notification uuid NOT NULL REFERENCES notifications (id) ON DELETE CASCADE,
				person text,
				channel text NOT NULL,
				address text,
				state text NOT NULL,
				reason text,
				tries jsonb NOT NULL DEFAULT '[]',
				tries_made integer NOT NULL DEFAULT 0,
				created_at timestamptz NOT NULL,
				next_at timestamptz,
				ended_at timestamptz
			)`.execute(database);
			await sql`CREATE INDEX notification_deliveries_pending ON notification_deliveries (next_at) WHERE state = 'pending'`.execute(database);
			await sql`CREATE INDEX notification_deliveries_by_notification ON notification_deliveries (notification)`.execute(database);
			await sql`CREATE INDEX notification_deliveries_newest ON notification_deliveries (created_at DESC, id DESC)`.execute(database);
			await sql`CREATE TABLE test_alarms (
				id uuid PRIMARY KEY,
				at timestamptz NOT NULL,
				by text NOT NULL,
				deadline timestamptz NOT NULL,
				state text NOT NULL
			)`.execute(database);
			await sql`CREATE INDEX test_alarms_newest ON test_alarms (at DESC, id DESC)`.execute(database);
			await sql`CREATE TABLE test_alarm_proofs (
				test uuid NOT NULL REFERENCES test_alarms (id) ON DELETE CASCADE,
				person text NOT NULL,
				token text UNIQUE,
				sent_at timestamptz NOT NULL,
				confirmed_at timestamptz,
				PRIMARY KEY (test, person)
			)`.execute(database);
			await sql`CREATE TABLE test_alarm_schedule (one boolean PRIMARY KEY CHECK (one), cron text NOT NULL, next_at timestamptz NOT NULL)`.execute(
				database,
			);
		},
	},
	/** What is over is told of in groups, as what begins. */
	"2026-11-28-notifications-of-ends": {
		async up(database) {
			await sql`CREATE INDEX notification_pages_returned ON notification_pages (group_key) WHERE state = 'returned'`.execute(database);
		},
	},
};
