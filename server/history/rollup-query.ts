import type { HistoryQuery, HistoryResult, PointExtremes, RawRow, RollupRow, Step } from "./history.ts";
import { chooseStep, expectedRows, type Retention, storedRange } from "./resolution.ts";
import { type Bucket, floorTo, HOUR, rollUp, rollupRow, STEP_MS } from "./rollup.ts";

/** What a store must answer for one point; ranges are Unix ms, `from` inclusive, `to` exclusive, rows oldest first. */
export interface PointRows {
	raw(point: string, from: number, to: number, limit: number): Promise<RawRow[]>;
	rolled(step: "1m" | "1h", point: string, from: number, to: number, limit: number): Promise<Bucket[]>;
	countRaw(point: string, from: number, to: number): Promise<number>;
	/** Rollups from this time on are not stored yet. */
	rolledUpTo(step: "1m" | "1h"): number;
	/** Whether stored rollups of this hour are out of date. */
	isDirty(point: string, hour: number): boolean;
}

/** A day of raw rows at a time, so that a long range doesn't fill the memory. */
const SLICE = 24 * HOUR;

/**
 * Answers a history query from stored rows; buckets that are not stored yet, or no longer true, are computed from the raw
 * readings, so that the answer is the same whether or not the rollups have run.
 */
export async function answerQuery(store: PointRows, asked: HistoryQuery, retention: Retention, now: number): Promise<HistoryResult> {
	// Nothing is stored further ahead: a range without end must not be walked through.
	const query = { ...asked, to: Math.min(asked.to, now + HOUR) };
	const { point, maxRows } = query;
	const step = query.step === "auto" ? await autoStep(store, query, retention, now) : query.step;
	if (query.stepOnly) return { step, truncated: false, rows: [] };
	const { from, to } = storedRange(query, step, retention, now);
	if (step === "raw") {
		const rows = from < to ? await store.raw(point, from, to, maxRows + 1) : [];
		return { step, truncated: rows.length > maxRows, rows: rows.slice(0, maxRows) };
	}
	const rows: RollupRow[] = [];
	for (const part of parts(store, point, step, from, to)) {
		const limit = maxRows + 1 - rows.length;
		if (limit <= 0) break;
		const buckets = part.stored
			? await store.rolled(step, point, part.from, part.to, limit)
			: rollUp(await store.raw(point, part.from, part.to, Number.MAX_SAFE_INTEGER), STEP_MS[step]);
		for (const bucket of buckets) rows.push(rollupRow(bucket));
	}
	return { step, truncated: rows.length > maxRows, rows: rows.slice(0, maxRows) };
}

/** Points with the hours of [from, to) that readings have come for since they were rolled up; extremes are to be filled in. */
export function noExtremes(store: Pick<PointRows, "isDirty">, points: readonly string[], from: number, to: number): Map<string, PointExtremes> {
	return new Map(
		points.map((point) => {
			const unknown: number[] = [];
			for (let hour = from; hour < to; hour += HOUR) if (store.isDirty(point, hour)) unknown.push(hour);
			return [point, { hours: [], unknown }];
		}),
	);
}

async function autoStep(store: PointRows, query: HistoryQuery, retention: Retention, now: number): Promise<Step> {
	const choose = (rawRows: number) => chooseStep({ ...query, rawRows }, retention, now);
	const expected = expectedRows(query);
	if (expected !== null) return choose(expected);
	// Unknown: count only where the answer could matter.
	if (choose(0) !== "raw") return choose(Number.POSITIVE_INFINITY);
	return choose(await store.countRaw(query.point, query.from, query.to));
}

/** Splits a range, oldest first, into runs that are answered from stored rollups and runs that come from raw readings. */
function* parts(
	store: PointRows,
	point: string,
	step: "1m" | "1h",
	from: number,
	to: number,
): Generator<{ stored: boolean; from: number; to: number }> {
	const rolledTo = store.rolledUpTo(step);
	let start = from;
	let stored: boolean | undefined;
	for (let at = from; at < to; at = floorTo(at, HOUR) + HOUR) {
		const clean = at < rolledTo && !store.isDirty(point, floorTo(at, HOUR));
		if (stored !== undefined && (clean !== stored || (!stored && at - start >= SLICE))) {
			yield { stored, from: start, to: at };
			start = at;
		}
		stored = clean;
		// The hour in which the stored rollups end.
		if (clean && rolledTo < Math.min(to, floorTo(at, HOUR) + HOUR)) {
			yield { stored: true, from: start, to: rolledTo };
			start = rolledTo;
			stored = false;
		}
	}
	if (stored !== undefined && start < to) {
		const end = to;
		yield { stored, from: start, to: stored ? end : ceilTo(end, STEP_MS[step]) };
	}
}

const ceilTo = (ts: number, step: number): number => -floorTo(-ts, step);
