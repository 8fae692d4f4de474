import { afterEach, beforeEach, expect, test } from "vitest";
import type { Proposal } from "../../../contracts/changes.ts";
import { ruleText } from "../../../contracts/rule-text.ts";
import { ruleSchema } from "../../../contracts/rules.ts";
import { AlarmService } from "../../../server/alarms/alarm-service.ts";
import { alarmsMigrations } from "../../../server/alarms/alarms-migrations.ts";
import { ReplayService } from "../../../server/alarms/rules/replay-service.ts";
import { RuleBook } from "../../../server/alarms/rules/rule-book-service.ts";
import { ruleChange } from "../../../server/alarms/rules/rule-kind.ts";
import { rulesMigrations } from "../../../server/alarms/rules/rules-migrations.ts";
import type { RawRow } from "../../../server/history/history.ts";
import type { Actor } from "../../../server/platform/actor.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { type TestDatabase, testDatabase } from "../../helpers/postgres.ts";
import { recordingRealtime, settableClock, smallSite, worldSource } from "../../helpers/small-world.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../helpers/temporary-directory.ts";
import { twoPersons, twoPersonsMigrations } from "../../helpers/two-persons.ts";

type Act = Extract<Proposal, { kind: "rule" }>["change"];
const HOUR = 3_600_000;
const T0 = 1_769_000_000_000;
const text = {
	id: "hot",
	name: "Hot",
	kind: "limit",
	level: "high",
	limit: 32,
	on: { pointKind: "temperature" },
	priority: "high",
	cause: "No cooling",
	consequence: "Servers stop",
	action: "Start the standby unit",
	responseTime: "15min",
	receivers: ["first", "fay"],
};
const rule = (rest: object = {}) => ruleText(ruleSchema.parse({ ...text, ...rest }));

const clock = settableClock(T0);
let db: TestDatabase;
let directory: TemporaryDirectory;
let all: Awaited<ReturnType<typeof twoPersons>>;
let world: ReturnType<typeof worldSource>;
let book: RuleBook;
let replays: ReplayService;
const hoursOf = (from: number, to: number) => Array.from({ length: (to - from) / HOUR }, (_, index) => from + index * HOUR);
/** A reading a minute at 25 degrees, and ten minutes at 29 every day; without looking at them nothing is known of them. */
const readingsIn = (from: number, to: number): RawRow[] => {
	const rows: RawRow[] = [];
	for (let ts = Math.ceil(from / 60_000) * 60_000; ts < to; ts += 60_000)
		rows.push({ ts, value: ts % (24 * HOUR) < 600_000 ? 29 : 25, quality: "good" });
	return rows;
};
const history = {
	readings: async (points: readonly string[], from: number, to: number) => new Map(points.map((point) => [point, readingsIn(from, to)])),
	extremes: async (points: readonly string[], from: number, to: number) =>
		new Map(points.map((point) => [point, { hours: [], unknown: hoursOf(from, to) }])),
	silences: async () => null,
	hoursOfStates: async (points: readonly string[], from: number, to: number) => new Map(points.map((point) => [point, hoursOf(from, to)])),
};
const accounts = async (usernames: readonly string[]) => new Map(usernames.filter((name) => name === "fay").map((name) => [name, name]));
/** Told of once a day at the door. */
const counted = async function* ({ doors }: { doors: ReadonlySet<string> }, from: number, to: number) {
	const days = Array.from({ length: Math.floor((to - from) / (24 * HOUR)) }, (_, day) => from + day * 24 * HOUR);
	yield { events: 100, told: [...doors].flatMap((door) => days.map((at) => ({ door, at }))) };
};
let alarms: AlarmService;
let lea: Actor;
let fay: Actor;
let rob: Actor;

