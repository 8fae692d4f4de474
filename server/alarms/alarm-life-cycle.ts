/**
 * The alarm state model of ISA-18.2 (clause 5.6.4, the state transition diagram), as pure functions of state and time.
 * The flags active and acknowledged follow from the state, see {@link FLAGS}.
 */
import type { ALARM_STATES } from "../../contracts/api.ts";
import type { Value } from "../../contracts/kinds.ts";

export type AlarmState = (typeof ALARM_STATES)[number];
/** The states of the diagram that the process and the operator move an alarm through; the others set it aside. */
export type ProcessState = Extract<AlarmState, "normal" | "unacknowledged" | "acknowledged" | "returned-unacknowledged">;
/** What moves an alarm: the condition came, the condition went, a person acknowledged. */
export type TransitionKind = "raised" | "returned" | "acknowledged";

/** The diagram. What doesn't stand here doesn't happen. */
const DIAGRAM: Record<ProcessState, Partial<Record<TransitionKind, ProcessState>>> = {
	/* A */ normal: { raised: "unacknowledged" },
	/* B */ unacknowledged: { returned: "returned-unacknowledged", acknowledged: "acknowledged" },
	/* C */ acknowledged: { returned: "normal" },
	/* D */ "returned-unacknowledged": { raised: "unacknowledged", acknowledged: "normal" },
};

export const FLAGS: Record<ProcessState, { active: boolean; acknowledged: boolean }> = {
	normal: { active: false, acknowledged: true },
	unacknowledged: { active: true, acknowledged: false },
	acknowledged: { active: true, acknowledged: true },
	"returned-unacknowledged": { active: false, acknowledged: false },
};

/** The condition has changed, and the change waits for its on-delay or off-delay. */
export interface Pending {
	/** Event time of the change. */
	since: number;
	/** The server's time when it learned of the change; a tick measures the delay from here, whatever the device's clock says. */
	seenAt: number;
	value: Value | null;
}
export interface LifeCycle {
	state: ProcessState;
	/** Number of the newest occurrence; 0 before the first. An acknowledgement belongs to this one and ends with it. */
	occurrence: number;
	pending: Pending | null;
}
/** ms each */
export interface Delays {
	onDelay: number;
	offDelay: number;
}
export interface Transition {
	kind: TransitionKind;
	occurrence: number;
	/** Event time, ms. */
	at: number;
	value: Value | null;
	/** The state that it leads to. */
	state: ProcessState;
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

export const NORMAL: LifeCycle = { state: "normal", occurrence: 0, pending: null };
const NONE: readonly Transition[] = [];

/**
 * Takes note of the condition at `evidence.at`. A value holds until the next one, so a delay that ran out before
 * `evidence.at` takes effect first, at the moment it ran out: the outcome is the same whether or not a tick came in between.
 * `null`: nothing is known now; what was, goes on.
 */
export function onCondition(cycle: LifeCycle, delays: Delays, condition: boolean | null, evidence: Evidence): Step {
	const matured = matureAt(cycle, delays, evidence.at);
	if (condition === null) return matured;
	const { next, transitions } = matured;
	if (condition === FLAGS[next.state].active) return next.pending ? { next: { ...next, pending: null }, transitions } : matured;
	const pending = next.pending ?? { since: evidence.at, seenAt: evidence.now, value: evidence.value };
	const changed = matureAt({ ...next, pending }, delays, evidence.at);
	return { next: changed.next, transitions: transitions.length === 0 ? changed.transitions : [...transitions, ...changed.transitions] };
}

/** Lets a delay run out while no reading comes. */
export function onTick(cycle: LifeCycle, delays: Delays, now: number): Step {
	return cycle.pending ? matureAt(cycle, delays, cycle.pending.since + (now - cycle.pending.seenAt)) : { next: cycle, transitions: NONE };
}

/** Acknowledges the newest occurrence; `null` when there is nothing to acknowledge. */
export function onAcknowledge(cycle: LifeCycle, at: number): Step | null {
	return move(cycle, "acknowledged", at, null);
}

/** Ends the occurrence now, without its off-delay: nobody watches the condition any more. */
export function onRemoved(cycle: LifeCycle, at: number): Step {
	return move({ ...cycle, pending: null }, "returned", at, null) ?? { next: { ...cycle, pending: null }, transitions: NONE };
}

function matureAt(cycle: LifeCycle, delays: Delays, at: number): Step {
	const { pending } = cycle;
	if (!pending) return { next: cycle, transitions: NONE };
	const { active } = FLAGS[cycle.state];
	const due = pending.since + (active ? delays.offDelay : delays.onDelay);
	if (at < due) return { next: cycle, transitions: NONE };
	return move({ ...cycle, pending: null }, active ? "returned" : "raised", due, pending.value) ?? { next: cycle, transitions: NONE };
}

function move(cycle: LifeCycle, kind: TransitionKind, at: number, value: Value | null): Step | null {
	const state = DIAGRAM[cycle.state][kind];
	if (!state) return null;
	const occurrence = kind === "raised" ? cycle.occurrence + 1 : cycle.occurrence;
	return { next: { state, occurrence, pending: cycle.pending }, transitions: [{ kind, occurrence, at, value, state }] };
}
