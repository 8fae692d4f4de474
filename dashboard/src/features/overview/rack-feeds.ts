import type { Priority } from "../../../../contracts/kinds.ts";
import type { RackPower } from "../../../../contracts/rack-power.ts";

export type Failure = RackPower["ifFails"][number];

/** How bad it would be, by the limits of the ready rules for dual power; `null`: the other feed carries it, or nobody knows. */
export function failurePriority({ carriedBy, percent }: Pick<Failure, "carriedBy" | "percent">): Priority | null {
	if (carriedBy === null || (percent ?? 0) > 100) return "high";
	return (percent ?? 0) > 80 ? "medium" : null;
}

/** What is drawn from a feed, as a share of what it can carry, %; `null`: not known. */
export function shareOf({ load, feedPower }: Pick<RackPower, "load" | "feedPower">, feed: "A" | "B"): number | null {
	const drawn = load[feed];
	return drawn === null || feedPower === null ? null : (100 * drawn) / feedPower;
}
