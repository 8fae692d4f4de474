import type { Quality, Value } from "../../contracts/kinds.ts";
import type { Reading } from "../../contracts/reading.ts";
import type { Retention } from "./resolution.ts";

export type Step = "raw" | "1m" | "1h";

export interface RawRow {
	ts: number;
	value: Value;
	quality: Quality;
}
/** min, max and mean are over good and uncertain numeric values, `null` where there are none; last and count are over all. */
export interface RollupRow {
	ts: number;
	min: number | null;
	max: number | null;
	mean: number | null;
	last: Value;
	count: number;
}
export interface HistoryQuery {
	point: string;
	/** Unix ms, inclusive; for rollups the bucket that holds it is included whole. */
	from: number;
	/** Unix ms, exclusive; for rollups the bucket that holds the last ms before it is included whole. */
	to: number;
	/** `auto`: the finest step whose retention reaches back to `from` and whose expected rows fit in `maxRows`. */
	step: Step | "auto";
	/** At most this many rows are returned, the oldest ones first. */
	maxRows: number;
	/** Expected time between two readings, ms, for `auto`; without it the rows are counted. */
	interval?: number | null;
	/** Only the step is asked for: the answer has no rows. */
	stepOnly?: boolean;
}
export type HistoryResult = { truncated: boolean } & ({ step: "raw"; rows: RawRow[] } | { step: "1m" | "1h"; rows: RollupRow[] });

/** Bounds of the good and uncertain numbers of one hour, never narrower than they are; `null`: it has readings, but no such number. */
export interface HourExtremes {
	/** Start of the hour, Unix ms. */
	ts: number;
	min: number | null;
	max: number | null;
}
export interface PointExtremes {
	/** Oldest first. An hour that isn't listed and isn't unknown has no readings. */
	hours: HourExtremes[];
	/** Starts of hours whose extremes may have become others, which are listed too or not. */
	unknown: number[];
}

/** A time without good or uncertain readings, Unix ms: between two of them, or between one and the begin or the end of what was asked for. */
export interface Silence {
	from: number;
	to: number;
}

/** Identifies a batch for at-most-once application: the agent, its outbox file, the batch's number there. */
export interface BatchId {
	agent: string;
	outbox: string;
	seq: number;
}

export interface HistoryState {
	kind: "influxdb" | "duckdb";
	status: "ok" | "degraded" | "down";
	detail: string;
	/** Readings taken but not yet in the store itself. */
	waiting: number;
	/** Bytes in the fsynced spool, 0 where there is none. */
	spoolBytes: number;
}

/**
 * The time-series port. One contract suite (test/contract/history.test.ts) runs on every implementation.
 */
export interface History {
	/** MUST create what it needs (database, retention, files). MUST NOT fail because a remote store is down: it starts degraded. */
	start(): Promise<void>;
	/** Idempotent. Writes what waits, within its time limit, and releases everything. */
	stop(): Promise<void>;
	/**
	 * Stores readings. MUST resolve only once they survive a kill -9 of this process and a power cut: in the store, or in the
	 * own fsynced spool. MUST be idempotent: the same batch, or the same (point, ts), again changes nothing but the value of
	 * that (point, ts) to the later one. Throws AppError `history-full` (503) when neither store nor spool can take them.
	 */
	append(batch: BatchId, readings: readonly Reading[]): Promise<void>;
	/** Rows oldest first. Sees what `append` has resolved for, once the store is reachable. Throws AppError `history-unavailable` (503). */
	query(query: HistoryQuery): Promise<HistoryResult>;
	/**
	 * All readings of each point in [from, to), oldest first: for few points or short times, since all of them come at once. Every point is in
	 * the answer. Throws AppError `history-unavailable` (503).
	 */
	readings(points: readonly string[], from: number, to: number): Promise<Map<string, RawRow[]>>;
	/**
	 * Extremes of each point in [from, to), both on whole hours, mostly by what is stored of whole hours: cheap, to find out which hours
	 * are worth a look. Every point is in the answer. Throws AppError `history-unavailable` (503).
	 */
	extremes(points: readonly string[], from: number, to: number): Promise<Map<string, PointExtremes>>;
	/**
	 * Where each point had no good or uncertain reading for `longer` ms or more, in [from, to), oldest first. `null`: one of
	 * them had more than `most`. Every point is in the answer. Throws AppError `history-unavailable` (503).
	 */
	silences(points: readonly string[], from: number, to: number, longer: number, most: number): Promise<Map<string, Silence[]> | null>;
	/**
	 * Starts of those hours of [from, to), both on whole hours, in which a point had one of the states; never fewer than there are. Every point
	 * is in the answer. Throws AppError `history-unavailable` (503).
	 */
	hoursOfStates(points: readonly string[], from: number, to: number, states: readonly (string | boolean)[]): Promise<Map<string, number[]>>;
	/** Newest reading of each point, for the start of the server; points without any are left out. */
	latest(points: readonly string[]): Promise<Map<string, Reading>>;
	/** Number of distinct (point, ts) stored for these points and time range, raw resolution; for checks and benchmarks. */
	count(points: readonly string[], from: number, to: number): Promise<number>;
	/**
	 * How long each resolution is kept from now on; also before `start`. Queries MUST obey it as soon as it resolves; what is past it
	 * is deleted within the next maintenance. MUST NOT fail because a remote store is down: it follows when that is back.
	 */
	setRetention(retention: Retention): Promise<void>;
	state(): HistoryState;
	counters(): HistoryCounters;
}

/** Since the start; for metrics. */
export interface HistoryCounters {
	/** Readings that `append` has resolved for. */
	appended: number;
	/** Rows that the store has taken, rollups and repeats included, and in how many writes. */
	written: number;
	writes: number;
	/** Rows that went through the spool. */
	spooled: number;
	/** Rows that the store will never take, set aside. */
	rejected: number;
	/** Writes that failed and are tried again. */
	retries: number;
	/** Readings older than raw retention, not stored. */
	expired: number;
	/** 1-minute buckets stored, and hours of points computed anew for late readings. */
	rollups: number;
	recomputed: number;
	/** Hours of points that wait to be computed anew. */
	dirtyHours: number;
}
