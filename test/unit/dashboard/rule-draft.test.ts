/** A rule is the same after its form, whatever kind it is; what is missing is named; what is suggested fits the trouble (ALM-9, ALM-11). */
import { expect, test } from "vitest";
import { RULE_SETS, ruleSetSchema, rulesOfSets } from "../../../contracts/rule-sets.ts";
import { ruleText } from "../../../contracts/rule-text.ts";
import { type Rule, ruleSchema } from "../../../contracts/rules.ts";
import { EMPTY_EXPLANATION, EMPTY_SUPPRESSION } from "../../../dashboard/src/features/rules/relation-draft.ts";
import { definitionOf, draftOf, EMPTY_DRAFT, suggestionsFor, withKind, withSuggestions } from "../../../dashboard/src/features/rules/rule-draft.ts";

const meaning = { cause: "C", consequence: "Q", action: "A", responseTime: "15min", receivers: ["first", "mia"] };
const common = { id: "r", name: "R", on: { pointKind: ["temperature"], rack: ["A01", "A02"] }, priority: "low", ...meaning };
const rule = (rest: object): Rule => ruleSchema.parse({ ...common, ...rest });
const limit = { kind: "limit", level: "high", limit: 27 };

test.each<[string, object]>([
	["limit", { ...limit, deadband: 0.5, onDelay: "90s", latching: true }],
	["rate", { kind: "rate", direction: "rise", change: 5, within: "15min" }],
	["state", { kind: "state", states: ["fault", true] }],
	["no-data", { kind: "no-data", after: "10min" }],
	["no-data after the usual time", { kind: "no-data" }],
	["count", { kind: "count", count: 3, within: "1min", states: [false] }],
	["combination", { kind: "combination", per: "rack", measure: "failover-load", level: "high-high", limit: 100 }],
	["access-count", { kind: "access-count", per: "person", result: "denied", count: 5, within: "10min" }],
	["causes and suppression", { ...limit, suppressedWhile: { on: { room: "x" }, states: [true] }, explains: [{ rules: ["a"], where: "feed" }] }],
])("the form of a rule gives the same rule: %s", (_, rest) => {
	const text = ruleText(rule(rest));
	expect(definitionOf(draftOf(text))).toEqual({ definition: text, errors: null });
});

test("ready rule sets fit the form too, but for what a proposal must say besides", () => {
	for (const of of rulesOfSets(RULE_SETS.map((set) => ruleSetSchema.parse(set)))) {
		const { errors } = definitionOf(draftOf(ruleText(of)));
		expect(Object.keys(errors ?? {}).filter((field) => !["receivers", "responseTime", "cause", "consequence", "action"].includes(field))).toEqual([]);
	}
});

test("an empty form names every field that is missing", () => {
	const { errors } = definitionOf(EMPTY_DRAFT);
	expect(Object.keys(errors ?? {}).sort()).toEqual(
		["action", "cause", "consequence", "id", "limit", "name", "on", "receivers", "responseTime"].sort(),
	);
	expect(errors?.limit).toBe("expected a number");
});

test.each<[field: string, text: string, expected: RegExp]>([
	["limit", "warm", /^expected a number$/],
	["deadband", "-1", /^expected at least 0$/],
	["onDelay", "5 minutes", /^expected a duration such as/],
	["responseTime", "0s", /^expected a duration from 10s to 30d$/],
	["responseTime", "", /^expected a duration such as 15min$/],
	["receivers", "mia@example.org", /^expected/],
	["id", "no blanks", /^expected 1 to 64/],
])("a wrong %s is named with what was expected", (field, text, expected) => {
	const draft = draftOf(ruleText(rule(limit)));
	expect(definitionOf({ ...draft, texts: { ...draft.texts, [field]: text } }).errors).toEqual({ [field]: expect.stringMatching(expected) });
});

test("what is wrong in an explanation or a suppression is named at its place", () => {
	const draft = draftOf(ruleText(rule(limit)));
	const explains = [EMPTY_EXPLANATION, { ...EMPTY_EXPLANATION, rules: "a", before: "soon" }];
	expect(definitionOf({ ...draft, explains, suppression: EMPTY_SUPPRESSION }).errors).toEqual({
		"explains.0": "expected at least one of rules, pointKind, deviceKind",
		"explains.1.before": expect.stringMatching(/^expected a duration/),
		"suppressedWhile.on": expect.stringMatching(/^expected at least one of/),
		"suppressedWhile.states": expect.stringMatching(/^expected/),
	});
});

test("another kind keeps what both have, and counts per what it can", () => {
	const draft = withKind(draftOf(ruleText(rule(limit))), "access-count");
	const texts = { ...draft.texts, count: "5", within: "1min" };
	expect(definitionOf({ ...draft, texts }).definition).toMatchObject({ name: "R", kind: "access-count", per: "door", result: "denied" });
});

test.each<[string, object, Parameters<typeof suggestionsFor>[1], [string, string][]]>([
	[
		"chattering: an off-delay and a dead-band",
		limit,
		["chattering"],
		[
			["offDelay", "1min"],
			["deadband", "0.3"],
		],
	],
	["chattering with both already: nothing", { ...limit, deadband: 1, offDelay: "2min" }, ["chattering"], []],
	["chattering at a limit of nought: no dead-band", { ...limit, limit: 0 }, ["chattering"], [["offDelay", "1min"]]],
	["fleeting: an on-delay", { kind: "state", states: [true] }, ["fleeting"], [["onDelay", "1min"]]],
	["stale: no setting helps", limit, ["stale"], []],
	[
		"access events: nothing returns",
		{ kind: "access-count", per: "door", result: "denied", count: 5, within: "1min" },
		["chattering", "fleeting"],
		[],
	],
])("%s", (_, rest, troubles, expected) => {
	const of = rule(rest);
	const suggestions = suggestionsFor(of, troubles);
	expect(suggestions.map(({ field, value }) => [field, value])).toEqual(expected);
	expect(definitionOf(withSuggestions(draftOf(ruleText(of)), suggestions)).errors).toBeNull();
});