/** A server on the same database, with what the site file says now. */
async function start(): Promise<void> {
	book = new RuleBook({ world, database: db.database, logger: silentLogger() });
	const parts = { database: db.database, audit: all.audit, ledger: all.ledger, realtime: recordingRealtime(), clock, logger: silentLogger() };
	alarms = new AlarmService({ ...parts, world: book, tickEvery: null });
	await book.start();
	await alarms.start();
	replays = new ReplayService({ history, book, database: db.database, counted, clock });
	all.approvals.register(ruleChange({ book, replays, accounts, site: () => "s" }));
}
beforeEach(async () => {
	clock.time = T0;
	world = worldSource({ ...smallSite(), rules: [text] });
	db = await testDatabase({ ...twoPersonsMigrations, ...alarmsMigrations, ...rulesMigrations });
	directory = await temporaryDirectory("rules");
	all = await twoPersons(db.database, directory.path, clock);
	await start();
	lea = await all.person("lea", "shift-lead");
	fay = await all.person("fay", "facility-manager");
	rob = await all.person("rob", "risk-manager");
});
afterEach(async () => {
	await alarms.stop();
	await all.stop();
	await db.drop();
	await directory.remove();
});

const propose = (change: Act, by = lea, id = "hot", replay?: string) =>
	all.approvals.propose({ kind: "rule", rule: id, change, reason: "as agreed", ...(replay !== undefined && { replay }) }, by);
const set = async (rest: object, by = lea) => {
	const definition = rule(rest);
	const { id } = await replays.replay(ruleSchema.parse(definition), { from: clock.time - 2 * 24 * HOUR });
	return await propose({ act: "set", definition }, by, definition.id, id);
};
const agree = async (proposed: Promise<{ id: string }>, by = fay) => await all.approvals.approve((await proposed).id, by, null);
const inForce = () => alarms.rules().map((one) => [one.rule.id, one.rule.kind === "limit" ? one.rule.limit : null]);
async function read(value: number): Promise<string[]> {
	clock.time += 10_000;
	await alarms.evaluate([{ point: "t1:temperature", ts: clock.time, receivedAt: clock.time, value, quality: "good" }], false);
	return (await alarms.list({ active: true }, { limit: 10, after: null })).items.map((alarm) => alarm.rule).sort();
}

test("a change takes effect with the second person, at once and without a restart; before it nothing has changed", async () => {
	expect(await read(30)).toEqual([]);
	const change = await set({ limit: 27 });
	expect(change).toMatchObject({
		state: "pending",
		title: "Change the alarm rule Hot",
		before: { version: 0, source: "file", rule: { limit: 32, responseTime: "15min" } },
		after: { version: 1, source: "agreed", rule: { limit: 27, receivers: ["first", "fay"] } },
	});
	expect(await read(30)).toEqual([]);
	await all.approvals.approve(change.id, fay, null);
	expect(await read(30)).toEqual(["hot"]);
	expect(book.rules()).toMatchObject([{ id: "hot", version: 1, source: "agreed", fileChanged: false }]);
	const entries = (await all.ledger.entries(null, 50)).map(({ leaf }) => JSON.parse(leaf.toString("utf8")));
	expect(entries.find(({ type }) => type === "rule.agreed")?.data).toMatchObject({
		rule: "hot",
		version: 1,
		act: "set",
		definition: expect.stringMatching(/^[0-9a-f]{64}$/),
		proposedBy: "lea",
		approvedBy: "fay",
	});
});

test("a rule is added and deleted, and the alarms of a deleted one return", async () => {
	await agree(set({ id: "warm", limit: 25 }));
	expect(await read(33)).toEqual(["hot", "warm"]);
	await agree(propose({ act: "delete" }));
	expect(await read(33)).toEqual(["warm"]);
	expect(book.rules()).toMatchObject([{ id: "hot", rule: null, source: "agreed" }, { id: "warm" }]);
	await agree(propose({ act: "delete" }, lea, "warm"));
	expect([await read(33), inForce()]).toEqual([[], []]);
});

test("nobody approves their own change, nor anybody without the right", async () => {
	const change = await set({ limit: 27 }, fay);
	await expect(all.approvals.approve(change.id, fay, null)).rejects.toMatchObject({ status: 403, code: "own-proposal" });
	await expect(all.approvals.approve(change.id, lea, null)).rejects.toMatchObject({ status: 404 });
	await expect(set({ limit: 27 }, rob)).rejects.toMatchObject({ status: 403, code: "forbidden" });
	expect(inForce()).toEqual([["hot", 32]]);
	await all.approvals.approve(change.id, rob, null);
	expect(inForce()).toEqual([["hot", 27]]);
});

