/** What an event that comes after newer ones bears on, and what of a door's events is still missing. */
import { sql } from "kysely";
import type { AnyTransaction } from "../../platform/database/database.ts";
import { dateOf, msOf } from "../../platform/database/instants.ts";
import type { AccessRecord } from "../access-event.ts";
import { accessOf } from "../access-rows.ts";
import type { FindingRecord } from "./finding.ts";

/** How far a device's clock and the server's may be apart, ms. */
const CLOCKS_APART = 5 * 60_000;

/**
 * Events that have been looked at already and that happened after these: denials at the same door or of the same holder within the
 * window (ms), and the holder's next granted passage. Marked late when a late one bears on them.
 */
export async function judgedAfter(transaction: AnyTransaction, events: readonly AccessRecord[], window: number): Promise<AccessRecord[]> {
	if (events.length === 0) return [];
	type Row = Parameters<typeof accessOf>[0] & { told_late: boolean };
	const { rows } = await sql<Row>`WITH come AS (
			SELECT * FROM unnest(${events.map(({ id }) => Number(id))}::bigint[], ${events.map(({ door }) => door)}::text[],
				${events.map(({ holder }) => holder?.id ?? null)}::text[], ${events.map(({ ts }) => dateOf(ts))}::timestamptz[],
				${events.map(({ result }) => result)}::text[], ${events.map(({ late }) => late)}::boolean[]) AS c (id, door, holder, ts, result, late)
		), after AS (
			SELECT e.id, bool_or(come.late) AS late FROM come JOIN LATERAL (
				(SELECT a.id FROM access_events a WHERE come.result = 'denied' AND a.type = 'access' AND a.result = 'denied' AND a.door = come.door
					AND (a.ts, a.id) > (come.ts, come.id) AND a.ts <= come.ts + make_interval(secs => ${window / 1000}))
				UNION ALL
				(SELECT a.id FROM access_events a WHERE come.result = 'denied' AND a.result = 'denied' AND a.holder = come.holder
					AND (a.ts, a.id) > (come.ts, come.id) AND a.ts <= come.ts + make_interval(secs => ${window / 1000}))
				UNION ALL
				(SELECT a.id FROM access_events a WHERE come.result = 'granted' AND a.result = 'granted' AND a.holder = come.holder
					AND (a.ts, a.id) > (come.ts, come.id) ORDER BY a.ts, a.id LIMIT 1)
			) e ON true GROUP BY e.id
		) SELECT e.*, e.late OR after.late AS told_late FROM access_events e JOIN after ON after.id = e.id WHERE e.judged ORDER BY e.id`.execute(
		transaction,
	);
	return rows.map(({ told_late, ...row }) => ({ ...accessOf(row), late: told_late }));
}

/** Whether guessing at this door, or with this holder's badge, was found already within the window (ms). */
export async function isGuessingKnown(
	transaction: AnyTransaction,
	{ door, holder, at }: Pick<FindingRecord, "door" | "holder" | "at">,
	window: number,
): Promise<boolean> {
	const { rows } = await sql`SELECT 1 FROM access_findings WHERE kind = 'guessing' AND (door = ${door} OR holder = ${holder})
		AND at BETWEEN ${dateOf(at - window)} AND ${dateOf(at + window)} LIMIT 1`.execute(transaction);
	return rows.length > 0;
}

/** When it was noticed last, Unix ms, that events of these devices are missing which may have happened since then; `null`: none is. */
export async function missingSince(transaction: AnyTransaction, devices: readonly string[], since: number): Promise<number | null> {
	const { rows } = await sql<{ noticed: Date | null }>`SELECT max(noticed_at) AS noticed FROM sequence_gaps
		WHERE device = any(${[...devices]}::text[]) AND filled_at IS NULL AND noticed_at >= ${dateOf(since - CLOCKS_APART)}`.execute(transaction);
	const noticed = rows[0]?.noticed ?? null;
	return noticed === null ? null : msOf(noticed);
}
