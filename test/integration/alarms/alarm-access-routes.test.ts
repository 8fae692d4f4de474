import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { accessMigrations } from "../../../server/access/access-migrations.ts";
import { accessRoutes } from "../../../server/access/access-routes.ts";
import { AccessService } from "../../../server/access/access-service.ts";
import { alarmActRoutes } from "../../../server/alarms/alarm-act-routes.ts";
import { alarmRoutes } from "../../../server/alarms/alarm-routes.ts";
import { AlarmService } from "../../../server/alarms/alarm-service.ts";
import { alarmsMigrations } from "../../../server/alarms/alarms-migrations.ts";
import { commentDigest } from "../../../server/alarms/operator-act.ts";
import { RuleBook } from "../../../server/alarms/rules/rule-book-service.ts";
import { ruleRoutes } from "../../../server/alarms/rules/rule-routes.ts";
import { rulesMigrations } from "../../../server/alarms/rules/rules-migrations.ts";
import type { AccessNote } from "../../../server/platform/http/access-note.ts";
import { createApp } from "../../../server/platform/http/http-server.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { actorWith, knownPeople, recordedActs } from "../../helpers/actors.ts";
import { type TestDatabase, testDatabase } from "../../helpers/postgres.ts";
import { registerOf } from "../../helpers/register.ts";
import { recordingRealtime, settableClock, smallSite, worldSource } from "../../helpers/small-world.ts";

const T0 = 1_769_000_000_000;
const POINT = "t1:temperature";
const rule = { id: "hot", name: "Hot", kind: "limit", level: "high", limit: 32, on: { pointKind: "temperature" }, priority: "high" };
const holders = [{ id: "ada", name: "Ada Byron", role: "employee", card: { format: "H10301", facility: 12, number: 3456 } }];
const pageSchema = z.object({ items: z.array(z.looseObject({})), nextCursor: z.string().nullable() });

const ann = actorWith([
	"alarms.read",
	"alarms.acknowledge",
	"alarms.shelve",
	"alarms.service",
	"access.read",
	"access.personal",
	"access.card-numbers",
	"site.read",
]);
const acts = recordedActs();
const notes: AccessNote[] = [];

let db: TestDatabase;
let alarms: AlarmService;
let server: Server;
let base = "";

beforeAll(async () => {
	db = await testDatabase({ ...alarmsMigrations, ...rulesMigrations, ...accessMigrations });
	const common = {
		world: worldSource({ ...smallSite(), rules: [rule], holders }),
		database: db.database,
		realtime: recordingRealtime(),
		clock: settableClock(T0),
	};
	const logger = silentLogger();
	alarms = new AlarmService({ ...acts, ...common, logger, tickEvery: null });
	const access = new AccessService({ ...common, register: () => registerOf(common.world.current().site) });
	const book = new RuleBook({ world: common.world, database: db.database, logger });
	await book.start();
	await alarms.start();
	await access.start();
	server = createServer(
		createApp({
			logger,
			authenticator: knownPeople({ all: ann, few: actorWith(["access.read", "alarms.read"]) }),
			note: async (note) => void notes.push(note),
			routes: [
				...alarmRoutes(alarms),
				...alarmActRoutes(alarms),
				...ruleRoutes({
					alarms,
					book,
					replays: { replay: () => Promise.reject(new Error("not here")) },
					approvals: { propose: () => Promise.reject(new Error("not here")) },
					people: async () => new Map(),
				}),
				...accessRoutes(access),
			],
			validateResponses: true,
		}),
	);
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	base = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
	for (const [second, value] of [33, 20, 34].entries()) {
		const ts = T0 + second * 1000;
		await alarms.evaluate([{ point: POINT, ts, receivedAt: ts, value, quality: "good" }], false);
	}
	const event = { device: "c1", door: "main", ts: T0, receivedAt: T0 };
	await access.record(
		[
			{ type: "door", ...event, seq: 1, state: "open" },
			{ type: "door", ...event, ts: T0 + 1, seq: 4, state: "held" },
			{
				type: "access",
				...event,
				seq: 5,
				direction: "in",
				method: "card",
				fingerprint: null,
				result: "granted",
				reason: "granted",
				card: { format: "H10301", facility: 12, number: 3456 },
			},
		],
		false,
	);
});
afterAll(async () => {
	server.close();
	await alarms.stop();
	await db.drop();
});

const ask = (path: string, init: RequestInit = {}, token = "all") => {
	const headers = new Headers(init.headers);
	headers.set("authorization", `Bearer ${token}`);
	return fetch(base + path, { ...init, headers });
};
const page = async (path: string, token = "all") => pageSchema.parse(await (await ask(path, {}, token)).json());

