import type { Reading } from "../../contracts/reading.ts";
import type { RawRow, RollupRow } from "../../server/history/history.ts";

/** What a history must answer, in the plainest way: every reading in a map, everything computed when asked. */
export class HistoryModel {
	private readonly points = new Map<string, Map<number, RawRow>>();

	append(readings: readonly Reading[]): void {
		for (const { point, ts, value, quality } of readings) {
			const rows = this.points.get(point) ?? new Map<number, RawRow>();
			this.points.set(point, rows.set(ts, { ts, value, quality }));
		}
	}

	raw(point: string): RawRow[] {
		return [...(this.points.get(point)?.values() ?? [])].sort((a, b) => a.ts - b.ts);
	}

	rolled(point: string, step: number): RollupRow[] {
		const buckets = Map.groupBy(this.raw(point), ({ ts }) => Math.floor(ts / step) * step);
		return [...buckets].map(([ts, rows]) => {
			const numbers = rows.flatMap(({ value, quality }) => (typeof value === "number" && quality !== "bad" ? value : []));
			const last = rows.at(-1)?.value ?? 0;
			if (numbers.length === 0) return { ts, min: null, max: null, mean: null, last, count: rows.length };
			const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
			return { ts, min: Math.min(...numbers), max: Math.max(...numbers), mean, last, count: rows.length };
		});
	}
}
