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

/** What the server says at the console or at its start only: nobody reads it on a page. */
const SAID_ELSEWHERE = [
	"usage invalid-arguments invalid-site invalid-config no-database no-key-file no-site-file",
	"ledger-key audit-key-missing audit-key-wrong migration-failed database-in-use port-in-use invalid-tls-files",
].flatMap((codes) => codes.split(" "));

/** The codes of all refusals in the server's sources, each with the words that it says in English where they stand beside it. */
function refusals(): { code: string; english: string }[] {
	const sources = readdirSync("server", { recursive: true, encoding: "utf8" })
		.filter((file) => file.endsWith(".ts"))
		.map((file) => readFileSync(join("server", file), "utf8"));
	const thrown = /(?<!#)\b(?:AppError|conflict|refused|super)\(\s*"([a-z0-9-]+)",\s*(?:\d{3},\s*)?([^\n]*)/g;
	const told = /\bcode: "([a-z0-9-]+)",\s*(?:status: \d{3},\s*)?(?:reason|detail): ([^\n]*)/g;
	return sources.flatMap((text) => [...text.matchAll(thrown), ...text.matchAll(told)]).map(([, code = "", english = ""]) => ({ code, english }));
}

test("every refusal of the server has words in both languages, and none is translated that it doesn't say", () => {
	const all = refusals();
	const codes = new Set(all.map(({ code }) => code));
	expect(codes.size).toBeGreaterThan(100);
	for (const code of SAID_ELSEWHERE) expect(codes.delete(code), code).toBe(true);
	expect(all.filter(({ english }) => /^(""|``|'')/.test(english)).map(({ code }) => `${code} in English`)).toEqual([]);
	expect([...codes].filter((code) => !CHINESE.test(serverWords.problems[code] ?? "")).map((code) => `${code} in Chinese`)).toEqual([]);
	expect(Object.keys(serverWords.problems).filter((code) => !codes.has(code))).toEqual([]);
});

test("words that end with a colon are followed by the server's own, which have the values", () => {
	const said = "The request is not as expected: name.";
	const problem = new ProblemError({ status: 400, code: "invalid-request", detail: said, id: null });
	expect(problemText(serverWords, problem)).toBe(`请求内容不符合要求：${said}`);
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
