import type { ALARM_TRANSITIONS, Alarm, AlarmTransition } from "../../contracts/api.ts";
import type { Priority, Value } from "../../contracts/kinds.ts";
import type { Rule } from "../../contracts/rules.ts";
import { locationText, type WorldPoint } from "../../contracts/world.ts";
import {
	type AlarmState,
	type Flags,
	isPending,
	type LifeCycle,
	type Move,
	NORMAL_FLAGS,
	type Shelf,
	stateOf,
	type Transition,
} from "./alarm-life-cycle.ts";
import { alarmMessage } from "./alarm-message.ts";

/** Who put an alarm aside, when (Unix ms) and why. */
export interface Aside {
	by: string;
	at: number;
	reason: string;
}

/** The one alarm of a rule on a point (ALM-3), with its newest occurrence. Times are Unix ms. Never changed in place. */
export interface AlarmRecord extends Flags {
	id: string;
	rule: string;
	ruleName: string;
	point: string;
	site: string;
	room: string;
	rack: string | null;
	priority: Priority;
	/** Present while shelved, and while out of service. */
	shelf: (Aside & Shelf) | null;
	removal: Aside | null;
	/** The alarm that explains this one, while it does (ALM-6). */
	causeId: string | null;
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

export type TransitionKind = (typeof ALARM_TRANSITIONS)[number];
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
	/** Where it led to, and under which cause; not known of late ones and of those from before this was recorded. */
	state: AlarmState | null;
	causeId: string | null;
	/** The alarm's version that it made; not known likewise. */
	version: number | null;
}

/** An alarm after a change, and what is recorded of it. */
export interface Change {
	record: AlarmRecord;
	transition: TransitionRecord;
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
export function cycleOf(record: AlarmRecord): LifeCycle {
	const { active, acknowledged, latched, shelved, suppressed, outOfService, shelf, occurrence } = record;
	const flags: Flags = { active, acknowledged, latched, shelved, suppressed, outOfService };
	return { flags, occurrence, shelf: shelf && { until: shelf.until, oneShot: shelf.oneShot }, pending: null };
}

/** What a record begins with: no occurrence, nothing put aside. */
export const BLANK = {
	...NORMAL_FLAGS,
	shelf: null,
	removal: null,
	causeId: null,
	occurrence: 0,
	value: null,
	acknowledgedBy: null,
	acknowledgedAt: null,
	comment: null,
	cursorAt: null,
	version: 0,
} as const;

/** A closed alarm without any live occurrence yet. */
export function newAlarm(id: string, rule: Rule, point: WorldPoint, at: number): AlarmRecord {
	return { ...BLANK, id, rule: rule.id, point: point.id, raisedAt: at, clearedAt: at, ...wordsOf(rule, point, null) };
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
 * The alarm after a transition, and the transition as it is recorded. An occurrence never ends before it began, nor a shelf, even
 * when a delay ran out on the server's clock and a reading taken earlier follows: `at` is put right for that.
 */
export function applyTransition(record: AlarmRecord, transition: Transition, context: ChangeContext): Change {
	const { kind, occurrence, value, flags, shelf } = transition;
	const { now, by = null, cursorAt } = context;
	const comment = context.comment ?? transition.why;
	// A shelf is a matter of the server's clock, also where the return that ended it has a device's time.
	const ended = kind === "unshelved" && record.shelf ? Math.min(transition.at, now, record.shelf.until) : transition.at;
	const at = Math.max(ended, earliest(record, kind));
	const version = record.version + 1;
	const next: AlarmRecord = { ...record, ...flags, occurrence, version, cursorAt: cursorAt ?? record.cursorAt };
	const aside: Aside = { by: by ?? "", at, reason: comment ?? "" };
	if (kind === "raised") Object.assign(next, { raisedAt: at, clearedAt: null, value, acknowledgedBy: null, acknowledgedAt: null, comment: null });
	if (kind === "returned") next.clearedAt = at;
	if (kind === "acknowledged") Object.assign(next, { acknowledgedBy: by, acknowledgedAt: now, comment });
	if (kind === "shelved") next.shelf = shelf && { ...aside, ...shelf };
	if (kind === "unshelved") next.shelf = null;
	if (kind === "out-of-service") next.removal = aside;
	if (kind === "in-service") next.removal = null;
	if (!isPending(next) || kind === "raised") next.causeId = null;
	const { id, rule, point, priority, causeId } = next;
	const common = { alarm: id, rule, point, priority, kind, occurrence, at, recordedAt: now, by, comment, value, late: false };
	return { record: next, transition: { ...common, state: stateOf(next), causeId, version } };
}

/** The change with the cause that the alarm has from then on. */
export function underCause({ record, transition }: Change, causeId: string | null): Change {
	return causeId === record.causeId ? { record, transition } : { record: { ...record, causeId }, transition: { ...transition, causeId } };
}

/** Stands under another cause from now on, or comes forward (`null`). */
export function withCause(record: AlarmRecord, causeId: string | null, now: number): Change {
	const { id, rule, point, priority, occurrence } = record;
	const next: AlarmRecord = { ...record, causeId, version: record.version + 1 };
	const kind = causeId === null ? "came-forward" : "folded";
	const common = { alarm: id, rule, point, priority, occurrence, at: now, recordedAt: now, by: null, comment: null, value: null, late: false };
	return { record: next, transition: { ...common, kind, state: stateOf(next), causeId, version: next.version } };
}

/** When the newest of what a transition ends or follows began. */
function earliest({ raisedAt, clearedAt, occurrence, shelf }: AlarmRecord, kind: Move): number {
	if (kind === "raised") return occurrence > 0 ? (clearedAt ?? 0) : 0;
	if (kind === "returned" || kind === "acknowledged" || kind === "reset") return raisedAt;
	return kind === "unshelved" ? (shelf?.at ?? 0) : 0;
}

/** The alarm as the API shows it. `symptoms`: open alarms that it explains now. */
export function alarmView(record: AlarmRecord, symptoms: number): Alarm {
	const { site, room, rack, occurrence, cursorAt: _, shelf, removal, ...rest } = record;
	return {
		...rest,
		state: stateOf(record),
		location: locationText({ site, room, rack }),
		room,
		rack,
		shelf: shelf && { ...shelf, at: iso(shelf.at), until: iso(shelf.until) },
		removal: removal && { ...removal, at: iso(removal.at) },
		symptoms,
		occurrences: occurrence,
		raisedAt: iso(record.raisedAt),
		clearedAt: isoOrNull(record.clearedAt),
		acknowledgedAt: isoOrNull(record.acknowledgedAt),
	};
}

export function transitionView(transition: TransitionRecord): AlarmTransition {
	const { version: _, at, recordedAt, ...rest } = transition;
	return { ...rest, at: iso(at), recordedAt: iso(recordedAt) };
}

const iso = (time: number): string => new Date(time).toISOString();
const isoOrNull = (time: number | null): string | null => (time === null ? null : iso(time));
