import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../platform/errors.ts";
import type { Logger } from "../platform/logger.ts";

export interface CommitQueueOptions<T> {
	/** MUST be idempotent: after a failure the same items come again. */
	commit: (items: readonly T[]) => Promise<void>;
	/** Called after the commit, in the order of the items. */
	committed: (items: readonly T[]) => void;
	logger: Logger;
	/** Items that may wait; beyond it `full` is true and the caller must not add. */
	limit: number;
	/** ms between two tries, for the first and at most. */
	retry?: { first: number; most: number };
}
interface Waiter {
	position: number;
	resolve: () => void;
	reject: (error: AppError) => void;
}

/** Most items of one transaction. */
const BATCH = 1000;

/**
 * Commits items in their order, many at a time while the database is busy and at once while it is idle. What fails stays
 * at the head and is tried again for as long as it takes.
 */
export class CommitQueue<T> {
	readonly #options: CommitQueueOptions<T>;
	readonly #items: T[] = [];
	readonly #waiters: Waiter[] = [];
	readonly #stop = new AbortController();
	#added = 0;
	#done = 0;
	#running: Promise<void> | undefined;
	#failure: unknown;

	constructor(options: CommitQueueOptions<T>) {
		this.#options = options;
	}

	get waiting(): number {
		return this.#items.length;
	}
	get full(): boolean {
		return this.#items.length >= this.#options.limit;
	}
	/** The last try failed. */
	get failing(): boolean {
		return this.#failure !== undefined;
	}

	add(items: readonly T[]): void {
		if (items.length === 0) return;
		for (const item of items) this.#items.push(item);
		this.#added += items.length;
		this.#running ??= this.#run();
	}

	/** Resolves once all that has been added so far is committed. Throws AppError `alarms-stopped` (503) when that won't be. */
	async settled(): Promise<void> {
		const position = this.#added;
		if (this.#done >= position) return;
		if (this.#stop.signal.aborted && !this.#running) throw stopped();
		await new Promise<void>((resolve, reject) => this.#waiters.push({ position, resolve, reject }));
	}

	/** Like `settled`, but throws AppError `database-unavailable` (503) after `limit` ms; what was added is committed later all the same. */
	async settledWithin(limit: number): Promise<void> {
		let timer: NodeJS.Timeout | undefined;
		const tooLong = new Promise<never>((_, reject) => {
			timer = setTimeout(() => reject(new AppError("database-unavailable", 503, "Taken, but not recorded yet: the database doesn't answer.")), limit);
		});
		try {
			await Promise.race([this.settled(), tooLong]);
		} finally {
			clearTimeout(timer);
		}
	}

	/** Commits what waits; gives up at the first failure. Idempotent. */
	async stop(): Promise<void> {
		this.#stop.abort();
		await this.#running;
		for (const { reject } of this.#waiters.splice(0)) reject(stopped());
	}

	async #run(): Promise<void> {
		// Whatever else the caller adds in this turn goes into the same transaction.
		await Promise.resolve();
		try {
			await this.#drain();
		} finally {
			this.#running = undefined;
		}
	}

	async #drain(): Promise<void> {
		const { commit, committed, logger, retry = { first: 100, most: 5000 } } = this.#options;
		for (let wait = retry.first; this.#items.length > 0; ) {
			const items = this.#items.slice(0, BATCH);
			try {
				await commit(items);
			} catch (error) {
				if (!this.failing) logger.warn({ err: error, waiting: this.#items.length }, "alarm transitions can't be recorded; they wait");
				this.#failure = error;
				if (this.#stop.signal.aborted) return;
				await sleep(wait, undefined, { signal: this.#stop.signal }).catch(() => undefined);
				wait = Math.min(wait * 2, retry.most);
				continue;
			}
			if (this.failing) logger.info("alarm transitions are recorded again");
			this.#failure = undefined;
			wait = retry.first;
			this.#items.splice(0, items.length);
			this.#done += items.length;
			committed(items);
			while ((this.#waiters[0]?.position ?? Number.POSITIVE_INFINITY) <= this.#done) this.#waiters.shift()?.resolve();
		}
	}
}

const stopped = () => new AppError("alarms-stopped", 503, "The alarms are stopped; what was not recorded comes again.");
