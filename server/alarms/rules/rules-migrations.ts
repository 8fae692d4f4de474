import { sql } from "kysely";
import type { Migrations } from "../../platform/database/database.ts";

/** What two people have agreed on about each rule: one row a version, never changed. */
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
};
