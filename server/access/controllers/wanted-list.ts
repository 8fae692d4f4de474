/** What each controller should hold, derived from the register; pure, times are Unix ms (ACC-4). */
import { createHash } from "node:crypto";
import { type AccessListEntry, entryKey } from "../../../contracts/access-list.ts";
import { WEEKDAYS, type WeeklySchedule } from "../../../contracts/weekly-schedule.ts";
import { type CredentialRecord, type GrantRecord, type HolderRecord, postAt, type Register, stateAt } from "../register/register.ts";
import { minuteOf } from "../register/weekly-hours.ts";

export interface WantedEntry {
	/** `entryKey` of the entry. */
	key: string;
	entry: AccessListEntry;
	/** Ids of what it comes from. */
	grant: string;
	credentials: readonly string[];
}
export interface WantedList {
	controller: string;
	timeZone: string;
	/** Names the content. */
	list: string;
	/** In the order of their keys. */
	entries: readonly WantedEntry[];
}

/**
 * The list of every controller that has a door. An entry is there exactly if the register would grant it now or later; what only
 * the passing of time changes stands in the entry. The same register gives the same lists until one of its ends has passed.
 */
export function wantedLists(register: Register, now: number): Map<string, WantedList> {
	const found = new Map<string, Map<string, WantedEntry[]>>();
	for (const door of register.doors.values()) found.set(door.controller, found.get(door.controller) ?? new Map());
	const byPost = Map.groupBy(register.holders.values(), (holder) => postAt(holder, now) ?? "");
	for (const grant of register.grants.values()) {
		const doors = register.zones.get(grant.zone)?.doors ?? [];
		if (doors.length === 0) continue;
		const own = grant.holder === null ? undefined : register.holders.get(grant.holder);
		const holders = grant.holder !== null ? (own ? [own] : []) : (byPost.get(grant.post ?? "") ?? []);
		for (const holder of holders) {
			const { one, two } = entriesOf(grant, holder, register.credentialsOf(holder.id), now);
			for (const id of doors) {
				const door = register.doors.get(id);
				const list = door && found.get(door.controller);
				for (const template of door?.factors === "two" ? two : one) {
					const entry = { ...template.entry, door: id };
					const shown = `${id}/${template.shown}`;
					const same = list?.get(shown) ?? [];
					list?.set(shown, add(same, { key: keyAt(id, template.key), entry, grant: grant.id, credentials: template.credentials }));
				}
			}
		}
	}
	return new Map(
		Array.from(found, ([controller, groups]) => {
			const entries = [...groups.values()].flat().sort((a, b) => (a.key < b.key ? -1 : 1));
			const keys = entries.map(({ key }) => key);
			return [controller, { controller, timeZone: register.timeZone, list: listName(register.timeZone, keys), entries }];
		}),
	);
}

/** Names a content: the same for the same entries, whatever their order. */
export function listName(timeZone: string, keys: readonly string[]): string {
	const hash = createHash("sha256").update(timeZone);
	for (const key of keys.toSorted()) hash.update("\n").update(key);
	return hash.digest("hex").slice(0, 32);
}

/** Whether everything that `less` opens is opened by `more` as well; both of one door with the same credentials. */
export function covers(more: AccessListEntry, less: AccessListEntry): boolean {
	const begins = more.from === null || (less.from !== null && more.from <= less.from);
	const ends = more.until === null || (less.until !== null && less.until <= more.until);
	return begins && ends && (more.hours === null || JSON.stringify(more.hours) === JSON.stringify(less.hours));
}

interface Template {
	entry: AccessListEntry;
	key: string;
	/** Card and fingerprint, as one text. */
	shown: string;
	credentials: readonly string[];
}
const NOTHING: { one: Template[]; two: Template[] } = { one: [], two: [] };

/** What a grant gives a holder at any door of its zone: with one factor, and with two. */
function entriesOf(grant: GrantRecord, holder: HolderRecord, credentials: readonly CredentialRecord[], now: number): typeof NOTHING {
	const until = earliest([grant.until, grant.lapsesAt, grant.endedAt, holder.leftAt]);
	if (until !== null && until <= now) return NOTHING;
	const active = credentials.filter((one) => stateAt(one, now) === "active" && (one.until === null || one.until > now));
	const hours = grant.schedule && hoursOf(grant.schedule);
	const from = grant.from <= grant.grantedAt ? null : grant.from;
	const template = (used: readonly CredentialRecord[]): Template[] => {
		const starts = [from, ...used.map((one) => (one.from <= (one.states[0]?.at ?? one.from) ? null : one.from))].filter((time) => time !== null);
		const entry: AccessListEntry = {
			door: "",
			card: used.find(({ card }) => card !== null)?.card ?? null,
			fingerprint: used.find(({ fingerprint }) => fingerprint !== null)?.fingerprint ?? null,
			from: starts.length > 0 ? Math.max(...starts) : null,
			until: earliest([until, ...used.map((one) => one.until)]),
			hours,
		};
		if (entry.from !== null && entry.until !== null && entry.until <= entry.from) return [];
		const shown = entryKey({ ...entry, from: null, until: null, hours: null });
		return [{ entry, key: entryKey(entry), shown, credentials: used.map(({ id }) => id) }];
	};
	const cards = active.filter(({ card }) => card !== null);
	const fingerprints = active.filter(({ fingerprint }) => fingerprint !== null);
	return {
		one: active.flatMap((one) => template([one])),
		two: cards.flatMap((card) => fingerprints.flatMap((fingerprint) => template([card, fingerprint]))),
	};
}

/** `entryKey` at a door, from that without one: the rest is the same at all doors. */
function keyAt(door: string, key: string): string {
	return `[${JSON.stringify(door)}${key.slice(3)}`;
}

/** Of entries with the same credentials at the same door none is kept that another one covers. */
function add(entries: WantedEntry[], candidate: WantedEntry): WantedEntry[] {
	if (entries.some(({ entry }) => covers(entry, candidate.entry))) return entries;
	return [...entries.filter(({ entry }) => !covers(candidate.entry, entry)), candidate];
}

/** A schedule as an access list has it, in one form: hours of the same times are one, in order. */
function hoursOf(schedule: WeeklySchedule): NonNullable<AccessListEntry["hours"]> {
	const masks = new Map<string, [number, number, number]>();
	for (const { days, from, to } of schedule) {
		const mask = days.reduce((bits, day) => bits | (1 << WEEKDAYS.indexOf(day)), 0);
		const [start, end] = [minuteOf(from), minuteOf(to)];
		const before = masks.get(`${start}-${end}`);
		masks.set(`${start}-${end}`, [(before?.[0] ?? 0) | mask, start, end]);
	}
	return [...masks.values()].sort((a, b) => a[1] - b[1] || a[2] - b[2]);
}

function earliest(times: readonly (number | null)[]): number | null {
	const given = times.filter((time) => time !== null);
	return given.length > 0 ? Math.min(...given) : null;
}