test("of two changes of the same rule, approved at once, one applies and the other is stale", async () => {
	const [one, other] = [await set({ limit: 27 }), await set({ limit: 28 })];
	const ends = await Promise.allSettled([all.approvals.approve(one.id, fay, null), all.approvals.approve(other.id, rob, null)]);
	const said = ends.map((end) => (end.status === "fulfilled" ? "applied" : end.reason.code));
	expect(new Set(said)).toEqual(new Set(["applied", "change-stale"]));
	expect(book.rules()).toMatchObject([{ version: 1 }]);
});

test("a proposal about a rule that the site file says otherwise by now is stale, and changes nothing", async () => {
	const change = await set({ limit: 27 });
	world.change({ ...smallSite(), rules: [{ ...text, limit: 30 }] });
	await expect(all.approvals.approve(change.id, fay, null)).rejects.toMatchObject({ code: "change-stale" });
	expect(inForce()).toEqual([["hot", 30]]);
});

test("what was agreed on outlives a restart and a changed site file, which is shown; the file counts again when that is agreed", async () => {
	await agree(set({ limit: 27 }));
	await alarms.stop();
	world.change({
		...smallSite(),
		rules: [
			{ ...text, limit: 30 },
			{ ...text, id: "new", limit: 40 },
		],
	});
	all = { ...all, approvals: all.approvals };
	book = new RuleBook({ world, database: db.database, logger: silentLogger() });
	await book.start();
	expect(book.current().site.rules.map((one) => [one.id, one.kind === "limit" && one.limit])).toEqual([
		["hot", 27],
		["new", 40],
	]);
	expect(book.rules()).toMatchObject([
		{ id: "hot", fileChanged: true },
		{ id: "new", source: "file", version: 0, fileChanged: false },
	]);
	await agree(propose({ act: "follow-file" }));
	await book.refresh();
	expect(book.rules()).toMatchObject([{ id: "hot", source: "file", version: 2, rule: { limit: 30 }, fileChanged: false }, { id: "new" }]);
});

test("versions are kept, and going back to one is a change like any other", async () => {
	await agree(set({ limit: 27 }));
	await agree(set({ limit: 28, priority: "low" }));
	const back = await propose({ act: "roll-back", version: 1 });
	expect(back.after).toMatchObject({ version: 3, rule: { limit: 27, priority: "high" } });
	await all.approvals.approve(back.id, fay, null);
	expect(inForce()).toEqual([["hot", 27]]);
	await agree(propose({ act: "roll-back", version: 0 }));
	expect(inForce()).toEqual([["hot", 32]]);
	expect((await book.versions("hot")).map(({ version, agreed }) => [version, agreed.act])).toEqual([
		[4, "follow-file"],
		[3, "set"],
		[2, "set"],
		[1, "set"],
	]);
	await expect(propose({ act: "roll-back", version: 9 })).rejects.toMatchObject({ status: 404 });
	await expect(book.versions("nothing")).rejects.toMatchObject({ status: 404 });
});

test("a rule is replayed before it is proposed, and who approves sees what it would have done beside the one in force", async () => {
	const definition = rule({ limit: 27 });
	await expect(propose({ act: "set", definition })).rejects.toMatchObject({ errors: [{ field: "replay" }] });
	const replay = await replays.replay(ruleSchema.parse(definition), { from: clock.time - 7 * 24 * HOUR });
	expect(replay.proposed).toMatchObject({
		watched: 1,
		points: 1,
		fired: 7,
		activeMs: 7 * 600_000,
		worst: [{ point: "t1:temperature", longestMs: 600_000 }],
	});
	expect(replay.inForce).toMatchObject({ fired: 0, activeMs: 0, worst: [] });
	await expect(propose({ act: "set", definition: rule({ limit: 26 }) }, lea, "hot", replay.id)).rejects.toMatchObject({
		errors: [{ field: "replay" }],
	});
	const change = await propose({ act: "set", definition }, lea, "hot", replay.id);
	expect(change.after).toMatchObject({
		rule: { limit: 27 },
		replay: { from: replay.from, to: replay.to, proposed: { fired: 7, points: 1 }, inForce: { fired: 0 } },
	});
	clock.time += 6 * 24 * HOUR;
	await all.approvals.approve(change.id, fay, null);
	expect(inForce()).toEqual([["hot", 27]]);
});

