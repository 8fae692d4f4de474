/** Nobody acknowledges, nobody is on duty, no channel works: the next one is called, and it is never silent (ALM-7). */
import { afterEach, beforeEach, expect, test } from "vitest";
import { actorWith } from "../../helpers/actors.ts";
import { type Notifying, notifying } from "../../helpers/notifying.ts";
import { recordingChannel } from "../../helpers/recording-channel.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const EMPTY = { shifts: [], rotations: [], cover: [] };

let system: Notifying;
let email: ReturnType<typeof recordingChannel>;
let dashboard: ReturnType<typeof recordingChannel>;
/** Only the critical rule watches. */
const rules = [
	{
		id: "too-hot",
		name: "Hot",
		kind: "limit",
		on: { pointKind: "temperature" },
		level: "high",
		limit: 30,
		priority: "critical",
		responseTime: "10min",
	},
];

beforeEach(async () => {
	[email, dashboard] = [recordingChannel("email"), recordingChannel("dashboard")];
	dashboard.result = { result: "temporary", reason: "no dashboard open", every: 15 * SECOND };
	system = await notifying({ channels: () => [dashboard, email], notifications: { criticalWait: "2s" }, site: { rules } });
});
afterEach(async () => {
	await system.stop();
});

async function raised() {
	await system.measures(40);
	await system.after(0);
	await system.after(2 * SECOND);
}
const mailed = () => email.sent.map(({ address, message }) => `${message.kind} ${address.split("@")[0]}`);

test("the second and the shift lead are called when nobody has acknowledged within the rule's response time, and not after somebody has", async () => {
	await raised();
	await system.after(10 * MINUTE - SECOND);
	expect(mailed()).toEqual(["raised ann"]);
	await system.after(SECOND);
	await system.after(10 * MINUTE);
	expect(mailed()).toEqual(["raised ann", "escalated bob", "escalated lea"]);
	expect((await system.part.views.pages(undefined))[0]).toMatchObject({ state: "paged", place: "shift-lead", escalatesAt: null });
	await system.acknowledge("too-hot");
	await system.after(2 * 60 * MINUTE);
	expect(mailed()).toHaveLength(3);
	expect((await system.part.views.pages((await system.alarm("too-hot")).id))[0]).toMatchObject({ state: "closed", reason: "acknowledged" });
});

test("an alarm that comes and goes faster than its response time is called on up the chain, and who was told hears when it is over", async () => {
	await raised();
	for (let at = 0; at < 33; at++) {
		await system.measures(20);
		await system.after(20 * SECOND);
		await system.measures(40);
		await system.after(20 * SECOND);
	}
	const people = (kind: string) => [...new Set(mailed().filter((one) => one.startsWith(kind)))];
	expect(people("escalated")).toEqual(["escalated bob", "escalated lea"]);
	await system.measures(20);
	for (let at = 0; at < 40; at++) await system.after(20 * SECOND);
	expect(mailed().slice(-3).sort()).toEqual(["resolved ann", "resolved bob", "resolved lea"]);
});

test("a server that was down at the moment of escalation calls at once after its start, whom the roster names then", async () => {
	await raised();
	const { version, plan } = system.duty.view();
	const rotations = plan.rotations.map((one) => (one.place === "second" ? { ...one, people: ["lea"] } : one));
	await system.duty.changePlan(version, { ...plan, rotations }, actorWith([]));
	system.clock.time += 12 * MINUTE;
	await system.restart();
	await system.after(0);
	expect(mailed()).toEqual(["raised ann", "escalated lea"]);
});

test("an alarm that was acknowledged while the server was about to start is told of to nobody", async () => {
	await system.measures(40);
	await system.acknowledge("too-hot");
	await system.restart();
	await system.after(0);
	await system.after(MINUTE);
	expect(email.sent).toEqual([]);
});

