import { sql } from "kysely";
import { prioritySchema } from "../../../contracts/kinds.ts";
import type { Database } from "../../platform/database/database.ts";
import { dateOf, msOf } from "../../platform/database/instants.ts";
import type { AlarmTables } from "../alarm-rows.ts";
import type { Occurrence, Window } from "./alarm-quality.ts";

/** Recorded occurrences, read for the quality of the alarms. */
export class QualityStore {
	readonly #database: Database;

	constructor(database: Database) {
		this.#database = database;
	}

	/** Live occurrences that were raised in the window, and those from before that were active in it; of one room where that is given. */
	async occurrences({ from, to }: Window, room: string | undefined): Promise<Occurrence[]> {
		const [begin, end] = [dateOf(from), dateOf(to)];
		const raised = this.#live(room).where("raised.at", "<", end);
		const [within, returned, active] = [
			await raised.where("raised.at", ">=", begin).execute(),
			await raised.where("raised.at", "<", begin).where("returned.at", ">=", begin).execute(),
			await raised
				.where("raised.at", "<", begin)
				.where("returned.at", "is", null)
				.where("alarms.active", "=", true)
				.whereRef("alarms.occurrence", "=", "raised.occurrence")
				.execute(),
		];
		return [...within, ...returned, ...active].map((row) => ({
			alarm: row.alarm,
			rule: row.rule,
			point: row.point,
			message: row.message,
			priority: prioritySchema.parse(row.priority),
			raisedAt: msOf(row.raised_at),
			listedAt: msOf(row.shown ? row.raised_at : row.listed_at),
			annunciatedAt: msOf(row.shown && row.cause_id === null ? row.raised_at : row.annunciated_at),
			returnedAt: msOf(row.returned_at),
			acknowledgedAt: msOf(row.acknowledged_at),
			responseTimeMs: row.response_time_ms,
		}));
	}

	#live(room: string | undefined) {
		let query = this.#database
			.tables<AlarmTables>()
			.selectFrom("alarm_transitions as raised")
			.innerJoin("alarms", "alarms.id", "raised.alarm")
			.leftJoin("alarm_transitions as returned", (join) =>
				join
					.onRef("returned.alarm", "=", "raised.alarm")
					.onRef("returned.occurrence", "=", "raised.occurrence")
					.on("returned.late", "=", false)
					.on("returned.kind", "=", "returned"),
			)
			.leftJoin("alarm_transitions as acknowledged", (join) =>
				join
					.onRef("acknowledged.alarm", "=", "raised.alarm")
					.onRef("acknowledged.occurrence", "=", "raised.occurrence")
					.on("acknowledged.late", "=", false)
					.on("acknowledged.kind", "=", "acknowledged"),
			)
			// What came into the list after it was raised: from being put aside, or from under its cause. Literals, for the partial index.
			.leftJoinLateral(
				(later) =>
					later
						.selectFrom("alarm_transitions")
						.select([sql<Date | null>`min(at)`.as("listed_at"), sql<Date | null>`min(at) FILTER (WHERE cause_id IS NULL)`.as("annunciated_at")])
						.whereRef("alarm_transitions.alarm", "=", "raised.alarm")
						.whereRef("alarm_transitions.occurrence", "=", "raised.occurrence")
						.where(sql<boolean>`state = 'unacknowledged' AND kind <> 'raised' AND NOT late`)
						.as("later"),
				(join) => join.onTrue(),
			)
			.select([
				"raised.alarm",
				"raised.rule",
				"raised.point",
				"alarms.message",
				"raised.priority",
				"raised.at as raised_at",
				"raised.cause_id",
				// Of those from before states were recorded nothing else is known.
				sql<boolean>`coalesce(raised.state, 'unacknowledged') = 'unacknowledged'`.as("shown"),
				"later.listed_at",
				"later.annunciated_at",
				"returned.at as returned_at",
				sql<Date | null>`acknowledged.recorded_at`.as("acknowledged_at"),
				"alarms.response_time_ms",
			])
			.where("raised.kind", "=", "raised")
			.where("raised.late", "=", false);
		if (room !== undefined) query = query.where("alarms.room", "=", room);
		return query;
	}
}
