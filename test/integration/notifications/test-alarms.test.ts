/** A test alarm goes the way of every alarm, and who doesn't confirm that it reached them is an alarm (ALM-10). */
import { afterEach, beforeEach, expect, test } from "vitest";
import { proofPage } from "../../../server/notifications/proof-page.ts";
import { actorWith } from "../../helpers/actors.ts";
import { type Notifying, notifying } from "../../helpers/notifying.ts";
import { recordingChannel } from "../../helpers/recording-channel.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const lead = actorWith(["roster.manage"], { username: "lea" });

let system: Notifying;
let email: ReturnType<typeof recordingChannel>;
/** When the schedule is due. */
let due: number;

beforeEach(async () => {
	email = recordingChannel("email");
	due = 0;
	system = await notifying({
		channels: () => [email],
		notifications: { groupWait: "2s", testAlarm: { schedule: "0 10 * * 1", confirmWithin: "30min" } },
		nextRun: (cron, timeZone, now) => {
			expect([cron, timeZone]).toEqual(["0 10 * * 1", "Europe/Berlin"]);
			return due > now ? due : now + 7 * 24 * 60 * MINUTE;
		},
	});
});
afterEach(async () => {
	await system.stop();
});

const token = (person: string) => {
	const sent = email.sent.find(({ address }) => address.startsWith(person));
	return sent?.message.confirm?.split("/").at(-1) ?? "";
};
async function begun() {
	await system.part.tests.begin(lead);
	await system.after(0);
	await system.after(2 * SECOND);
}
const missed = () => system.part.tests.conditions().map(({ rule, subject }) => `${rule} ${subject}`);

test("everybody on duty gets a link of their own; the test passes when all have used it, and its alarm is over", async () => {
	await begun();
	expect(email.sent.map(({ address }) => address).toSorted()).toEqual(["ann@example.org", "bob@example.org", "lea@example.org"]);
	expect(email.sent[0]?.message.confirm).toMatch(/^http:\/\/watchroom\.test\/api\/v1\/notifications\/proofs\/[\w-]{32}$/);
	expect(new Set(["ann", "bob", "lea"].map(token)).size).toBe(3);
	await expect(system.part.tests.begin(lead)).rejects.toMatchObject({ code: "test-running" });
	await system.part.tests.confirm(token("ann"));
	await system.part.tests.confirm(token("bob"));
	expect((await system.part.tests.list())[0]).toMatchObject({ state: "running" });
	await system.part.tests.confirm(token("lea"));
	expect((await system.part.tests.list())[0]).toMatchObject({ state: "passed", by: "lea" });
	expect(await system.alarm("test-alarm")).toMatchObject({ state: "normal", acknowledgedBy: "system" });
	await system.after(60 * MINUTE);
	expect(missed()).toEqual([]);
});

test("a link works once; used again, it says when it was confirmed, by the site's clocks", async () => {
	await begun();
	const began = system.clock.now() - 2 * SECOND;
	expect(await system.part.tests.proof(token("ann"))).toEqual({ person: "ann", at: began, confirmedAt: null, timeZone: "Europe/Berlin" });
	const confirmedAt = system.clock.now();
	expect(await system.part.tests.confirm(token("ann"))).toBe(true);
	await system.after(MINUTE);
	expect(await system.part.tests.confirm(token("ann"))).toBe(false);
	const proof = await system.part.tests.proof(token("ann"));
	expect(proof).toMatchObject({ confirmedAt });
	expect(proofPage({ ...proof, confirmedAt: Date.parse("2026-11-27T18:05:00Z") })).toMatch(/on <time [^>]+>27 Nov, 19:05 (CET|GMT\+1)<\/time>/);
	await expect(system.part.tests.confirm("x".repeat(32))).rejects.toMatchObject({ code: "unknown-link", status: 404 });
});

test("who has not confirmed in time is an alarm until they do", async () => {
	await begun();
	await system.part.tests.confirm(token("ann"));
	await system.after(30 * MINUTE);
	expect((await system.part.tests.list())[0]).toMatchObject({ state: "missed" });
	expect(missed()).toEqual(["test-alarm-missed bob", "test-alarm-missed lea"]);
	await system.restart();
	expect(missed()).toEqual(["test-alarm-missed bob", "test-alarm-missed lea"]);
	await system.part.tests.confirm(token("bob"));
	expect(missed()).toEqual(["test-alarm-missed lea"]);
	await system.part.tests.confirm(token("lea"));
	expect(missed()).toEqual([]);
});

test("a test that reached nobody is missed", async () => {
	await system.part.tests.begin(lead);
	await system.after(31 * MINUTE);
	expect((await system.part.tests.list())[0]).toMatchObject({ state: "missed" });
});

test("the schedule starts one, and one that fell into a downtime is made up for once", async () => {
	due = system.clock.now() + 60 * MINUTE;
	await system.after(0);
	await system.after(59 * MINUTE);
	expect(await system.part.tests.list()).toEqual([]);
	system.clock.time += 24 * 60 * MINUTE;
	await system.restart();
	await system.after(0);
	await system.after(SECOND);
	expect(await system.part.tests.list()).toMatchObject([{ by: "system", state: "running" }]);
});
