/** Access and door events as they are kept, and the rules of their numbering (EDG-7). */
import { createHash } from "node:crypto";
import type { AccessVerdict } from "../../contracts/access-verdict.ts";
import type { AccessEventView, DoorEventView } from "../../contracts/api.ts";
import type { DoorState } from "../../contracts/kinds.ts";
import type { Card } from "../../contracts/native-dialect.ts";
import type { UplinkAccessEvent, UplinkDoorEvent } from "../../contracts/uplink.ts";
import type { Register } from "./register/register.ts";

export type DeviceEvent = UplinkAccessEvent | UplinkDoorEvent;

interface Common {
	id: string;
	device: string;
	seq: number;
	door: string;
	doorName: string;
	/** By the device, Unix ms. */
	ts: number;
	/** By the agent, Unix ms. */
	receivedAt: number;
	/** Back-filled after an outage. */
	late: boolean;
	/** The device had used this number for another event already: it has begun to count anew. */
	conflict: boolean;
}
export interface AccessRecord extends Common {
	type: "access";
	direction: "in" | "out";
	method: UplinkAccessEvent["method"];
	card: Card | null;
	fingerprint: string | null;
	holder: { id: string; name: string } | null;
	credential: string | null;
	verdict: AccessVerdict | null;
	grant: string | null;
	result: "granted" | "denied";
	reason: string;
}
export interface DoorRecord extends Common {
	type: "door";
	state: DoorState;
}
export type EventRecord = AccessRecord | DoorRecord;

/**
 * Tells an event sent twice from another event with the same number. A time that only the agent gave (the device sent none) is
 * not part of the content: the same message delivered twice gets two such times.
 */
export function contentDigest(event: DeviceEvent): string {
	const { receivedAt, ts, ...content } = event;
	const told = ts === receivedAt ? content : { ...content, ts };
	const sorted = Object.entries(told).sort(([one], [other]) => (one < other ? -1 : 1));
	return createHash("sha256").update(JSON.stringify(sorted)).digest("base64url").slice(0, 22);
}

/**
 * How far a device's numbers have come; `highest` is `null` before its first event. `doubted`: a number too far beyond it to be believed
 * as long as none follows it.
 */
export interface Numbering {
	highest: number | null;
	doubted: number | null;
}
/** So many numbers a device may skip at once: an outage leaves fewer. */
export const BELIEVED_JUMP = 1_000_000;
export interface SequenceGap {
	/** First and last missing number. */
	from: number;
	to: number;
}

/**
 * Takes note of numbers that are new to the store, in any order. A number beyond the next one opens a gap; where a device's
 * numbering begins is not known, so its first event opens none. A number beyond {@link BELIEVED_JUMP} opens its gap too, but the
 * numbering goes on from where it was, so that it hides no later gap; only when the device goes on from there it has begun to count
 * anew. Numbers inside gaps are the caller's to fill in.
 */
export function noteNumbers(numbering: Numbering, numbers: readonly number[]): { numbering: Numbering; gaps: SequenceGap[] } {
	const gaps: SequenceGap[] = [];
	let { highest, doubted } = numbering;
	for (const seq of [...numbers].sort((one, other) => one - other)) {
		const last = follows(seq, doubted) ? doubted : highest;
		// Of a first one nothing is known but that numbers must be able to follow it.
		const believed = last === null ? seq <= Number.MAX_SAFE_INTEGER - BELIEVED_JUMP : seq - last <= BELIEVED_JUMP;
		if (last !== null && seq > last + 1) gaps.push({ from: last + 1, to: seq - 1 });
		if (!believed) doubted = seq;
		else {
			highest = Math.max(last ?? seq, seq);
			if (doubted !== null && highest >= doubted) doubted = null;
		}
	}
	return { numbering: { highest, doubted }, gaps };
}

const follows = (seq: number, doubted: number | null) => doubted !== null && seq > doubted && seq - doubted <= BELIEVED_JUMP;

/** `{format} {facility}-{number}`, whole: the platform masks it for who may not see it. */
export function cardText({ format, facility, number }: Card): string {
	return `${format} ${facility}-${number}`;
}

/** What the register knew of an event at its time. */
export interface Recognised {
	holder: { id: string; name: string } | null;
	/** Id of the credential that was shown; of two the card's. */
	credential: string | null;
	/** `null` where nothing is shown, as at an exit button; a card or finger that the controller doesn't name is nobody's that we know. */
	verdict: AccessVerdict | null;
	/** Id of the grant that allows it. */
	grant: string | null;
}

const NOBODY: Recognised = { holder: null, credential: null, verdict: null, grant: null };
/** Methods that show something of a person's. */
const SHOWN: ReadonlySet<UplinkAccessEvent["method"]> = new Set(["card", "fingerprint", "card+fingerprint"]);

/** Looks in the register for who it was, and whether they were allowed in at that time. */
export function recognise(
	{ method, card, fingerprint, door, direction, ts }: Pick<UplinkAccessEvent, "method" | "card" | "fingerprint" | "door" | "direction" | "ts">,
	register: Register,
): Recognised {
	if (!card && fingerprint === null) return SHOWN.has(method) ? { ...NOBODY, verdict: "denied-unknown-credential" } : NOBODY;
	const { holder, credentials, verdict, grant } = register.decide({ card, fingerprint }, door, ts, direction);
	return { holder: holder && { id: holder.id, name: holder.name }, credential: credentials[0]?.id ?? null, verdict, grant: grant?.id ?? null };
}

export function accessView(event: AccessRecord): AccessEventView {
	const { id, device, seq, door, doorName, direction, method, holder, card, result, reason, verdict, late } = event;
	const shown = { id, device, seq, door, doorName, direction, method, holder, result, reason, verdict, late };
	return { ...shown, card: card && cardText(card), ts: new Date(event.ts).toISOString(), receivedAt: new Date(event.receivedAt).toISOString() };
}

export function doorView(event: DoorRecord): DoorEventView {
	const { id, device, seq, door, doorName, state, late } = event;
	return { id, device, seq, door, doorName, state, late, ts: new Date(event.ts).toISOString(), receivedAt: new Date(event.receivedAt).toISOString() };
}