test.each([
	{ path: "/api/v1/alarms", items: [{ rule: "hot", occurrences: 2, state: "unacknowledged" }] },
	{ path: `/api/v1/alarms?active=true&acknowledged=false&point=${POINT}`, items: [{ point: POINT, active: true }] },
	{ path: "/api/v1/alarms?active=false", items: [] },
	{ path: "/api/v1/alarms?room=hall&priority=high&rule=hot&limit=5", items: [{ location: "s/hall/R1" }] },
	{ path: "/api/v1/alarms?state=shelved", items: [] },
	{
		path: `/api/v1/points/${POINT}/alarm-transitions?from=${new Date(T0).toISOString()}&to=${T0 + 2000}`,
		items: [{ kind: "raised" }, { kind: "returned" }],
	},
	{ path: "/api/v1/rules", items: [{ id: "hot", limit: 32, level: "high", on: { pointKind: ["temperature"] }, points: 1 }] },
	{ path: "/api/v1/access/events?result=denied", items: [] },
	{ path: "/api/v1/access/doors", items: [{ id: "main", state: "held" }] },
	{ path: "/api/v1/access/door-events?door=main&limit=1", items: [{ state: "held", seq: 4 }] },
	{ path: "/api/v1/devices/c1/sequence-gaps?filled=true", items: [{ from: 2, to: 3, missing: 2 }] },
	{ path: "/api/v1/devices/c1/sequence-gaps", items: [{ from: 2, to: 3, missing: 2, filledAt: null }] },
])("GET $path", async ({ path, items }) => {
	expect((await page(path)).items).toMatchObject(items);
});

test("lists go on from their cursor and end", async () => {
	for (const path of ["/api/v1/access/door-events?limit=1", `/api/v1/points/${POINT}/alarm-transitions?from=0&to=${T0 * 2}&limit=2`]) {
		const first = await page(path);
		expect(first.nextCursor).not.toBeNull();
		expect(await page(`${path}&cursor=${first.nextCursor}`)).toMatchObject({ items: [{}], nextCursor: null });
	}
});

test.each(["/api/v1/rules", "/api/v1/access/doors"])("%s pages like every list, and has one page here", async (path) => {
	const whole = await page(path);
	expect(whole).toMatchObject({ items: [{}], nextCursor: null });
	expect(await page(`${path}?limit=1`)).toEqual(whole);
	for (const wrong of ["limit=0", "cursor=x"]) expect((await ask(`${path}?${wrong}`)).status, wrong).toBe(400);
});

