import { sql } from "kysely";
import { LEAVER_SOURCES } from "../../contracts/personnel.ts";
import type { Migrations } from "../platform/database/database.ts";

/** Whom the HR system knows, who has left, and which of its files are done. */
export const personnelMigrations: Migrations = {
	"2026-11-26-personnel": {
		async up(database) {
			const sources = sql.raw(LEAVER_SOURCES.map((source) => `'${source}'`).join(", "));
			await sql`CREATE TABLE personnel (
				holder text PRIMARY KEY REFERENCES holders (id),
				external_id text UNIQUE,
				source text NOT NULL CHECK (source IN (${sources}))
			)`.execute(database);
			await sql`CREATE TABLE leavers (
				id uuid PRIMARY KEY,
				holder text NOT NULL REFERENCES holders (id),
				source text NOT NULL CHECK (source IN (${sources})),
				left_at timestamptz NOT NULL,
				by_account text NOT NULL,
				credentials text[] NOT NULL,
				cards text[] NOT NULL,
				grants integer NOT NULL,
				account_closed boolean NOT NULL,
				confirmed_at timestamptz,
				rejoined_at timestamptz
			)`.execute(database);
			await sql`CREATE INDEX leavers_newest_first ON leavers (left_at DESC, id DESC)`.execute(database);
			await sql`CREATE UNIQUE INDEX leavers_once ON leavers (holder) WHERE rejoined_at IS NULL`.execute(database);
			await sql`CREATE TABLE personnel_files (key text PRIMARY KEY, done_at timestamptz NOT NULL, result jsonb NOT NULL)`.execute(database);
		},
	},
};
