import type { Silence } from "./history.ts";
import { type InfluxStore, isPoint, within } from "./influx-store.ts";
import { wholly } from "./silences.ts";

const FIELDS = ["value", "flag", "state"] as const;

/**
 * Silences of `longer` ms or more in a range by InfluxDB's own reckoning, for points that have one at all; of a point with more than `most` at
 * least `most` + 1. `oldest`: from when on readings count. `null`: the point had bad readings, or values of several types, whose fields
 * InfluxQL can't put in one order.
 */
export async function silencesOfPoints(
	store: InfluxStore,
	points: readonly string[],
	{ from, oldest, to }: { from: number; oldest: number; to: number },
	longer: number,
	most: number,
): Promise<Map<string, Silence[] | null>> {
	if (points.length === 0 || oldest >= to) return new Map(points.map((point) => [point, wholly(from, to, longer)]));
	const found = new Map<string, Silence[] | null>();
	const stored = `${store.from("raw")} WHERE (${points.map(isPoint).join(" OR ")}) AND ${within(oldest, to)}`;
	for (const field of FIELDS) {
		const firsts = await timesOf(store, `SELECT first(${field}) FROM ${stored} GROUP BY point`);
		if (firsts.size === 0) continue;
		const lasts = await timesOf(store, `SELECT last(${field}) FROM ${stored} GROUP BY point`);
		const between = new Map<string, Silence[]>();
		const elapsed = `SELECT elapsed(${field},1ms) AS gap FROM ${stored} GROUP BY point`;
		for (const { point, rows } of await store.query(`SELECT gap FROM (${elapsed}) WHERE gap >= ${longer} GROUP BY point LIMIT ${most + 1}`))
			between.set(
				point,
				rows.map((cells) => ({ from: Number(cells("time")) - Number(cells("gap")), to: Number(cells("time")) })),
			);
		for (const [point, first] of firsts) {
			const last = lasts.get(point) ?? first;
			const silences = [...wholly(from, first, longer), ...(between.get(point) ?? []), ...wholly(last, to, longer)];
			found.set(point, found.has(point) ? null : silences);
		}
	}
	const bad = "(quality = 2 OR quality = 12 OR quality = 22)";
	for (const { point } of await store.query(`SELECT first(quality) FROM ${stored} AND ${bad} GROUP BY point`)) found.set(point, null);
	for (const point of points) if (!found.has(point)) found.set(point, wholly(from, to, longer));
	return found;
}

/** The time of the one row of each point. */
async function timesOf(store: InfluxStore, statement: string): Promise<Map<string, number>> {
	return new Map((await store.query(statement)).map(({ point, rows }) => [point, Number(rows[0]?.("time"))]));
}
