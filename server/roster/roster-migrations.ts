import { sql } from "kysely";
import type { Migrations } from "../platform/database/database.ts";

/** Tables of the duty roster: its plans, what was agreed beside them, hand-overs, and where people are reached. */
export const rosterMigrations: Migrations = {
	"2026-11-26-roster": {
		async up(database) {
			await sql`CREATE TABLE roster_plans (
				version integer PRIMARY KEY,
				plan jsonb NOT NULL,
				by text NOT NULL,
				at timestamptz NOT NULL
			)`.execute(database);
			await sql`CREATE TABLE roster_assignments (
				rotation text NOT NULL,
				day text NOT NULL,
				person text NOT NULL,
				by text NOT NULL,
				at timestamptz NOT NULL,
				PRIMARY KEY (rotation, day)
			)`.execute(database);
			await sql`CREATE TABLE roster_absences (
				id uuid PRIMARY KEY,
				person text NOT NULL,
				kind text NOT NULL,
				from_at timestamptz NOT NULL,
				until_at timestamptz NOT NULL,
				note text,
				by text NOT NULL,
				at timestamptz NOT NULL
			)`.execute(database);
			await sql`CREATE INDEX roster_absences_by_end ON roster_absences (until_at)`.execute(database);
			await sql`CREATE TABLE roster_swaps (
				id uuid PRIMARY KEY,
				state text NOT NULL,
				"from" text NOT NULL,
				"to" text NOT NULL,
				give_rotation text NOT NULL,
				give_day text NOT NULL,
				take_rotation text,
				take_day text,
				note text,
				at timestamptz NOT NULL,
				decided_at timestamptz
			)`.execute(database);
			await sql`CREATE INDEX roster_swaps_newest ON roster_swaps (at DESC, id DESC)`.execute(database);
			await sql`CREATE TABLE roster_hand_overs (
				id uuid PRIMARY KEY,
				"from" text NOT NULL,
				at timestamptz NOT NULL,
				note text NOT NULL,
				alarms jsonb NOT NULL,
				more boolean NOT NULL,
				taken_by text,
				taken_at timestamptz
			)`.execute(database);
			await sql`CREATE INDEX roster_hand_overs_newest ON roster_hand_overs (at DESC, id DESC)`.execute(database);
			await sql`CREATE TABLE roster_contacts (
				person text PRIMARY KEY,
				email text,
				phone text
			)`.execute(database);
		},
	},
};
