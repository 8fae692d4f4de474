/**
 * What access and door events tell beyond themselves (ACC-2, ACC-3); pure, times are Unix ms by the devices' clocks. A rule looks at one
 * event with what happened around it, so that the order of arrival doesn't matter but where a rule says so. The names are BACnet's.
 */
import type { FindingKind } from "../../../contracts/access.ts";
import type { AccessCountRule } from "../../../contracts/rules.ts";
import { durationText } from "../../alarms/alarm-message.ts";
import type { AccessCount } from "../../alarms/rules/rule-selection.ts";
import type { AccessRecord, DoorRecord, EventRecord } from "../access-event.ts";
import { type Register, stateAt } from "../register/register.ts";
import { isWithin } from "../register/weekly-hours.ts";
import type { Door } from "../register/zones.ts";

/** An event that comes a little later may explain this one: such events are looked at once more after this, ms. */
export const SECOND_LOOK = 3_000;
/** Denials within this are guessing once there are so many at a door, or of one badge at so many doors. */
export const GUESSING = { window: 60_000, denials: 5, doors: 3 };
/** Both factors of a two-factor door, where they come as two events. */
export const FACTOR_WINDOW = 15_000;
/** The escort's card follows, or precedes, the visitor's within this. */
export const ESCORT_WINDOW = 60_000;
/** Nobody moves faster, m/s; below the distance (m) clocks and plans are too coarse to tell. */
export const FASTEST = { speed: 10, from: 15 };
/** How far around an event the rules look. */
export const LOOK_BACK = 10 * 60_000;
export const LOOK_AHEAD = 2 * 60_000;

/** Where a finding would be wrong if something that isn't here yet had happened: it waits for what is missing, asked for again after this, ms. */
export const MISSING = { again: 30_000, atMost: 3_600_000 };

export interface Found {
	kind: FindingKind;
	/** For people; names nobody. */
	detail: string;
	/** The door says it by its state, which is a point with rules of the site's own. */
	stated: boolean;
	/** It holds only if everything is known that happened at these doors since then, Unix ms. */
	rests?: { doors: readonly string[]; since: number };
	/** What it rests on is lost: it is listed, and raises no alarm. */
	uncertain?: boolean;
	/** The site's rule that counted it; `null`: a rule of this file's own. */
	rule: string | null;
}

const found = (kind: FindingKind, detail: string): Found => ({ kind, detail, stated: false, rule: null });
const stated = (kind: FindingKind, detail: string): Found => ({ kind, detail, stated: true, rule: null });
/** What is known around an event. All lists are ordered by time. */
export interface Around {
	register: Register;
	/** The site's rules that count access events. */
	counts: readonly AccessCount[];
	/** Everything at a door from {@link LOOK_BACK} before to {@link LOOK_AHEAD} after. */
	at: (door: string) => readonly EventRecord[];
	/** What the holder did before the event, granted or not, the newest first. */
	before: readonly AccessRecord[];
	/** The escort that a visitor had at that time; `undefined` where the holder is no visitor under escort. */
	escort: string | null | undefined;
	/** Granted passages of that escort at the same door. */
	escortAt: readonly AccessRecord[];
	/** That its door is held was said already of the same opening. */
	heldAlready: boolean;
}

type AccessRule = (event: AccessRecord, around: Around, door: Door | undefined) => Found | null;
type DoorRule = (event: DoorRecord, around: Around, door: Door) => Found | null;

const granted = (event: EventRecord): event is AccessRecord => event.type === "access" && event.result === "granted";
const within = (ts: number, from: number, to: number) => ts >= from && ts <= to;
/** A reader that only reads: somebody showed a card, and nobody said no. The records' own verdict on it stands beside it. */
const UNDECIDED = "denied-no-decision";
const decided = ({ result, reason }: AccessRecord) => (reason === UNDECIDED ? null : result);
/** What a controller may know better than our records. */
const CONTROLLER_KNOWS = new Set(["denied-passback", "denied-interlock", "denied-lockout", "denied-incorrect-factor", "duress"]);

/** Rules on what was shown at a reader. */
export const ACCESS_RULES: readonly AccessRule[] = [
	(event) => (decided(event) === "denied" ? found("denied", `Denied: ${event.reason}`) : null),
	(event) => (event.reason === "duress" ? found("duress", "Somebody signalled that they act under duress") : null),
	lostBadge,
	revokedBadge,
	againstRecords,
	deniedPassback,
	(event, _around, door) =>
		event.reason === "denied-interlock" ? found("interlock", `${nameOf(door)}: another door of its interlock was open`) : null,
	oneFactor,
	guessing,
	triedEverywhere,
	impossibleTravel,
	afterHours,
];

