import { sql } from "kysely";
import type { Migrations } from "../platform/database/database.ts";

/** How long each kind of data is kept. That the audit log is kept for 180 days is the database's own rule as well. */
export const retentionMigrations: Migrations = {
	"2026-11-23-retention": {
		async up(database) {
			await sql`CREATE TABLE retention (
				data text PRIMARY KEY CHECK (data IN ('audit', 'readings', 'minute-readings', 'hour-readings')),
				days integer NOT NULL CHECK (days BETWEEN 1 AND 36500),
				changed_at timestamptz NOT NULL,
				change text,
				CHECK (data <> 'audit' OR days >= 180)
			)`.execute(database);
		},
	},
	"2026-11-26-retention-visits": {
		async up(database) {
			await sql`ALTER TABLE retention DROP CONSTRAINT retention_data_check`.execute(database);
			await sql`ALTER TABLE retention ADD CHECK (data IN ('audit', 'readings', 'minute-readings', 'hour-readings', 'visits'))`.execute(database);
			await sql`ALTER TABLE retention ADD CHECK (data <> 'visits' OR days >= 92)`.execute(database);
		},
	},
};
