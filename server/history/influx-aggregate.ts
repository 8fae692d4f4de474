import { bucketOf, type Cells, type InfluxStore, isPoint, READING_FIELDS, rawRowOf, within } from "./influx-store.ts";
import { type Bucket, HOUR, MINUTE, rollUp } from "./rollup.ts";

export interface PointBucket {
	point: string;
	bucket: Bucket;
}
const POINTS_AT_ONCE = 100;

/**
 * 1-minute buckets of these points (`null`: of all) from the stored readings, `from` and `to` on whole minutes. Plain numbers
 * are summed up by InfluxDB; points with anything else in the range are read row by row, since InfluxQL can't tell the newest
 * of several fields nor leave bad readings out at a bearable price.
 */
export async function aggregate(store: InfluxStore, points: readonly string[] | null, from: number, to: number): Promise<PointBucket[]> {
	const range = `${condition(points)}${within(from, to)}`;
	const table = store.from("raw");
	const irregular = new Set<string>();
	for (const { point, rows } of await store.query(`SELECT count(quality) FROM ${table} WHERE ${range} AND quality > 0 GROUP BY point`))
		if (rows.length > 0) irregular.add(point);
	const fields =
		"min(value) AS min,max(value) AS max,sum(value) AS sum,count(value) AS n,last(value) AS value,count(flag) AS flags,count(state) AS states";
	const buckets: PointBucket[] = [];
	for (const { point, rows } of await store.query(`SELECT ${fields} FROM ${table} WHERE ${range} GROUP BY time(1m),point fill(none)`)) {
		if (rows.some((cells) => positive(cells("flags")) || positive(cells("states")))) irregular.add(point);
		if (irregular.has(point)) continue;
		for (const cells of rows) {
			const bucket = bucketOf(cells);
			if (bucket) buckets.push({ point, bucket: { ...bucket, count: bucket.n } });
		}
	}
	const rest = [...irregular];
	for (let start = 0; start < rest.length; start += POINTS_AT_ONCE) {
		const some = `${condition(rest.slice(start, start + POINTS_AT_ONCE))}${within(from, to)}`;
		for (const { point, rows } of await store.query(`SELECT ${READING_FIELDS} FROM ${table} WHERE ${some} GROUP BY point`))
			for (const bucket of rollUp(parsed(rows), MINUTE)) buckets.push({ point, bucket });
	}
	return buckets;
}

/** 1-hour buckets of all points for the hour that begins at `hour`, from the stored 1-minute ones. */
export async function rollUpHour(store: InfluxStore, hour: number): Promise<PointBucket[]> {
	const where = `FROM ${store.from("1m")} WHERE ${within(hour, hour + HOUR)}`;
	// A minute that lost its last number keeps the fields of before, and has n = 0.
	const numbers = new Map<string, Cells>();
	const sums = "min(min) AS min,max(max) AS max,sum(sum) AS sum,sum(n) AS n";
	for (const { point, rows } of await store.query(`SELECT ${sums} ${where} AND n > 0 GROUP BY time(1h),point fill(none)`))
		if (rows[0]) numbers.set(point, rows[0]);
	const rest = "sum(count) AS count,last(kind) AS kind,last(value) AS value,last(flag) AS flag,last(state) AS state";
	const buckets: PointBucket[] = [];
	for (const { point, rows } of await store.query(`SELECT ${rest} ${where} GROUP BY time(1h),point fill(none)`)) {
		const [cells] = rows;
		const bucket = cells && bucketOf((column) => cells(column) ?? numbers.get(point)?.(column));
		if (bucket) buckets.push({ point, bucket });
	}
	return buckets;
}

const positive = (value: unknown): boolean => typeof value === "number" && value > 0;
const condition = (points: readonly string[] | null): string => (points ? `(${points.map(isPoint).join(" OR ")}) AND ` : "");

function* parsed(rows: readonly Cells[]) {
	for (const cells of rows) {
		const row = rawRowOf(cells);
		if (row) yield row;
	}
}
