import { sql } from "kysely";
import { CLASSIFICATIONS, INCIDENT_KINDS, MEDIUM_TYPES } from "../../contracts/media.ts";
import { EQUIPMENT_KINDS } from "../../contracts/media-orders.ts";
import type { Migrations } from "../platform/database/database.ts";
import { FIRST_POLICY } from "./policy.ts";
import { identityOf } from "./vendors.ts";

const oneOf = (values: readonly string[]) => sql.raw(values.map((value) => `'${value}'`).join(", "));

/**
 * Media with their chain of custody. What a medium is now stands in `media`; how it came to be so in `media_steps`, of which nothing is
 * ever changed or deleted: `record` is byte for byte what was signed and what `digest` covers.
 */
export const custodyMigrations: Migrations = {
	"2026-11-26-custody": {
		async up(database) {
			await sql`CREATE TABLE media_policies (
				version integer PRIMARY KEY,
				policy jsonb NOT NULL,
				in_force_since timestamptz NOT NULL,
				change uuid
			)`.execute(database);
			await sql`INSERT INTO media_policies (version, policy, in_force_since) VALUES (1, ${JSON.stringify(FIRST_POLICY)}, now())`.execute(database);
			await sql`CREATE TABLE media_batches (
				id uuid PRIMARY KEY,
				title text NOT NULL,
				place text NOT NULL,
				planned_for date NOT NULL,
				people text[] NOT NULL,
				destination jsonb NOT NULL,
				policy integer NOT NULL REFERENCES media_policies (version),
				opened_by text NOT NULL,
				opened_at timestamptz NOT NULL,
				closed_by text,
				closed_at timestamptz,
				certificate bigint
			)`.execute(database);
			await sql`CREATE INDEX media_batches_newest_first ON media_batches (opened_at DESC, id DESC)`.execute(database);
			await sql`CREATE TABLE media_stores (
				id text PRIMARY KEY,
				name text NOT NULL,
				room text NOT NULL,
				door text
			)`.execute(database);
			await sql`CREATE TABLE media (
				id uuid PRIMARY KEY,
				serial text NOT NULL,
				maker text NOT NULL,
				model text NOT NULL,
				type text NOT NULL CHECK (type IN (${oneOf(MEDIUM_TYPES)})),
				classification text NOT NULL CHECK (classification IN (${oneOf(CLASSIFICATIONS)})),
				capacity_bytes bigint,
				coercivity_oe double precision,
				damaged boolean NOT NULL,
				property text,
				source jsonb,
				why text NOT NULL,
				batch uuid NOT NULL REFERENCES media_batches (id),
				custody jsonb NOT NULL,
				holder text,
				store text REFERENCES media_stores (id),
				offer jsonb,
				seal text,
				done jsonb NOT NULL,
				unverified jsonb,
				incident uuid,
				lost boolean NOT NULL,
				removed_at timestamptz,
				destroyed_at timestamptz,
				released_at timestamptz,
				certificate bigint,
				steps integer NOT NULL,
				last_at timestamptz,
				registered_by text NOT NULL,
				registered_at timestamptz NOT NULL
			)`.execute(database);
			await sql`CREATE UNIQUE INDEX media_serial_once ON media (maker, serial) WHERE released_at IS NULL AND NOT lost`.execute(database);
			await sql`CREATE INDEX media_of_batch ON media (batch, serial)`.execute(database);
			await sql`CREATE INDEX media_of_holder ON media (holder) WHERE holder IS NOT NULL`.execute(database);
			await sql`CREATE INDEX media_in_store ON media (store) WHERE store IS NOT NULL`.execute(database);
			await sql`CREATE TABLE media_bays (
				batch uuid NOT NULL REFERENCES media_batches (id),
				asset text NOT NULL,
				bay text NOT NULL,
				content text NOT NULL CHECK (content IN ('medium', 'empty', 'unknown')),
				medium uuid REFERENCES media (id),
				note text,
				PRIMARY KEY (batch, asset, bay),
				CHECK ((content = 'medium') = (medium IS NOT NULL))
			)`.execute(database);
			await sql`CREATE TABLE media_steps (
				id uuid PRIMARY KEY,
				medium uuid NOT NULL REFERENCES media (id),
				number integer NOT NULL,
				act text NOT NULL,
				by_account text NOT NULL,
				at timestamptz NOT NULL,
				recorded_at timestamptz NOT NULL,
				record text NOT NULL,
				digest text NOT NULL,
				incident uuid,
				ledger_index bigint NOT NULL,
				UNIQUE (medium, number)
			)`.execute(database);
			await sql`CREATE TABLE media_incidents (
				id uuid PRIMARY KEY,
				kind text NOT NULL CHECK (kind IN (${oneOf(INCIDENT_KINDS)})),
				medium uuid REFERENCES media (id),
				batch uuid REFERENCES media_batches (id),
				store text REFERENCES media_stores (id),
				serials text[] NOT NULL,
				detail text NOT NULL,
				opened_by text NOT NULL,
				opened_at timestamptz NOT NULL,
				closed_at timestamptz,
				outcome text,
				change uuid
			)`.execute(database);
			await sql`CREATE UNIQUE INDEX media_incident_once ON media_incidents (medium) WHERE closed_at IS NULL AND medium IS NOT NULL`.execute(database);
			await sql`CREATE INDEX media_incidents_newest_first ON media_incidents (opened_at DESC, id DESC)`.execute(database);
			await sql`CREATE TABLE media_counts (
				id uuid PRIMARY KEY,
				store text NOT NULL REFERENCES media_stores (id),
				at timestamptz NOT NULL,
				by_account text NOT NULL,
				expected text[] NOT NULL,
				missing text[] NOT NULL,
				misplaced text[] NOT NULL,
				unknown text[] NOT NULL
			)`.execute(database);
			await sql`CREATE INDEX media_counts_of_store ON media_counts (store, at DESC)`.execute(database);
			await sql`CREATE TABLE media_equipment (
				id uuid PRIMARY KEY,
				name text NOT NULL UNIQUE,
				maker text NOT NULL,
				model text NOT NULL,
				serial text NOT NULL,
				kind text NOT NULL CHECK (kind IN (${oneOf(EQUIPMENT_KINDS)})),
				field_oe double precision,
				particle_mm double precision,
				version text,
				retired_at timestamptz,
				UNIQUE (maker, serial)
			)`.execute(database);
			await sql`CREATE TABLE media_equipment_records (
				id uuid PRIMARY KEY,
				equipment uuid NOT NULL REFERENCES media_equipment (id),
				kind text NOT NULL CHECK (kind IN ('test', 'calibration')),
				at timestamptz NOT NULL,
				valid_until timestamptz NOT NULL CHECK (valid_until > at),
				passed boolean NOT NULL,
				by_whom text NOT NULL,
				reference text NOT NULL,
				entered_by text NOT NULL,
				entered_at timestamptz NOT NULL
			)`.execute(database);
			await sql`CREATE INDEX media_equipment_records_of ON media_equipment_records (equipment, at)`.execute(database);
			await sql`CREATE TABLE media_photos (
				digest text PRIMARY KEY,
				type text NOT NULL,
				bytes integer NOT NULL,
				by_account text NOT NULL,
				at timestamptz NOT NULL
			)`.execute(database);
			await sql`CREATE TABLE media_certificates (
				id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
				medium uuid REFERENCES media (id),
				batch uuid REFERENCES media_batches (id),
				at timestamptz NOT NULL,
				body text NOT NULL,
				digest text NOT NULL,
				ledger_index bigint NOT NULL,
				CHECK ((medium IS NULL) <> (batch IS NULL))
			)`.execute(database);
			await sql`CREATE UNIQUE INDEX media_certificate_of_medium ON media_certificates (medium) WHERE medium IS NOT NULL`.execute(database);
			await sql`CREATE UNIQUE INDEX media_certificate_of_batch ON media_certificates (batch) WHERE batch IS NOT NULL`.execute(database);
			await sql`CREATE FUNCTION media_steps_stay() RETURNS trigger LANGUAGE plpgsql AS $$
				BEGIN RAISE EXCEPTION 'a step of a chain of custody is never changed or deleted'; END $$`.execute(database);
			for (const table of ["media_steps", "media_counts", "media_certificates", "media_equipment_records"])
				await sql
					.raw(`CREATE TRIGGER ${table}_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION media_steps_stay()`)
					.execute(database);
		},
	},
	"2026-11-27-media-identity": {
		async up(database) {
			await sql`ALTER TABLE media ADD COLUMN identity text`.execute(database);
			const { rows } = await sql<{ id: string; maker: string; serial: string }>`SELECT id, maker, serial FROM media`.execute(database);
			for (const row of rows) await sql`UPDATE media SET identity = ${identityOf(row)} WHERE id = ${row.id}`.execute(database);
			// What stands there twice already stays, the later one under a name of its own.
			await sql`UPDATE media SET identity = identity || ' ' || id WHERE id IN (SELECT id FROM
				(SELECT id, row_number() OVER (PARTITION BY identity ORDER BY registered_at, id) FROM media WHERE released_at IS NULL AND NOT lost) AS twice
				WHERE row_number > 1)`.execute(database);
			await sql`ALTER TABLE media ALTER COLUMN identity SET NOT NULL`.execute(database);
			await sql`DROP INDEX media_serial_once`.execute(database);
			await sql`CREATE UNIQUE INDEX media_identity_once ON media (identity) WHERE released_at IS NULL AND NOT lost`.execute(database);
			await sql`CREATE INDEX media_of_identity ON media (identity)`.execute(database);
		},
	},
	"2026-11-27-media-deviations": {
		async up(database) {
			await sql`ALTER TABLE media_steps ADD COLUMN deviations text[] NOT NULL DEFAULT '{}'`.execute(database);
			await sql`CREATE INDEX media_steps_deviant ON media_steps (medium) WHERE deviations <> '{}'`.execute(database);
			await sql`ALTER TABLE media_batches ADD COLUMN deviations_because text`.execute(database);
		},
	},
};
