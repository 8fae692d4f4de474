/** Gaps in a device's own event numbers (EDG-7); pure. */

/** Most separate gaps that are remembered for events that come after all. */
const REMEMBERED_GAPS = 32;

export interface EventNumbers {
	/** Highest number so far; `null` before the first event ever. */
	last: number | null;
	/** Events missing now: counted up by gaps, down by events that come after all. */
	missing: number;
	/** The gaps as [first, last] missing number, oldest first. */
	gaps: readonly (readonly [number, number])[];
}
/** By what repetitions of a device's events are known after a restart. */
export interface DeviceMark {
	device: string;
	/** Highest event number so far; `null`: none. */
	last: number | null;
	/** Keys of what it told last, where its dialect has them. */
	keys: readonly string[];
}
export const NO_EVENTS: EventNumbers = { last: null, missing: 0, gaps: [] };

/** Takes an event's number into account. A number seen before changes nothing: it is a repeated delivery, which the server knows by (device, seq). */
export function observeEventNumber(numbers: EventNumbers, seq: number): EventNumbers {
	const { last, missing, gaps } = numbers;
	if (last === null) return { last: seq, missing, gaps };
	if (seq > last) {
		const lost = seq - last - 1;
		if (lost === 0) return { last: seq, missing, gaps };
		return { last: seq, missing: missing + lost, gaps: [...gaps, [last + 1, seq - 1] as const].slice(-REMEMBERED_GAPS) };
	}
	const index = gaps.findIndex(([from, to]) => from <= seq && seq <= to);
	const gap = gaps[index];
	if (!gap) return numbers;
	const parts = [
		[gap[0], seq - 1],
		[seq + 1, gap[1]],
	] as const;
	const left = parts.filter(([from, to]) => from <= to);
	return { last, missing: missing - 1, gaps: [...gaps.slice(0, index), ...left, ...gaps.slice(index + 1)].slice(-REMEMBERED_GAPS) };
}
