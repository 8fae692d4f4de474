/** When it was decided that somebody may no longer open a door; pure, times are Unix ms. */
import { postAt, type Register } from "../register/register.ts";
import { covers, type WantedEntry, type WantedList } from "./wanted-list.ts";

/** An entry that a controller was to hold. */
export type PlannedEntry = WantedEntry;

/**
 * Those of `before` that open something which the new list doesn't: not the ones whose time was over, and not the ones that another
 * entry of the same door and credentials covers.
 */
export function removedBy(before: readonly PlannedEntry[], wanted: WantedList, now: number): PlannedEntry[] {
	const keys = new Set(wanted.entries.map(({ key }) => key));
	const byWhat = Map.groupBy(wanted.entries, ({ entry }) => whatOf(entry));
	return before.filter(
		({ key, entry }) =>
			!keys.has(key) && (entry.until === null || entry.until > now) && !byWhat.get(whatOf(entry))?.some((other) => covers(other.entry, entry)),
	);
}
const whatOf = ({ door, card, fingerprint }: PlannedEntry["entry"]) => JSON.stringify([door, card, fingerprint]);

/** The earliest of the decisions that ended it; `now` where the register tells of none, as when a door has moved to another controller. */
export function decisionTime(register: Register, { grant, credentials }: Pick<PlannedEntry, "grant" | "credentials">, now: number): number {
	const times: number[] = [];
	const given = register.grants.get(grant);
	if (given?.endedAt != null) times.push(given.endedAt);
	for (const id of credentials) {
		const credential = register.credentials.get(id);
		if (!credential) continue;
		if (credential.state !== "active") times.push(credential.stateAt);
		const holder = register.holders.get(credential.holder);
		if (holder?.leftAt != null) times.push(holder.leftAt);
		if (holder && given && given.post !== null && postAt(holder, now) !== given.post) {
			const left = holder.posts.findLastIndex(({ post }) => post === given.post);
			const moved = holder.posts[left + 1]?.at;
			if (moved !== undefined) times.push(moved);
		}
	}
	const past = times.filter((time) => time <= now);
	return past.length > 0 ? Math.min(...past) : now;
}
