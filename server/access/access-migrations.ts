import { sql } from "kysely";
import type { Migrations } from "../platform/database/database.ts";

/** Access and door events share their device's numbering, so they share a table; numbering and gaps by device. */
export const accessMigrations: Migrations = {
	"2026-11-22-access": {
		async up(database) {
			await sql`CREATE TABLE access_events (
				id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
				type text NOT NULL,
				device text NOT NULL,
				seq bigint NOT NULL,
				digest text NOT NULL,
				conflict boolean NOT NULL,
				door text NOT NULL,
				door_name text NOT NULL,
				ts timestamptz NOT NULL,
				received_at timestamptz NOT NULL,
				late boolean NOT NULL,
				direction text,
				method text,
				card jsonb,
				fingerprint text,
				holder text,
				holder_name text,
				result text,
				reason text,
				state text,
				UNIQUE (device, seq, digest)
			)`.execute(database);
			await sql`CREATE UNIQUE INDEX access_events_by_number ON access_events (device, seq) WHERE NOT conflict`.execute(database);
			await sql`CREATE INDEX access_events_newest_first ON access_events (type, ts DESC, id DESC)`.execute(database);
			await sql`CREATE INDEX access_events_by_door ON access_events (type, door, ts DESC, id DESC)`.execute(database);
			await sql`CREATE INDEX access_events_by_holder ON access_events (holder, ts DESC, id DESC) WHERE holder IS NOT NULL`.execute(database);
			await sql`CREATE TABLE device_numbering (
				device text PRIMARY KEY,
				highest bigint
			)`.execute(database);
			await sql`CREATE TABLE sequence_gaps (
				id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
				device text NOT NULL,
				first_seq bigint NOT NULL,
				last_seq bigint NOT NULL,
				missing bigint NOT NULL,
				noticed_at timestamptz NOT NULL,
				filled_at timestamptz
			)`.execute(database);
			await sql`CREATE INDEX sequence_gaps_by_device ON sequence_gaps (device, id DESC)`.execute(database);
		},
	},
	"2026-11-26-access-verdicts": {
		async up(database) {
			await sql`ALTER TABLE access_events ADD COLUMN credential uuid, ADD COLUMN verdict text, ADD COLUMN access_grant uuid`.execute(database);
			await sql`CREATE INDEX access_events_by_credential ON access_events (credential, ts DESC) WHERE credential IS NOT NULL`.execute(database);
		},
	},
	"2026-11-27-doubted-numbers": {
		async up(database) {
			await sql`ALTER TABLE device_numbering ADD COLUMN doubted bigint`.execute(database);
		},
	},
};
