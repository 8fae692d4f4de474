import { sql } from "kysely";
import type { Migrations } from "../../platform/database/database.ts";

/** What each controller should hold, what it was found to hold, and what was taken away from it. */
export const controllersMigrations: Migrations = {
	"2026-11-26-controllers": {
		async up(database) {
			await sql`CREATE TABLE controllers (
				id text PRIMARY KEY,
				wanted text NOT NULL,
				wanted_at timestamptz NOT NULL,
				sent text,
				confirmed text,
				confirmed_at timestamptz,
				checked_at timestamptz,
				next_try timestamptz NOT NULL,
				failures integer NOT NULL DEFAULT 0,
				failure jsonb,
				drift jsonb,
				worker text,
				lease_until timestamptz
			)`.execute(database);
			await sql`CREATE TABLE controller_entries (
				controller text NOT NULL,
				key text NOT NULL,
				entry jsonb NOT NULL,
				grant_id text NOT NULL,
				credentials text[] NOT NULL,
				PRIMARY KEY (controller, key)
			)`.execute(database);
			await sql`CREATE TABLE access_removals (
				id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
				controller text NOT NULL,
				door text NOT NULL,
				credential text NOT NULL,
				key text NOT NULL,
				decided_at timestamptz NOT NULL,
				recorded_at timestamptz NOT NULL,
				confirmed_at timestamptz,
				closed_at timestamptz,
				closed text CHECK (closed IN ('granted-again', 'controller-removed')),
				CHECK ((closed_at IS NULL) = (closed IS NULL) AND (closed_at IS NULL OR confirmed_at IS NULL))
			)`.execute(database);
			await sql`CREATE UNIQUE INDEX access_removals_open ON access_removals (controller, key, credential) WHERE confirmed_at IS NULL AND closed_at IS NULL`.execute(
				database,
			);
			await sql`CREATE INDEX access_removals_by_credential ON access_removals (credential, decided_at)`.execute(database);
			await sql`CREATE INDEX access_removals_by_confirmation ON access_removals (confirmed_at)`.execute(database);
			await sql`CREATE INDEX access_removals_by_time ON access_removals (decided_at, id)`.execute(database);
		},
	},
	"2026-11-26-controllers-held": {
		async up(database) {
			await sql`ALTER TABLE controllers ADD COLUMN held integer`.execute(database);
		},
	},
};
