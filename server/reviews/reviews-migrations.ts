import { sql } from "kysely";
import type { Migrations } from "../platform/database/database.ts";

/**
 * Reviews with their frozen items. `review_items.frozen`: the item as the snapshot has it, byte for byte what its hash covers; what is
 * decided stands beside it. `excluded`: accounts of the holder and of who answers for it. `approved_in`: the change by which a second
 * person approved this revocation; a new decision is without.
 */
export const reviewsMigrations: Migrations = {
	"2026-11-26-reviews": {
		async up(database) {
			await sql`CREATE TABLE reviews (
				id uuid PRIMARY KEY,
				subject text NOT NULL,
				site text NOT NULL,
				period text NOT NULL,
				state text NOT NULL CHECK (state IN ('open', 'remediating', 'closed')),
				started_at timestamptz NOT NULL,
				due_at timestamptz NOT NULL,
				snapshot_hash text NOT NULL,
				snapshot_salt text NOT NULL,
				snapshot_index bigint NOT NULL,
				revocations_allowed integer NOT NULL,
				reminded_at timestamptz,
				escalated_at timestamptz,
				signed_by text,
				signed_at timestamptz,
				closed_at timestamptz,
				UNIQUE (site, subject, period)
			)`.execute(database);
			await sql`CREATE TABLE review_items (
				id uuid PRIMARY KEY,
				review uuid NOT NULL REFERENCES reviews (id),
				number integer NOT NULL,
				frozen text NOT NULL,
				holder text,
				grant_id uuid,
				zone text,
				role_grant text,
				excluded text[] NOT NULL,
				risk text NOT NULL,
				assignee text,
				decision text CHECK (decision IN ('keep', 'revoke', 'change')),
				reason text,
				change jsonb,
				decided_by text,
				decided_at timestamptz,
				block boolean NOT NULL DEFAULT false,
				approved_in uuid,
				submitted_at timestamptz,
				confirmed_at timestamptz,
				reopened_at timestamptz,
				resolution text,
				version integer NOT NULL DEFAULT 1,
				UNIQUE (review, number),
				CHECK ((decision IS NULL) = (decided_by IS NULL) AND (decision IS NULL) = (decided_at IS NULL)),
				CHECK (submitted_at IS NULL OR decision IS NOT NULL)
			)`.execute(database);
			await sql`CREATE INDEX review_items_of_assignee ON review_items (review, assignee)`.execute(database);
			await sql`CREATE INDEX review_items_unconfirmed ON review_items (review) WHERE decision <> 'keep' AND submitted_at IS NOT NULL AND confirmed_at IS NULL`.execute(
				database,
			);
			await sql`CREATE INDEX review_items_revoked ON review_items (holder) WHERE decision = 'revoke' AND submitted_at IS NOT NULL`.execute(database);
			await sql`CREATE TABLE review_assignments (
				id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
				item uuid NOT NULL REFERENCES review_items (id),
				from_account text,
				to_account text,
				by_account text NOT NULL,
				at timestamptz NOT NULL,
				reason text NOT NULL
			)`.execute(database);
			await sql`CREATE INDEX review_assignments_of_item ON review_assignments (item, id)`.execute(database);
			await sql`CREATE TABLE review_reports (
				id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
				review uuid NOT NULL REFERENCES reviews (id),
				kind text NOT NULL CHECK (kind IN ('signed', 'closed')),
				at timestamptz NOT NULL,
				body text NOT NULL,
				hash text NOT NULL,
				ledger_index bigint NOT NULL
			)`.execute(database);
			await sql`CREATE INDEX review_reports_of_review ON review_reports (review, id)`.execute(database);
			// How far the findings have been read for later uses of revoked badges.
			await sql`CREATE TABLE review_findings_read (single boolean PRIMARY KEY DEFAULT true CHECK (single), finding bigint NOT NULL)`.execute(
				database,
			);
			await sql`INSERT INTO review_findings_read (finding) VALUES (0)`.execute(database);
		},
	},
};
