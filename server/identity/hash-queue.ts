import { AppError } from "../platform/errors.ts";

/** How many hashes run at once: libuv has four threads, which files and DNS need too. */
const AT_ONCE = 2;
/** How many may wait. Beyond it the answer is 503 at once: a flood of log-ins can't pile up memory or delay. */
const WAITING = 64;

/** Bounds the work that hashing passwords takes. */
export class HashQueue {
	#running = 0;
	readonly #waiting: (() => void)[] = [];

	/** Runs `work` when its turn comes. Throws AppError 503 `busy` when too many wait already. */
	async run<T>(work: () => Promise<T>): Promise<T> {
		if (this.#running >= AT_ONCE) {
			if (this.#waiting.length >= WAITING) throw new AppError("busy", 503, "Too many log-ins at once; try again in some seconds.");
			// Whoever ends hands its place over, so nobody can come in between.
			await new Promise<void>((turn) => this.#waiting.push(turn));
		} else this.#running++;
		try {
			return await work();
		} finally {
			const next = this.#waiting.shift();
			if (next) next();
			else this.#running--;
		}
	}
}
