import type { Kysely, Selectable } from "kysely";
import { type Priority, prioritySchema, type Value } from "../../contracts/kinds.ts";
import type { AnyTransaction, Database } from "../platform/database/database.ts";
import { msOf } from "../platform/database/instants.ts";
import type { AlarmTables } from "./alarm-rows.ts";
import { isOwnPoint } from "./own-alarm.ts";
import { OWN_RULES } from "./own-rules.ts";

/** What happened to an alarm, as far as whoever follows has to know. */
export interface FedTransition {
	/** Grows from one to the next, in the order in which they were committed. */
	id: number;
	alarm: string;
	kind: string;
	occurrence: number;
	late: boolean;
}
/** An alarm as it is recorded now; times are Unix ms. */
export interface FedAlarm {
	id: string;
	rule: string;
	ruleName: string;
	point: string;
	site: string;
	room: string;
	rack: string | null;
	priority: Priority;
	active: boolean;
	acknowledged: boolean;
	latched: boolean;
	shelved: boolean;
	suppressed: boolean;
	outOfService: boolean;
	/** The open alarm that explains it. */
	causeId: string | null;
	occurrence: number;
	raisedAt: number;
	clearedAt: number | null;
	value: Value | null;
	unit: string | null;
	message: string;
	cause: string;
	consequence: string;
	action: string;
	responseTimeMs: number | null;
	/** It returned as it was raised and waits for its acknowledgement alone. */
	momentary: boolean;
}

/**
 * The recorded transitions for who follows them with a place of their own. One process records them, one transaction after the other
 * (commit-queue.ts), so that what comes later has a greater number: who has seen one has seen all before it.
 */
export class AlarmFeed {
	readonly #database: Database;

	constructor(database: Database) {
		this.#database = database;
	}

	/** At most `limit` that were recorded after one; read in the caller's transaction where there is one. */
	async after(id: number, limit: number, transaction?: AnyTransaction): Promise<FedTransition[]> {
		return await this.#tables(transaction)
			.selectFrom("alarm_transitions")
			.select(["id", "alarm", "kind", "occurrence", "late"])
			.where("id", ">", id)
			.orderBy("id")
			.limit(limit)
			.execute();
	}

	/** By id, read likewise. */
	async alarms(ids: readonly string[], transaction?: AnyTransaction): Promise<Map<string, FedAlarm>> {
		if (ids.length === 0) return new Map();
		const rows = await this.#tables(transaction)
			.selectFrom("alarms")
			.selectAll()
			.where("id", "in", [...new Set(ids)])
			.execute();
		return new Map(rows.map((row) => [row.id, fedAlarm(row)]));
	}

	#tables(transaction?: AnyTransaction): Kysely<AlarmTables> {
		return (transaction as unknown as Kysely<AlarmTables> | undefined) ?? this.#database.tables<AlarmTables>();
	}
}

function fedAlarm(row: Selectable<AlarmTables["alarms"]>): FedAlarm {
	return {
		id: row.id,
		rule: row.rule,
		ruleName: row.rule_name,
		point: row.point,
		site: row.site,
		room: row.room,
		rack: row.rack,
		priority: prioritySchema.parse(row.priority),
		active: row.active,
		acknowledged: row.acknowledged,
		latched: row.latched,
		shelved: row.shelved,
		suppressed: row.suppressed,
		outOfService: row.out_of_service,
		causeId: row.cause_id,
		occurrence: row.occurrence,
		raisedAt: msOf(row.raised_at),
		clearedAt: msOf(row.cleared_at),
		value: row.value?.value ?? null,
		unit: row.unit,
		message: row.message,
		cause: row.cause,
		consequence: row.consequence,
		action: row.action,
		responseTimeMs: row.response_time_ms,
		momentary: isOwnPoint(row.point) && (OWN_RULES.get(row.rule)?.momentary ?? false),
	};
}
