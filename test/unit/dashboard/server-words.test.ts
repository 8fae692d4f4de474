/** What the server says by codes is known in every language of the pages. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CHANGE_KINDS } from "../../../contracts/changes.ts";
import { ProblemError } from "../../../dashboard/src/api/problem-error.ts";
import { alarmWords, changeTitle, problemText } from "../../../dashboard/src/i18n/server-words.ts";
import { serverWords } from "../../../dashboard/src/i18n/zh/server.ts";
import { OWN_RULES } from "../../../server/alarms/own-rules.ts";

const CHINESE = /\p{Script=Han}/u;

test("every rule of the server's own alarms says name, cause, consequence and action in both languages", () => {
	const missing = [...OWN_RULES.values()].flatMap(({ id, name, cause, consequence, action }) => [
		...([name, cause, consequence, action].every((text) => text !== "") ? [] : [`${id} in English`]),
		...((serverWords.rules[id] ?? [""]).every((text) => CHINESE.test(text)) ? [] : [`${id} in Chinese`]),
	]);
	expect(missing).toEqual([]);
	expect(Object.keys(serverWords.rules).filter((id) => !OWN_RULES.has(id))).toEqual([]);
});

test("every kind of change has a name in Chinese, beside the server's English title", () => {
	expect(CHANGE_KINDS.filter((kind) => !CHINESE.test(serverWords.changes[kind] ?? ""))).toEqual([]);
	const known: readonly string[] = CHANGE_KINDS;
	expect(Object.keys(serverWords.changes).filter((kind) => !known.includes(kind))).toEqual([]);
});

test("every refusal that is known in Chinese is one that the server says", () => {
	const sources = readdirSync("server", { recursive: true, encoding: "utf8" })
		.filter((file) => file.endsWith(".ts"))
		.map((file) => readFileSync(join("server", file), "utf8"))
		.join("\n");
	for (const [code, text] of Object.entries(serverWords.problems)) expect(CHINESE.test(text), code).toBe(true);
	expect(Object.keys(serverWords.problems).filter((code) => !sources.includes(`"${code}"`))).toEqual([]);
});

const alarm = { rule: "agent-offline", point: "watchroom:a-1", ruleName: "N", cause: "C", consequence: "Q", action: "A", message: "a-1 is offline" };

test("an alarm of the server's own is told in the page's language, with the values of its message", () => {
	const said = alarmWords(serverWords, alarm);
	expect([said.ruleName, said.cause, said.consequence, said.action]).toEqual(serverWords.rules["agent-offline"]);
	expect(said.message).toBe("边缘代理离线 — a-1 is offline");
});

test.each([
	["in English", null, alarm],
	["of a rule that nobody has translated", serverWords, { ...alarm, rule: "brand-new" }],
	["of a rule of the site file that happens to have the same name", serverWords, { ...alarm, point: "crac-1:supply" }],
])("an alarm %s is told as the server says it", (_, words, given) => {
	expect(alarmWords(words, given)).toMatchObject({ ruleName: "N", cause: "C", consequence: "Q", action: "A", message: "a-1 is offline" });
});

test("titles of changes and refusals fall back on the server's words", () => {
	const problem = (code: string) => new ProblemError({ status: 409, code, detail: "said by the server", id: null });
	expect(changeTitle(null, { kind: "retention", title: "Keep audit" })).toBe("Keep audit");
	expect(changeTitle(serverWords, { kind: "retention", title: "Keep audit" })).toBe("更改数据保存期限 — Keep audit");
	expect(problemText(serverWords, problem("account-closed"))).toBe("该账户已关闭。");
	expect(problemText(null, problem("account-closed"))).toBe("said by the server");
	expect(problemText(serverWords, problem("brand-new"))).toBe("said by the server");
	expect(problemText(serverWords, new Error("account-closed"))).toBe("account-closed");
});