/** Rules that wait for what may still come, {@link SECOND_LOOK} or {@link ESCORT_WINDOW} later. */
export const LATER_ACCESS_RULES: readonly AccessRule[] = [escortSeparated, passback];
/** Rules that an event is judged by once more when an earlier one comes after it. What was missing can't have made their findings wrong. */
export const LOOKING_BACK: readonly AccessRule[] = [guessing, triedEverywhere, impossibleTravel];

/** Rules on a door's state. */
export const DOOR_RULES: readonly DoorRule[] = [
	(event, _around, door) => (event.state === "forced" ? stated("forced", `${door.name} was forced`) : null),
	(event, around, door) => (event.state === "held" && !around.heldAlready ? stated("held", `${door.name} is held open`) : null),
	(event, _around, door) => (event.state === "tamper" ? stated("tamper", `Tamper contact of ${door.name}`) : null),
	interlock,
];
/** They wait for a grant that comes after the door's opening. */
export const LATER_DOOR_RULES: readonly DoorRule[] = [openedWithoutGrant, twoPerson];

/** When an event is to be looked at again, Unix ms of its own clock; `null`: there is nothing to wait for. */
export function secondLook(event: EventRecord, { doors }: Pick<Register, "doors">, visitor: boolean): number | null {
	if (event.type === "door") return event.state === "open" ? event.ts + SECOND_LOOK : null;
	if (event.result === "denied") return null;
	if (visitor) return event.ts + ESCORT_WINDOW;
	const watched = (doors.get(event.door)?.antiPassback ?? "off") !== "off";
	return watched && event.holder !== null ? event.ts + SECOND_LOOK : null;
}

/** What an event tells at once (`first`), at its second look, or when an earlier one has come after it (`again`). */
export type Look = "first" | "second" | "again";
const RULES_OF = { first: ACCESS_RULES, second: LATER_ACCESS_RULES, again: LOOKING_BACK } as const;

export function judge(event: EventRecord, around: Around, look: Look): Found[] {
	const door = around.register.doors.get(event.door);
	if (event.type === "access") {
		const found = RULES_OF[look].flatMap((rule) => rule(event, around, door) ?? []);
		return look === "second" ? found : [...found, ...counted(event, around, door)];
	}
	if (look === "again") return [];
	return door ? (look === "first" ? DOOR_RULES : LATER_DOOR_RULES).flatMap((rule) => rule(event, around, door) ?? []) : [];
}

const nameOf = (door: Door | undefined) => door?.name ?? "The door";

function lostBadge(event: AccessRecord, { register }: Around): Found | null {
	const credential = event.credential === null ? undefined : register.credentials.get(event.credential);
	const state = credential && stateAt(credential, event.ts);
	return state === "lost" || state === "stolen" ? found("lost-badge-used", `A card reported ${state} was shown: ${event.result}`) : null;
}

/** Somebody who has left, a card taken back, or access that a person took away: shown again (REV-5). */
function revokedBadge(event: AccessRecord, { register }: Around): Found | null {
	if (event.verdict === null || event.verdict === "granted") return null;
	const used = (what: string) => found("revoked-badge-used", `${what} was used: ${event.result}`);
	const holder = event.holder && register.holders.get(event.holder.id);
	if (holder && holder.leftAt !== null && holder.leftAt <= event.ts) return used("The badge of somebody who has left");
	const credential = event.credential === null ? undefined : register.credentials.get(event.credential);
	const state = credential && stateAt(credential, event.ts);
	if (state === "suspended" || state === "returned") return used(`A ${state} badge`);
	const zone = register.zoneOfDoor(event.door)?.id;
	const taken =
		holder &&
		event.verdict === "denied-no-rights" &&
		register
			.grantsOf(holder)
			.some(({ zone: of, endedAt, endReason }) => of === zone && endedAt !== null && endedAt <= event.ts && TAKEN.has(endReason ?? ""));
	return taken ? used("A badge whose access was taken away") : null;
}
const TAKEN = new Set(["revoked", "left", "moved", "review"]);

function againstRecords({ result, verdict, reason }: AccessRecord): Found | null {
	if (verdict === null || reason === UNDECIDED || result === (verdict === "granted" ? "granted" : "denied")) return null;
	if (result === "granted") return found("granted-against-records", `The controller granted, our records say ${verdict}`);
	return CONTROLLER_KNOWS.has(reason) ? null : found("denied-against-records", `The controller denied (${reason}), our records say granted`);
}

