import { sql } from "kysely";
import { ADMINISTRATOR_ROLES } from "../../contracts/permissions.ts";
import type { Migrations } from "../platform/database/database.ts";

const administratorRoles = sql.raw(ADMINISTRATOR_ROLES.map((role) => `'${role}'`).join(", "));

/**
 * Who holds which role. A row is never changed but to end it, so the table tells who had which right when, and by whose word.
 * That nobody holds two administrator roles is the database's own rule: an index that no request and no program gets around.
 */
export const rightsMigrations: Migrations = {
	"2026-11-23-rights": {
		async up(database) {
			await sql`CREATE TABLE role_grants (
				id uuid PRIMARY KEY,
				account text NOT NULL,
				role text NOT NULL,
				site text NOT NULL,
				granted_at timestamptz NOT NULL,
				lapses_at timestamptz NOT NULL CHECK (lapses_at > granted_at),
				proposed_by text NOT NULL,
				approved_by text NOT NULL,
				announced_at timestamptz,
				ended_at timestamptz,
				end_reason text CHECK (end_reason IN ('revoked', 'lapsed', 'renewed', 'closed')),
				end_proposed_by text,
				end_approved_by text,
				CHECK ((ended_at IS NULL) = (end_reason IS NULL)),
				CHECK (proposed_by <> account AND approved_by <> account),
				CHECK (role NOT IN (${administratorRoles}) OR site = '*')
			)`.execute(database);
			await sql`CREATE UNIQUE INDEX role_grants_held_once ON role_grants (account, role, site) WHERE ended_at IS NULL`.execute(database);
			await sql`CREATE UNIQUE INDEX role_grants_administrators_apart ON role_grants (account)
				WHERE ended_at IS NULL AND role IN (${administratorRoles})`.execute(database);
			await sql`CREATE INDEX role_grants_lapsing ON role_grants (lapses_at) WHERE ended_at IS NULL`.execute(database);
		},
	},
};
