/** The points of load mode, and the value that each has at each time: known from (point, ts), so that it need not be kept. */

export const POINTS_PER_DEVICE = 100;

/** Device `load-0001` and on, a hundred points `p0` to `p99` each. */
export function loadPoint(index: number): { device: string; point: string } {
	return { device: `load-${String(Math.floor(index / POINTS_PER_DEVICE) + 1).padStart(4, "0")}`, point: `p${index % POINTS_PER_DEVICE}` };
}

/** The value of a point at a time, in thousandths: 10.000 to 49.999. */
export function loadMilliValue(index: number, ts: number): number {
	return 10_000 + (mix(index, ts) % 40_000);
}

/** What one reading adds to its point's checksum; the sum modulo 2^32 doesn't depend on the order. */
export function readingHash(ts: number, milliValue: number): number {
	return mix(milliValue, ts);
}

/** The sum modulo 2^32. */
export function addHash(sum: number, hash: number): number {
	return (sum + hash) >>> 0;
}

function mix(a: number, ts: number): number {
	let mixed = Math.imul((ts % 0x1_0000_0000) ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(a + 0x7f4a7c15, 0xc2b2ae35) ^ Math.floor(ts / 0x1_0000_0000);
	mixed ^= mixed >>> 15;
	mixed = Math.imul(mixed, 0x2c1b3c6d);
	mixed ^= mixed >>> 12;
	mixed = Math.imul(mixed, 0x297a2d39);
	return (mixed ^ (mixed >>> 15)) >>> 0;
}
