/**
 * What changes with every reading of a point, as numbers in one row. The rows of all points lie in one array, in the order of the site
 * file: with 100,000 points it is not the arithmetic that takes the time but each look at another place in memory.
 */
import type { Reading } from "../../contracts/reading.ts";

/** One row, or many one after another. */
export type Rows = Float64Array;

/** Times of live readings that are remembered: the newest ones. */
export const RECENT = 16;

/** Columns of a row. Times are Unix ms. */
export const ROW = {
	/** Event time of the newest live reading. */
	ts: 0,
	/** What may be taken calmly: values, both ends included; a step of event time; and less silence than this, ms. */
	low: 1,
	high: 2,
	step: 3,
	patience: 4,
	/** Until this event time the windows of rates need to know of nothing but the lowest and the highest value since they were told. */
	due: 5,
	seenLow: 6,
	seenHigh: 7,
	/** When those were, the newest of equal ones. */
	seenLowTs: 8,
	seenHighTs: 9,
	/** When something good was heard, by the agent's clock but never in the server's future. */
	heardAt: 10,
	/** The rest of the newest live reading: `value` is NaN where it is no number, `quality` a place in {@link QUALITIES}. */
	receivedAt: 11,
	value: 12,
	quality: 13,
	/** Row number of the point whose reading came after this one's the last time. */
	follower: 14,
	/** How many rules watch the point, and how many combinations it is part of. */
	rules: 15,
	parts: 16,
	/** Ring of the times of the newest live readings: where the next one goes, and the times. */
	next: 17,
	recent: 18,
} as const;
export const ROW_LENGTH = ROW.recent + RECENT;
export const QUALITIES = ["good", "uncertain", "bad"] as const;

/** The row of a point of which nothing is known. */
export function newRow(): Rows {
	const row = new Float64Array(ROW_LENGTH);
	row[ROW.ts] = Number.NEGATIVE_INFINITY;
	row.fill(Number.NaN, ROW.recent);
	forgetSeen(row, 0);
	stir(row, 0);
	return row;
}

/** Nothing is taken calmly any more. */
export function stir(rows: Rows, at: number): void {
	rows[at + ROW.low] = Number.POSITIVE_INFINITY;
	rows[at + ROW.high] = Number.NEGATIVE_INFINITY;
}

/**
 * Whether a reading changes no condition: the value leaves each as it is, and it comes in its turn and in time. Then each rule would
 * look at it and find nothing to do.
 */
export function isCalm(rows: Rows, at: number, { ts, receivedAt, value, quality }: Reading, now: number): boolean {
	if (typeof value !== "number" || quality === "bad") return false;
	if (!(value >= (rows[at + ROW.low] as number) && value <= (rows[at + ROW.high] as number))) return false;
	const step = ts - (rows[at + ROW.ts] as number);
	return step > 0 && step <= (rows[at + ROW.step] as number) && now - Math.min(receivedAt, now) < (rows[at + ROW.patience] as number);
}

/** Keeps of a calm reading what the rules must know of it later. */
export function noteCalm(rows: Rows, at: number, ts: number, value: number, heardAt: number): void {
	if (value <= (rows[at + ROW.seenLow] as number)) {
		rows[at + ROW.seenLow] = value;
		rows[at + ROW.seenLowTs] = ts;
	}
	if (value >= (rows[at + ROW.seenHigh] as number)) {
		rows[at + ROW.seenHigh] = value;
		rows[at + ROW.seenHighTs] = ts;
	}
	if (heardAt > (rows[at + ROW.heardAt] as number)) rows[at + ROW.heardAt] = heardAt;
}

/** Since the last time no calm reading has been kept. */
export const nothingSeen = (rows: Rows, at: number): boolean => (rows[at + ROW.seenLow] as number) > (rows[at + ROW.seenHigh] as number);

export function forgetSeen(rows: Rows, at: number): void {
	rows[at + ROW.seenLow] = Number.POSITIVE_INFINITY;
	rows[at + ROW.seenHigh] = Number.NEGATIVE_INFINITY;
}

/** Takes note of a live reading, newer than all before. */
export function advance(rows: Rows, at: number, { ts, receivedAt, value, quality }: Reading): void {
	const next = rows[at + ROW.next] as number;
	rows[at + ROW.recent + next] = ts;
	rows[at + ROW.next] = (next + 1) % RECENT;
	rows[at + ROW.ts] = ts;
	rows[at + ROW.receivedAt] = receivedAt;
	rows[at + ROW.value] = typeof value === "number" ? value : Number.NaN;
	rows[at + ROW.quality] = QUALITIES.indexOf(quality);
}
