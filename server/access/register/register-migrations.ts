import { sql } from "kysely";
import { CREDENTIAL_STATES, GRANT_ENDS, HOLDER_KINDS } from "../../../contracts/access.ts";
import type { Migrations } from "../../platform/database/database.ts";

const oneOf = (values: readonly string[]) => sql.raw(values.map((value) => `'${value}'`).join(", "));

/** Holders, credentials, grants, each with its history. Nothing is deleted: events and reviews tell of it. */
export const registerMigrations: Migrations = {
	"2026-11-26-access-register": {
		async up(database) {
			await sql`CREATE TABLE holders (
				id text PRIMARY KEY,
				name text NOT NULL,
				kind text NOT NULL CHECK (kind IN (${oneOf(HOLDER_KINDS)})),
				company text,
				post text,
				external_id text UNIQUE,
				account text UNIQUE,
				sponsor text REFERENCES holders (id),
				left_at timestamptz,
				created_at timestamptz NOT NULL,
				version integer NOT NULL
			)`.execute(database);
			await sql`CREATE TABLE holder_posts (
				id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
				holder text NOT NULL REFERENCES holders (id),
				post text,
				at timestamptz NOT NULL
			)`.execute(database);
			await sql`CREATE INDEX holder_posts_by_holder ON holder_posts (holder, id)`.execute(database);
			await sql`CREATE TABLE credentials (
				id uuid PRIMARY KEY,
				holder text NOT NULL REFERENCES holders (id),
				format text,
				facility bigint,
				number bigint,
				fingerprint text,
				state text NOT NULL CHECK (state IN (${oneOf(CREDENTIAL_STATES)})),
				state_at timestamptz NOT NULL,
				state_reason text,
				valid_from timestamptz NOT NULL,
				valid_until timestamptz,
				version integer NOT NULL,
				CHECK ((fingerprint IS NULL) = (number IS NOT NULL)),
				CHECK ((number IS NULL) = (format IS NULL) AND (number IS NULL) = (facility IS NULL))
			)`.execute(database);
			await sql`CREATE UNIQUE INDEX credentials_card_once ON credentials (format, facility, number) WHERE number IS NOT NULL AND state <> 'returned'`.execute(
				database,
			);
			await sql`CREATE UNIQUE INDEX credentials_fingerprint_once ON credentials (fingerprint) WHERE fingerprint IS NOT NULL AND state <> 'returned'`.execute(
				database,
			);
			await sql`CREATE INDEX credentials_by_holder ON credentials (holder)`.execute(database);
			await sql`CREATE TABLE credential_states (
				id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
				credential uuid NOT NULL REFERENCES credentials (id),
				state text NOT NULL,
				at timestamptz NOT NULL,
				by_account text NOT NULL,
				reason text
			)`.execute(database);
			await sql`CREATE INDEX credential_states_by_credential ON credential_states (credential, id)`.execute(database);
			await sql`CREATE TABLE access_grants (
				id uuid PRIMARY KEY,
				holder text REFERENCES holders (id),
				post text,
				zone text NOT NULL,
				valid_from timestamptz NOT NULL,
				valid_until timestamptz,
				schedule jsonb,
				sponsor text REFERENCES holders (id),
				reason text NOT NULL,
				granted_by text NOT NULL,
				granted_at timestamptz NOT NULL,
				renewed_at timestamptz NOT NULL,
				lapses_at timestamptz NOT NULL,
				ended_at timestamptz,
				ended_by text,
				end_reason text CHECK (end_reason IN (${oneOf(GRANT_ENDS)})),
				version integer NOT NULL,
				CHECK ((holder IS NULL) <> (post IS NULL)),
				CHECK ((ended_at IS NULL) = (end_reason IS NULL) AND (ended_at IS NULL) = (ended_by IS NULL))
			)`.execute(database);
			await sql`CREATE UNIQUE INDEX access_grants_once ON access_grants
				(coalesce(holder, ''), coalesce(post, ''), zone, valid_from, coalesce(schedule, 'null'::jsonb)) WHERE ended_at IS NULL`.execute(database);
			await sql`CREATE INDEX access_grants_by_holder ON access_grants (holder)`.execute(database);
			await sql`CREATE INDEX access_grants_lapsing ON access_grants (lapses_at) WHERE ended_at IS NULL`.execute(database);
			await sql`CREATE TABLE register_changes (single boolean PRIMARY KEY DEFAULT true CHECK (single), number bigint NOT NULL)`.execute(database);
			await sql`INSERT INTO register_changes (number) VALUES (0)`.execute(database);
		},
	},
	/** Which change touched a row last, so that a server loads only what has changed. Set here, where no writer can forget it. */
	"2026-11-26-register-rows-changed": {
		async up(database) {
			await sql`CREATE FUNCTION note_register_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
				SELECT number + 1 INTO NEW.changed_in FROM register_changes;
				RETURN NEW;
			END $$`.execute(database);
			for (const table of ["holders", "credentials", "access_grants"]) {
				await sql`ALTER TABLE ${sql.table(table)} ADD COLUMN changed_in bigint NOT NULL DEFAULT 0`.execute(database);
				await sql`CREATE INDEX ON ${sql.table(table)} (changed_in)`.execute(database);
				await sql`CREATE TRIGGER note_register_row BEFORE INSERT OR UPDATE ON ${sql.table(table)} FOR EACH ROW EXECUTE FUNCTION note_register_row()`.execute(
					database,
				);
			}
		},
	},
	/** One person may have several accounts; `account` stays the one that the HR system knows of. */
	"2026-11-27-holder-accounts": {
		async up(database) {
			await sql`ALTER TABLE holders ADD COLUMN other_accounts text[] NOT NULL DEFAULT '{}'`.execute(database);
		},
	},
};
