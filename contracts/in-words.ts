/** What a schema expected, as a sentence for people, where the schema doesn't say it itself; pure. */
import type { z } from "zod";

const KINDS: Readonly<Record<string, string>> = {
	string: "expected a text",
	number: "expected a number",
	int: "expected a whole number",
	boolean: "expected true or false",
	array: "expected a list",
	object: "expected an object",
	record: "expected an object",
};
const UNITS: Readonly<Record<string, string>> = { string: " characters", array: " entries", set: " entries" };

/** Given to zod as the `error` of one parse. `undefined`: zod's own words. */
export const inWords: z.core.$ZodErrorMap = (issue) => {
	switch (issue.code) {
		case "invalid_type":
			return KINDS[issue.expected];
		case "too_small":
			if (issue.origin === "string" && issue.minimum === 1) return "expected a text that is not empty";
			return issue.inclusive === false ? `expected more than ${issue.minimum}` : `expected at least ${issue.minimum}${UNITS[issue.origin] ?? ""}`;
		case "too_big":
			return issue.inclusive === false ? `expected less than ${issue.maximum}` : `expected at most ${issue.maximum}${UNITS[issue.origin] ?? ""}`;
		case "invalid_value":
			return issue.values.length === 1 ? `expected ${String(issue.values[0])}` : `expected one of ${issue.values.map(String).join(", ")}`;
		case "invalid_format":
			if (issue.format === "datetime") return "expected a time such as 2027-01-31T16:00:00Z";
			if (issue.format === "date") return "expected a day such as 2027-01-31";
			if (issue.format === "uuid") return "expected an id";
			return undefined;
		default:
			return undefined;
	}
};
