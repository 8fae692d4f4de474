import type { Reading } from "../../contracts/reading.ts";

/** A clock further ahead of receipt than this, ms, is wrong, not just early. */
const AHEAD = 5_000;
/** Keeps readings of one batch apart that get the same time, ms; a message holds at most 1,000 of them. */
const APART = 0.001;

/**
 * The readings of one batch as the alarms judge them: a time that is ahead of its receipt is replaced by the time of receipt, so
 * that a clock that runs ahead can't hide what comes after it. The history keeps the device's own time. The same batch always
 * gives the same times.
 */
export function withJudgedTimes(readings: readonly Reading[]): readonly Reading[] {
	if (!readings.some(isAhead)) return readings;
	return readings.map((reading, index) => (isAhead(reading) ? { ...reading, ts: reading.receivedAt + index * APART } : reading));
}

function isAhead({ ts, receivedAt }: Reading): boolean {
	return ts - receivedAt > AHEAD;
}