test("a replay ends now: in the rest of the hour that it looks at nothing has happened yet", async () => {
	clock.time = Math.ceil(T0 / HOUR) * HOUR + 5 * 60_000;
	const warm = await replays.replay(ruleSchema.parse(rule({ limit: 20 })), { from: clock.time - HOUR });
	expect(warm).toMatchObject({
		to: new Date(clock.time).toISOString(),
		proposed: { fired: 1, activeMs: HOUR + 5 * 60_000, worst: [{ active: true }] },
	});
});

test("a rule on access events is replayed over them, also where the rule in force is one on readings", async () => {
	const { kind: _kind, level: _level, limit: _limit, ...words } = text;
	const often = ruleSchema.parse({
		...words,
		kind: "access-count",
		on: { pointKind: "door-state" },
		per: "door",
		result: "denied",
		count: 5,
		within: "1min",
	});
	const replay = await replays.replay(often, { from: clock.time - 3 * 24 * HOUR });
	expect(replay).toMatchObject({ proposed: { watched: 1, fired: 3, activeMs: 0, worst: [{ point: "main", name: "Main" }] }, inForce: { fired: 0 } });
	const definition = ruleText(often);
	await expect(propose({ act: "set", definition })).rejects.toMatchObject({ errors: [{ field: "replay" }] });
	await agree(propose({ act: "set", definition }, lea, "hot", replay.id));
	expect(book.rules()).toMatchObject([{ rule: { kind: "access-count" } }]);
});

test("one rule is replayed at a time, over 31 days at most", async () => {
	const of = ruleSchema.parse(rule({ limit: 27 }));
	const [one, other] = await Promise.allSettled([replays.replay(of, {}), replays.replay(of, {})]);
	expect([one.status, other.status === "rejected" && other.reason.code]).toEqual(["fulfilled", "replay-running"]);
	await expect(replays.replay(of, { from: T0 - 32 * 24 * HOUR })).rejects.toMatchObject({ errors: [{ field: "from" }] });
	await expect(replays.replay(of, { from: T0 + 1, to: T0 - 2 * HOUR })).rejects.toMatchObject({ errors: [{ field: "from" }] });
});

test.each<[string, Act, string]>([
	["nobody to tell", { act: "set", definition: rule({ receivers: [] }) }, "change.definition.receivers"],
	["a receiver that is no account", { act: "set", definition: rule({ limit: 27, receivers: ["fay", "nobody"] }) }, "change.definition.receivers"],
	["nothing to do", { act: "set", definition: rule({ limit: 27, action: " " }) }, "change.definition.action"],
	["no time in which to respond", { act: "set", definition: rule({ limit: 27, responseTime: undefined }) }, "change.definition.responseTime"],
	["no time to respond at all", { act: "set", definition: rule({ limit: 27, responseTime: "0s" }) }, "change.definition.responseTime"],
	["more time than any alarm has", { act: "set", definition: rule({ limit: 27, responseTime: "31d" }) }, "change.definition.responseTime"],
	[
		"a rule to explain that there is not",
		{ act: "set", definition: rule({ limit: 27, explains: [{ rules: ["hot", "never"], where: "room" }] }) },
		"change.definition.explains[0].rules",
	],
	["another id than its own", { act: "set", definition: rule({ id: "other" }) }, "change.definition.id"],
])("a rule with %s is refused, with the field", async (_, change, field) => {
	await expect(propose(change)).rejects.toMatchObject({
		code: "invalid-request",
		errors: expect.arrayContaining([expect.objectContaining({ field })]),
	});
});

test.each<[string, Act, string, string]>([
	["the site file counts already", { act: "follow-file" }, "hot", "rule-unchanged"],
	["there is no such rule to delete", { act: "delete" }, "cold", "not-found"],
	["the site file has no such rule", { act: "follow-file" }, "cold", "not-in-site-file"],
])("a proposal is refused where %s", async (_, change, id, code) => {
	const proposed = propose(change, lea, id);
	await expect(proposed).rejects.toMatchObject({ code });
});
