/**
 * Tables of the embedded history. Names and states are numbered, so that a row is 25 bytes of numbers. The newest row of a
 * (point, ts) counts: rows are only added, and `rowid` grows with each. `code` is a value code; `value` holds the number, the
 * boolean as 0 or 1, or the number of the state.
 */
const ROLLUP = `(
	point INTEGER NOT NULL, ts BIGINT NOT NULL, min DOUBLE, max DOUBLE, sum DOUBLE NOT NULL, n BIGINT NOT NULL, count BIGINT NOT NULL,
	code UTINYINT NOT NULL, value DOUBLE NOT NULL)`;

export const SCHEMA = `
CREATE TABLE IF NOT EXISTS point (id INTEGER NOT NULL, name VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS state (id INTEGER NOT NULL, name VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS raw (point INTEGER NOT NULL, ts BIGINT NOT NULL, delay BIGINT NOT NULL, code UTINYINT NOT NULL, value DOUBLE NOT NULL);
CREATE TABLE IF NOT EXISTS minute ${ROLLUP};
CREATE TABLE IF NOT EXISTS hour ${ROLLUP};
CREATE TABLE IF NOT EXISTS batch (agent VARCHAR NOT NULL, outbox VARCHAR NOT NULL, low BIGINT NOT NULL, high BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS dirty (hour BIGINT NOT NULL, point INTEGER);
CREATE TABLE IF NOT EXISTS progress (minutes_done BIGINT NOT NULL, hours_done BIGINT NOT NULL);
`;

/** The newest row of each (point, ts) of raw readings. */
export const newestRows = (condition: string): string =>
	`SELECT point, ts, arg_max(code, rowid) AS code, arg_max(value, rowid) AS value FROM raw WHERE ${condition} GROUP BY point, ts`;

const BAD = "code IN (2, 12, 22)";

/** Points that had bad readings. */
export const badPoints = (condition: string): string => `SELECT DISTINCT point FROM raw WHERE ${condition} AND ${BAD}`;

/**
 * Times of `longer` ms or more between good and uncertain readings of points, from `from` to `to`, in order of point and time. With `bad` a
 * reading that a bad one has replaced doesn't count, which takes three times as long.
 */
export function silences(points: readonly number[], condition: string, bad: boolean, from: number, to: number, longer: number): string {
	const replaced = `EXISTS (SELECT 1 FROM bad WHERE bad.point = raw.point AND bad.ts = raw.ts AND bad.last > raw.rowid)`;
	return `
WITH bad AS (SELECT point, ts, max(rowid) AS last FROM raw WHERE ${bad ? `${condition} AND ${BAD}` : "false"} GROUP BY point, ts),
	heard AS (SELECT point, ts FROM raw WHERE ${condition} AND code % 10 < 2 ${bad ? `AND NOT ${replaced}` : ""}
		UNION ALL SELECT unnest([${points.join(",")}]), ${from}),
	silence AS (SELECT point, ts, coalesce(lead(ts) OVER (PARTITION BY point ORDER BY ts), ${to}) AS until FROM heard)
SELECT point, ts, until FROM silence WHERE until - ts >= ${longer} ORDER BY point, ts`;
}

/** Raw readings rolled up to minutes, in the columns of `minute`. */
export const rollUpMinutes = (condition: string): string => `
SELECT point, ts // 60000 * 60000 AS bucket, min(value) FILTER (code < 2), max(value) FILTER (code < 2), coalesce(sum(value) FILTER (code < 2), 0),
	count(*) FILTER (code < 2), count(*), arg_max(code, ts), arg_max(value, ts)
FROM (${newestRows(condition)}) GROUP BY point, bucket`;

/** Minutes rolled up to hours, in the columns of `hour`. */
export const rollUpHours = (condition: string): string => `
SELECT point, ts // 3600000 * 3600000 AS bucket, min(min), max(max), sum(sum), sum(n), sum(count), arg_max(code, ts), arg_max(value, ts)
FROM minute WHERE ${condition} GROUP BY point, bucket`;
