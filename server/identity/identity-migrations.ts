import { sql } from "kysely";
import type { Migrations } from "../platform/database/database.ts";

/** Tables of accounts and of what proves who somebody is. Secrets that are random stand here as hashes only. */
export const identityMigrations: Migrations = {
	"2026-11-23-identity": {
		async up(database) {
			await sql`CREATE TABLE accounts (
				id text PRIMARY KEY,
				username text NOT NULL UNIQUE,
				name text NOT NULL,
				email text,
				password_hash text,
				must_change_password boolean NOT NULL DEFAULT false,
				totp_secret text,
				totp_step bigint,
				totp_pending text,
				created_at timestamptz NOT NULL,
				closed_at timestamptz,
				last_log_in_at timestamptz
			)`.execute(database);
			await sql`CREATE TABLE recovery_codes (
				account text NOT NULL REFERENCES accounts (id),
				code_hash text NOT NULL,
				PRIMARY KEY (account, code_hash)
			)`.execute(database);
			await sql`CREATE TABLE sessions (
				id text PRIMARY KEY,
				secret_hash text NOT NULL UNIQUE,
				account text NOT NULL REFERENCES accounts (id),
				created_at timestamptz NOT NULL,
				last_used_at timestamptz NOT NULL,
				ends_at timestamptz NOT NULL,
				confirmed_at timestamptz NOT NULL,
				address text,
				user_agent text
			)`.execute(database);
			await sql`CREATE INDEX sessions_of_account ON sessions (account)`.execute(database);
			await sql`CREATE TABLE api_tokens (
				id text PRIMARY KEY,
				secret_hash text NOT NULL UNIQUE,
				account text NOT NULL REFERENCES accounts (id),
				name text NOT NULL,
				permissions jsonb,
				created_at timestamptz NOT NULL,
				last_used_at timestamptz,
				expires_at timestamptz NOT NULL
			)`.execute(database);
			await sql`CREATE INDEX api_tokens_of_account ON api_tokens (account)`.execute(database);
			await sql`CREATE TABLE set_up_links (
				secret_hash text PRIMARY KEY,
				purpose text NOT NULL CHECK (purpose IN ('first-administrator', 'new-account')),
				account text REFERENCES accounts (id),
				created_at timestamptz NOT NULL,
				expires_at timestamptz NOT NULL,
				CHECK ((purpose = 'new-account') = (account IS NOT NULL))
			)`.execute(database);
			await sql`CREATE TABLE known_addresses (
				account text NOT NULL REFERENCES accounts (id),
				address text NOT NULL,
				last_log_in_at timestamptz NOT NULL,
				PRIMARY KEY (account, address)
			)`.execute(database);
		},
	},
	"2026-11-26-sealed-second-factors": {
		async up(database) {
			// Not valid: secrets of before stay until the server's start seals them, see TotpSecrets.
			await sql`ALTER TABLE accounts ADD CONSTRAINT second_factors_are_sealed
				CHECK (totp_secret LIKE '%:%' AND totp_pending LIKE '%:%') NOT VALID`.execute(database);
		},
	},
	"2026-11-26-account-resets": {
		async up(database) {
			await sql`CREATE TABLE account_resets (
				change uuid PRIMARY KEY,
				account text NOT NULL REFERENCES accounts (id),
				proposer text NOT NULL REFERENCES accounts (id),
				expires_at timestamptz NOT NULL,
				used_at timestamptz
			)`.execute(database);
			await sql`CREATE INDEX account_resets_of_account ON account_resets (account)`.execute(database);
		},
	},
};