/** What to make of a finding that {@link Found.rests} on events that are still `coming` or that are `lost`; `wait`: it isn't one yet. */
export function inSpiteOf(missing: "coming" | "lost" | null, finding: Found): Found | "wait" {
	if (missing === "coming") return "wait";
	return missing === null ? finding : { ...finding, detail: `${finding.detail}; uncertain: events of its doors are missing`, uncertain: true };
}

/** The controller itself has refused it. */
function deniedPassback({ direction, reason }: AccessRecord, _around: Around, door: Door | undefined): Found | null {
	if (reason !== "denied-passback") return null;
	return direction === "in"
		? found("passback", `${nameOf(door)}: in again without having gone out`)
		: found("tailgating", `${nameOf(door)}: out without having come in`);
}

/** In again without having gone out, or out without having come in, by the doors of the zone. */
function passback(event: AccessRecord, { register, before }: Around, door: Door | undefined): Found | null {
	const { holder, direction } = event;
	if (!door || !holder || door.antiPassback === "off" || event.result === "denied") return null;
	const doors = register.zoneOfDoor(door.id)?.doors ?? [];
	// Where a door of the zone lets people out without a card, nobody knows that they have gone.
	if (!doors.every((id) => register.doors.get(id)?.readers.some((reader) => reader.direction === "out"))) return null;
	const last = before.find((passage) => granted(passage) && doors.includes(passage.door));
	if (last?.direction !== direction) return null;
	const rests = { doors, since: last.ts };
	return direction === "in"
		? { ...found("passback", `${door.name}: in again without having gone out`), rests }
		: { ...found("tailgating", `${door.name}: out without having come in`), rests };
}

/** Opened by card or fingerprint alone where both are asked for (ACC-3): on the way in; out, one is enough. */
function oneFactor(event: AccessRecord, { at }: Around, door: Door | undefined): Found | null {
	if (door?.factors !== "two" || event.direction !== "in" || !granted(event) || (event.method !== "card" && event.method !== "fingerprint"))
		return null;
	const other = at(door.id).some(
		(one) =>
			one.type === "access" &&
			one.holder?.id === event.holder?.id &&
			(one.method === "card" || one.method === "fingerprint") &&
			one.method !== event.method &&
			within(one.ts, event.ts - FACTOR_WINDOW, event.ts),
	);
	return other ? null : found("one-factor", `${door.name} opened on ${event.method} alone`);
}

/** How many events with this one's result there have been within a time, with it: at its door, at that reader, or of that person. */
function countWith(event: AccessRecord, { at, before }: Pick<Around, "at" | "before">, per: AccessCountRule["per"], time: number): number {
	const like = (one: EventRecord): one is AccessRecord =>
		one.type === "access" &&
		decided(one) === decided(event) &&
		within(one.ts, event.ts - time, event.ts) &&
		(per !== "reader" || one.direction === event.direction);
	if (per === "person") return event.holder === null ? 0 : 1 + before.filter(like).length;
	return at(event.door).filter((one) => like(one) && (one.ts < event.ts || Number(one.id) <= Number(event.id))).length;
}

/** Told at the denial that makes it so many, and again after as many more. */
function guessing(event: AccessRecord, around: Around, door: Door | undefined): Found | null {
	if (decided(event) !== "denied") return null;
	const { window, denials } = GUESSING;
	const count = countWith(event, around, "door", window);
	return count > 0 && count % denials === 0 ? found("guessing", `${count} denials at ${nameOf(door)} within a minute`) : null;
}

/** How many events a rule of the site has counted with this one, where it is told of so many; `null`: it isn't. */
export function toldCount(event: AccessRecord, around: Pick<Around, "at" | "before">, { rule, doors }: AccessCount): number | null {
	if (decided(event) !== rule.result || !doors.has(event.door)) return null;
	const count = countWith(event, around, rule.per, rule.within);
	return count === 0 || count % rule.count !== 0 ? null : count;
}

/** What the site's rules count, told in the same way. */
function counted(event: AccessRecord, around: Around, door: Door | undefined): Found[] {
	return around.counts.flatMap((counts) => {
		const { rule } = counts;
		const count = toldCount(event, around, counts);
		if (count === null) return [];
		const time = durationText(rule.within);
		const detail =
			rule.per === "person"
				? `One person ${rule.result} ${count} times within ${time}, last at ${nameOf(door)}`
				: `${nameOf(door)}: ${count} times ${rule.result} within ${time}`;
		return [{ ...found("counted", detail), rule: rule.id }];
	});
}

