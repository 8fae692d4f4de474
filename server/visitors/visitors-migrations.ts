import { sql } from "kysely";
import { DOCUMENT_TYPES, VISIT_ACTS, VISIT_STATES } from "../../contracts/visitors.ts";
import type { Migrations } from "../platform/database/database.ts";

const oneOf = (values: readonly string[]) => sql.raw(values.map((value) => `'${value}'`).join(", "));

/** Visits and the pool of badges. Of a document there is no room for more than its kind and four characters. */
export const visitorsMigrations: Migrations = {
	"2026-11-26-visitors": {
		async up(database) {
			await sql`CREATE TABLE visitor_badges (
				id text PRIMARY KEY,
				format text NOT NULL,
				facility bigint NOT NULL,
				number bigint NOT NULL,
				UNIQUE (format, facility, number)
			)`.execute(database);
			await sql`CREATE TABLE visits (
				id uuid PRIMARY KEY,
				state text NOT NULL CHECK (state IN (${oneOf(VISIT_STATES)})),
				visitor text NOT NULL,
				company text,
				purpose text NOT NULL,
				host text NOT NULL REFERENCES holders (id),
				escort text NOT NULL REFERENCES holders (id),
				zones text[] NOT NULL,
				valid_from timestamptz NOT NULL,
				valid_until timestamptz NOT NULL CHECK (valid_until > valid_from),
				salt text NOT NULL,
				requested_by text NOT NULL,
				requested_at timestamptz NOT NULL,
				decided_by text,
				decided_at timestamptz,
				reason text,
				document_type text CHECK (document_type IN (${oneOf(DOCUMENT_TYPES)})),
				document_last_four text CHECK (length(document_last_four) = 4),
				checked_in_at timestamptz,
				escort_accepted_at timestamptz,
				badge text REFERENCES visitor_badges (id),
				credential text,
				holder text REFERENCES holders (id),
				on_site_at timestamptz,
				checked_out_at timestamptz,
				badge_returned_at timestamptz,
				version integer NOT NULL,
				CHECK (decided_by <> requested_by OR state <> 'approved')
			)`.execute(database);
			await sql`CREATE INDEX visits_newest_first ON visits (valid_from DESC, id DESC)`.execute(database);
			await sql`CREATE UNIQUE INDEX visits_badge_once ON visits (badge) WHERE state IN ('on-site', 'checked-out')`.execute(database);
		},
	},
	"2026-11-26-visitors-acts": {
		async up(database) {
			await sql`CREATE TABLE visit_acts (
				id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
				visit uuid NOT NULL REFERENCES visits (id) ON DELETE CASCADE,
				act text NOT NULL CHECK (act IN (${oneOf(VISIT_ACTS)})),
				at timestamptz NOT NULL,
				by text,
				reason text
			)`.execute(database);
			await sql`CREATE INDEX visit_acts_by_visit ON visit_acts (visit, id)`.execute(database);
			// What visits from before say of themselves: when, not by whom.
			await sql`INSERT INTO visit_acts (visit, act, at, reason)
				SELECT visits.id, act, at, CASE WHEN act = 'reject' THEN reason END FROM visits CROSS JOIN LATERAL (VALUES
					('request', requested_at), (CASE WHEN state = 'rejected' THEN 'reject' ELSE 'approve' END, decided_at), ('check-in', checked_in_at),
					('accept-escort', escort_accepted_at), ('badge', on_site_at), ('check-out', checked_out_at), ('badge-returned', badge_returned_at)
				) AS done (act, at) WHERE at IS NOT NULL ORDER BY at`.execute(database);
		},
	},
	"2026-11-27-visitors-badge-removal": {
		async up(database) {
			// A visit goes on saying which badge it had when that has left the pool.
			await sql`ALTER TABLE visits DROP CONSTRAINT visits_badge_fkey`.execute(database);
		},
	},
};
