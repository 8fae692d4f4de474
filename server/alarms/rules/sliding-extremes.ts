/** Parts that the window is cut into; bounds the memory whatever the rate of readings. */
const BUCKETS = 64;

/** Times and values in turn, oldest first: bare numbers lie beside each other, where objects would be spread over the heap. */
type Queue = number[];

/**
 * Smallest and largest value of the last `within` ms of event time. Two monotonic queues that keep at most one entry for each
 * 1/64 of the window, so at most 65 entries each; in exchange an extreme may leave up to 1/64 of the window too early.
 * Times must not go backwards.
 */
export class SlidingExtremes {
	readonly #within: number;
	readonly #lows: Queue = [];
	readonly #highs: Queue = [];

	constructor(within: number) {
		this.#within = within;
	}

	/** Adds a value; afterwards `min` and `max` are those of (ts - within, ts]. */
	add(ts: number, value: number): void {
		const [lows, highs] = [this.#lows, this.#highs];
		// An older value that can never be the extreme again goes.
		while (lows.length > 0 && (lows[lows.length - 1] as number) >= value) drop(lows);
		while (highs.length > 0 && (highs[highs.length - 1] as number) <= value) drop(highs);
		this.#append(lows, ts, value);
		this.#append(highs, ts, value);
	}
	/** `NaN` before the first value. */
	get min(): number {
		return this.#lows[1] ?? Number.NaN;
	}
	get max(): number {
		return this.#highs[1] ?? Number.NaN;
	}
	/** Entries held, for the bound. */
	get size(): number {
		return (this.#lows.length + this.#highs.length) / 2;
	}

	/** Times from `ts` to before this one are in the same part of the window: of values at such times only the extremes matter. Unix ms. */
	partEnd(ts: number): number {
		return startOf(bucketOf(ts, this.#within) + 1, this.#within);
	}

	#append(queue: Queue, ts: number, value: number): void {
		const within = this.#within;
		if (queue.length === 0 || bucketOf(queue[queue.length - 2] as number, within) !== bucketOf(ts, within)) queue.push(ts, value);
		let gone = 0;
		while (gone < queue.length && (queue[gone] as number) <= ts - within) gone += 2;
		if (gone > 0) queue.splice(0, gone);
	}
}

const bucketOf = (ts: number, within: number): number => Math.floor((ts * BUCKETS) / Math.max(1, within));
/** At or before the begin of a part, ms. */
const startOf = (bucket: number, within: number): number => Math.floor((bucket * Math.max(1, within)) / BUCKETS);

/** A time at or before `ts` at which a part of the window begins, ms: what is kept of a part doesn't depend on earlier ones. */
export function bucketStart(ts: number, within: number): number {
	return startOf(bucketOf(ts, within), within);
}

function drop(queue: Queue): void {
	queue.pop();
	queue.pop();
}
