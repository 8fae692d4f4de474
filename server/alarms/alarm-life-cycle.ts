/**
 * The alarm state model of ISA-18.2 (clause 5.6.4, the state transition diagram) on the independent flags of OPC UA Part 9 (5.8),
 * as pure functions of state and time. The tables come first: {@link FIGURE} and {@link MOVES}; the rest follows from them.
 */
import type { ALARM_MOVES, ALARM_STATES } from "../../contracts/api.ts";
import type { Value } from "../../contracts/kinds.ts";

export type AlarmState = (typeof ALARM_STATES)[number];
/** What moves an alarm: the condition, a person, the design, or time. */
export type Move = (typeof ALARM_MOVES)[number];

/** Each stands for itself; all of them together give the state. */
export interface Flags {
	/** The condition holds. */
	active: boolean;
	/** The newest occurrence is acknowledged; also before the first. */
	acknowledged: boolean;
	/** Raised under a latching rule and not reset since. */
	latched: boolean;
	shelved: boolean;
	/** Suppressed by design. */
	suppressed: boolean;
	outOfService: boolean;
}

/**
 * The states of the standard's figure, by its letters. The first row whose flags match is the state. The API's words leave out that
 * E and F are latched: the flag says so.
 */
export const FIGURE: readonly (readonly [letter: string, flags: Partial<Flags>, state: AlarmState])[] = [
	["I", { outOfService: true }, "out-of-service"],
	["H", { suppressed: true }, "suppressed-by-design"],
	["G", { shelved: true }, "shelved"],
	["B", { active: true, acknowledged: false }, "unacknowledged"],
	["C", { active: true, acknowledged: true }, "acknowledged"],
	["E", { active: false, acknowledged: false, latched: true }, "returned-unacknowledged"],
	["F", { active: false, acknowledged: true, latched: true }, "acknowledged"],
	["D", { active: false, acknowledged: false, latched: false }, "returned-unacknowledged"],
	["A", { active: false, acknowledged: true, latched: false }, "normal"],
];

/** The arrows of the figure: the flags that a move needs, and those it sets. What doesn't stand here doesn't happen. */
export const MOVES = {
	raised: { needs: { active: false }, sets: { active: true, acknowledged: false } },
	returned: { needs: { active: true }, sets: { active: false } },
	acknowledged: { needs: { acknowledged: false }, sets: { acknowledged: true } },
	reset: { needs: { latched: true, active: false, acknowledged: true }, sets: { latched: false } },
	shelved: { needs: { shelved: false }, sets: { shelved: true } },
	unshelved: { needs: { shelved: true }, sets: { shelved: false } },
	suppressed: { needs: { suppressed: false }, sets: { suppressed: true } },
	unsuppressed: { needs: { suppressed: true }, sets: { suppressed: false } },
	"out-of-service": { needs: { outOfService: false }, sets: { outOfService: true } },
	"in-service": { needs: { outOfService: true }, sets: { outOfService: false } },
} as const satisfies Record<Move, { needs: Partial<Flags>; sets: Partial<Flags> }>;

/** What a person can do to one. */
export type OperatorMove = "acknowledged" | "reset" | "shelved" | "unshelved" | "out-of-service" | "in-service";

export function stateOf(flags: Flags): AlarmState {
	const row = FIGURE.find(([, wanted]) => matches(flags, wanted));
	if (!row) throw new RangeError("no state of the figure has these flags");
	return row[2];
}

/** The first flag that stands in the way of a move, `null` when nothing does. */
export function obstacle(flags: Flags, kind: Move): keyof Flags | null {
	const needs: Partial<Flags> = MOVES[kind].needs;
	return flagsOf(needs).find((flag) => needs[flag] !== flags[flag]) ?? null;
}

/** Out of the operator's list by somebody's or something's will. It goes on being evaluated and recorded. */
export const isAside = ({ shelved, suppressed, outOfService }: Flags): boolean => shelved || suppressed || outOfService;
/** There is something to see to: the condition, an acknowledgement or a reset; whether it is in the list or aside. */
export const isPending = ({ active, acknowledged, latched }: Flags): boolean => active || !acknowledged || latched;

/** Until when an alarm is shelved, Unix ms; `oneShot`: or until the next occurrence returns, if that is sooner. */
export interface Shelf {
	until: number;
	oneShot: boolean;
}
/** The condition has changed, and the change waits for its on-delay or off-delay. */
export interface Pending {
	/** Event time of the change. */
	since: number;
	/** The server's time when it learned of the change; a tick measures the delay from here, whatever the device's clock says. */
	seenAt: number;
	value: Value | null;
}
export interface LifeCycle {
	flags: Flags;
	/** Number of the newest occurrence; 0 before the first. An acknowledgement belongs to this one and ends with it. */
	occurrence: number;
	/** Present while shelved. */
	shelf: Shelf | null;
	pending: Pending | null;
}
/** What a rule says of the life cycle of its alarms; delays in ms. */
export interface Terms {
	onDelay: number;
	offDelay: number;
	latching?: boolean;
}
export interface Transition {
	kind: Move;
	occurrence: number;
	/** Event time, ms. */
	at: number;
	value: Value | null;
	/** The flags and the shelf that it leads to. */
	flags: Flags;
	shelf: Shelf | null;
	/** Why, where no person did it and it isn't plain. */
	why: string | null;
}
export interface Step {
	next: LifeCycle;
	transitions: readonly Transition[];
}
export interface Evidence {
	/** Event time, ms. */
	at: number;
	/** The server's time, ms. */
	now: number;
	value: Value | null;
}

