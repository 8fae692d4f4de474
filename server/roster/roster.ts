/** Who is on duty when (ALM-8): pure functions of the plan and of what was agreed beside it. Instants are Unix ms, persons usernames. */
import { DUTY_PLACES, type DutyPlace, type DutyPlan, type Rotation, type Shift } from "../../contracts/duty-plan.ts";
import { WEEKDAYS } from "../../contracts/weekly-schedule.ts";
import { addDays, dayAt, daysBetween, instantOf, weekdayOf } from "../platform/zoned-time.ts";

export interface Roster {
	timeZone: string;
	plan: DutyPlan;
	/** Who takes a duty instead of whose turn it is, by {@link dutyKey}. */
	assigned: ReadonlyMap<string, string>;
	absences: readonly Absence[];
	/** Persons who can't be reached at all: without an account, or with a closed one. */
	gone: ReadonlySet<string>;
}
/** Somebody is not there: from (inclusive) until (exclusive). */
export interface Absence {
	person: string;
	from: number;
	until: number;
}
/** One shift of one day at one place of the chain. */
export interface Duty {
	rotation: string;
	/** The day on which it begins. */
	day: string;
	shift: string;
	place: DutyPlace;
	person: string;
	/** Whose turn it is by the plan. */
	planned: string;
	from: number;
	until: number;
}
/** A time at which nobody holds a place that must be held. */
export interface Gap {
	place: DutyPlace;
	from: number;
	until: number;
}
interface Span {
	from: number;
	until: number;
}

export const dutyKey = (rotation: string, day: string): string => `${rotation} ${day}`;
export const NOBODY: DutyPlan = { shifts: [], rotations: [], cover: [...DUTY_PLACES] };

/** Duties that last into the time from (inclusive) until (exclusive), in the order of their beginning, whether or not their person is there. */
export function duties(roster: Roster, from: number, until: number): Duty[] {
	const shifts = new Map(roster.plan.shifts.map((shift) => [shift.id, shift]));
	const last = dayAt(until, roster.timeZone);
	const found: Duty[] = [];
	// A shift that began the day before may last into the first day.
	for (let day = addDays(dayAt(from, roster.timeZone), -1); day <= last; day = addDays(day, 1))
		for (const rotation of roster.plan.rotations) {
			const shift = shifts.get(rotation.shift);
			const duty = shift && dutyOn(roster, rotation, shift, day);
			if (duty && duty.from < until && duty.until > from) found.push(duty);
		}
	return found.sort((a, b) => a.from - b.from || placeOrder(a, b));
}

/** One duty; `undefined` where the plan has none. */
export function dutyOf(roster: Roster, rotation: string, day: string): Duty | undefined {
	const found = roster.plan.rotations.find(({ id }) => id === rotation);
	const shift = roster.plan.shifts.find(({ id }) => id === found?.shift);
	return found && shift && dutyOn(roster, found, shift, day);
}

/** Who is on duty at a moment, in the order of the chain; a person once for each place. */
export function onDuty(roster: Roster, at: number): Duty[] {
	const there = duties(roster, at, at + 1).filter((duty) => present(roster, duty).some(({ from, until }) => from <= at && at < until));
	const seen = new Set<string>();
	return there.sort(placeOrder).filter(({ place, person }) => {
		const key = `${place} ${person}`;
		return !seen.has(key) && seen.add(key);
	});
}

/** Where nobody holds a place that must be held, from (inclusive) until (exclusive); what touches is one gap. */
export function gaps(roster: Roster, from: number, until: number): Gap[] {
	const all = duties(roster, from, until);
	const found = roster.plan.cover.flatMap((place) => {
		const held = all.filter((duty) => duty.place === place).flatMap((duty) => present(roster, duty));
		return without({ from, until }, held).map((span) => ({ place, ...span }));
	});
	return found.sort((a, b) => a.from - b.from || placeOrder(a, b));
}

/** The times of a duty at which its person is there. */
export function present({ absences, gone }: Roster, { person, from, until }: Duty): Span[] {
	if (gone.has(person)) return [];
	return without(
		{ from, until },
		absences.filter((absence) => absence.person === person),
	);
}

function dutyOn({ timeZone, assigned }: Roster, rotation: Rotation, shift: Shift, day: string): Duty | undefined {
	const { id, people, weeks, startsOn, endsOn, place } = rotation;
	if (day < startsOn || (endsOn !== undefined && day > endsOn)) return undefined;
	const weekday = WEEKDAYS[weekdayOf(day)];
	if (weekday === undefined || !shift.days.includes(weekday)) return undefined;
	const planned = people[Math.floor(daysBetween(startsOn, day) / (7 * weeks)) % people.length];
	if (planned === undefined) return undefined;
	const end = shift.to > shift.from ? day : addDays(day, 1);
	return {
		rotation: id,
		day,
		shift: shift.id,
		place,
		person: assigned.get(dutyKey(id, day)) ?? planned,
		planned,
		from: instantOf(day, shift.from, timeZone),
		until: instantOf(end, shift.to, timeZone),
	};
}

/** What is left of a span when others are taken out of it. */
function without({ from, until }: Span, taken: readonly Span[]): Span[] {
	const left: Span[] = [];
	let at = from;
	for (const span of taken.toSorted((a, b) => a.from - b.from)) {
		if (span.from > at) left.push({ from: at, until: Math.min(span.from, until) });
		at = Math.max(at, span.until);
		if (at >= until) break;
	}
	if (at < until) left.push({ from: at, until });
	return left.filter((span) => span.from < span.until);
}

const placeOrder = (a: { place: DutyPlace }, b: { place: DutyPlace }): number => DUTY_PLACES.indexOf(a.place) - DUTY_PLACES.indexOf(b.place);
