/** What a rule must say to whoever is called by its alarm, beyond what the site file asks for. */
import type { Rule } from "./rules.ts";

/** Nobody responds at once, and what may wait for longer is no alarm; ms. */
const LEAST_RESPONSE = 10_000;
const MOST_RESPONSE = 30 * 24 * 3_600_000;

type Words = Pick<Rule, "cause" | "consequence" | "action" | "responseTime">;

/** What is missing, by field; empty for a rule that says everything. */
export function missingWords(rule: Words): { field: keyof Words; message: string }[] {
	const { responseTime } = rule;
	const unsaid = (["cause", "consequence", "action"] as const).filter((field) => rule[field].trim() === "");
	return [
		...unsaid.map((field) => ({ field, message: "expected some words" })),
		...(responseTime === undefined ? [{ field: "responseTime" as const, message: "expected a duration such as 15min" }] : []),
		...(responseTime !== undefined && (responseTime < LEAST_RESPONSE || responseTime > MOST_RESPONSE)
			? [{ field: "responseTime" as const, message: "expected a duration from 10s to 30d" }]
			: []),
	];
}
