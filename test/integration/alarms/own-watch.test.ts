import { afterEach, beforeEach, expect, test } from "vitest";
import { AlarmService } from "../../../server/alarms/alarm-service.ts";
import { alarmsMigrations } from "../../../server/alarms/alarms-migrations.ts";
import type { OwnCondition } from "../../../server/alarms/own-conditions.ts";
import { OwnWatch } from "../../../server/alarms/own-watch.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { recordedActs } from "../../helpers/actors.ts";
import { type TestDatabase, testDatabase } from "../../helpers/postgres.ts";
import { recordingRealtime, settableClock, worldSource } from "../../helpers/small-world.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const T0 = 1_769_000_000_000;
let db: TestDatabase;
let alarms: AlarmService;
let watch: OwnWatch;
let words = "offline";
let found: Partial<Record<string, boolean | null>> = {};

const condition = ([subject, holds = null]: [string, boolean | null | undefined]): OwnCondition => ({
	rule: "agent-offline",
	subject,
	holds,
	onDelay: 0,
	offDelay: 0,
	message: `${subject} is ${words}`,
	...(words === "now so" && { ofNow: true as const }),
});

async function start(): Promise<void> {
	const clock = settableClock(T0);
	const common = { world: worldSource(), database: db.database, realtime: recordingRealtime(), clock, logger: silentLogger(), tickEvery: null };
	alarms = new AlarmService({ ...recordedActs(), ...common });
	await alarms.start();
	watch = new OwnWatch({ alarms, rules: ["agent-offline"], conditions: () => Object.entries(found).map(condition), clock, tickEvery: null });
	await watch.start();
}
async function stop(): Promise<void> {
	watch.stop();
	await alarms.stop();
}
const states = async () => {
	const { items } = await alarms.list({ rule: "agent-offline" }, { limit: 10, after: null });
	return items.map(({ point, active, occurrences }) => [point, active, occurrences]).toSorted(([a], [b]) => String(a).localeCompare(String(b)));
};
async function tick(expected: [point: string, active: boolean, occurrences: number][]): Promise<void> {
	watch.tick();
	await waitFor("the alarms to be recorded", async () => JSON.stringify(await states()) === JSON.stringify(expected));
}

beforeEach(async () => {
	db = await testDatabase(alarmsMigrations);
	found = { a: true, b: false };
	words = "offline";
	await start();
});
afterEach(async () => {
	await stop();
	await db.drop();
});

test("a condition that goes on raises one alarm, which returns with it", async () => {
	await tick([["watchroom:a", true, 1]]);
	await tick([["watchroom:a", true, 1]]);
	found = { a: false, b: true };
	await tick([
		["watchroom:a", false, 1],
		["watchroom:b", true, 1],
	]);
});

test("after a restart an active alarm stays as it is until something is known, and returns when its condition is over", async () => {
	await tick([["watchroom:a", true, 1]]);
	await stop();
	found = { a: null, b: null };
	await start();
	await tick([["watchroom:a", true, 1]]);
	found = { a: false };
	await tick([["watchroom:a", false, 1]]);
});

test("the alarm on something that is no longer part of the site returns, also when that was removed before a restart", async () => {
	found = { a: true, b: true };
	await tick([
		["watchroom:a", true, 1],
		["watchroom:b", true, 1],
	]);
	found = { b: true };
	await tick([
		["watchroom:a", false, 1],
		["watchroom:b", true, 1],
	]);
	await stop();
	found = {};
	await start();
	await tick([
		["watchroom:a", false, 1],
		["watchroom:b", false, 1],
	]);
});

test("what is of now is said anew while the alarm goes on, also after a restart; everything else says what it was raised for", async () => {
	const said = async () => (await alarms.list({ rule: "agent-offline" }, { limit: 10, after: null })).items.map(({ message }) => message);
	await tick([["watchroom:a", true, 1]]);
	words = "silent";
	await tick([["watchroom:a", true, 1]]);
	expect(await said()).toEqual(["a is offline"]);
	await stop();
	words = "now so";
	await start();
	watch.tick();
	await waitFor("the newest words", async () => (await said())[0] === "a is now so");
	await tick([["watchroom:a", true, 1]]);
});
