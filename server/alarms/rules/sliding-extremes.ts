interface Entry {
	ts: number;
	bucket: number;
	value: number;
}

/** Parts that the window is cut into; bounds the memory whatever the rate of readings. */
const BUCKETS = 64;

/**
 * Smallest and largest value of the last `within` ms of event time. Two monotonic queues that keep at most one entry for each
 * 1/64 of the window, so at most 65 entries each; in exchange an extreme may leave up to 1/64 of the window too early.
 * Times must not go backwards.
 */
export class SlidingExtremes {
	readonly #within: number;
	readonly #lows: Entry[] = [];
	readonly #highs: Entry[] = [];

	constructor(within: number) {
		this.#within = within;
	}

	/** Adds a value; afterwards `min` and `max` are those of (ts - within, ts]. */
	add(ts: number, value: number): void {
		const entry = { ts, bucket: bucketOf(ts, this.#within), value };
		push(this.#lows, entry, (back) => back >= value);
		push(this.#highs, entry, (back) => back <= value);
		for (const queue of [this.#lows, this.#highs]) {
			let gone = 0;
			while ((queue[gone]?.ts ?? ts) <= ts - this.#within) gone++;
			if (gone > 0) queue.splice(0, gone);
		}
	}
	/** `NaN` before the first value. */
	get min(): number {
		return this.#lows[0]?.value ?? Number.NaN;
	}
	get max(): number {
		return this.#highs[0]?.value ?? Number.NaN;
	}
	/** Entries held, for the bound. */
	get size(): number {
		return this.#lows.length + this.#highs.length;
	}
}

const bucketOf = (ts: number, within: number): number => Math.floor((ts * BUCKETS) / Math.max(1, within));

/** A time at or before `ts` at which a part of the window begins, ms: what is kept of a part doesn't depend on earlier ones. */
export function bucketStart(ts: number, within: number): number {
	return Math.floor((bucketOf(ts, within) * Math.max(1, within)) / BUCKETS);
}

/** `beaten`: an older value that can never be the extreme again once this one has come. */
function push(queue: Entry[], entry: Entry, beaten: (value: number) => boolean): void {
	let back = queue.at(-1);
	while (back && beaten(back.value)) {
		queue.pop();
		back = queue.at(-1);
	}
	if (back?.bucket !== entry.bucket) queue.push(entry);
}
