/** A rule as people write it in the site file and in proposals: durations are text. Parsing it again gives the same rule. */
import type { z } from "zod";
import type { Rule, ruleSchema } from "./rules.ts";

export type RuleText = z.input<typeof ruleSchema>;

const UNITS = [
	["d", 86_400_000],
	["h", 3_600_000],
	["min", 60_000],
	["s", 1000],
] as const;
const DURATIONS: ReadonlySet<string> = new Set(["onDelay", "offDelay", "responseTime", "before", "within", "after"]);

/** `90s`, `15min`, `2h`: the largest unit that gives a whole number. */
export function writtenDuration(ms: number): string {
	const [unit, size] = UNITS.find((one) => ms > 0 && ms % one[1] === 0) ?? (ms === 0 ? UNITS[3] : ["ms", 1]);
	return `${ms / size}${unit}`;
}

/** The rule as it is written. What isn't set isn't there. */
export function ruleText(rule: Rule): RuleText {
	return written(rule, "") as RuleText;
}

function written(value: unknown, key: string): unknown {
	if (typeof value === "number") return DURATIONS.has(key) ? writtenDuration(value) : value;
	if (Array.isArray(value)) return value.map((one) => written(one, ""));
	if (value === null || typeof value !== "object") return value;
	return Object.fromEntries(Object.entries(value).flatMap(([name, field]) => (field === undefined ? [] : [[name, written(field, name)]])));
}

/** One field in which two rules differ, as written; `null`: it isn't there. */
export interface RuleDifference {
	field: string;
	from: unknown;
	to: unknown;
}

/** Where two written rules differ, in the order of their fields; `null`: there is none. */
export function ruleDifferences(from: RuleText | null, to: RuleText | null): RuleDifference[] {
	const [one, other] = [new Map(Object.entries(from ?? {})), new Map(Object.entries(to ?? {}))];
	return [...new Set([...one.keys(), ...other.keys()])].flatMap((field) => {
		const [before, after] = [one.get(field) ?? null, other.get(field) ?? null];
		return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ field, from: before, to: after }];
	});
}