test("acknowledging over HTTP: once, by whoever asks, with audit line and ledger entry; the second time is a conflict", async () => {
	const id = String((await page("/api/v1/alarms")).items[0]?.id);
	const acknowledge = (body: object) =>
		ask(`/api/v1/alarms/${id}/acknowledge`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
	const foreign = await acknowledge({ comment: "on my way", by: "bob" });
	expect([foreign.status, await foreign.json()]).toMatchObject([400, { code: "invalid-request", errors: [{ field: "by" }] }]);
	expect([acts.lines, acts.entries]).toEqual([[], []]);
	const first = await acknowledge({ comment: "on my way" });
	expect([first.status, await first.json()]).toMatchObject([200, { state: "acknowledged", acknowledgedBy: "ann", comment: "on my way" }]);
	const second = await acknowledge({ comment: "on my way" });
	expect([second.status, await second.json()]).toMatchObject([409, { code: "already-acknowledged" }]);
	expect((await page(`/api/v1/alarms/${id}/transitions?limit=1`)).items).toMatchObject([{ kind: "acknowledged", by: "ann", occurrence: 2 }]);
	expect(acts.lines).toMatchObject([{ operation: "alarm.acknowledge", actor: { id: "u1" }, object: { type: "alarm", id }, result: "ok" }]);
	const detail = acts.lines[0]?.detail ?? {};
	const comment = commentDigest(String(detail.salt), "on my way");
	expect(acts.entries).toMatchObject([
		{ type: "alarm.acknowledged", data: { alarm: id, rule: "hot", point: POINT, occurrence: 2, account: "u1", comment } },
	]);
	expect(JSON.stringify(acts.entries)).not.toContain("on my way");
});

const post = async (path: string, body: object, token = "all") => {
	const headers = { "Content-Type": "application/json" };
	const answer = await ask(path, { method: "POST", headers, body: JSON.stringify(body) }, token);
	return [answer.status, (await answer.json()) as unknown] as const;
};

test("shelving, unshelving and taking out of service over HTTP: with a reason, by who may, within the longest time, once each, audited and in the ledger", async () => {
	const id = String((await page(`/api/v1/alarms?point=${POINT}`)).items[0]?.id);
	const at = (what: string) => `/api/v1/alarms/${id}/${what}`;
	acts.lines.length = acts.entries.length = 0;
	expect(await post(at("shelve"), { reason: "sensor moved" }, "few")).toMatchObject([403, { code: "forbidden" }]);
	expect(await post(at("shelve"), {})).toMatchObject([400, { errors: [{ field: "reason" }] }]);
	expect(await post(at("shelve"), { reason: " " })).toMatchObject([400, { errors: [{ field: "reason", message: "expected the reason" }] }]);
	expect(await post(at("shelve"), { reason: "sensor moved", minutes: 481 })).toMatchObject([
		400,
		{ code: "invalid-request", errors: [{ field: "minutes", message: "expected at most 480" }] },
	]);
	expect(await post(at("out-of-service"), {})).toMatchObject([400, { errors: [{ field: "reason" }] }]);
	expect(await post(at("unshelve"), {})).toMatchObject([409, { code: "not-shelved" }]);
	expect(await post(at("reset"), {})).toMatchObject([409, { code: "not-latched" }]);
	expect(await post("/api/v1/alarms/none/shelve", { reason: "x" })).toMatchObject([404, { code: "not-found" }]);
	expect([acts.lines, acts.entries]).toEqual([[], []]);

	const shelf = { by: "ann", reason: "sensor moved", until: new Date(T0 + 30 * 60_000).toISOString(), oneShot: false };
	expect(await post(at("shelve"), { reason: "sensor moved", minutes: 30 })).toMatchObject([200, { state: "shelved", shelved: true, shelf }]);
	expect(await post(at("shelve"), { reason: "again", minutes: 480 })).toMatchObject([409, { code: "already-shelved" }]);
	expect(await post(at("out-of-service"), { reason: "rebuilding" })).toMatchObject([
		200,
		{ state: "out-of-service", shelved: true, outOfService: true, removal: { by: "ann", reason: "rebuilding" } },
	]);
	expect((await page("/api/v1/alarms?shelved=true&outOfService=true")).items).toMatchObject([{ id }]);
	expect((await page("/api/v1/alarms?suppressed=true")).items).toEqual([]);
	expect(await (await ask("/api/v1/alarms/summary")).json()).toMatchObject({ shelved: 1, outOfService: 1, suppressed: 0, active: 1 });
	expect(await post(at("out-of-service"), { reason: "done", outOfService: false })).toMatchObject([200, { state: "shelved", removal: null }]);
	expect(await post(at("unshelve"), {})).toMatchObject([200, { shelved: false, shelf: null }]);

	expect(acts.lines.map(({ operation, actor }) => [operation, actor])).toMatchObject([
		["alarm.shelve", { id: "u1" }],
		["alarm.out-of-service", { id: "u1" }],
		["alarm.in-service", { id: "u1" }],
		["alarm.unshelve", { id: "u1" }],
	]);
	const comment = commentDigest(String(acts.lines[0]?.detail?.salt), "sensor moved");
	expect(acts.entries).toMatchObject([
		{ type: "alarm.shelved", data: { alarm: id, occurrence: 2, account: "u1", comment, until: shelf.until, oneShot: false } },
		{ type: "alarm.out-of-service" },
		{ type: "alarm.in-service" },
		{ type: "alarm.unshelved", data: { comment: null } },
	]);
	expect(JSON.stringify(acts.entries)).not.toContain("sensor moved");
	expect((await page(`${at("transitions")}?limit=4`)).items).toMatchObject([
		{ kind: "unshelved", by: "ann", comment: null },
		{ kind: "in-service", comment: "done" },
		{ kind: "out-of-service", comment: "rebuilding", state: "out-of-service" },
		{ kind: "shelved", comment: "sensor moved", state: "shelved" },
	]);
});

test("access events are masked by the rights of who asks, each read is noted, and who may not see names can't search by them", async () => {
	const ofOne = async (token: string) => (await page("/api/v1/access/events", token)).items[0];
	notes.length = 0;
	expect(await ofOne("all")).toMatchObject({ holder: { id: "ada", name: "Ada Byron" }, card: "H10301 12-3456" });
	expect(await ofOne("few")).toMatchObject({ holder: { id: "•••", name: "•••" }, card: "H10301 12-**56" });
	expect(notes).toMatchObject([
		{ tag: "read", operation: "access.read-events", result: "ok" },
		{ tag: "read", operation: "access.read-events", result: "ok" },
	]);
	const searched = await ask("/api/v1/access/events?holder=ada", {}, "few");
	expect([searched.status, (await searched.json()) as unknown]).toMatchObject([403, { code: "forbidden" }]);
	expect(notes.at(-1)).toMatchObject({ tag: "authorisation", result: "refused" });
	expect((await page("/api/v1/access/events?holder=ada")).items).toHaveLength(1);
});

test.each([
	"/api/v1/alarms?active=yes",
	"/api/v1/alarms?limit=501",
	"/api/v1/alarms?cursor=x",
	"/api/v1/access/events?from=yesterday",
	"/api/v1/alarms?stat=normal",
	"/api/v1/rules?x",
])("%s is refused", async (path) => {
	expect((await ask(path)).status).toBe(400);
});

test("every route is in the OpenAPI document", async () => {
	const document = z.object({ paths: z.record(z.string(), z.unknown()) }).parse(await (await ask("/api/openapi.json")).json());
	expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(["/api/v1/alarms/{id}/acknowledge", "/api/v1/rules", "/api/v1/access/doors"]));
});
