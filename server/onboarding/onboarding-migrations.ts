import { sql } from "kysely";
import type { Migrations } from "../platform/database/database.ts";

/** What two people have agreed on about devices: one row a version, never changed. */
export const onboardingMigrations: Migrations = {
	"2026-11-29-added-devices": {
		async up(database) {
			await sql`CREATE TABLE device_versions (
				device text NOT NULL,
				version integer NOT NULL CHECK (version > 0),
				definition jsonb,
				at timestamptz NOT NULL,
				change text NOT NULL,
				proposed_by text NOT NULL,
				approved_by text NOT NULL,
				PRIMARY KEY (device, version),
				CHECK (proposed_by <> approved_by)
			)`.execute(database);
		},
	},
};
