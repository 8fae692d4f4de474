import type { RawRow, Silence } from "./history.ts";

/** The silences of one point in [from, to) by all its readings, oldest first. */
export function silencesOf(rows: readonly RawRow[], from: number, to: number, longer: number): Silence[] {
	const times = [from, ...rows.flatMap(({ ts, quality }) => (quality === "bad" ? [] : ts)), to];
	return times.flatMap((ts, index) => {
		const until = times[index + 1];
		return until !== undefined && until - ts >= longer ? [{ from: ts, to: until }] : [];
	});
}

/** Of a point that wasn't heard at all. */
export const wholly = (from: number, to: number, longer: number): Silence[] => silencesOf([], from, to, longer);