export const NORMAL_FLAGS: Flags = { active: false, acknowledged: true, latched: false, shelved: false, suppressed: false, outOfService: false };
export const NORMAL: LifeCycle = { flags: NORMAL_FLAGS, occurrence: 0, shelf: null, pending: null };
const NONE: readonly Transition[] = [];

/**
 * Takes note of the condition at `evidence.at`. A value holds until the next one, so a delay that ran out before
 * `evidence.at` takes effect first, at the moment it ran out: the outcome is the same whether or not a tick came in between.
 * `null`: nothing is known now; what was, goes on.
 */
export function onCondition(cycle: LifeCycle, terms: Terms, condition: boolean | null, evidence: Evidence): Step {
	const matured = matureAt(cycle, terms, evidence.at);
	if (condition === null) return matured;
	const { next, transitions } = matured;
	if (condition === next.flags.active) return next.pending ? { next: { ...next, pending: null }, transitions } : matured;
	const pending = next.pending ?? { since: evidence.at, seenAt: evidence.now, value: evidence.value };
	const changed = matureAt({ ...next, pending }, terms, evidence.at);
	return { next: changed.next, transitions: transitions.length === 0 ? changed.transitions : [...transitions, ...changed.transitions] };
}

/** Lets a delay run out while no reading comes. */
export function onTick(cycle: LifeCycle, terms: Terms, now: number): Step {
	return cycle.pending ? matureAt(cycle, terms, cycle.pending.since + (now - cycle.pending.seenAt)) : { next: cycle, transitions: NONE };
}

/** What a person did; `null` where the figure has no such arrow, see {@link obstacle}. `shelf` goes with `shelved`. */
export function onOperator(cycle: LifeCycle, kind: OperatorMove, at: number, shelf: Shelf | null = null): Step | null {
	return move(cycle, kind, at, { shelf });
}

/** Ends a shelf whose time is over; at the time that was said, however late that is noticed. */
export function onShelfTime(cycle: LifeCycle, now: number): Step | null {
	return cycle.shelf && now >= cycle.shelf.until ? move(cycle, "unshelved", cycle.shelf.until, { why: "time over" }) : null;
}

/** The design suppresses it, or does so no longer; `null` when that is nothing new. */
export function onDesign(cycle: LifeCycle, suppressed: boolean, at: number, why: string | null = null): Step | null {
	return move(cycle, suppressed ? "suppressed" : "unsuppressed", at, { why });
}

/** Ends the occurrence now, without its off-delay, and a suppression: nobody watches the condition any more. */
export function onRemoved(cycle: LifeCycle, at: number): Step {
	const watched: Step = { next: { ...cycle, pending: null }, transitions: NONE };
	const returned = then(watched, (next) => move(next, "returned", at));
	return then(returned, (next) => onDesign(next, false, at));
}

function matureAt(cycle: LifeCycle, terms: Terms, at: number): Step {
	const { pending } = cycle;
	if (!pending) return { next: cycle, transitions: NONE };
	const { active } = cycle.flags;
	const due = pending.since + (active ? terms.offDelay : terms.onDelay);
	if (at < due) return { next: cycle, transitions: NONE };
	const latching = terms.latching ?? false;
	const step = move({ ...cycle, pending: null }, active ? "returned" : "raised", due, { value: pending.value, latching });
	return step ?? { next: cycle, transitions: NONE };
}

interface Circumstances {
	value?: Value | null;
	latching?: boolean;
	shelf?: Shelf | null;
	why?: string | null;
}

function move(
	cycle: LifeCycle,
	kind: Move,
	at: number,
	{ value = null, latching = false, shelf = null, why = null }: Circumstances = {},
): Step | null {
	if (obstacle(cycle.flags, kind) !== null) return null;
	const flags: Flags = { ...cycle.flags, ...MOVES[kind].sets };
	if (kind === "raised") flags.latched ||= latching;
	const next: LifeCycle = {
		flags,
		occurrence: kind === "raised" ? cycle.occurrence + 1 : cycle.occurrence,
		shelf: kind === "shelved" ? shelf : flags.shelved ? cycle.shelf : null,
		pending: cycle.pending,
	};
	const step: Step = { next, transitions: [{ kind, occurrence: next.occurrence, at, value, flags, shelf: next.shelf, why }] };
	return kind === "returned" && next.shelf?.oneShot ? then(step, (shelved) => move(shelved, "unshelved", at, { why: "returned" })) : step;
}

function then(step: Step, more: (next: LifeCycle) => Step | null): Step {
	const added = more(step.next);
	return added ? { next: added.next, transitions: [...step.transitions, ...added.transitions] } : step;
}

const flagsOf = (flags: Partial<Flags>) => Object.keys(flags) as (keyof Flags)[];
const matches = (flags: Flags, wanted: Partial<Flags>): boolean => flagsOf(wanted).every((flag) => wanted[flag] === flags[flag]);
