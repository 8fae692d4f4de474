/** What one rule would have done, in figures; pure. */
import type { ReplaySide } from "../../../contracts/rule-replay.ts";
import { isoOf } from "../../platform/database/instants.ts";
import type { Firing } from "./rule-replay.ts";

/** What it would have done at a point, a place or a door. */
export interface FoundAt {
	point: string;
	name: string;
	firings: readonly Pick<Firing, "from" | "to">[];
}

const WORST = 100;

/** `found`: everything that the rule watches; what is active is so until `end`, Unix ms. */
export function sideOf(found: readonly FoundAt[], end: number): ReplaySide {
	const fired = found.flatMap(({ point, name, firings }) => {
		const [first, last] = [firings[0], firings.at(-1)];
		if (!first || !last) return [];
		const times = firings.map(({ from, to }) => (to ?? end) - from);
		const activeMs = times.reduce((sum, time) => sum + time, 0);
		const when = { first: isoOf(first.from), last: isoOf(last.from), active: last.to === null };
		return [{ point, name, fired: firings.length, activeMs, longestMs: Math.max(...times), ...when }];
	});
	const worst = [...fired].sort((one, other) => other.fired - one.fired || other.activeMs - one.activeMs).slice(0, WORST);
	return {
		watched: found.length,
		points: fired.length,
		fired: fired.reduce((sum, one) => sum + one.fired, 0),
		activeMs: fired.reduce((sum, one) => sum + one.activeMs, 0),
		worst,
	};
}
