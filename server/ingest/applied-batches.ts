/** Batches remembered of each outbox; far more than an agent has unacknowledged at a time. */
const REMEMBERED = 4096;
/** Outboxes remembered; an agent has one at a time. */
const OUTBOXES = 1024;

interface Outbox {
	applied: Set<number>;
	inWork: Set<number>;
}

/**
 * Which batches have been applied, so that one that is sent again is not worked on again. Only saves work: what is forgotten here
 * (by the bound, or a restart) is applied once more, and every sink takes the same batch twice as once.
 */
export class AppliedBatches {
	readonly #outboxes = new Map<string, Outbox>();

	/** A batch in work is acknowledged when that work is done, however often it has come meanwhile. */
	find(agent: string, outbox: string, seq: number): "new" | "in-work" | "applied" {
		const known = this.#outboxes.get(`${agent}/${outbox}`);
		if (known?.inWork.has(seq)) return "in-work";
		return known?.applied.has(seq) ? "applied" : "new";
	}

	/** Notes that a batch is in work until `work` resolves to whether it was applied. `work` MUST NOT reject. */
	begin(agent: string, outbox: string, seq: number, work: Promise<boolean>): void {
		const { applied, inWork } = this.#outbox(`${agent}/${outbox}`);
		inWork.add(seq);
		void work.then((stored) => {
			inWork.delete(seq);
			if (!stored) return;
			applied.add(seq);
			if (applied.size > REMEMBERED)
				for (const oldest of applied.values()) {
					applied.delete(oldest);
					break;
				}
		});
	}

	#outbox(key: string): Outbox {
		let outbox = this.#outboxes.get(key);
		if (!outbox) {
			outbox = { applied: new Set(), inWork: new Set() };
			this.#outboxes.set(key, outbox);
			if (this.#outboxes.size > OUTBOXES)
				for (const [oldest, { inWork }] of this.#outboxes) {
					if (inWork.size > 0) continue;
					this.#outboxes.delete(oldest);
					break;
				}
		}
		return outbox;
	}
}
