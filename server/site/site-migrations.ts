import { sql } from "kysely";
import type { Migrations } from "../platform/database/database.ts";

/** Tables of the watched world: counters that outlive a restart, and what devices sent that was refused. */
export const siteMigrations: Migrations = {
	"2026-11-22-site": {
		async up(database) {
			await sql`CREATE TABLE live_states (
				kind text NOT NULL,
				id text NOT NULL,
				state jsonb NOT NULL,
				PRIMARY KEY (kind, id)
			)`.execute(database);
			await sql`CREATE TABLE quarantine (
				id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
				agent text NOT NULL,
				device text NOT NULL,
				known boolean NOT NULL,
				topic text NOT NULL,
				received_at timestamptz NOT NULL,
				reason text NOT NULL,
				detail text NOT NULL,
				payload text NOT NULL,
				size bigint NOT NULL
			)`.execute(database);
			// A heartbeat that comes again brings the same entries again; two payloads of one millisecond are two entries.
			await sql`CREATE UNIQUE INDEX quarantine_once ON quarantine (agent, device, received_at, topic, md5(detail || payload))`.execute(database);
			await sql`CREATE INDEX quarantine_by_device ON quarantine (device, id DESC)`.execute(database);
			await sql`CREATE INDEX quarantine_by_agent ON quarantine (agent, id DESC)`.execute(database);
		},
	},
};
