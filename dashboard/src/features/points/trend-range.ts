/** Lengths of the trend's ranges, ms. */
export const RANGES = { m15: 900_000, h1: 3_600_000, h6: 21_600_000, h24: 86_400_000, d7: 604_800_000, d30: 2_592_000_000 } as const;
export type RangeName = keyof typeof RANGES;
export const RANGE_NAMES: readonly RangeName[] = ["m15", "h1", "h6", "h24", "d7", "d30"];

/** A named range follows the present; a custom one stands still. Unix ms. */
export type TrendRange = { name: RangeName } | { name: "custom"; from: number; to: number };

/** Reads `h6` or `{from}-{to}`; whatever else becomes one hour. */
export function parseRange(text: string | undefined): TrendRange {
	const name = RANGE_NAMES.find((known) => known === text);
	if (name) return { name };
	const match = /^(\d{10,15})-(\d{10,15})$/.exec(text ?? "");
	const from = Number(match?.[1]);
	const to = Number(match?.[2]);
	return match && from < to ? { name: "custom", from, to } : { name: "h1" };
}

export function rangeText(range: TrendRange): string {
	return range.name === "custom" ? `${Math.round(range.from)}-${Math.round(range.to)}` : range.name;
}

/** Start and end at `now`. A range that follows moves in steps, so that its rows are fetched once a step and not each second. */
export function boundsOf(range: TrendRange, now: number): { from: number; to: number } {
	if (range.name === "custom") return { from: range.from, to: range.to };
	const length = RANGES[range.name];
	const step = Math.max(60_000, length / 60);
	const to = Math.ceil(now / step) * step;
	return { from: to - length - step, to };
}
