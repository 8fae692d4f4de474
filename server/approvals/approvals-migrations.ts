import { sql } from "kysely";
import { CHANGE_STATES } from "../../contracts/changes.ts";
import type { Migrations } from "../platform/database/database.ts";

/** Proposals and their decisions. The database itself holds that what is applied was decided by another person than proposed it. */
export const approvalsMigrations: Migrations = {
	"2026-11-23-approvals": {
		async up(database) {
			await sql`CREATE TABLE changes (
				id uuid PRIMARY KEY,
				kind text NOT NULL,
				subject text NOT NULL,
				site text NOT NULL,
				title text NOT NULL,
				proposal jsonb NOT NULL,
				proposal_digest text NOT NULL,
				before jsonb NOT NULL,
				after jsonb NOT NULL,
				salt text NOT NULL,
				reason text NOT NULL,
				state text NOT NULL CHECK (state IN (${sql.raw(CHANGE_STATES.map((state) => `'${state}'`).join(", "))})),
				proposed_by text NOT NULL,
				proposed_at timestamptz NOT NULL,
				expires_at timestamptz NOT NULL,
				decided_by text,
				decided_at timestamptz,
				comment text,
				ledger_index bigint,
				CHECK ((state = 'pending') = (decided_at IS NULL)),
				CHECK (state <> 'applied' OR (decided_by IS NOT NULL AND decided_by <> proposed_by AND decided_at < expires_at))
			)`.execute(database);
			await sql`CREATE UNIQUE INDEX changes_proposed_once ON changes (kind, subject, proposal_digest) WHERE state = 'pending'`.execute(database);
			await sql`CREATE INDEX changes_newest_first ON changes (proposed_at DESC, id DESC)`.execute(database);
			await sql`CREATE INDEX changes_expiring ON changes (expires_at) WHERE state = 'pending'`.execute(database);
		},
	},
};