/** One badge denied at door after door: found or stolen. Told at the door that makes it so many. */
function triedEverywhere(event: AccessRecord, { before }: Around): Found | null {
	if (decided(event) !== "denied" || event.holder === null) return null;
	const recent = before.filter((one) => decided(one) === "denied" && one.ts >= event.ts - GUESSING.window).map(({ door }) => door);
	const doors = new Set([...recent, event.door]).size;
	return doors === GUESSING.doors && !recent.includes(event.door) ? found("guessing", `One badge denied at ${doors} doors within a minute`) : null;
}

/** The same badge at two doors, faster than one can run. */
function impossibleTravel(event: AccessRecord, { register, before }: Around, door: Door | undefined): Found | null {
	const last = before.find(granted);
	const from = last && register.doors.get(last.door);
	if (!door || !from || !granted(event) || from.id === door.id) return null;
	const distance = Math.hypot(door.plan.x - from.plan.x, door.plan.y - from.plan.y);
	const seconds = (event.ts - last.ts) / 1000;
	if (distance < FASTEST.from || distance <= FASTEST.speed * Math.max(seconds, 0)) return null;
	return found("impossible-travel", `${Math.round(distance)} m from ${from.name} to ${door.name} in ${Math.round(seconds)} s`);
}

function afterHours(event: AccessRecord, { register }: Around, door: Door | undefined): Found | null {
	const zone = door && register.zoneOfDoor(door.id);
	if (!zone || zone.hours === null || !granted(event) || event.holder === null || isWithin(zone.hours, event.ts, register.timeZone)) return null;
	return event.direction === "in"
		? found("after-hours", `${zone.name} entered outside of its usual hours`)
		: found("after-hours", `${zone.name} left outside of its usual hours`);
}

/** A visitor's badge without the escort's at the same door (ACC-8). */
function escortSeparated(event: AccessRecord, { escort, escortAt }: Around, door: Door | undefined): Found | null {
	if (escort === undefined || !granted(event)) return null;
	const together = escortAt.some(
		({ ts, direction }) => direction === event.direction && within(ts, event.ts - ESCORT_WINDOW, event.ts + ESCORT_WINDOW),
	);
	if (together) return null;
	return found("escort-separated", `A visitor passed ${nameOf(door)} without ${escort === null ? "an escort" : "the escort"}`);
}

/** Two doors of a mantrap open at once. */
function interlock(event: DoorRecord, { register, at }: Around, door: Door): Found | null {
	if (event.state !== "open" || door.interlock === undefined) return null;
	const open = [...register.doors.values()].filter((other) => {
		if (other.id === door.id || other.interlock !== door.interlock) return false;
		const state = at(other.id).findLast(
			(one) => one.type === "door" && one.ts <= event.ts && (one.state === "open" || one.state === "held" || one.state === "closed"),
		);
		return state?.type === "door" && state.state !== "closed";
	});
	return open.length > 0 ? found("interlock", `${door.name} opened while ${open.map(({ name }) => name).join(", ")} was open`) : null;
}

/** Opens without a grant or an exit request inside the shunt; a door that says so itself is forced already. */
function openedWithoutGrant(event: DoorRecord, { at }: Around, door: Door): Found | null {
	if (event.state !== "open") return null;
	const events = at(door.id);
	// Without a contact that tells of unlocking, a door that is opened again while it stands unlocked is not forced.
	const allowed = events.some(
		(one) => (granted(one) || (one.type === "door" && one.state === "unlocked")) && within(one.ts, event.ts - door.shunt, event.ts + SECOND_LOOK),
	);
	const before = events.findLast((one) => one.type === "door" && one.ts < event.ts && Number(one.id) !== Number(event.id));
	const stood = before?.type === "door" && (before.state === "unlocked" || before.state === "open" || before.state === "held");
	return allowed || stood ? null : found("forced", `${door.name} opened without a grant or an exit request`);
}

/** Two people must have shown their credentials before the door opens. */
function twoPerson(event: DoorRecord, { at }: Around, door: Door): Found | null {
	if (event.state !== "open" || !door.twoPerson) return null;
	const shown = at(door.id).filter(
		(one) => granted(one) && one.direction === "in" && within(one.ts, event.ts - door.shunt - door.twoPersonWindow, event.ts),
	);
	const people = new Set(shown.flatMap((one) => (one.type === "access" ? (one.holder?.id ?? []) : [])));
	// Nobody at all: forced, or somebody leaves.
	return people.size === 1 ? found("two-person", `${door.name} opened by one person alone`) : null;
}
