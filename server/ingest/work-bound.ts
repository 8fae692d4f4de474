/** Bounds the bytes of the messages that are being worked on: beyond it, messages are taken but not yet receipted. */
export class WorkBound {
	readonly #limit: number;
	#bytes = 0;
	#waiting: (() => void)[] = [];

	constructor(limit: number) {
		this.#limit = limit;
	}

	/** Bytes in work. */
	get bytes(): number {
		return this.#bytes;
	}

	/** Receipts that are held. */
	get held(): number {
		return this.#waiting.length;
	}

	/** Counts `bytes` as work until `work` ends; calls `receipt` as soon as the bound allows, at once where it isn't reached. */
	add(bytes: number, work: Promise<void>, receipt: () => void): void {
		this.#bytes += bytes;
		if (this.#bytes <= this.#limit) receipt();
		else this.#waiting.push(receipt);
		void work.finally(() => {
			this.#bytes -= bytes;
			if (this.#bytes > this.#limit || this.#waiting.length === 0) return;
			const receipts = this.#waiting;
			this.#waiting = [];
			for (const receive of receipts) receive();
		});
	}
}
