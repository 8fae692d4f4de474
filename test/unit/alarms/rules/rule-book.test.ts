import fc from "fast-check";
import { expect, test } from "vitest";
import { ruleDifferences, ruleText, writtenDuration } from "../../../../contracts/rule-text.ts";
import { durationSchema, type Rule, ruleSchema } from "../../../../contracts/rules.ts";
import { type Agreed, bookOf, type RuleVersion } from "../../../../server/alarms/rules/rule-book.ts";
import { demoWorld } from "../../simulators/demo-site.ts";

const rule = (id: string, limit: number): Rule =>
	ruleSchema.parse({ id, name: id, kind: "limit", level: "high", limit, on: { point: "p" }, priority: "low" });
const version = (agreed: Agreed, file: Rule | null, number = 1): RuleVersion => {
	const id = agreed.act === "set" ? agreed.rule.id : (file?.id ?? "a");
	return { rule: id, version: number, agreed, file, at: 0, change: "c", proposedBy: "x", approvedBy: "y" };
};
const set = (of: Rule): Agreed => ({ act: "set", rule: of });

test.each<[string, Rule[], RuleVersion[], unknown[]]>([
	["nothing agreed: the site file counts", [rule("a", 1)], [], [["a", 1, "file", 0, false]]],
	["agreed: it counts instead", [rule("a", 1)], [version(set(rule("a", 2)), rule("a", 1))], [["a", 2, "agreed", 1, false]]],
	[
		"the site file has changed since: what was agreed stays",
		[rule("a", 9)],
		[version(set(rule("a", 2)), rule("a", 1))],
		[["a", 2, "agreed", 1, true]],
	],
	["the site file has lost it: what was agreed stays", [], [version(set(rule("a", 2)), rule("a", 1))], [["a", 2, "agreed", 1, true]]],
	[
		"added by agreement, behind those of the file",
		[rule("b", 1)],
		[version(set(rule("a", 2)), null)],
		[
			["b", 1, "file", 0, false],
			["a", 2, "agreed", 1, false],
		],
	],
	["deleted by agreement", [rule("a", 1)], [version({ act: "delete" }, rule("a", 1))], [["a", null, "agreed", 1, false]]],
	[
		"deleted, then changed in the site file: it stays deleted",
		[rule("a", 9)],
		[version({ act: "delete" }, rule("a", 1))],
		[["a", null, "agreed", 1, true]],
	],
	["deleted, and gone from the site file too", [], [version({ act: "delete" }, rule("a", 1))], []],
	["the site file counts again by agreement", [rule("a", 9)], [version({ act: "follow-file" }, rule("a", 1), 3)], [["a", 9, "file", 3, false]]],
])("%s", (_, file, versions, expected) => {
	const book = bookOf(file, new Map(versions.map((one) => [one.rule, one])));
	expect(book.map((one) => [one.id, one.rule?.kind === "limit" ? one.rule.limit : null, one.source, one.version, one.fileChanged])).toEqual(expected);
});

test("a written rule is the same rule when it is read again, and written the same", () => {
	for (const one of demoWorld().site.rules) {
		const written = ruleText(one);
		expect(ruleSchema.parse(written)).toEqual(one);
		expect(ruleText(ruleSchema.parse(JSON.parse(JSON.stringify(written))))).toEqual(written);
	}
});

test("any duration is written so that it reads the same", () => {
	fc.assert(fc.property(fc.nat(), (ms) => durationSchema.parse(writtenDuration(ms)) === ms));
	expect([0, 1500, 90_000, 900_000, 7_200_000, 172_800_000].map(writtenDuration)).toEqual(["0s", "1500ms", "90s", "15min", "2h", "2d"]);
});

test("two rules differ in the fields that differ, as they are written", () => {
	const [one, other] = [ruleText(rule("a", 1)), ruleText({ ...rule("a", 2), responseTime: 60_000 })];
	expect(ruleDifferences(one, other)).toEqual([
		{ field: "limit", from: 1, to: 2 },
		{ field: "responseTime", from: null, to: "1min" },
	]);
	expect(ruleDifferences(one, one)).toEqual([]);
	expect(ruleDifferences(null, one).map(({ field }) => field)).toContain("limit");
});
