import { sql } from "kysely";
import type { Migrations } from "../platform/database/database.ts";
import { SERVER_ROLE } from "../platform/database/server-role.ts";

/** Owner of everything in the schema `audit`; nobody logs in as it. */
const OWNER = "watchroom_audit";

/**
 * The audit log's tables. The schema `audit` belongs to a role of its own, whose functions are the only way to make and drop
 * partitions; the server may insert and select. Where the account that migrates may not make roles (DATABASE_URL), it owns the
 * schema itself and the triggers alone refuse; docs/security.md says how to move it then.
 */
export const auditMigrations: Migrations = {
	"2026-11-23-audit": {
		async up(database) {
			const run = (text: string) => sql.raw(text).execute(database);
			await run(`CREATE SCHEMA audit`);
			await run(`CREATE TABLE audit.lines (
				at timestamptz NOT NULL,
				id uuid NOT NULL,
				tag text NOT NULL,
				operation text NOT NULL,
				result text NOT NULL,
				high_risk boolean NOT NULL,
				key_id text NOT NULL,
				sealed bytea NOT NULL,
				user_index bytea,
				name_index bytea,
				object_index bytea,
				address_index bytea,
				PRIMARY KEY (at, id)
			) PARTITION BY RANGE (at)`);
			for (const column of ["user_index", "name_index", "object_index", "address_index"])
				await run(`CREATE INDEX ON audit.lines (${column}, at, id) WHERE ${column} IS NOT NULL`);
			await run(`CREATE INDEX ON audit.lines (operation, at, id)`);
			await run(`CREATE INDEX ON audit.lines (at, id) WHERE high_risk`);
			await run(`CREATE TABLE audit.keys (id text PRIMARY KEY, fingerprint bytea NOT NULL, first_used timestamptz NOT NULL)`);
			await run(`CREATE TABLE audit.alerts (line uuid PRIMARY KEY, at timestamptz NOT NULL, reported_at timestamptz NOT NULL)`);
			await run(`CREATE FUNCTION audit.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
			BEGIN
				RAISE EXCEPTION 'the audit log is append-only: % on %.% is refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
			END $$`);
			await run(`CREATE FUNCTION audit.guard(guarded regclass) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
			BEGIN
				EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse()', guarded);
				-- "always": also for a session that pretends to be a replica.
				EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only', guarded);
			END $$`);
			await run(`SELECT audit.guard('audit.lines'), audit.guard('audit.keys')`);
			// ATTACH takes a lock that doesn't stop others' inserts, CREATE TABLE ... PARTITION OF would.
			await run(`CREATE FUNCTION audit.make_partition(moment timestamptz) RETURNS void
			LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
			DECLARE
				lower_bound timestamptz := date_trunc('month', moment);
				upper_bound timestamptz := date_trunc('month', moment) + interval '1 month';
				name text := 'lines_' || to_char(lower_bound, 'YYYY_MM');
			BEGIN
				IF moment < '2000-01-01' OR moment >= '2200-01-01' THEN
					RAISE EXCEPTION 'no audit partition for %: expected a time of this century or the next', moment USING ERRCODE = 'invalid_parameter_value';
				END IF;
				IF to_regclass('audit.' || name) IS NOT NULL THEN RETURN; END IF;
				LOCK TABLE audit.lines IN SHARE UPDATE EXCLUSIVE MODE;
				IF to_regclass('audit.' || name) IS NOT NULL THEN RETURN; END IF;
				EXECUTE format('CREATE TABLE audit.%I (LIKE audit.lines INCLUDING ALL, CHECK (at >= %L AND at < %L))', name, lower_bound, upper_bound);
				PERFORM audit.guard(('audit.' || name)::regclass);
				EXECUTE format('ALTER TABLE audit.lines ATTACH PARTITION audit.%I FOR VALUES FROM (%L) TO (%L)', name, lower_bound, upper_bound);
			END $$`);
			await run(`CREATE FUNCTION audit.drop_partition(name text) RETURNS bigint
			LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '10s' AS $$
			DECLARE
				upper_bound timestamptz;
				lines bigint;
			BEGIN
				IF name !~ '^lines_[0-9]{4}_[0-9]{2}$' OR to_regclass('audit.' || name) IS NULL THEN
					RAISE EXCEPTION 'there is no audit partition %', name USING ERRCODE = 'undefined_table';
				END IF;
				upper_bound := to_timestamp(substr(name, 7), 'YYYY_MM') + interval '1 month';
				IF upper_bound > now() - interval '180 days' THEN
					RAISE EXCEPTION 'audit partition % holds lines that are younger than 180 days', name USING ERRCODE = 'insufficient_privilege';
				END IF;
				EXECUTE format('SELECT count(*) FROM audit.%I', name) INTO lines;
				EXECUTE format('DROP TABLE audit.%I', name);
				DELETE FROM audit.alerts WHERE at < upper_bound;
				RETURN lines;
			END $$`);
			await run(`REVOKE ALL ON FUNCTION audit.guard(regclass), audit.make_partition(timestamptz), audit.drop_partition(text) FROM PUBLIC`);
			await run(`CREATE TABLE audit_exports (
				id text PRIMARY KEY,
				change text NOT NULL UNIQUE,
				from_at timestamptz NOT NULL,
				to_at timestamptz NOT NULL,
				proposed_by text NOT NULL,
				approved_by text NOT NULL,
				approved_at timestamptz NOT NULL,
				available_until timestamptz NOT NULL,
				state text NOT NULL,
				lines bigint,
				sha256 text
			)`);
			await run(`CREATE TABLE audit_reviews (
				id text PRIMARY KEY,
				from_at timestamptz NOT NULL,
				to_at timestamptz NOT NULL,
				due_at timestamptz NOT NULL,
				lines bigint,
				high_risk bigint,
				refused bigint,
				digest text,
				signed_by jsonb,
				signed_at timestamptz,
				remarks text,
				ledger_index bigint
			)`);
			await run(handOver);
		},
	},
};

/** Gives the schema to a role of its own where the account may do that, and the server's role what it needs. */
const handOver = `DO $$
BEGIN
	IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
		BEGIN
			CREATE ROLE ${OWNER} NOLOGIN;
		EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; -- roles belong to the cluster: another database has it too
		END;
		ALTER TABLE audit.lines OWNER TO ${OWNER};
		ALTER TABLE audit.keys OWNER TO ${OWNER};
		ALTER TABLE audit.alerts OWNER TO ${OWNER};
		ALTER FUNCTION audit.refuse() OWNER TO ${OWNER};
		ALTER FUNCTION audit.guard(regclass) OWNER TO ${OWNER};
		ALTER FUNCTION audit.make_partition(timestamptz) OWNER TO ${OWNER};
		ALTER FUNCTION audit.drop_partition(text) OWNER TO ${OWNER};
		ALTER SCHEMA audit OWNER TO ${OWNER};
	END IF;
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = '${SERVER_ROLE}') THEN
		GRANT USAGE ON SCHEMA audit TO ${SERVER_ROLE};
		GRANT SELECT, INSERT ON audit.lines, audit.keys, audit.alerts TO ${SERVER_ROLE};
		GRANT EXECUTE ON FUNCTION audit.make_partition(timestamptz), audit.drop_partition(text) TO ${SERVER_ROLE};
	END IF;
END $$`;
