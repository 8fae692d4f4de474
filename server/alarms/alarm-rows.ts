import type { Generated, Insertable, JSONColumnType, Selectable } from "kysely";
import { z } from "zod";
import { ALARM_STATES, ALARM_TRANSITIONS } from "../../contracts/api.ts";
import { type Priority, prioritySchema, type Value, valueSchema } from "../../contracts/kinds.ts";
import { dateOf, msOf } from "../platform/database/instants.ts";
import type { AlarmRecord, TransitionKind, TransitionRecord } from "./alarm.ts";
import { type AlarmState, stateOf } from "./alarm-life-cycle.ts";
import type { LateRun } from "./late-cursor.ts";

type Json = JSONColumnType<{ value: Value } | null, string | null, string | null>;
/** Times in it are Unix ms. */
type AsideJson = JSONColumnType<object | null, string | null, string | null>;

interface AlarmsTable {
	id: string;
	rule: string;
	rule_name: string;
	point: string;
	site: string;
	room: string;
	rack: string | null;
	priority: string;
	state: string;
	active: boolean;
	acknowledged: boolean;
	latched: boolean;
	shelved: boolean;
	suppressed: boolean;
	out_of_service: boolean;
	shelf: AsideJson;
	removal: AsideJson;
	cause_id: string | null;
	occurrence: number;
	raised_at: Date;
	cleared_at: Date | null;
	value: Json;
	unit: string | null;
	message: string;
	cause: string;
	consequence: string;
	action: string;
	response_time_ms: number | null;
	acknowledged_by: string | null;
	acknowledged_at: Date | null;
	comment: string | null;
	cursor_at: Date | null;
	version: number;
}
interface TransitionsTable {
	id: Generated<number>;
	alarm: string;
	rule: string;
	point: string;
	priority: string;
	kind: string;
	occurrence: number;
	late: boolean;
	at: Date;
	recorded_at: Date;
	by: string | null;
	comment: string | null;
	value: Json;
	state: string | null;
	cause_id: string | null;
	version: number | null;
}
interface LateRunsTable {
	rule: string;
	point: string;
	from_at: Date;
	value: Json;
	gap_end: Date | null;
	reach_ms: number;
}
export interface AlarmTables {
	alarms: AlarmsTable;
	alarm_transitions: TransitionsTable;
	alarm_late_runs: LateRunsTable;
}

export function alarmRow(alarm: AlarmRecord): Insertable<AlarmsTable> {
	return {
		id: alarm.id,
		rule: alarm.rule,
		rule_name: alarm.ruleName,
		point: alarm.point,
		site: alarm.site,
		room: alarm.room,
		rack: alarm.rack,
		priority: alarm.priority,
		state: stateOf(alarm),
		active: alarm.active,
		acknowledged: alarm.acknowledged,
		latched: alarm.latched,
		shelved: alarm.shelved,
		suppressed: alarm.suppressed,
		out_of_service: alarm.outOfService,
		shelf: alarm.shelf && JSON.stringify(alarm.shelf),
		removal: alarm.removal && JSON.stringify(alarm.removal),
		cause_id: alarm.causeId,
		occurrence: alarm.occurrence,
		raised_at: dateOf(alarm.raisedAt),
		cleared_at: dateOf(alarm.clearedAt),
		value: jsonOf(alarm.value),
		unit: alarm.unit,
		message: alarm.message,
		cause: alarm.cause,
		consequence: alarm.consequence,
		action: alarm.action,
		response_time_ms: alarm.responseTimeMs,
		acknowledged_by: alarm.acknowledgedBy,
		acknowledged_at: dateOf(alarm.acknowledgedAt),
		comment: alarm.comment,
		cursor_at: dateOf(alarm.cursorAt),
		version: alarm.version,
	};
}

export function alarmOf(row: Selectable<AlarmsTable>): AlarmRecord {
	return {
		id: row.id,
		rule: row.rule,
		ruleName: row.rule_name,
		point: row.point,
		site: row.site,
		room: row.room,
		rack: row.rack,
		priority: priorityOf(row.priority),
		active: row.active,
		acknowledged: row.acknowledged,
		latched: row.latched,
		shelved: row.shelved,
		suppressed: row.suppressed,
		outOfService: row.out_of_service,
		shelf: shelfSchema.nullable().parse(row.shelf),
		removal: asideSchema.nullable().parse(row.removal),
		causeId: row.cause_id,
		occurrence: row.occurrence,
		raisedAt: msOf(row.raised_at),
		clearedAt: msOf(row.cleared_at),
		value: readValue(row.value),
		unit: row.unit,
		message: row.message,
		cause: row.cause,
		consequence: row.consequence,
		action: row.action,
		responseTimeMs: row.response_time_ms,
		acknowledgedBy: row.acknowledged_by,
		acknowledgedAt: msOf(row.acknowledged_at),
		comment: row.comment,
		cursorAt: msOf(row.cursor_at),
		version: row.version,
	};
}

export function transitionRow(transition: TransitionRecord): Insertable<TransitionsTable> {
	const { recordedAt, at, value, causeId, ...rest } = transition;
	return { ...rest, at: dateOf(at), recorded_at: dateOf(recordedAt), value: jsonOf(value), cause_id: causeId };
}

export function transitionOf(row: Selectable<TransitionsTable>): TransitionRecord {
	const { id: _, recorded_at, at, value, kind, priority, state, cause_id, ...rest } = row;
	return {
		...rest,
		kind: kindSchema.parse(kind),
		priority: priorityOf(priority),
		at: msOf(at),
		recordedAt: msOf(recorded_at),
		value: readValue(value),
		state: stateSchema.nullable().parse(state),
		causeId: cause_id,
	};
}

export function lateRunRow(run: LateRun): Insertable<LateRunsTable> {
	const { rule, point, from, value, gapEnd, reach } = run;
	const bounded = gapEnd !== null && Number.isFinite(gapEnd) ? gapEnd : null;
	return { rule, point, from_at: dateOf(from), value: jsonOf(value), gap_end: dateOf(bounded), reach_ms: reach };
}

export function lateRunOf(row: Selectable<LateRunsTable>): LateRun {
	const { rule, point } = row;
	return { rule, point, from: msOf(row.from_at), value: readValue(row.value), gapEnd: msOf(row.gap_end), reach: row.reach_ms };
}

/** Wrapped in an object, so that a JSON text can't be taken for text. */
const jsonOf = (value: Value | null): string | null => (value === null ? null : JSON.stringify({ value }));
const readValue = (json: { value: Value } | null): Value | null => (json === null ? null : valueSchema.parse(json.value));
const priorityOf = (text: string): Priority => prioritySchema.parse(text);

const kindSchema: z.ZodType<TransitionKind> = z.enum(ALARM_TRANSITIONS);
const stateSchema: z.ZodType<AlarmState> = z.enum(ALARM_STATES);
const asideSchema = z.object({ by: z.string(), at: z.number(), reason: z.string() });
const shelfSchema = asideSchema.extend({ until: z.number(), oneShot: z.boolean() });
