/** How a door stands by what was said of it, in whatever order that comes; pure. */
import { OWN_DEVICE } from "../../contracts/identifiers.ts";
import type { DoorRecord } from "./access-event.ts";

export interface Standing {
	/** What it is in, by the first event that said so. */
	state: DoorRecord;
	/** The newest event. */
	newest: DoorRecord;
	/** When the server learned of its state, Unix ms; `live`: as it happened. */
	since: number;
	live: boolean;
	/** It is held by the server's own word, but had been closed before: this was learned later. */
	refutedBy?: DoorRecord;
}

const isAfter = (one: DoorRecord, other: DoorRecord) => one.ts > other.ts || (one.ts === other.ts && Number(one.id) > Number(other.id));
/** A contact says again and again that a door is open: it is one opening. */
const goesOn = ({ state }: DoorRecord, next: DoorRecord) =>
	(next.state === "open" && (state === "open" || state === "held")) || (next.state === "held" && state === "held");

/** The newest event by the device's time is the state; of two at the same time the one recorded later. */
export function standingAfter(
	known: Standing | undefined,
	event: DoorRecord,
	{ now, live, heldOpenAfter }: { now: number; live: boolean; heldOpenAfter: number },
): Standing {
	const begins = { state: event, newest: event, since: now, live };
	if (!known) return begins;
	const { state, newest } = known;
	if (isAfter(event, newest)) return goesOn(state, event) ? { ...known, newest: event } : begins;
	if (event.state === "open" || event.state === "held") return known;
	// It came late, and ends an opening that had seemed to go on.
	if (isAfter(event, state)) return { ...begins, state: newest, newest };
	const isOver = state.device === OWN_DEVICE && state.state === "held" && event.ts > state.ts - heldOpenAfter;
	return isOver ? { ...known, refutedBy: event } : known;
}

/** What its agent has told so far: everything up to `toldUntil`, Unix ms; `null`: nobody knows. */
export interface Hearing {
	heard: boolean;
	toldUntil: number | null;
}

/**
 * What the server itself has to say of a door at `now`: that it is held, once it has stood open for its time, or that it is closed after
 * all. An opening that it didn't learn of as it happened may be over: it waits until everything is told that happened since.
 */
export function ownState(
	standing: Standing,
	heldOpenAfter: number,
	hearing: Hearing,
	now: number,
): (Pick<DoorRecord, "state" | "ts"> & { seq: number }) | null {
	const { state, refutedBy, live, since } = standing;
	if (refutedBy) return { state: "closed", ts: state.ts + 1, seq: Number(refutedBy.id) };
	if (state.state !== "open" || !hearing.heard) return null;
	const knownUntil = live ? now - since : (hearing.toldUntil ?? Number.NEGATIVE_INFINITY) - state.receivedAt;
	return knownUntil >= heldOpenAfter ? { state: "held", ts: state.ts + heldOpenAfter, seq: Number(state.id) } : null;
}
