import { sql } from "kysely";
import type { Migrations } from "../platform/database/database.ts";

/** Tables of the alarms: one row for each (rule, point), every transition, and back-filled runs that are not over. */
export const alarmsMigrations: Migrations = {
	"2026-11-22-alarms": {
		async up(database) {
			await sql`CREATE TABLE alarms (
				id text PRIMARY KEY,
				rule text NOT NULL,
				rule_name text NOT NULL,
				point text NOT NULL,
				site text NOT NULL,
				room text NOT NULL,
				rack text,
				priority text NOT NULL,
				state text NOT NULL,
				active boolean NOT NULL,
				acknowledged boolean NOT NULL,
				occurrence integer NOT NULL,
				raised_at timestamptz NOT NULL,
				cleared_at timestamptz,
				value jsonb,
				unit text,
				message text NOT NULL,
				cause text NOT NULL,
				consequence text NOT NULL,
				action text NOT NULL,
				response_time_ms bigint,
				acknowledged_by text,
				acknowledged_at timestamptz,
				comment text,
				cursor_at timestamptz,
				version integer NOT NULL,
				UNIQUE (rule, point)
			)`.execute(database);
			await sql`CREATE INDEX alarms_newest_first ON alarms (raised_at DESC, id DESC)`.execute(database);
			await sql`CREATE INDEX alarms_open ON alarms (raised_at DESC, id DESC) WHERE state <> 'normal'`.execute(database);
			await sql`CREATE INDEX alarms_by_point ON alarms (point)`.execute(database);
			await sql`CREATE TABLE alarm_transitions (
				id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
				alarm text NOT NULL REFERENCES alarms (id),
				rule text NOT NULL,
				point text NOT NULL,
				priority text NOT NULL,
				kind text NOT NULL,
				occurrence integer NOT NULL,
				late boolean NOT NULL,
				at timestamptz NOT NULL,
				recorded_at timestamptz NOT NULL,
				by text,
				comment text,
				value jsonb,
				UNIQUE (alarm, late, occurrence, kind)
			)`.execute(database);
			await sql`CREATE INDEX alarm_transitions_by_point ON alarm_transitions (point, at)`.execute(database);
			await sql`CREATE INDEX alarm_transitions_by_time ON alarm_transitions (at)`.execute(database);
			await sql`CREATE TABLE alarm_late_runs (
				rule text NOT NULL,
				point text NOT NULL,
				from_at timestamptz NOT NULL,
				value jsonb,
				gap_end timestamptz,
				reach_ms bigint NOT NULL,
				PRIMARY KEY (rule, point, from_at)
			)`.execute(database);
		},
	},
};
