import { sql } from "kysely";
import type { Migrations } from "../../platform/database/database.ts";

/** What two people have agreed on about each rule: one row a version, never changed; and what replays of proposed rules have found. */
export const rulesMigrations: Migrations = {
	"2026-11-26-rules": {
		async up(database) {
			await sql`CREATE TABLE rule_versions (
				rule text NOT NULL,
				version integer NOT NULL CHECK (version > 0),
				act text NOT NULL CHECK (act IN ('set', 'delete', 'follow-file')),
				definition jsonb,
				file jsonb,
				at timestamptz NOT NULL,
				change text NOT NULL,
				proposed_by text NOT NULL,
				approved_by text NOT NULL,
				PRIMARY KEY (rule, version),
				CHECK ((act = 'set') = (definition IS NOT NULL)),
				CHECK (proposed_by <> approved_by)
			)`.execute(database);
		},
	},
	"2026-11-26-rule-replays": {
		async up(database) {
			await sql`CREATE TABLE rule_replays (id uuid PRIMARY KEY, rule text NOT NULL, definition jsonb NOT NULL, result jsonb NOT NULL, at timestamptz NOT NULL)`.execute(
				database,
			);
			await sql`CREATE INDEX rule_replays_by_time ON rule_replays (at)`.execute(database);
		},
	},
};
