import { sql } from "kysely";
import type { Migrations } from "../platform/database/database.ts";
import { SERVER_ROLE } from "../platform/database/server-role.ts";

/** Tables that nothing may be changed in or taken from once it is written. */
const APPEND_ONLY = ["ledger_entries", "ledger_nodes", "ledger_checkpoints", "ledger_cosignatures"];

/**
 * The Merkle log (RFC 6962 §2.1). `ledger_entries`: the leaves with their exact bytes. `ledger_nodes`: the hash of each complete
 * subtree of 2^level leaves, so that a proof reads a few rows. `ledger_head`: one row, whose lock puts appends in a row.
 * Whoever commands the database can switch the triggers off: what that does is found by `ledger check` and by the witnesses.
 */
export const ledgerMigrations: Migrations = {
	"2026-11-23-ledger": {
		async up(database) {
			await sql`CREATE TABLE ledger_head (
				single boolean PRIMARY KEY DEFAULT true CHECK (single),
				size bigint NOT NULL
			)`.execute(database);
			await sql`INSERT INTO ledger_head (size) VALUES (0)`.execute(database);
			await sql`CREATE TABLE ledger_entries (
				index bigint PRIMARY KEY CHECK (index >= 0),
				leaf bytea NOT NULL,
				hash bytea NOT NULL
			)`.execute(database);
			await sql`CREATE TABLE ledger_nodes (
				level smallint NOT NULL CHECK (level > 0),
				index bigint NOT NULL CHECK (index >= 0),
				hash bytea NOT NULL,
				PRIMARY KEY (level, index)
			)`.execute(database);
			await sql`CREATE TABLE ledger_checkpoints (
				size bigint PRIMARY KEY,
				number bigint NOT NULL UNIQUE,
				root bytea NOT NULL,
				note text NOT NULL,
				signed_at timestamptz NOT NULL
			)`.execute(database);
			await sql`CREATE TABLE ledger_witnesses (
				agent text NOT NULL,
				key text NOT NULL,
				since timestamptz NOT NULL,
				heard_at timestamptz NOT NULL,
				fork text,
				PRIMARY KEY (agent, key)
			)`.execute(database);
			await sql`CREATE TABLE ledger_cosignatures (
				size bigint NOT NULL REFERENCES ledger_checkpoints (size),
				agent text NOT NULL,
				key text NOT NULL,
				line text NOT NULL,
				signed_at timestamptz NOT NULL,
				PRIMARY KEY (size, agent, key)
			)`.execute(database);
			await sql`CREATE INDEX ledger_cosignatures_by_agent ON ledger_cosignatures (agent, key, size)`.execute(database);
			await sql.raw(APPEND).execute(database);
			await sql.raw(REFUSE).execute(database);
			await sql.raw(GUARD_HEAD).execute(database);
			for (const table of APPEND_ONLY) {
				await sql
					.raw(`CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION ledger_refuse()`)
					.execute(database);
				await sql
					.raw(`CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()`)
					.execute(database);
				await sql.raw(`REVOKE ALL ON ${table} FROM PUBLIC`).execute(database);
				await sql.raw(`REVOKE UPDATE, DELETE, TRUNCATE ON ${table} FROM CURRENT_USER`).execute(database);
			}
			await sql.raw("REVOKE ALL ON ledger_head FROM PUBLIC").execute(database);
			await sql.raw("REVOKE DELETE, TRUNCATE ON ledger_head FROM CURRENT_USER").execute(database);
			await sql.raw(SERVER_RIGHTS).execute(database);
		},
	},
	"2026-11-26-ledger-counts": {
		async up(database) {
			// What is not signed can be changed unseen: times stand in the entries and in the cosignatures.
			await sql`ALTER TABLE ledger_checkpoints DROP COLUMN signed_at`.execute(database);
			await sql`ALTER TABLE ledger_cosignatures DROP COLUMN signed_at`.execute(database);
			await sql`DROP TABLE ledger_witnesses`.execute(database);
			await sql`CREATE TABLE ledger_witnesses (agent text NOT NULL, key text NOT NULL, PRIMARY KEY (agent, key))`.execute(database);
			await sql`INSERT INTO ledger_witnesses SELECT DISTINCT agent, key FROM ledger_cosignatures`.execute(database);
			await sql`CREATE TABLE ledger_counts (counted text PRIMARY KEY, rows bigint NOT NULL)`.execute(database);
			await sql`INSERT INTO ledger_counts SELECT 'ledger_checkpoints', count(*) FROM ledger_checkpoints
				UNION ALL SELECT 'ledger_cosignatures', count(*) FROM ledger_cosignatures`.execute(database);
			await sql.raw(COUNT).execute(database);
			await sql.raw(SERVER_RIGHTS_COUNTS).execute(database);
		},
	},
};

