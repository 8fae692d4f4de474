/** Which failures are tried again, when, and how long (ALM-7). */
import { expect, test } from "vitest";
import type { FedAlarm } from "../../../server/alarms/alarm-feed.ts";
import { smtpResult } from "../../../server/notifications/channels/email.ts";
import { webhookKey, webhookSignature } from "../../../server/notifications/channels/webhook.ts";
import { deviceName } from "../../../server/notifications/device-name.ts";
import { asOfNow, htmlOf, type Message, shortTextOf, subjectOf, textOf } from "../../../server/notifications/message.ts";
import { afterTry, GIVE_UP_AFTER, httpResult, pauseAfter, unreachable } from "../../../server/notifications/retry.ts";
import { smallSite, worldOf } from "../../helpers/small-world.ts";

const NOW = 1_769_000_000_000;

test.each([
	[200, null, { result: "delivered", detail: "HTTP 200" }],
	[202, null, { result: "delivered", detail: "HTTP 202" }],
	[302, null, { result: "permanent", reason: "HTTP 302" }],
	[400, null, { result: "permanent", reason: "HTTP 400" }],
	[410, null, { result: "permanent", reason: "HTTP 410" }],
	[408, null, { result: "temporary", reason: "HTTP 408" }],
	[429, "120", { result: "temporary", reason: "HTTP 429", after: 120_000 }],
	[503, new Date(NOW + 60_000).toUTCString(), { result: "temporary", reason: "HTTP 503", after: 60_000 }],
	[429, "99999", { result: "temporary", reason: "HTTP 429", after: 1_800_000 }],
	[500, "soon", { result: "temporary", reason: "HTTP 500" }],
])("HTTP %s with Retry-After %s", (status, retryAfter, expected) => {
	expect(httpResult(status, retryAfter, NOW)).toEqual(expected);
});

test.each([
	["a mailbox that isn't there", { responseCode: 550, message: "m", response: "550 5.1.1 No such user" }, "permanent", "550 5.1.1 No such user"],
	["a full mailbox", { responseCode: 452, message: "m", response: "452 4.2.2 Full" }, "temporary", "452 4.2.2 Full"],
	[
		"a wrong password, which somebody puts right",
		{ responseCode: 535, code: "EAUTH", message: "m", response: "535 5.7.8" },
		"temporary",
		"535 5.7.8",
	],
	["a server that isn't there", { code: "ESOCKET", message: "connect ECONNREFUSED" }, "temporary", "ESOCKET: connect ECONNREFUSED"],
])("SMTP: %s", (_, error, result, reason) => {
	expect(smtpResult(error)).toEqual({ result, reason });
});

test("a server that doesn't answer, or isn't there, may do better later", () => {
	expect(unreachable(new DOMException("timed out", "TimeoutError"))).toEqual({ result: "temporary", reason: "no answer within 10 s" });
	const cause = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
	expect(unreachable(new TypeError("fetch failed", { cause }))).toEqual({ result: "temporary", reason: "not reached: ECONNREFUSED" });
});

test("pauses double up to five minutes, never shorter than the receiver asks, and end within an hour", () => {
	expect([1, 2, 3, 4, 20].map(pauseAfter)).toEqual([5000, 10_000, 20_000, 40_000, 300_000]);
	const temporary = { result: "temporary" as const, reason: "HTTP 429", after: 120_000 };
	expect(afterTry(temporary, { tries: 1, createdAt: NOW, now: NOW })).toEqual({ state: "pending", reason: "HTTP 429", nextAt: NOW + 120_000 });
	expect(afterTry(temporary, { tries: 9, createdAt: NOW - GIVE_UP_AFTER, now: NOW })).toEqual({
		state: "failed",
		reason: "HTTP 429; given up after 9 tries",
	});
	let [now, tries] = [NOW, 0];
	for (; tries < 100; tries++) {
		const next = afterTry({ result: "temporary", reason: "r" }, { tries: tries + 1, createdAt: NOW, now });
		if (next.state !== "pending") break;
		now = next.nextAt;
	}
	expect([tries, now - NOW <= GIVE_UP_AFTER]).toEqual([16, true]);
});

test("the signature is that of the example in the Standard Webhooks specification", () => {
	const key = webhookKey("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
	const body = '{"test": 2432232314}';
	expect(webhookSignature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body)).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	expect(() => webhookKey("whsec_c2hvcnQ=")).toThrow("WEBHOOK_SECRET");
});

const message = (more: Partial<Message> = {}): Message => ({
	notification: "n",
	thread: "n",
	language: "en",
	kind: "raised",
	priority: "high",
	count: 1,
	site: "s",
	dashboard: "https://watchroom.example",
	confirm: null,
	timeZone: "Asia/Shanghai",
	alarms: [
		{
			id: "a",
			occurrence: 1,
			rule: "hot",
			ruleName: "Hot",
			point: "d:t",
			location: "s/hall",
			priority: "high",
			raisedAt: NOW,
			message: "A03 <33.4> °C",
			cause: "CRAC off",
			consequence: "Servers stop",
			action: "Start CRAC 2",
		},
	],
	...more,
});

test("a message says what, where, why and what to do, and nothing in it is taken for HTML", () => {
	expect(subjectOf(message())).toBe("[HIGH] A03 <33.4> °C");
	for (const part of ["Cause: CRAC off", "Consequence: Servers stop", "Action: Start CRAC 2", "s/hall", "https://watchroom.example/alarms"])
		expect(textOf(message())).toContain(part);
	expect(htmlOf(message())).toContain("A03 &lt;33.4&gt; °C");
	expect(shortTextOf(message())).toBe("[HIGH] A03 <33.4> °C (s/hall) Start CRAC 2");
});

