import type { Alarm } from "../../../contracts/api.ts";
import { OWN_DEVICE } from "../../../contracts/identifiers.ts";
import { PRIORITIES, type Priority } from "../../../contracts/kinds.ts";

/** Alarms that still want somebody's attention, and what follows from them. Replaced as a whole on each change. */
export interface AlarmBook {
	byId: ReadonlyMap<string, Alarm>;
	/** Unacknowledged first, then by priority, newest first. */
	open: readonly Alarm[];
	/** Worst first, by point id. */
	byPoint: ReadonlyMap<string, readonly Alarm[]>;
	counts: Readonly<Record<Priority, { unacknowledged: number; acknowledged: number }>>;
	/** False until the first list has come. */
	loaded: boolean;
}

/** An alarm is open while it is active, not acknowledged or latched; what is shelved, suppressed by design or out of service is put aside. */
export function isOpen({ state, shelved, suppressed, outOfService }: Alarm): boolean {
	return state !== "normal" && !shelved && !suppressed && !outOfService;
}

/** Wants an acknowledgement. */
export function isUnacknowledged(alarm: Alarm): boolean {
	return alarm.state === "unacknowledged" || alarm.state === "returned-unacknowledged";
}

/** Order of the open list: unacknowledged first, then by priority; active before returned, newest first. */
export function compareAlarms(a: Alarm, b: Alarm): number {
	return (
		Number(isUnacknowledged(b)) - Number(isUnacknowledged(a)) ||
		PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority) ||
		Number(b.active) - Number(a.active) ||
		Date.parse(b.raisedAt) - Date.parse(a.raisedAt) ||
		a.id.localeCompare(b.id)
	);
}

export const emptyAlarmBook: AlarmBook = bookOf([], false);

/** The book after `alarms` have come. Of one alarm the higher version wins, whatever came first; closed ones leave. */
export function withAlarms(book: AlarmBook, alarms: readonly Alarm[]): AlarmBook {
	const byId = new Map(book.byId);
	for (const alarm of alarms) {
		const known = byId.get(alarm.id);
		if (!known || alarm.version >= known.version) byId.set(alarm.id, alarm);
	}
	return bookOf(byId.values(), book.loaded);
}

/** The book after a complete list of open alarms has been fetched: what it doesn't name is closed, unless it was pushed meanwhile. */
export function withFetched(book: AlarmBook, alarms: readonly Alarm[], pushedMeanwhile: ReadonlySet<string>): AlarmBook {
	const named = new Set(alarms.map((alarm) => alarm.id));
	const kept = [...book.byId.values()].filter((alarm) => named.has(alarm.id) || pushedMeanwhile.has(alarm.id));
	return { ...withAlarms(bookOf(kept, true), alarms), loaded: true };
}

function bookOf(alarms: Iterable<Alarm>, loaded: boolean): AlarmBook {
	const byId = new Map<string, Alarm>();
	const counts = Object.fromEntries(PRIORITIES.map((priority) => [priority, { unacknowledged: 0, acknowledged: 0 }])) as Record<
		Priority,
		{ unacknowledged: number; acknowledged: number }
	>;
	// A closed alarm stays known by its version, so that an older message can't open it again.
	for (const alarm of alarms) byId.set(alarm.id, alarm);
	const open = [...byId.values()].filter(isOpen).sort(compareAlarms);
	const byPoint = new Map<string, Alarm[]>();
	for (const alarm of open) {
		counts[alarm.priority][isUnacknowledged(alarm) ? "unacknowledged" : "acknowledged"]++;
		const list = byPoint.get(alarm.point);
		if (list) list.push(alarm);
		else byPoint.set(alarm.point, [alarm]);
	}
	for (const list of byPoint.values()) list.sort(byPriority);
	return { byId, open, byPoint, counts, loaded };
}

/** Worst priority first; of equal ones the unacknowledged. */
export function byPriority(a: Alarm, b: Alarm): number {
	return PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority) || compareAlarms(a, b);
}

/** An alarm of the server itself, whose `point` is `watchroom:{subject}` and leads to no page. */
export const isOwn = (alarm: Pick<Alarm, "point">): boolean => alarm.point.startsWith(`${OWN_DEVICE}:`);