/**
 * Locks, hashes and inserts in one call, so that no way to the server and back lies under the lock. The lock is
 * kept until the caller's transaction ends, and undone with it, so that no index is left out.
 */
const APPEND = `CREATE FUNCTION ledger_append(new_leaf bytea) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	new_index bigint;
	place bigint;
	depth smallint := 0;
	node bytea := sha256('\\x00'::bytea || new_leaf);
	sibling bytea;
BEGIN
	-- Writers wait here: for an advisory lock they queue, for a row's they would wake and look again. "ledger" in ASCII.
	PERFORM pg_advisory_xact_lock(119182814536050);
	UPDATE ledger_head SET size = size + 1 RETURNING size - 1 INTO STRICT new_index;
	INSERT INTO ledger_entries (index, leaf, hash) VALUES (new_index, new_leaf, node);
	place := new_index;
	WHILE place % 2 = 1 LOOP
		IF depth = 0 THEN
			SELECT hash INTO STRICT sibling FROM ledger_entries WHERE index = place - 1;
		ELSE
			SELECT hash INTO STRICT sibling FROM ledger_nodes WHERE level = depth AND index = place - 1;
		END IF;
		node := sha256('\\x01'::bytea || sibling || node);
		depth := depth + 1;
		place := place / 2;
		INSERT INTO ledger_nodes (level, index, hash) VALUES (depth, place, node);
	END LOOP;
	RETURN new_index;
END $$`;

const REFUSE = `CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'the ledger is append-only: % on % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$`;

/** The head only grows, by one at a time. */
const GUARD_HEAD = `CREATE TRIGGER grows_by_one BEFORE UPDATE ON ledger_head FOR EACH ROW WHEN (NEW.size <> OLD.size + 1) EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER stays BEFORE DELETE ON ledger_head FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ledger_head FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()`;

/** Counts what is written, so that also the newest row can't be taken away alone; and lists the witnesses. */
const COUNT = `CREATE FUNCTION ledger_count() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
	UPDATE ledger_counts SET rows = rows + 1 WHERE counted = TG_TABLE_NAME;
	RETURN NULL;
END $$;
CREATE FUNCTION ledger_list_witness() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
	INSERT INTO ledger_witnesses (agent, key) VALUES (NEW.agent, NEW.key) ON CONFLICT DO NOTHING;
	RETURN NULL;
END $$;
CREATE TRIGGER counted AFTER INSERT ON ledger_checkpoints FOR EACH ROW EXECUTE FUNCTION ledger_count();
CREATE TRIGGER counted AFTER INSERT ON ledger_cosignatures FOR EACH ROW EXECUTE FUNCTION ledger_count();
CREATE TRIGGER listed AFTER INSERT ON ledger_cosignatures FOR EACH ROW EXECUTE FUNCTION ledger_list_witness();
CREATE TRIGGER grows_by_one BEFORE UPDATE ON ledger_counts FOR EACH ROW
	WHEN (NEW.rows <> OLD.rows + 1 OR NEW.counted <> OLD.counted) EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER stays BEFORE DELETE ON ledger_counts FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ledger_counts FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_witnesses FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ledger_witnesses FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
REVOKE ALL ON ledger_counts, ledger_witnesses FROM PUBLIC`;

const SERVER_RIGHTS_COUNTS = `DO $$ BEGIN
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = '${SERVER_ROLE}') THEN
		REVOKE ALL ON ledger_counts, ledger_witnesses FROM ${SERVER_ROLE};
		GRANT SELECT ON ledger_counts, ledger_witnesses TO ${SERVER_ROLE};
	END IF;
END $$`;

/** Where the server works as a role of its own it may append by the function alone, and sign. */
const SERVER_RIGHTS = `DO $$ BEGIN
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = '${SERVER_ROLE}') THEN
		REVOKE ALL ON ledger_head, ledger_entries, ledger_nodes, ledger_checkpoints, ledger_cosignatures FROM ${SERVER_ROLE};
		GRANT SELECT ON ledger_head, ledger_entries, ledger_nodes, ledger_checkpoints, ledger_cosignatures TO ${SERVER_ROLE};
		GRANT INSERT ON ledger_checkpoints, ledger_cosignatures TO ${SERVER_ROLE};
	END IF;
END $$`;