test("what is over says so, and from when to when; it asks for nothing", () => {
	const [alarm] = message().alarms;
	const over = message({ kind: "resolved", alarms: alarm ? [{ ...alarm, clearedAt: NOW + 60_000 }] : [] });
	expect(subjectOf(over)).toBe("[RESOLVED] A03 <33.4> °C");
	expect(textOf(over)).toMatch(/Hot, s\/hall, from .+ to .+/);
	expect(textOf(over)).not.toContain("Action");
	expect(shortTextOf(over)).toBe("[RESOLVED] A03 <33.4> °C (s/hall)");
});

test.each([
	["names it before what it says", "Utility feed A", "Voltage 0 V below 180 V", "Utility feed A: Voltage 0 V below 180 V"],
	["leaves it out where that names it", "CRAC 1", "CRAC 1: off", "CRAC 1: off"],
	["isn't taken in by a longer name", "A1", "Inlet A12 33 °C above 32 °C", "A1: Inlet A12 33 °C above 32 °C"],
	["says nothing of what the site doesn't name", null, "Nobody is on duty now", "Nobody is on duty now"],
])("of a device, every channel %s", (_, device, said, expected) => {
	const [alarm] = message().alarms;
	if (!alarm) throw new Error("no alarm");
	const told = message({ alarms: [{ ...alarm, device, message: said }] });
	expect(subjectOf(told)).toBe(`[HIGH] ${expected}`);
	expect(subjectOf({ ...told, count: 3 })).toBe(`[HIGH] 3 alarms at s/hall, first ${expected}`);
	expect(textOf(told)).toContain(`HIGH  ${expected}\n`);
	expect(htmlOf(told)).toContain(`<b>HIGH</b> ${expected}<div>`);
	expect(shortTextOf(told)).toBe(`[HIGH] ${expected} (s/hall) Start CRAC 2`);
});

test.each([
	["t1:temperature", "Rack inlet"],
	["device.t1:spread", "Rack inlet"],
	["rack.R1:power", "Rack one"],
	["room.hall:median", "Hall"],
	["watchroom:t1", "Rack inlet"],
	["watchroom:main", "Main"],
	["watchroom:a", "A"],
	["watchroom:history", null],
	["gone:temperature", null],
])("the device of %s is %s", (point, expected) => {
	const site = smallSite();
	const [rack] = site.racks;
	const racks = [{ ...rack, name: "Rack one", devices: rack?.devices.map((device) => ({ ...device, name: "Rack inlet" })) }];
	expect(deviceName(point, worldOf({ ...site, racks }))).toBe(expected);
});

test("a message about one alarm leads to it, one about several to the list", () => {
	for (const text of [textOf(message()), htmlOf(message())]) expect(text).toContain("https://watchroom.example/alarms?alarm=a");
	for (const text of [textOf(message({ count: 2 })), htmlOf(message({ count: 2 }))]) expect(text).not.toContain("?alarm=");
});

test("what is over by the time at which it goes out says so, also where others of the message go on", () => {
	const [alarm] = message().alarms;
	if (!alarm) throw new Error("no alarm");
	const fed = { ...alarm, active: false, latched: false, momentary: false, clearedAt: NOW + 60_000 } as unknown as FedAlarm;
	const told = (now: FedAlarm) => message({ kind: "escalated", alarms: asOfNow([alarm], new Map([["a", now]])) });
	expect(subjectOf(told(fed))).toBe("[HIGH] Over by now: A03 <33.4> °C");
	expect(textOf(told(fed))).toMatch(/Hot, s\/hall, from .+ to .+/);
	for (const more of [{ active: true }, { latched: true }, { momentary: true }])
		expect(subjectOf(told({ ...fed, ...more }))).toBe("[HIGH] Nobody has answered: A03 <33.4> °C");
	const both = message({ count: 2, alarms: asOfNow([alarm, { ...alarm, id: "b" }], new Map([["a", fed]])) });
	expect(subjectOf(both)).toBe("[HIGH] 2 alarms at s/hall, first A03 <33.4> °C");
	expect(textOf(both)).toMatch(/from .+ to .+[\s\S]+since /);
});

test("the words around what rules say are in the site's language", () => {
	const chinese = message({ language: "zh", kind: "escalated", count: 3 });
	expect(subjectOf(chinese)).toBe("[高] 无人响应：s/hall 共 3 条告警，首条：A03 <33.4> °C");
	for (const part of ["原因：CRAC off", "处置：Start CRAC 2", "始于 ", "另有 2 条"]) expect(textOf(chinese)).toContain(part);
	expect(htmlOf(chinese)).toContain('<html lang="zh">');
	expect(subjectOf(message({ language: "zh", kind: "resolved" }))).toBe("[已恢复] A03 <33.4> °C");
	expect(subjectOf(message({ language: "zh", confirm: "https://c" }))).toBe("测试告警：请确认收到");
});

test("a flood is one line with its number; a text message stays short", () => {
	const many = message({ count: 500, kind: "escalated" });
	expect(subjectOf(many)).toBe("[HIGH] Nobody has answered: 500 alarms at s/hall, first A03 <33.4> °C");
	expect(textOf(many)).toContain("and 499 more.");
	const [long] = message().alarms;
	expect(long && shortTextOf(message({ alarms: [{ ...long, action: "x".repeat(900) }] })).length).toBe(300);
});
