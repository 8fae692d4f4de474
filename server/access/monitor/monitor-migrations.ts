import { sql } from "kysely";
import type { Migrations } from "../../platform/database/database.ts";

/**
 * Findings, and what of the events has been looked at. `access_events.judged`: the first look has been had; it is set in the
 * transaction that keeps what was found, so that each event is looked at exactly once whichever server dies.
 */
export const monitorMigrations: Migrations = {
	"2026-11-26-access-monitor": {
		async up(database) {
			// What is there already is history: nobody is told of it.
			await sql`ALTER TABLE access_events ADD COLUMN judged boolean NOT NULL DEFAULT true`.execute(database);
			await sql`ALTER TABLE access_events ALTER COLUMN judged SET DEFAULT false`.execute(database);
			await sql`CREATE INDEX access_events_unjudged ON access_events (id) WHERE NOT judged`.execute(database);
			await sql`CREATE TABLE access_second_looks (event bigint PRIMARY KEY REFERENCES access_events (id), due_at timestamptz NOT NULL)`.execute(
				database,
			);
			await sql`CREATE INDEX access_second_looks_due ON access_second_looks (due_at)`.execute(database);
			await sql`CREATE TABLE access_findings (
				id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
				kind text NOT NULL,
				door text,
				holder text,
				credential uuid,
				event bigint NOT NULL REFERENCES access_events (id),
				at timestamptz NOT NULL,
				late boolean NOT NULL,
				detail text NOT NULL,
				stated boolean NOT NULL,
				told boolean NOT NULL,
				UNIQUE (event, kind)
			)`.execute(database);
			await sql`CREATE INDEX access_findings_newest_first ON access_findings (at DESC, id DESC)`.execute(database);
			await sql`CREATE INDEX access_findings_by_holder ON access_findings (holder, at DESC, id DESC) WHERE holder IS NOT NULL`.execute(database);
			await sql`CREATE INDEX access_findings_by_kind ON access_findings (kind, id)`.execute(database);
			await sql`CREATE INDEX access_findings_untold ON access_findings (id) WHERE NOT told`.execute(database);
			await sql`CREATE TABLE holder_places (
				holder text PRIMARY KEY,
				room text,
				door text NOT NULL,
				since timestamptz NOT NULL
			)`.execute(database);
		},
	},
	"2026-11-27-unseen-exits": {
		async up(database) {
			await sql`ALTER TABLE holder_places ADD COLUMN exits integer NOT NULL DEFAULT 0, ADD COLUMN exit_at timestamptz, ADD COLUMN exit_door text`.execute(
				database,
			);
		},
	},
	"2026-11-27-counted-findings": {
		async up(database) {
			await sql`ALTER TABLE access_findings ADD COLUMN rule text, DROP CONSTRAINT access_findings_event_kind_key`.execute(database);
			await sql`ALTER TABLE access_findings ADD UNIQUE NULLS NOT DISTINCT (event, kind, rule)`.execute(database);
		},
	},
};
