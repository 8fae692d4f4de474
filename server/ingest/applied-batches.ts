/** Batches remembered of each outbox; far more than an agent has unacknowledged at a time. */
const REMEMBERED = 4096;
/** Outboxes remembered; an agent has one at a time. */
const OUTBOXES = 1024;

interface Outbox {
	applied: Set<number>;
	inWork: Map<number, Promise<boolean>>;
}

/**
 * Which batches have been applied, so that one that is sent again is not worked on again. Only saves work: what is forgotten here
 * (by the bound, or a restart) is applied once more, and every sink takes the same batch twice as once.
 */
export class AppliedBatches {
	readonly #outboxes = new Map<string, Outbox>();

	/** `true`: applied already; a promise: in work now, and whether it then was applied; `false`: new. */
	find(agent: string, outbox: string, seq: number): boolean | Promise<boolean> {
		const known = this.#outboxes.get(`${agent}/${outbox}`);
		if (!known) return false;
		return known.inWork.get(seq) ?? known.applied.has(seq);
	}

	/** Notes that a batch is in work until `work` resolves to whether it was applied. `work` MUST NOT reject. */
	begin(agent: string, outbox: string, seq: number, work: Promise<boolean>): void {
		const { applied, inWork } = this.#outbox(`${agent}/${outbox}`);
		inWork.set(seq, work);
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
			outbox = { applied: new Set(), inWork: new Map() };
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
