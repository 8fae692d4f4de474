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

/** Raw readings rolled up to minutes, in the columns of `minute`. */
export const rollUpMinutes = (condition: string): string => `
SELECT point, ts // 60000 * 60000 AS bucket, min(value) FILTER (code < 2), max(value) FILTER (code < 2), coalesce(sum(value) FILTER (code < 2), 0),
	count(*) FILTER (code < 2), count(*), arg_max(code, ts), arg_max(value, ts)
FROM (${newestRows(condition)}) GROUP BY point, bucket`;

/** Minutes rolled up to hours, in the columns of `hour`. */
export const rollUpHours = (condition: string): string => `
SELECT point, ts // 3600000 * 3600000 AS bucket, min(min), max(max), sum(sum), sum(n), sum(count), arg_max(code, ts), arg_max(value, ts)
FROM minute WHERE ${condition} GROUP BY point, bucket`;