test("whom no channel reaches, the next is called for at once; when nobody was reached, it is an alarm until somebody answers", async () => {
	email.result = { result: "permanent", reason: "550 no such user" };
	await raised();
	for (let at = 0; at < 20; at++) await system.after(10 * SECOND);
	expect(mailed()).toEqual(["raised ann", "escalated bob", "escalated lea"]);
	for (let at = 0; at < 10; at++) await system.after(10 * SECOND);
	const holds = () =>
		Object.fromEntries(system.part.conditions(system.clock.now()).map(({ rule, subject, holds: held }) => [`${rule} ${subject}`, held]));
	expect(holds()).toEqual({ "notifications-unreached notifications": true, "channel-failing email": true });
	const state = await system.part.views.state();
	expect(state).toMatchObject({ unreached: 1, silent: ["channels-failing", "unreached"] });
	await system.acknowledge("too-hot");
	await system.after(10 * SECOND);
	expect(holds()["notifications-unreached notifications"]).toBe(false);
});

test("an open dashboard reaches somebody although every other channel fails", async () => {
	email.result = { result: "permanent", reason: "550 no such user" };
	dashboard.result = { result: "delivered", detail: "1 open" };
	await raised();
	for (let at = 0; at < 12; at++) await system.after(10 * SECOND);
	expect(mailed()).toEqual(["raised ann"]);
	expect(system.part.notifications.unreached).toBe(0);
});

test("where nobody is on duty, who leads shifts is called, and the state says so", async () => {
	await system.duty.changePlan(1, EMPTY, actorWith([]));
	await raised();
	expect(mailed()).toEqual(["raised lea"]);
	expect((await system.part.views.state()).silent).toContain("nobody-on-duty");
});

test("who has no account any more is no way to reach anybody, and the log says so", async () => {
	const { version, plan } = system.duty.view();
	system.accounts.delete("ann");
	await system.duty.refresh();
	await raised();
	expect(mailed()).toEqual(["raised bob"]);
	expect([version, plan.rotations.length, system.duty.view().gone]).toEqual([1, 3, ["ann"]]);
});

test("a flood of one cause is one message for each receiver: what follows from it stays folded", async () => {
	const racks = Array.from({ length: 50 }, (_, at) => ({
		id: `t-${at}`,
		kind: "temperature-sensor",
		points: [{ id: "temperature", kind: "temperature" }],
	}));
	await system.stop();
	const site = { rules };
	const rooms = [{ id: "hall", name: "Hall", kind: "data-hall", plan: { x: 0, y: 0, width: 5, depth: 5 }, devices: racks }];
	system = await notifying({
		channels: () => [dashboard, email],
		notifications: { criticalWait: "2s" },
		site: { ...site, rooms, racks: [], doors: [] },
	});
	const ts = system.clock.now() + 1;
	system.clock.time = ts;
	await system.alarms.evaluate(
		racks.map(({ id }) => ({ point: `${id}:temperature`, ts, receivedAt: ts, value: 40, quality: "good" as const })),
		false,
	);
	await system.after(0);
	await system.after(2 * SECOND);
	expect(mailed()).toEqual(["raised ann"]);
	expect(email.sent[0]?.message.count).toBe(50);
});

test("what returns at the very moment at which others are told to be over is told with them", async () => {
	await system.stop();
	const [rule] = rules;
	system = await notifying({
		channels: () => [email],
		notifications: { criticalWait: "2s", groupWait: "2s" },
		site: { rules: [rule, { ...rule, id: "slow", offDelay: "2s" }] },
	});
	await raised();
	await system.measures(20);
	await system.after(0);
	system.clock.time += 2 * SECOND;
	system.alarms.tick();
	await system.alarms.evaluate([], false);
	await system.after(0);
	expect(email.sent.map(({ message }) => [message.kind, message.count])).toEqual([
		["raised", 2],
		["resolved", 2],
	]);
});

test("late data is told of to nobody", async () => {
	await system.measures(20);
	const ts = system.clock.now() - 3_600_000;
	const reading = { point: "t1:temperature", receivedAt: system.clock.now(), quality: "good" as const };
	await system.alarms.evaluate([{ ...reading, ts, value: 40 }], true);
	await system.alarms.evaluate([{ ...reading, ts: ts + 1000, value: 20 }], true);
	system.clock.time += 10 * MINUTE;
	system.alarms.tick();
	await system.alarms.evaluate([], false);
	await system.after(0);
	await system.after(MINUTE);
	expect(email.sent).toEqual([]);
	expect(await system.part.views.pages(undefined)).toEqual([]);
});
