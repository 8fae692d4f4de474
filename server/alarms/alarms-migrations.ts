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
	/**
	 * The flags of OPC UA Part 9. What can come more than once within an occurrence is told apart by the alarm's version; what can't is
	 * still kept from coming twice.
	 */
	"2026-11-27-alarm-flags": {
		async up(database) {
			await sql`ALTER TABLE alarms
				ADD COLUMN latched boolean NOT NULL DEFAULT false,
				ADD COLUMN shelved boolean NOT NULL DEFAULT false,
				ADD COLUMN suppressed boolean NOT NULL DEFAULT false,
				ADD COLUMN out_of_service boolean NOT NULL DEFAULT false,
				ADD COLUMN shelf jsonb,
				ADD COLUMN removal jsonb,
				ADD COLUMN cause_id text`.execute(database);
			await sql`ALTER TABLE alarm_transitions
				ADD COLUMN state text,
				ADD COLUMN cause_id text,
				ADD COLUMN version integer,
				DROP CONSTRAINT alarm_transitions_alarm_late_occurrence_kind_key`.execute(database);
			await sql`CREATE UNIQUE INDEX alarm_transitions_once ON alarm_transitions (alarm, late, occurrence, kind)
				WHERE kind IN ('raised', 'returned', 'acknowledged', 'reset')`.execute(database);
			await sql`CREATE UNIQUE INDEX alarm_transitions_by_version ON alarm_transitions (alarm, version)`.execute(database);
		},
	},
	/** Alarms that came into the list after they were raised: few, and looked for by occurrence. */
	"2026-11-28-alarm-annunciation": {
		async up(database) {
			await sql`CREATE INDEX alarm_transitions_into_list ON alarm_transitions (alarm, occurrence)
				WHERE state = 'unacknowledged' AND kind <> 'raised' AND NOT late`.execute(database);
		},
	},
};
