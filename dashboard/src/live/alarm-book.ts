import type { Alarm } from "../../../contracts/api.ts";
import { OWN_DEVICE } from "../../../contracts/identifiers.ts";
import { PRIORITIES, type Priority } from "../../../contracts/kinds.ts";

/** Alarms that still want somebody's attention, and what follows from them. Replaced as a whole on each change. */
export interface AlarmBook {
	byId: ReadonlyMap<string, Alarm>;
	/** Unacknowledged first, then by priority, newest first. */
	open: readonly Alarm[];
	/** The open ones that no other open one explains, in the same order. One that is more urgent than its cause is never hidden under it. */
	front: readonly Alarm[];
	/** The others, by the one of {@link front} that they stand under, the oldest first. */
	symptoms: ReadonlyMap<string, readonly Alarm[]>;
	/** Shelved, suppressed by design or out of service, with something pending or not; the newest first. */
	aside: readonly Alarm[];
	/** Worst first, by point id. */
	byPoint: ReadonlyMap<string, readonly Alarm[]>;
	/** Of the front ones: what stands folded under another is counted there. */
	counts: Readonly<Record<Priority, { unacknowledged: number; acknowledged: number }>>;
	/** False until the first list has come. */
	loaded: boolean;
}

/** An alarm is open while it is active, not acknowledged or latched; what is shelved, suppressed by design or out of service is put aside. */
export function isOpen({ state, shelved, suppressed, outOfService }: Alarm): boolean {
	return state !== "normal" && !shelved && !suppressed && !outOfService;
}

/** Out of the list by somebody's or something's will. */
export const isAside = ({ shelved, suppressed, outOfService }: Alarm): boolean => shelved || suppressed || outOfService;

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
	const { front, symptoms } = fold(open);
	for (const alarm of front) counts[alarm.priority][isUnacknowledged(alarm) ? "unacknowledged" : "acknowledged"]++;
	const aside = [...byId.values()].filter(isAside).sort((a, b) => Date.parse(b.raisedAt) - Date.parse(a.raisedAt) || a.id.localeCompare(b.id));
	const byPoint = new Map<string, Alarm[]>();
	for (const alarm of open) {
		const list = byPoint.get(alarm.point);
		if (list) list.push(alarm);
		else byPoint.set(alarm.point, [alarm]);
	}
	for (const list of byPoint.values()) list.sort(byPriority);
	return { byId, open, front, symptoms, aside, byPoint, counts, loaded };
}

/** Puts symptoms under their cause (ALM-6); one that is more urgent than its cause stays in front. `open` in the order of the list. */
function fold(open: readonly Alarm[]): Pick<AlarmBook, "front" | "symptoms"> {
	const byId = new Map(open.map((alarm) => [alarm.id, alarm]));
	const causeOf = (alarm: Alarm): Alarm | undefined => {
		const cause = alarm.causeId === null ? undefined : byId.get(alarm.causeId);
		return cause && PRIORITIES.indexOf(cause.priority) <= PRIORITIES.indexOf(alarm.priority) ? cause : undefined;
	};
	const front: Alarm[] = [];
	const symptoms = new Map<string, Alarm[]>();
	for (const alarm of open) {
		let root = alarm;
		const passed = new Set([alarm.id]);
		for (let cause = causeOf(root); cause; cause = causeOf(root)) {
			// Two that name each other: each for itself, so that none is lost.
			root = passed.has(cause.id) ? alarm : cause;
			if (root === alarm) break;
			passed.add(cause.id);
		}
		if (root === alarm) front.push(alarm);
		else symptoms.set(root.id, [...(symptoms.get(root.id) ?? []), alarm]);
	}
	for (const list of symptoms.values()) list.sort((a, b) => Date.parse(a.raisedAt) - Date.parse(b.raisedAt) || a.id.localeCompare(b.id));
	return { front, symptoms };
}

/** Worst priority first; of equal ones the unacknowledged. */
export function byPriority(a: Alarm, b: Alarm): number {
	return PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority) || compareAlarms(a, b);
}

/** An alarm of the server itself, whose `point` is `watchroom:{subject}` and leads to no page. */
export const isOwn = (alarm: Pick<Alarm, "point">): boolean => alarm.point.startsWith(`${OWN_DEVICE}:`);
