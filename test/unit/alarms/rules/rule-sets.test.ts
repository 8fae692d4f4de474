import { expect, test } from "vitest";
import { RULE_SETS } from "../../../../contracts/rule-sets.ts";
import { parseSite } from "../../../../contracts/site-check.ts";
import { smallSite, worldOf } from "../../../helpers/small-world.ts";

const rulesOf = (site: object) => worldOf({ ...smallSite(), ...site }).site.rules;

test.each([
	["ashrae-recommended", [18, 27]],
	["ashrae-a1", [18, 27, 15, 32]],
	["ashrae-a2", [18, 27, 10, 35]],
	["ashrae-a3", [18, 27, 5, 40]],
	["ashrae-a4", [18, 27, 5, 45]],
])("%s has the limits of ASHRAE TC 9.9", (set, expected) => {
	const limits = rulesOf({ ruleSets: [set] }).flatMap((rule) => (rule.kind === "limit" ? rule.limit : []));
	expect(new Set(limits)).toEqual(new Set(expected));
	expect(limits).toHaveLength(expected.length);
});

test("a class brings the rates of change: 5 °C in 15 minutes and 20 °C in an hour", () => {
	const rates = rulesOf({ ruleSets: ["ashrae-a1"] }).flatMap((rule) => (rule.kind === "rate" ? [[rule.change, rule.within / 60_000]] : []));
	expect(rates).toEqual([
		[5, 15],
		[20, 60],
	]);
});

test.each(RULE_SETS.map((set) => [set]))("every rule of %s says cause, consequence, action, response time and priority", (set) => {
	const rules = rulesOf({ ruleSets: [set] });
	expect(rules.length).toBeGreaterThan(1);
	for (const { id, cause, consequence, action, responseTime } of rules)
		expect([cause, consequence, action].every((text) => text.length > 10) && responseTime !== undefined, id).toBe(true);
});

test("what sets share stands once; a rule of the site's own with the same id counts instead", () => {
	const own = { id: "ashrae-recommended-high", name: "Own", kind: "limit", level: "high", limit: 26, on: { point: "inlet" }, priority: "low" };
	const rules = rulesOf({ ruleSets: ["ashrae-a1", "ashrae-recommended", "ashrae-change"], rules: [own] });
	expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
	expect(rules.find(({ id }) => id === own.id)).toMatchObject({ name: "Own", limit: 26 });
});

test("a site says for which points a set is", () => {
	const rules = rulesOf({ ruleSets: [{ set: "ashrae-change", on: { point: "cold" } }] });
	expect(rules.map(({ on }) => on)).toEqual([{ point: ["cold"] }, { point: ["cold"] }]);
});

test("a set that there isn't is refused with the names of those there are", () => {
	const result = parseSite({ ...smallSite(), ruleSets: ["ashrae-a9"] });
	expect("problems" in result && result.problems).toEqual([
		{ path: "ruleSets[0]", message: `expected one of ${RULE_SETS.join(", ")}, or { set, on }` },
	]);
});
