/** Against a real SMTP server and a real HTTP endpoint that fail in every way: each delivery ends, with its reason, seen once (ALM-7). */
import { afterEach, beforeEach, expect, test } from "vitest";
import { EmailChannel } from "../../../server/notifications/channels/email.ts";
import { SmsChannel } from "../../../server/notifications/channels/sms.ts";
import { WebhookChannel, webhookKey, webhookSignature } from "../../../server/notifications/channels/webhook.ts";
import { type Notifying, notifying } from "../../helpers/notifying.ts";
import { type HttpReceiver, httpReceiver, type SmtpReceiver, smtpReceiver } from "../../helpers/receivers.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const KEY = webhookKey("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

let smtp: SmtpReceiver;
let http: HttpReceiver;
let gateway: HttpReceiver;
let system: Notifying;

beforeEach(async () => {
	[smtp, http, gateway] = [await smtpReceiver(), await httpReceiver(), await httpReceiver()];
	system = await notifying({
		channels: (now) => [
			new EmailChannel({ url: smtp.url, from: "Watchroom <watchroom@dc.example>" }),
			new WebhookChannel({ url: http.url, key: KEY, now }),
			new SmsChannel({ url: `${gateway.url}/send?ref={id}`, body: '{"to":"{to}","text":"{text}"}', authorization: "Bearer sms" }, now),
		],
		notifications: { groupWait: "2s", criticalWait: "2s" },
	});
});
afterEach(async () => {
	await system.stop();
	for (const receiver of [smtp, http, gateway]) await receiver.stop();
});

const byChannel = ([a]: unknown[], [b]: unknown[]) => String(a).localeCompare(String(b));

/** An alarm is raised and its group has waited. */
async function raised() {
	await system.measures(40);
	await system.after(0);
	await system.after(2 * SECOND);
}

test("an alarm reaches the person on duty by mail and the webhook, signed; without a number there is no text message", async () => {
	await raised();
	const { id } = await system.alarm();
	expect(smtp.received.map(({ to }) => to)).toEqual([["ann@example.org"]]);
	const [mail] = smtp.received;
	expect(mail?.raw).toMatch(/^Content-Type: text\/plain/m);
	expect(mail?.raw).toMatch(/^Content-Type: text\/html/m);
	expect(mail?.raw).toContain("Action: Cool it");
	const post = http.received[0];
	const header = (name: string) => String(post?.headers[name]);
	expect(header("webhook-signature")).toBe(webhookSignature(KEY, header("webhook-id"), Number(header("webhook-timestamp")), post?.body ?? ""));
	expect(JSON.parse(post?.body ?? "")).toMatchObject({
		type: "alarm.raised",
		data: { priority: "critical", count: 2, site: "s", alarms: [{ device: "t1" }, {}] },
	});
	expect(gateway.received).toEqual([]);
	const log = await system.part.views.deliveries({ limit: 10, alarm: id });
	expect(log.items.map(({ channel, state, reason, address }) => [channel, state, reason, address]).sort(byChannel)).toEqual([
		["email", "delivered", expect.stringMatching(/^250/), "ann@example.org"],
		["sms", "failed", "no address", null],
		["webhook", "delivered", "HTTP 204", null],
	]);
	const delivery = log.items.find(({ channel }) => channel === "email");
	expect(mail?.messageId).toBe(`<${delivery?.id}@dc.example>`);
});

test("a text message goes through the gateway's own form of a request", async () => {
	await system.contacts.put(
		"ann",
		{ email: null, phone: "+4930123456" },
		{ ...(await import("../../helpers/actors.ts")).actorWith([]), username: "ann" },
		false,
	);
	await raised();
	const [post] = gateway.received;
	expect(post?.path).toMatch(/^\/send\?ref=[0-9a-f-]{36}$/);
	expect(post?.headers.authorization).toBe("Bearer sms");
	expect(JSON.parse(post?.body ?? "")).toMatchObject({ to: "+4930123456", text: expect.stringContaining("[CRITICAL] 2 alarms at s/hall/R1") });
});

