import type { ReplaySide } from "../../../contracts/rule-replay.ts";
import type { AccessCountRule } from "../../../contracts/rules.ts";
import type { World } from "../../../contracts/world.ts";
import { keepTime, type ReplayBounds } from "./replay-bounds.ts";
import { sideOf } from "./replay-side.ts";
import { type AccessCount, accessCount } from "./rule-selection.ts";

/** What a rule would have counted in [from, to), Unix ms, page by page: how many events were looked at, and when it would have been told of, where. */
export type CountedEvents = (
	counts: AccessCount,
	from: number,
	to: number,
) => AsyncIterable<{ events: number; told: readonly { door: string; at: number }[] }>;

/** Rules on access events over stored ones. What is counted is over as soon as it is told of. */
export class EventReplay {
	readonly #counted: CountedEvents;
	readonly #bounds: ReplayBounds;
	/** Looked at one by one. */
	events = 0;

	constructor(counted: CountedEvents, bounds: ReplayBounds) {
		this.#counted = counted;
		this.#bounds = bounds;
	}

	/** Throws AppError `replay-too-large` (422). */
	async run(rule: AccessCountRule, world: World, from: number, to: number): Promise<ReplaySide> {
		const counts = accessCount(rule, world);
		const told = new Map([...counts.doors].map((door) => [door, [] as { from: number; to: number }[]]));
		for await (const page of this.#counted(counts, from, to)) {
			this.events += page.events;
			keepTime(this.#bounds);
			for (const { door, at } of page.told) told.get(door)?.push({ from: at, to: at });
		}
		const names = new Map(world.site.doors.map(({ id, name }) => [id, name]));
		return sideOf(
			[...told].map(([door, firings]) => ({ point: door, name: names.get(door) ?? door, firings })),
			to,
		);
	}
}
