/** Where time comes from; rules take it as an argument, services ask this. */
export interface Clock {
	/** Unix milliseconds. */
	now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };
