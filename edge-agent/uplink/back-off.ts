/** Pauses between attempts, ms: doubling from `first` to `longest`. */
export interface BackOff {
	first: number;
	longest: number;
}

/**
 * The pause before attempt number `attempt` (from 0), with jitter between half and all of it, so that agents that lost the
 * same server don't come back together. `random` is in [0, 1).
 */
export function pauseBefore(attempt: number, { first, longest }: BackOff, random: number): number {
	const pause = Math.min(longest, first * 2 ** Math.min(attempt, 30));
	return pause / 2 + (pause / 2) * random;
}
