import type { Point } from "../../../contracts/api.ts";
import type { LiveQuality, Value } from "../../../contracts/kinds.ts";
import { orderTime } from "../../../contracts/reading.ts";
import type { LiveReading } from "../../../contracts/realtime.ts";

/** Newest state of one point. Times are Unix ms of the server's clock; `null` before the first reading. */
export interface Live {
	value: Value | null;
	quality: LiveQuality;
	ts: number | null;
	receivedAt: number | null;
}

const NOTHING: Live = Object.freeze({ value: null, quality: "stale", ts: null, receivedAt: null });
/** A point is stale after this many expected intervals without a reading. */
export const STALE_INTERVALS = 3;

/**
 * Newest value of every point. Components subscribe to single points: a reading wakes only who shows it.
 * Changes are collected and told in {@link flush}, which the owner calls once per frame.
 */
export class ReadingStore {
	readonly #live = new Map<string, Live>();
	readonly #intervals = new Map<string, number>();
	readonly #listeners = new Map<string, Set<() => void>>();
	readonly #versions = new Map<string, number>();
	readonly #changed = new Set<string>();

	/** What is known of a point; never undefined. The same object until it changes. */
	get(id: string): Live {
		return this.#live.get(id) ?? NOTHING;
	}

	/** A number that grows when any of the points changes: a snapshot for several points at once. */
	version(ids: readonly string[]): number {
		let sum = 0;
		for (const id of ids) sum += this.#versions.get(id) ?? 0;
		return sum;
	}

	/** Takes over a fetched list; a live reading that is newer stays. */
	load(points: readonly Point[]): void {
		for (const point of points) {
			if (point.interval === null) this.#intervals.delete(point.id);
			else this.#intervals.set(point.id, point.interval);
			if (point.ts === null) continue;
			const ts = Date.parse(point.ts);
			this.#put(point.id, point.value, point.quality, ts, point.receivedAt === null ? ts : Date.parse(point.receivedAt));
		}
	}

	/** Takes over pushed readings. One that is older than what is known is ignored. */
	apply(readings: readonly LiveReading[]): void {
		for (const [id, value, quality, ts, receivedAt] of readings) this.#put(id, value, quality, ts, receivedAt);
	}

	/** Marks as stale what has been silent for {@link STALE_INTERVALS} intervals at `now` (server clock). */
	sweep(now: number): void {
		for (const [id, interval] of this.#intervals) {
			const live = this.#live.get(id);
			if (!live || live.quality === "stale" || live.ts === null) continue;
			const newest = Math.max(live.ts, live.receivedAt ?? live.ts);
			if (now - newest > STALE_INTERVALS * interval) this.#set(id, { ...live, quality: "stale" });
		}
	}

	/** Calls `listener` from {@link flush} after any of `ids` has changed. Returns how to end it. */
	subscribe(ids: readonly string[], listener: () => void): () => void {
		for (const id of ids) {
			const set = this.#listeners.get(id);
			if (set) set.add(listener);
			else this.#listeners.set(id, new Set([listener]));
		}
		return () => {
			for (const id of ids) {
				const set = this.#listeners.get(id);
				set?.delete(listener);
				if (set?.size === 0) this.#listeners.delete(id);
			}
		};
	}

	/** Tells the subscribers of everything that has changed, each of them once. */
	flush(): void {
		if (this.#changed.size === 0) return;
		const due = new Set<() => void>();
		for (const id of this.#changed) for (const listener of this.#listeners.get(id) ?? []) due.add(listener);
		this.#changed.clear();
		for (const listener of due) listener();
	}

	#put(id: string, value: Value | null, quality: LiveQuality, ts: number, receivedAt: number): void {
		const known = this.#live.get(id);
		if (known?.ts !== null && known?.ts !== undefined) {
			if (orderTime({ ts, receivedAt }) < orderTime({ ts: known.ts, receivedAt: known.receivedAt ?? known.ts })) return;
			if (ts === known.ts && known.value === value && known.quality === quality) return;
		}
		this.#set(id, { value, quality, ts, receivedAt });
	}

	#set(id: string, live: Live): void {
		this.#live.set(id, live);
		this.#versions.set(id, (this.#versions.get(id) ?? 0) + 1);
		this.#changed.add(id);
	}
}
