/** How a simulated door controller decides by the list that it holds; pure, times are Unix ms. */
import type { AccessListEntry } from "../../contracts/access-list.ts";
import type { Card, NativeAccess } from "../../contracts/native-dialect.ts";

/** A list as a controller works with it. */
export interface HeldList {
	timeZone: string;
	entries: readonly AccessListEntry[];
	/** By door, then by what is shown. */
	byDoor: ReadonlyMap<string, ReadonlyMap<string, readonly AccessListEntry[]>>;
	/** Every card and fingerprint of the list. */
	known: ReadonlySet<string>;
}
export interface Shown {
	card: Card | null;
	fingerprint: string | null;
}
export type Judgement = Pick<NativeAccess, "result" | "reason">;

const cardText = (card: Card | null) => card && `${card.format}/${card.facility}/${card.number}`;
const shownText = ({ card, fingerprint }: Shown) => JSON.stringify([cardText(card), fingerprint]);
const denied = (reason: string): Judgement => ({ result: "denied", reason });

export function holdList(timeZone: string, entries: readonly AccessListEntry[]): HeldList {
	const byDoor = new Map<string, Map<string, AccessListEntry[]>>();
	const known = new Set<string>();
	for (const entry of entries) {
		const door = byDoor.get(entry.door) ?? new Map<string, AccessListEntry[]>();
		byDoor.set(entry.door, door);
		const text = shownText(entry);
		door.set(text, [...(door.get(text) ?? []), entry]);
		for (const part of partsOf(entry)) known.add(shownText(part));
	}
	return { timeZone, entries, byDoor, known };
}

/**
 * What the controller says to whoever shows this at a door. The reasons are BACnet's access events, as on the wire. On the way out
 * one of two factors is enough: nobody is kept in.
 */
export function judge(list: HeldList, shown: Shown, door: string, ts: number, direction: "in" | "out" = "in"): Judgement {
	const here = list.byDoor.get(door) ?? new Map<string, readonly AccessListEntry[]>();
	const both = here.get(shownText(shown));
	if (both) return judgeEntries(both, list.timeZone, ts);
	const parts = partsOf(shown);
	if (parts.length === 0 || parts.some((part) => !list.known.has(shownText(part)))) return denied("denied-unknown-credential");
	// A door with one factor whose reader asks for two: each must open it by itself.
	const each = parts.map((part) => here.get(shownText(part)));
	if (parts.length === 2 && each.every((found) => found !== undefined)) {
		const judged = each.map((found) => judgeEntries(found ?? [], list.timeZone, ts));
		return judged.find(({ result }) => result === "denied") ?? { result: "granted", reason: "granted" };
	}
	const partly = [...here.values()].filter(([entry]) => {
		const texts = entry?.card && entry.fingerprint ? partsOf(entry).map(shownText) : [];
		return parts.some((part) => texts.includes(shownText(part)));
	});
	if (partly.length > 0 && parts.length === 1 && direction === "out") return judgeEntries(partly.flat(), list.timeZone, ts);
	return denied(partly.length > 0 ? "denied-incorrect-factor" : "denied-no-rights");
}

function judgeEntries(entries: readonly AccessListEntry[], timeZone: string, ts: number): Judgement {
	const ahead = entries.filter(({ until }) => until === null || ts < until);
	if (ahead.length === 0) return denied("denied-expired");
	const inForce = ahead.filter(({ from }) => from === null || from <= ts);
	if (inForce.length === 0) return denied("denied-credential-inactive");
	return inForce.some(({ hours }) => hours === null || isWithin(hours, timeZone, ts))
		? { result: "granted", reason: "granted" }
		: denied("denied-out-of-time");
}

function partsOf({ card, fingerprint }: Shown): Shown[] {
	return [...(card ? [{ card, fingerprint: null }] : []), ...(fingerprint === null ? [] : [{ card: null, fingerprint }])];
}

const WEEK = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const clocks = new Map<string, Intl.DateTimeFormat>();
function isWithin(hours: NonNullable<AccessListEntry["hours"]>, timeZone: string, ts: number): boolean {
	let clock = clocks.get(timeZone);
	if (!clock) {
		clock = new Intl.DateTimeFormat("en-GB", { timeZone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
		clocks.set(timeZone, clock);
	}
	const parts = Object.fromEntries(clock.formatToParts(ts).map(({ type, value }) => [type, value]));
	const day = 1 << WEEK.indexOf(parts.weekday ?? "");
	const minute = Number(parts.hour) * 60 + Number(parts.minute);
	return hours.some(([days, from, to]) => (days & day) !== 0 && from <= minute && minute < to);
}
