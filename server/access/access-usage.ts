import { sql } from "kysely";
import { WEEKDAYS } from "../../contracts/weekly-schedule.ts";
import type { Database } from "../platform/database/database.ts";
import { dateOf, msOf } from "../platform/database/instants.ts";
import type { Register } from "./register/register.ts";
import { minuteOf } from "./register/weekly-hours.ts";

/** What one holder did at one door in a time. */
export interface DoorUsage {
	holder: string;
	door: string;
	granted: number;
	denied: number;
	/** Granted outside of the usual hours of the door's zone. */
	outOfHours: number;
	/** Unix ms. */
	lastGrantedAt: number | null;
}

/** Usage of every door by every holder in (from, to], counted by the database in one pass. Times are Unix ms. */
export async function doorUsage(database: Database, register: Register, from: number, to: number): Promise<DoorUsage[]> {
	const limited = [...register.zones.values()].filter(({ hours }) => hours !== null);
	const outside = limited.map(({ doors, hours }) => {
		const within = (hours ?? []).map(
			({ days, from: begin, to: end }) =>
				sql`(dow = any(${days.map((day) => WEEKDAYS.indexOf(day) + 1)}::int[]) AND minute >= ${minuteOf(begin)}::int AND minute < ${minuteOf(end)}::int)`,
		);
		return sql`WHEN door = any(${[...doors]}::text[]) THEN NOT (${within.length > 0 ? sql.join(within, sql` OR `) : sql`false`})`;
	});
	const outOfHours = outside.length > 0 ? sql`CASE ${sql.join(outside, sql` `)} ELSE false END` : sql`false`;
	const { rows } = await sql<{ holder: string; door: string; granted: number; denied: number; out_of_hours: number; last: Date | null }>`
		SELECT holder, door, count(*) FILTER (WHERE result = 'granted')::int AS granted, count(*) FILTER (WHERE result = 'denied')::int AS denied,
			count(*) FILTER (WHERE result = 'granted' AND ${outOfHours})::int AS out_of_hours, max(ts) FILTER (WHERE result = 'granted') AS last
		FROM (
			SELECT holder, door, result, ts, extract(isodow FROM local)::int AS dow, (extract(hour FROM local) * 60 + extract(minute FROM local))::int AS minute
			FROM (
				SELECT holder, door, result, ts, ts AT TIME ZONE ${register.timeZone} AS local FROM access_events
				WHERE type = 'access' AND holder IS NOT NULL AND ts > ${dateOf(from)} AND ts <= ${dateOf(to)}
			) own
		) timed GROUP BY holder, door`.execute(database.tables());
	return rows.map(({ holder, door, granted, denied, out_of_hours, last }) => ({
		holder,
		door,
		granted,
		denied,
		outOfHours: out_of_hours,
		lastGrantedAt: last === null ? null : msOf(last),
	}));
}
