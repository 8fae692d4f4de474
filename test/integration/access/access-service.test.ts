import { afterEach, beforeEach, expect, test } from "vitest";
import type { UplinkAccessEvent, UplinkDoorEvent } from "../../../contracts/uplink.ts";
import { accessMigrations } from "../../../server/access/access-migrations.ts";
import { AccessService } from "../../../server/access/access-service.ts";
import { type TestDatabase, testDatabase } from "../../helpers/postgres.ts";
import { registerOf } from "../../helpers/register.ts";
import { recordingRealtime, settableClock, smallSite, worldSource } from "../../helpers/small-world.ts";

const T0 = 1_769_000_000_000;
const card = { format: "H10301", facility: 12, number: 3456 };
const site = { ...smallSite(), holders: [{ id: "ann", name: "Ann Lee", role: "employee", card }] };
const everything = { limit: 500, after: null };

const swipe = (seq: number, more: Partial<UplinkAccessEvent> = {}): UplinkAccessEvent => ({
	type: "access",
	device: "r1",
	ts: T0 + seq * 1000,
	receivedAt: T0 + seq * 1000 + 50,
	seq,
	door: "main",
	direction: "in",
	method: "card",
	card,
	fingerprint: null,
	result: "granted",
	reason: "granted",
	...more,
});
const door = (seq: number, state: UplinkDoorEvent["state"], more: Partial<UplinkDoorEvent> = {}): UplinkDoorEvent => ({
	type: "door",
	device: "c1",
	ts: T0 + seq * 1000,
	receivedAt: T0 + seq * 1000 + 50,
	seq,
	door: "main",
	state,
	...more,
});

let db: TestDatabase;
let realtime: ReturnType<typeof recordingRealtime>;
let access: AccessService;
const clock = settableClock(T0);
const world = worldSource(site);

async function start() {
	access = new AccessService({ world, database: db.database, realtime, clock, register: () => registerOf(world.current().site) });
	await access.start();
}
const events = async () => (await access.accessEvents({}, everything)).items;
const gaps = async (device: string) =>
	(await access.sequenceGaps(device, { filled: false, limit: 10, before: null })).items.map(({ from, to, missing }) => ({ from, to, missing }));

beforeEach(async () => {
	db = await testDatabase(accessMigrations);
	realtime = recordingRealtime();
	await start();
});
afterEach(() => db.drop());

test("an event is kept with its holder and its card, and published after that", async () => {
	await access.record([swipe(1), swipe(2, { card: { ...card, number: 99 }, result: "denied", reason: "denied-unknown-credential" })], false);
	expect(await events()).toMatchObject([
		{ seq: 2, holder: null, result: "denied", reason: "denied-unknown-credential", late: false },
		{ seq: 1, holder: { id: "ann", name: "Ann Lee" }, card: "H10301 12-3456", doorName: "Main", ts: new Date(T0 + 1000).toISOString() },
	]);
	expect(realtime.events.map(({ site: at, event }) => [at, event])).toEqual([
		["s", "access"],
		["s", "access"],
	]);
});

test("events that come again, also at the same time and within one batch, are one event and published once", async () => {
	await Promise.all([
		access.record([swipe(1), swipe(1)], false),
		access.record([swipe(1), door(1, "open")], false),
		access.record([door(1, "open")], true),
	]);
	expect(await events()).toHaveLength(1);
	expect((await access.doorEvents({}, everything)).items).toHaveLength(1);
	expect(realtime.events).toHaveLength(2);
	expect(access.stats()).toMatchObject({ accessEvents: 1, doorEvents: 1, duplicates: 3 });
});

test("a number used again with another content is kept, marked as a conflict", async () => {
	await access.record([swipe(1), swipe(2)], false);
	await access.record([swipe(1, { ts: T0 + 90_000 })], false);
	expect(await events()).toHaveLength(3);
	expect(access.stats()).toMatchObject({ conflicts: 1, duplicates: 0 });
});

test("a number beyond all others hides no later gap", async () => {
	await access.record([door(1, "open"), door(Number.MAX_SAFE_INTEGER, "open", { ts: T0, receivedAt: T0 })], false);
	await access.record([door(2, "closed"), door(5, "open")], false);
	expect(await gaps("c1")).toEqual([
		{ from: 3, to: 4, missing: 2 },
		{ from: 2, to: Number.MAX_SAFE_INTEGER - 1, missing: Number.MAX_SAFE_INTEGER - 4 },
	]);
});

test("access and door events share their device's numbering; gaps are noted and filled by late events", async () => {
	await access.record([door(10, "open"), swipe(11, { device: "c1" }), door(15, "closed")], false);
	expect(await gaps("c1")).toEqual([{ from: 12, to: 14, missing: 3 }]);
	await access.record([door(13, "open"), door(13, "open")], true);
	expect(await gaps("c1")).toEqual([{ from: 12, to: 14, missing: 2 }]);
	clock.time = T0 + 5000;
	await access.record([door(12, "open"), door(14, "held"), door(9, "closed")], true);
	expect(await gaps("c1")).toEqual([]);
	const { items } = await access.sequenceGaps("c1", { filled: true, limit: 10, before: null });
	expect(items).toMatchObject([{ missing: 0, noticedAt: new Date(T0).toISOString(), filledAt: new Date(T0 + 5000).toISOString() }]);
	expect(access.stats().gaps).toBe(1);
	await expect(access.sequenceGaps("nobody", { filled: false, limit: 1, before: null })).rejects.toMatchObject({ status: 404 });
});

test("a gap is never filled before it was noticed, also when the clock that fills it was read earlier", async () => {
	clock.time = T0 + 5000;
	await access.record([door(1, "open"), door(3, "closed")], false);
	clock.time = T0;
	await access.record([door(2, "held")], true);
	const at = new Date(T0 + 5000).toISOString();
	const { items } = await access.sequenceGaps("c1", { filled: true, limit: 10, before: null });
	expect(items).toMatchObject([{ missing: 0, noticedAt: at, filledAt: at }]);
});

test("a door's state is its newest event by device time, whatever comes late, also after a restart", async () => {
	expect(access.doors()).toMatchObject([{ id: "main", controller: "c1", state: null, since: null, stale: true }]);
	await access.record([door(3, "forced")], false);
	await access.record([door(1, "open"), door(2, "closed")], true);
	const now = [{ id: "main", state: "forced", since: new Date(T0 + 3000).toISOString() }];
	expect(access.doors()).toMatchObject(now);
	await start();
	expect(access.doors()).toMatchObject(now);
	expect(realtime.events.map(({ payload }) => (payload as { late: boolean }).late)).toEqual([false, true, true]);
});

test("lists filter and page, newest first", async () => {
	await access.record([swipe(1), swipe(2, { result: "denied" }), swipe(3), door(1, "open")], false);
	const first = await access.accessEvents({ holder: "ann", result: "granted", from: T0, to: T0 + 10_000 }, { limit: 1, after: null });
	expect(first).toMatchObject({ items: [{ seq: 3 }], nextCursor: expect.any(String) });
	const next = await access.accessEvents({ result: "granted" }, { limit: 1, after: { ts: T0 + 3000, id: Number(first.items[0]?.id) } });
	expect(next).toMatchObject({ items: [{ seq: 1 }], nextCursor: null });
	expect((await access.accessEvents({ door: "main", to: T0 + 2000 }, everything)).items.map(({ seq }) => seq)).toEqual([1]);
});
