/**
 * Runs `work` once per frame at most, however often it is asked for; when the page is hidden (no frames), a few times a second.
 */
export class FrameQueue {
	readonly #work: () => void;
	#cancel: (() => void) | null = null;

	constructor(work: () => void) {
		this.#work = work;
	}

	/** Asks for a run with the next frame. */
	request(): void {
		if (this.#cancel) return;
		const run = () => {
			this.stop();
			this.#work();
		};
		if (document.hidden) {
			const timer = setTimeout(run, 250);
			this.#cancel = () => clearTimeout(timer);
		} else {
			const frame = requestAnimationFrame(run);
			// A page that becomes hidden gets no more frames; this keeps the queue from waiting for ever.
			const timer = setTimeout(run, 1000);
			this.#cancel = () => {
				cancelAnimationFrame(frame);
				clearTimeout(timer);
			};
		}
	}

	/** Forgets a run that has been asked for. */
	stop(): void {
		this.#cancel?.();
		this.#cancel = null;
	}
}
