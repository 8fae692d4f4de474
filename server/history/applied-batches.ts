import type { BatchId } from "./history.ts";

export interface BatchRange {
	agent: string;
	outbox: string;
	low: number;
	high: number;
}

/** Most ranges kept for one outbox; a gap is left only where the agent dropped readings. */
const MAX_RANGES = 10_000;

/** Which batches have been applied, as ranges of numbers for each outbox: small, since outboxes number without gaps. */
export class AppliedBatches {
	private readonly outboxes = new Map<string, BatchRange[]>();

	has({ agent, outbox, seq }: BatchId): boolean {
		const ranges = this.outboxes.get(`${agent}\n${outbox}`);
		const range = ranges?.[this.position(ranges, seq)];
		return range !== undefined && range.low <= seq;
	}

	add({ agent, outbox, seq }: BatchId): void {
		this.addRange({ agent, outbox, low: seq, high: seq });
	}

	addRange(range: BatchRange): void {
		const key = `${range.agent}\n${range.outbox}`;
		let ranges = this.outboxes.get(key);
		if (!ranges) {
			ranges = [];
			this.outboxes.set(key, ranges);
		}
		// From the first range that touches the new one to the last.
		const start = this.position(ranges, range.low - 1);
		let end = start;
		let { low, high } = range;
		for (let next = ranges[end]; next && next.low <= high + 1; next = ranges[++end]) {
			low = Math.min(low, next.low);
			high = Math.max(high, next.high);
		}
		ranges.splice(start, end - start, { ...range, low, high });
		if (ranges.length > MAX_RANGES) ranges.shift();
	}

	ranges(): BatchRange[] {
		return [...this.outboxes.values()].flat();
	}

	/** Index of the first range that ends at `seq` or later. */
	private position(ranges: readonly BatchRange[], seq: number): number {
		let low = 0;
		let high = ranges.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			if ((ranges[middle] as BatchRange).high < seq) low = middle + 1;
			else high = middle;
		}
		return low;
	}
}