test.each([
	["500 and then well", [{ status: 500 }, { status: 204 }], "delivered", ["HTTP 500", "HTTP 204"]],
	["429 with Retry-After", [{ status: 429, headers: { "retry-after": "60" } }, { status: 204 }], "delivered", ["HTTP 429", "HTTP 204"]],
	["410", [{ status: 410 }], "failed", ["HTTP 410"]],
	["a redirect", [{ status: 301, headers: { location: "http://127.0.0.1:9/" } }], "failed", ["HTTP 301"]],
] as const)("a webhook that answers %s", async (_, behaviour, state, reasons) => {
	http.behave(...behaviour);
	await raised();
	await system.after(59 * SECOND);
	await system.after(3 * SECOND);
	const { items } = await system.part.views.deliveries({ limit: 10, channel: "webhook" });
	expect(items.map((item) => [item.state, item.tries.map(({ reason }) => reason)])).toEqual([[state, reasons]]);
	expect(new Set(http.received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
	expect(http.seen().size).toBe(state === "delivered" ? 1 : 0);
});

test("a receiver that asks for time is not asked again before that", async () => {
	http.behave({ status: 429, headers: { "retry-after": "120" } }, { status: 204 });
	await raised();
	await system.after(119 * SECOND);
	expect(http.received).toHaveLength(1);
	await system.after(2 * SECOND);
	expect(http.received).toHaveLength(2);
});

test("a webhook that hangs is given up for now after ten seconds, and keeps nobody else waiting", async () => {
	http.behave("hang", { status: 204 });
	await raised();
	expect(smtp.received).toHaveLength(1);
	await system.after(MINUTE);
	const { items } = await system.part.views.deliveries({ limit: 10, channel: "webhook" });
	expect(items.map((item) => [item.state, item.tries.map(({ reason }) => reason)])).toEqual([["delivered", ["no answer within 10 s", "HTTP 204"]]]);
}, 40_000);

test("a mailbox that isn't there is permanent, a full one is tried again", async () => {
	smtp.reply(452, 250);
	await raised();
	await system.after(MINUTE);
	smtp.reply(550);
	await system.after(10 * MINUTE);
	await system.after(MINUTE);
	const { items } = await system.part.views.deliveries({ limit: 10, channel: "email" });
	expect(items.toReversed().map(({ person, state, tries }) => [person, state, tries.map(({ result }) => result)])).toEqual([
		["ann", "delivered", ["temporary", "delivered"]],
		["bob", "failed", ["permanent"]],
	]);
	expect(items[0]?.reason).toMatch(/^550/);
});

test("what nobody takes is given up within the hour, with the reason of the last try", async () => {
	http.behave({ status: 503 });
	await raised();
	for (let minute = 0; minute < 75; minute++) await system.after(MINUTE);
	const { items } = await system.part.views.deliveries({ limit: 100, channel: "webhook" });
	expect(items.at(-1)).toMatchObject({ state: "failed", reason: expect.stringMatching(/^HTTP 503; given up after \d+ tries$/) });
});

test("what somebody has answered before it went out is dropped", async () => {
	http.behave({ status: 500 });
	await raised();
	await system.acknowledge();
	await system.acknowledge("too-hot");
	await system.after(MINUTE);
	const { items } = await system.part.views.deliveries({ limit: 10, channel: "webhook" });
	expect(items).toMatchObject([{ state: "dropped", reason: "answered before" }]);
	expect(http.received).toHaveLength(1);
});

test("who was called is told once that it is over, in the same thread, by mail and the webhook; a text message pages nobody for that", async () => {
	const self = { ...(await import("../../helpers/actors.ts")).actorWith([]), username: "ann" };
	await system.contacts.put("ann", { email: null, phone: "+4930123456" }, self, false);
	await raised();
	await system.acknowledge();
	await system.measures(20);
	await system.restart();
	await system.after(0);
	await system.after(2 * SECOND);
	await system.restart();
	await system.after(5 * MINUTE);
	const heading = (name: string) => smtp.received.map(({ raw }) => new RegExp(`^${name}: (.+)$`, "im").exec(raw)?.[1]?.trim());
	expect(smtp.received.map(({ to }) => to)).toEqual([["ann@example.org"], ["ann@example.org"]]);
	expect(heading("subject")[1]).toContain("RESOLVED");
	expect(heading("references")[0]).toMatch(/^<.+\.thread@dc\.example>$/);
	expect(heading("references")[1]).toBe(heading("references")[0]);
	const bodies = http.received.map(({ body }) => JSON.parse(body));
	expect(bodies.map(({ type }) => type)).toEqual(["alarm.raised", "alarm.resolved"]);
	expect(bodies[1].data).toMatchObject({ count: 2, thread: bodies[0].data.thread, alarms: [{ clearedAt: expect.any(String) }, {}] });
	expect(gateway.received).toHaveLength(1);
	expect((await system.log()).filter((line) => line.startsWith("resolved"))).toHaveLength(2);
});

test("whom no message has reached is not told that it is over; who is called in their place is", async () => {
	smtp.reply(550);
	http.behave({ status: 410 });
	await raised();
	smtp.reply(250);
	http.behave({ status: 204 });
	await system.measures(20);
	for (let at = 0; at < 5; at++) await system.after(MINUTE);
	expect(smtp.received.map(({ to, raw }) => `${to[0]} ${tagOf(raw)}`)).toEqual(["bob@example.org Over by now", "bob@example.org RESOLVED"]);
	expect(await system.part.views.pages(undefined)).toEqual([]);
});

/** What the subject of a mail says of its alarms; it may be encoded. */
function tagOf(raw: string): string | undefined {
	const subject = /^Subject: .*(\r\n[ \t].*)*/im.exec(raw)?.[0] ?? "";
	return /RESOLVED|Over by now|CRITICAL$/.exec(subject.replaceAll("_", " "))?.[0];
}
/** The mails and types of the webhook's calls that arrived. */
const arrived = () => [...smtp.received.map(({ raw }) => tagOf(raw)), ...[...http.seen().values()].map(({ body }) => JSON.parse(body).type)];

test("what has returned although nobody has answered still goes out, and says that it is over; that it is over isn't told before", async () => {
	smtp.reply(450);
	http.behave({ status: 500 });
	await raised();
	await system.measures(20);
	await system.after(3 * SECOND);
	expect(arrived()).toEqual([]);
	expect((await system.log()).filter((line) => line.includes("dropped"))).toEqual([]);
	smtp.reply(250);
	http.behave({ status: 204 });
	await system.after(3 * SECOND);
	expect(arrived()).toEqual(["Over by now", "alarm.raised"]);
	const { data } = JSON.parse([...http.seen().values()][0]?.body ?? "");
	expect(data.alarms).toMatchObject([
		{ returned: true, clearedAt: expect.any(String) },
		{ returned: true, clearedAt: expect.any(String) },
	]);
	for (let at = 0; at < 4; at++) await system.after(10 * SECOND);
	expect(arrived()).toEqual(["Over by now", "RESOLVED", "alarm.raised", "alarm.resolved"]);
	expect((await system.log()).filter((line) => line.includes("dropped") || line.includes("pending"))).toEqual([]);
});

test("who was reached by one channel is told by the other that it is over after that it began", async () => {
	const self = { ...(await import("../../helpers/actors.ts")).actorWith([]), username: "ann" };
	await system.contacts.put("ann", { email: null, phone: "+4930123456" }, self, false);
	smtp.reply(450);
	await raised();
	expect(gateway.received).toHaveLength(1);
	await system.measures(20);
	await system.after(0);
	await system.after(2 * SECOND);
	smtp.reply(250);
	await system.after(0);
	expect(arrived(), "the mail of the beginning waits for its next try").toEqual(["alarm.raised", "alarm.resolved"]);
	for (let at = 0; at < 4; at++) await system.after(10 * SECOND);
	expect(arrived()).toEqual(["Over by now", "RESOLVED", "alarm.raised", "alarm.resolved"]);
});

test("what has returned is dropped when somebody answers it, also long after it was told to others to be over", async () => {
	smtp.reply(450);
	await raised();
	await system.measures(20);
	for (let at = 0; at < 3; at++) await system.after(MINUTE);
	expect(arrived()).toEqual(["alarm.raised", "alarm.resolved"]);
	expect(await system.log()).toContainEqual(expect.stringMatching(/^raised email ann: pending/));
	await system.acknowledge();
	await system.after(0);
	expect(await system.log(), "another of the message waits for its answer").toContainEqual(expect.stringMatching(/^raised email ann: pending/));
	await system.acknowledge("too-hot");
	await system.after(0);
	expect(await system.log()).toContain("raised email ann: dropped (answered before)");
});

test("one that comes again and again while nobody can be told is told once, of its newest time, when they can", async () => {
	smtp.reply(450);
	http.behave({ status: 500 });
	for (let at = 0; at < 5; at++) {
		await system.measures(40);
		for (let waited = 0; waited < 6; waited++) await system.after(10 * SECOND);
		await system.measures(20);
		await system.after(10 * SECOND);
	}
	const states = (await system.log()).filter((line) => line.startsWith("raised webhook"));
	expect(states.filter((line) => line.includes("pending")).length).toBeLessThanOrEqual(1);
	expect([...new Set(states.filter((line) => line.includes("dropped")))]).toEqual(["raised webhook -: dropped (told anew)"]);
	smtp.reply(250);
	http.behave({ status: 204 });
	for (let at = 0; at < 40; at++) await system.after(20 * SECOND);
	expect(arrived().filter((one) => one === "alarm.raised")).toHaveLength(1);
});

test("an alarm that is acknowledged and comes again at once is a new page to the first, and the old chain is over", async () => {
	await raised();
	const sent = () => smtp.received.map(({ to }) => to[0]);
	expect(sent()).toEqual(["ann@example.org"]);
	await system.measures(20);
	await system.acknowledge();
	await system.acknowledge("too-hot");
	await system.measures(40);
	await system.after(0);
	await system.after(2 * SECOND);
	expect(sent()).toEqual(["ann@example.org", "ann@example.org"]);
	await system.after(10 * MINUTE - 3 * SECOND);
	expect(sent()).toHaveLength(2);
	await system.after(3 * SECOND);
	expect(sent().slice(2)).toEqual(["bob@example.org"]);
});

test("a server that starts anew loses nothing and says nothing twice, whatever it was doing", async () => {
	await system.measures(40);
	await system.restart();
	await system.after(0);
	await system.restart();
	await system.after(2 * SECOND);
	await system.restart();
	await system.after(0);
	await system.after(MINUTE);
	expect(http.seen().size).toBe(1);
	expect(smtp.received).toHaveLength(1);
});

test("a try that a killed server began is made again with the same id", async () => {
	await system.measures(40);
	await system.after(0);
	system.clock.time += 2 * SECOND;
	await system.part.notifications.look();
	const { takeDeliveries } = await import("../../../server/notifications/deliveries-store.ts");
	const now = system.clock.now();
	const taken = await takeDeliveries(system.database.tables(), { now, until: now + 15 * SECOND, limit: 10 });
	expect(taken.length).toBeGreaterThan(0);
	await system.after(14 * SECOND);
	expect(http.received).toEqual([]);
	await system.after(SECOND);
	const webhook = taken.find(({ delivery }) => delivery.channel === "webhook");
	expect([...http.seen().keys()]).toEqual([webhook?.delivery.id]);
});
