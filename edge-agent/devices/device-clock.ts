/** How far a device's clock is off, told from the times that it sends; pure. */
import { CLOCK_SKEW_LIMIT } from "../../contracts/reading.ts";

/** Readings further ahead of their receipt than this, ms, are refused. */
export const FUTURE_LIMIT = 10 * 60_000;
/** Readings older than this at their receipt, ms, are refused: a clock that was never set, rather than a backlog. */
export const AGE_LIMIT = 366 * 86_400_000;

const STEADY_WITHIN = 5_000;
const STEADY_AFTER = 3;
const SMOOTHING = 0.1;

export interface DeviceClock {
	/** Device time minus receive time, smoothed, ms; `null` before the device has sent a time. */
	skew: number | null;
	/** Newest device time so far, no later than its receipt: a single wrong time ahead must not silence the ones after it. */
	newest: number;
	/** How many observations in a row agreed with the skew. */
	steady: number;
}
export const UNSEEN_CLOCK: DeviceClock = { skew: null, newest: Number.NEGATIVE_INFINITY, steady: 0 };

/**
 * Takes one message's newest time into account. A message older than one before it says nothing of the clock. A jump of more
 * than the limit is a new state of affairs (clock set, backlog begun or ended), so the skew follows at once.
 */
export function observeClock(clock: DeviceClock, ts: number, receivedAt: number): DeviceClock {
	const newest = Math.min(ts, receivedAt);
	if (newest < clock.newest) return clock;
	const offset = ts - receivedAt;
	if (clock.skew === null || Math.abs(offset - clock.skew) > CLOCK_SKEW_LIMIT) return { skew: offset, newest, steady: 0 };
	const steady = Math.abs(offset - clock.skew) <= STEADY_WITHIN ? clock.steady + 1 : 0;
	return { skew: clock.skew + SMOOTHING * (offset - clock.skew), newest, steady };
}

/**
 * Whether a time can be trusted. Ahead of receipt is certainly wrong. Behind may be a backlog that the device sends on: that
 * catches up with the present, while a slow clock stays behind by the same amount.
 */
export function isTimeUncertain(clock: DeviceClock, ts: number, receivedAt: number): boolean {
	if (ts - receivedAt > CLOCK_SKEW_LIMIT) return true;
	return (
		clock.skew !== null && clock.skew < -CLOCK_SKEW_LIMIT && clock.steady >= STEADY_AFTER && Math.abs(ts - receivedAt - clock.skew) <= STEADY_WITHIN
	);
}
