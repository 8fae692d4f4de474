import type { Alarm, AlarmTransition } from "../../contracts/api.ts";
import type { Priority, Value } from "../../contracts/kinds.ts";
import type { Rule } from "../../contracts/rules.ts";
import { locationText, type WorldPoint } from "../../contracts/world.ts";
import { FLAGS, type LifeCycle, type ProcessState, type Transition, type TransitionKind } from "./alarm-life-cycle.ts";
import { alarmMessage } from "./alarm-message.ts";

/** The one alarm of a rule on a point (ALM-3), with its newest occurrence. Times are Unix ms. Never changed in place. */
export interface AlarmRecord {
	id: string;
	rule: string;
	ruleName: string;
	point: string;
	site: string;
	room: string;
	rack: string | null;
	priority: Priority;
	state: ProcessState;
	/** Number of the newest live occurrence; 0 when only back-filled data ever met the rule. */
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
	acknowledgedBy: string | null;
	acknowledgedAt: number | null;
	comment: string | null;
	/** Event time up to which readings had been evaluated at the newest change; what is older comes late after a restart. */
	cursorAt: number | null;
	version: number;
}

/** A recorded change of an alarm. */
export interface TransitionRecord {
	alarm: string;
	rule: string;
	point: string;
	priority: Priority;
	kind: TransitionKind;
	occurrence: number;
	at: number;
	recordedAt: number;
	by: string | null;
	comment: string | null;
	value: Value | null;
	late: boolean;
}

/** Who moved it and why, and how far the live evaluation had come. */
export interface ChangeContext {
	now: number;
	by?: string | null;
	comment?: string | null;
	cursorAt: number | null;
}

/** Names an alarm by what makes it unique. Ids can't hold a blank. */
export const alarmKey = (rule: string, point: string): string => `${rule} ${point}`;

/** The life cycle as far as the record knows it: a pending delay isn't recorded and starts anew. */
export const cycleOf = (record: AlarmRecord): LifeCycle => ({ state: record.state, occurrence: record.occurrence, pending: null });

/** A closed alarm without any live occurrence yet. */
export function newAlarm(id: string, rule: Rule, point: WorldPoint, at: number): AlarmRecord {
	const record: AlarmRecord = {
		id,
		rule: rule.id,
		point: point.id,
		state: "normal",
		occurrence: 0,
		raisedAt: at,
		clearedAt: at,
		value: null,
		acknowledgedBy: null,
		acknowledgedAt: null,
		comment: null,
		cursorAt: null,
		version: 0,
		...wordsOf(rule, point, null),
	};
	return record;
}

/** What the rule and the point say of an alarm; renewed with each occurrence. */
export function wordsOf(rule: Rule, point: WorldPoint, value: Value | null) {
	return {
		ruleName: rule.name,
		site: point.location.site,
		room: point.location.room,
		rack: point.location.rack,
		priority: rule.priority,
		unit: point.unit,
		message: alarmMessage(rule, point, value),
		cause: rule.cause,
		consequence: rule.consequence,
		action: rule.action,
		responseTimeMs: rule.responseTime ?? null,
	};
}

/**
 * The alarm after a transition, and the transition as it is recorded. An occurrence never ends before it began, even when
 * a delay ran out on the server's clock and a reading taken earlier follows: `at` is put right for that.
 */
export function applyTransition(
	record: AlarmRecord,
	transition: Transition,
	context: ChangeContext,
): { record: AlarmRecord; transition: TransitionRecord } {
	const { kind, occurrence, value, state } = transition;
	const { now, by = null, comment = null, cursorAt } = context;
	const at =
		kind === "raised" ? Math.max(transition.at, record.occurrence > 0 ? (record.clearedAt ?? 0) : 0) : Math.max(transition.at, record.raisedAt);
	const next: AlarmRecord = { ...record, state, occurrence, version: record.version + 1, cursorAt: cursorAt ?? record.cursorAt };
	if (kind === "raised") Object.assign(next, { raisedAt: at, clearedAt: null, value, acknowledgedBy: null, acknowledgedAt: null, comment: null });
	if (kind === "returned") next.clearedAt = at;
	if (kind === "acknowledged") Object.assign(next, { acknowledgedBy: by, acknowledgedAt: now, comment });
	const { id, rule, point, priority } = next;
	return { record: next, transition: { alarm: id, rule, point, priority, kind, occurrence, at, recordedAt: now, by, comment, value, late: false } };
}

/** The alarm as the API shows it. */
export function alarmView(record: AlarmRecord): Alarm {
	const { site, room, rack, occurrence, cursorAt: _, ...rest } = record;
	return {
		...rest,
		...FLAGS[record.state],
		location: locationText({ site, room, rack }),
		room,
		rack,
		latched: false,
		shelved: false,
		suppressed: false,
		outOfService: false,
		occurrences: occurrence,
		raisedAt: new Date(record.raisedAt).toISOString(),
		clearedAt: isoOrNull(record.clearedAt),
		acknowledgedAt: isoOrNull(record.acknowledgedAt),
	};
}

export function transitionView(transition: TransitionRecord): AlarmTransition {
	return { ...transition, at: new Date(transition.at).toISOString(), recordedAt: new Date(transition.recordedAt).toISOString() };
}

const isoOrNull = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString());
