import type { Logger } from "./logger.ts";

/** Looks at something again and again, one look at a time; a look that fails is told of, and the next one tries again. */
export class Rounds {
	readonly #options: { look: () => Promise<unknown>; every: number; logger: Logger; failed: string };
	#timer: NodeJS.Timeout | undefined;
	#looking: Promise<void> | null = null;

	/** `every`: ms between two looks; `failed`: what the log says of one that failed. */
	constructor(options: { look: () => Promise<unknown>; every: number; logger: Logger; failed: string }) {
		this.#options = options;
	}

	/** The first look is after `every`. */
	start(): void {
		this.#timer = setInterval(() => this.wake(), this.#options.every);
		this.#timer.unref();
	}

	/** Looks now, where no look is under way. */
	wake(): void {
		const { look, logger, failed } = this.#options;
		this.#looking ??= look()
			.then(
				() => undefined,
				(error: unknown) => logger.warn({ err: error }, failed),
			)
			.finally(() => {
				this.#looking = null;
			});
	}

	/** Idempotent; resolves when the look under way is over. */
	async stop(): Promise<void> {
		clearInterval(this.#timer);
		await this.#looking;
	}
}
