import { sql } from "kysely";
import type { Migrations } from "../platform/database/database.ts";

/** Credentials of agents, passwords of devices, and a number that changes with them, by which every process sees a change. */
export const linksMigrations: Migrations = {
	"2026-11-23-links": {
		async up(database) {
			await sql`CREATE TABLE link_credentials (
				id text PRIMARY KEY,
				agent text NOT NULL,
				kind text NOT NULL CHECK (kind IN ('certificate', 'token')),
				digest text NOT NULL UNIQUE,
				created_at timestamptz NOT NULL,
				created_by text NOT NULL,
				expires_at timestamptz NOT NULL,
				revoked_at timestamptz,
				revoked_by text
			)`.execute(database);
			await sql`CREATE INDEX link_credentials_by_agent ON link_credentials (agent, created_at)`.execute(database);
			await sql`CREATE TABLE device_accounts (
				name text PRIMARY KEY,
				salt text NOT NULL,
				hash text NOT NULL,
				devices text[] NOT NULL,
				set_at timestamptz NOT NULL,
				set_by text NOT NULL
			)`.execute(database);
			await sql`CREATE TABLE link_changes (only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), number bigint NOT NULL)`.execute(database);
			await sql`INSERT INTO link_changes (number) VALUES (0)`.execute(database);
		},
	},
};
