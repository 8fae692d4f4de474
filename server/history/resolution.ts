import type { HistoryQuery, Step } from "./history.ts";
import { floorTo, STEP_MS } from "./rollup.ts";

/** How long each resolution is kept, ms. */
export interface Retention {
	rawMs: number;
	minuteMs: number;
	hourMs: number;
}
const DAY = 86_400_000;
export const DEFAULT_RETENTION: Retention = { rawMs: 30 * DAY, minuteMs: 400 * DAY, hourMs: 5 * 365 * DAY };

/** Oldest time that this resolution still keeps at `now`, ms. */
export function oldestKept(step: Step, retention: Retention, now: number): number {
	return now - (step === "raw" ? retention.rawMs : step === "1m" ? retention.minuteMs : retention.hourMs);
}

/** A range that asks for exactly the retention is asked a moment later than it was made. */
const TOLERANCE = 60_000;

/**
 * `step=auto`: the finest resolution that still reaches back to `from` and whose expected rows fit in `maxRows`; where none
 * does, the coarsest that reaches back; where none does that, the one that reaches furthest.
 * `rawRows` is the number of raw rows to expect in the range.
 */
export function chooseStep(range: { from: number; to: number; maxRows: number; rawRows: number }, retention: Retention, now: number): Step {
	const rows = (step: Step) => (step === "raw" ? range.rawRows : Math.min(range.rawRows, Math.ceil((range.to - range.from) / STEP_MS[step])));
	const steps: Step[] = ["raw", "1m", "1h"];
	const reaching = steps.filter((step) => oldestKept(step, retention, now) <= range.from + TOLERANCE);
	const candidates =
		reaching.length > 0 ? reaching : [...steps].sort((a, b) => oldestKept(a, retention, now) - oldestKept(b, retention, now)).slice(0, 1);
	return candidates.find((step) => rows(step) <= range.maxRows) ?? candidates.at(-1) ?? "1h";
}

/** Rows that a point with this time between readings has in the range; `null`: not known. */
export function expectedRows(query: Pick<HistoryQuery, "from" | "to" | "interval">): number | null {
	return query.interval ? Math.ceil(Math.max(0, query.to - query.from) / query.interval) : null;
}

/** The range as the store is asked: no older than what is kept, and for rollups from the start of the bucket that holds `from`. */
export function storedRange(query: { from: number; to: number }, step: Step, retention: Retention, now: number): { from: number; to: number } {
	const from = Math.max(query.from, oldestKept(step, retention, now));
	return { from: step === "raw" ? from : floorTo(from, STEP_MS[step]), to: query.to };
}
