/** Whether everything that was removed is destroyed and certified (MED-6); pure. */
import type { Reconciliation } from "../../contracts/media-orders.ts";
import type { FieldError } from "../platform/errors.ts";

/** What a batch knows of one of its media. */
export interface Reconciled {
	serial: string;
	removed: boolean;
	destroyed: boolean;
	certified: boolean;
	released: boolean;
	/** Written off by two persons. */
	lost: boolean;
	incident: boolean;
}

/** The sets of serials of a batch and their differences; sorted. What was written off counts in none but its own. */
export function reconcile(media: readonly Reconciled[], bays: readonly { asset: string; bay: string; content: string }[]): Reconciliation {
	const kept = media.filter(({ lost }) => !lost);
	const set = (list: readonly Reconciled[], fits: (one: Reconciled) => boolean = () => true) =>
		list
			.filter(fits)
			.map(({ serial }) => serial)
			.sort();
	const notRemoved = set(kept, ({ removed }) => !removed);
	const notDestroyed = set(kept, ({ removed, destroyed }) => removed && !destroyed);
	const notCertified = set(kept, ({ destroyed, certified }) => destroyed && !certified);
	const incidents = set(media, ({ incident }) => incident);
	const unaccountedBays = bays.filter(({ content }) => content === "unknown").map(({ asset, bay }) => ({ asset, bay }));
	return {
		planned: set(media),
		removed: set(kept, ({ removed }) => removed),
		destroyed: set(kept, ({ destroyed }) => destroyed),
		certified: set(kept, ({ certified }) => certified),
		released: set(kept, ({ released }) => released),
		writtenOff: set(media, ({ lost }) => lost),
		notRemoved,
		notDestroyed,
		notCertified,
		incidents,
		unaccountedBays,
		balanced: media.length > 0 && [notRemoved, notDestroyed, notCertified, incidents, unaccountedBays].every(({ length }) => length === 0),
	};
}

/** What was expected in a store and what was found there, as serials; sorted. `known`: serials of media that are under way anywhere. */
export function compareCount(expected: readonly string[], found: readonly string[], known: ReadonlySet<string>) {
	const [there, seen] = [new Set(expected), new Set(found)];
	return {
		expected: [...there].sort(),
		missing: [...there].filter((serial) => !seen.has(serial)).sort(),
		misplaced: [...seen].filter((serial) => !there.has(serial) && known.has(serial)).sort(),
		unknown: [...seen].filter((serial) => !there.has(serial) && !known.has(serial)).sort(),
	};
}

/** Where the sets of an order differ, in words, by set. */
export function differences({ planned, notRemoved, notDestroyed, notCertified, incidents, unaccountedBays }: Reconciliation): FieldError[] {
	const named = (field: string, list: readonly string[], words: string) =>
		list.length === 0 ? [] : [{ field, message: `${words}: ${list.join(", ")}.` }];
	return [
		...(planned.length === 0 ? [{ field: "planned", message: "The order has no media." }] : []),
		...named("notRemoved", notRemoved, "Planned and not removed"),
		...named("notDestroyed", notDestroyed, "Removed and not destroyed"),
		...named("notCertified", notCertified, "Destroyed and not certified"),
		...named("incidents", incidents, "With an open incident"),
		...named(
			"unaccountedBays",
			unaccountedBays.map(({ asset, bay }) => `${asset} ${bay}`),
			"Bays of which nobody has said what was in them",
		),
	];
}
