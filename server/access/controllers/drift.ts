/** What a controller holds against what it should hold, entry by entry; pure. */
import { type AccessListEntry, entryKey } from "../../../contracts/access-list.ts";
import { listName } from "./wanted-list.ts";

/** What was read back from a controller. `none`: it says that it has no list at all. */
export interface ReadList {
	none: boolean;
	timeZone: string;
	entries: readonly AccessListEntry[];
}
export interface DriftEntry {
	kind: "missing" | "extra" | "different";
	wanted: AccessListEntry | null;
	held: AccessListEntry | null;
}
export interface Difference {
	missing: number;
	extra: number;
	different: number;
	/** The first 1,000. */
	entries: DriftEntry[];
}
/** Entries of a difference that are kept. */
export const KEPT = 1000;

/** Names what was read by its content, not by the name that the controller gives it. */
export function nameOf({ none, timeZone, entries }: ReadList): string {
	return none ? "none" : listName(timeZone, entries.map(entryKey));
}

/** An entry of the same door with the same credentials is `different`; of several the first is taken. */
export function differenceOf(wanted: readonly AccessListEntry[], held: readonly AccessListEntry[]): Difference {
	const heldKeys = new Set(held.map(entryKey));
	const wantedKeys = new Set(wanted.map(entryKey));
	const extra = Map.groupBy(
		held.filter((entry) => !wantedKeys.has(entryKey(entry))),
		what,
	);
	const entries: DriftEntry[] = [];
	for (const entry of wanted) {
		if (heldKeys.has(entryKey(entry))) continue;
		const instead = extra.get(what(entry))?.shift();
		entries.push(instead ? { kind: "different", wanted: entry, held: instead } : { kind: "missing", wanted: entry, held: null });
	}
	for (const rest of extra.values()) for (const entry of rest) entries.push({ kind: "extra", wanted: null, held: entry });
	const count = (kind: DriftEntry["kind"]) => entries.filter((entry) => entry.kind === kind).length;
	return { missing: count("missing"), extra: count("extra"), different: count("different"), entries: entries.slice(0, KEPT) };
}

/** What people read of it; names nobody. */
export function wordsOf({ none, timeZone }: ReadList, wantedZone: string, { missing, extra, different }: Difference): string {
	const zone = !none && timeZone !== wantedZone ? `, time zone ${timeZone} instead of ${wantedZone}` : "";
	return `${none ? "has no list: " : ""}${missing} missing, ${extra} extra, ${different} different${zone}`;
}

const what = (entry: AccessListEntry): string => entryKey({ ...entry, from: null, until: null, hours: null });
