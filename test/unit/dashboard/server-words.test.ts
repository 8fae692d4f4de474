/** What the server says by codes is known in every language of the pages. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CHANGE_KINDS } from "../../../contracts/changes.ts";
import { ruleSchema } from "../../../contracts/rules.ts";
import type { WorldPoint } from "../../../contracts/world.ts";
import { ProblemError } from "../../../dashboard/src/api/problem-error.ts";
import { alarmWords, changeTitle, deliveryText, messageText, problemText } from "../../../dashboard/src/i18n/server-words.ts";
import { serverWords } from "../../../dashboard/src/i18n/zh/server.ts";
import { alarmMessage } from "../../../server/alarms/alarm-message.ts";
import {
	agentConditions,
	clockConditions,
	custodyConditions,
	forkConditions,
	highRiskReport,
	historyCondition,
	lapseConditions,
	notificationConditions,
	reviewConditions,
	rosterConditions,
	visitorConditions,
} from "../../../server/alarms/own-conditions.ts";
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

const alarm = {
	rule: "agent-offline",
	point: "watchroom:a-1",
	ruleName: "N",
	cause: "C",
	consequence: "Q",
	action: "A",
	message: "Edge agent a-1 is offline",
};

test("an alarm of the server's own is told in the page's language, with the values of its message", () => {
	const said = alarmWords(serverWords, alarm);
	expect([said.ruleName, said.cause, said.consequence, said.action]).toEqual(serverWords.rules["agent-offline"]);
	expect(said.message).toBe("边缘代理 a-1 离线");
	const odd = alarmWords(serverWords, { ...alarm, message: "a-1 is odd" });
	expect(odd.message, "what nobody has translated stands behind the name").toBe("边缘代理离线 — a-1 is odd");
});

test("what the server's own conditions say is said in Chinese as well, with its values", () => {
	const at = Date.UTC(2026, 2, 1);
	const common = { id: "a-1", name: "A 1", status: "online" as const, lastSeen: null };
	const gap = (place: string, from: number) => ({ place, from, until: from + 1 });
	const said = [
		...agentConditions([common], 0, 0),
		...clockConditions([{ ...common, clockSkewMs: 9000, room: "r", rack: null }], () => false),
		...clockConditions([{ ...common, clockSkewMs: -9000, room: "r", rack: null }], () => false),
		...(["ok", "degraded", "down"] as const).flatMap((status) => [0, 5].map((spoolBytes) => historyCondition({ status, spoolBytes }, 10, false))),
		...forkConditions([common], () => "size 5"),
		...reviewConditions([{ id: "2026-02", dueAt: at }], at),
		...[0, 3].flatMap((count) => lapseConditions([{ zone: "z", name: "Hall", count, first: at }])),
		...visitorConditions({ overstayed: [{ id: "v" }], badges: [{ id: "v", badge: "V1" }] }),
		...custodyConditions({ incidents: [{ id: "i", kind: "lost", serials: ["S1"] }], overdue: [{ id: "m", serial: "S2" }] }),
		...[0, 1, 2].flatMap((more) =>
			[at - 1, at + 1].flatMap((from) =>
				rosterConditions(
					{ places: ["lead"], gaps: Array.from({ length: more + 1 }, (_, index) => gap("lead", from + index * 10)), nobody: true },
					{ now: at, timeZone: "UTC" },
				),
			),
		),
		...rosterConditions({ places: ["lead"], gaps: [], nobody: false }, { now: at, timeZone: "UTC" }),
		...[1, 2].flatMap((unreached) => notificationConditions(unreached, [{ channel: "e-mail", failingSince: at, reason: "why" }], at)),
		highRiskReport({ operation: "user.close", username: null, at }),
		highRiskReport({ operation: "user.close", username: "ada", at }),
	].map(({ rule, message }) => ({ message, told: alarmWords(serverWords, { ...alarm, rule, point: "watchroom:x", message }).message }));
	expect(said.filter(({ message, told }) => told.endsWith(`— ${message}`)).map(({ message }) => message)).toEqual([]);
	expect(said.map(({ told }) => told)).toContain("岗位 lead 目前无人值班，至 1 Mar, 00:00 UTC；30 天内另有 2 处空缺");
});

test.each([
	["in English", null, alarm],
	["of a rule that nobody has translated", serverWords, { ...alarm, rule: "brand-new" }],
	["of a rule of the site file that happens to have the same name", serverWords, { ...alarm, point: "crac-1:supply" }],
])("an alarm %s is told as the server says it", (_, words, given) => {
	expect(alarmWords(words, given)).toMatchObject({ ruleName: "N", cause: "C", consequence: "Q", action: "A", message: "Edge agent a-1 is offline" });
});

const point = { id: "d:inlet", name: "Inlet above the door", device: "d", point: "inlet", unit: "°C", interval: 5000 } as WorldPoint;
test.each<[kind: string, rule: object, said: string]>([
	["limit", { kind: "limit", level: "high", limit: 32 }, "Inlet above the door 33.4 °C，高于 32 °C"],
	["low limit", { kind: "limit", level: "low", limit: 40 }, "Inlet above the door 33.4 °C，低于 40 °C"],
	["rise", { kind: "rate", direction: "rise", change: 5, within: "15min" }, "Inlet above the door 在 15 min 内上升 5 °C 以上，现为 33.4 °C"],
	["fall", { kind: "rate", direction: "fall", change: 5, within: "15min" }, "Inlet above the door 在 15 min 内下降 5 °C 以上，现为 33.4 °C"],
	["change", { kind: "rate", direction: "either", change: 5, within: "1h" }, "Inlet above the door 在 1 h 内变化 5 °C 以上，现为 33.4 °C"],
	["count", { kind: "count", count: 3, within: "1min" }, "Inlet above the door 在 1 min 内变化 3 次以上"],
	[
		"count of states",
		{ kind: "count", count: 3, within: "1min", states: ["open", true] },
		"Inlet above the door 在 1 min 内 3 次以上变为 open or true",
	],
	["access-count", { kind: "access-count", per: "door", result: "denied", count: 5, within: "10min" }, "Inlet above the door：10 min 内 5 次以上"],
	["no-data", { kind: "no-data" }, "Inlet above the door：15 s 内没有良好读数"],
])("an alarm of a rule is told in the page's language: %s", (_, rest, said) => {
	const words = { id: "r", name: "R", on: { point: "inlet" }, priority: "low" };
	const rule = ruleSchema.parse({ ...words, ...rest });
	const message = alarmMessage(rule, point, 33.4);
	expect(alarmWords(serverWords, { ...alarm, rule: "r", point: point.id, message }).message).toBe(said);
	expect(messageText(null, message)).toBe(message);
});

test.each([
	["Unit: in Hall A: fault", "Unit: in Hall A：故障"],
	["Door: true", "Door：是"],
	["Unit: flow-fault", "Unit: flow-fault"],
	["Unit: constructor", "Unit: constructor"],
])("a state that a message ends with is told in the page's language where it is a known one: %s", (message, said) => {
	expect([messageText(serverWords, message), messageText(null, message)]).toEqual([said, message]);
});

test("what became of a delivery is told in the page's language, what another server said as it said it", () => {
	expect(deliveryText(serverWords, "no answer within 10 s; given up after 9 tries")).toBe("10 秒内无应答；尝试 9 次后放弃");
	expect(deliveryText(serverWords, "HTTP 410")).toBe("HTTP 410");
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
