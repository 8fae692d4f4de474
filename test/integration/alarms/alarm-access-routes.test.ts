import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { accessMigrations } from "../../../server/access/access-migrations.ts";
import { accessRoutes } from "../../../server/access/access-routes.ts";
import { AccessService } from "../../../server/access/access-service.ts";
import { alarmRoutes } from "../../../server/alarms/alarm-routes.ts";
import { AlarmService } from "../../../server/alarms/alarm-service.ts";
import { alarmsMigrations } from "../../../server/alarms/alarms-migrations.ts";
import { createApp } from "../../../server/platform/http/http-server.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { type TestDatabase, testDatabase } from "../../helpers/postgres.ts";
import { recordingRealtime, settableClock, smallSite, worldSource } from "../../helpers/small-world.ts";

const T0 = 1_769_000_000_000;
const POINT = "t1:temperature";
const rule = { id: "hot", name: "Hot", kind: "limit", level: "high", limit: 32, on: { pointKind: "temperature" }, priority: "high" };
const pageSchema = z.object({ items: z.array(z.looseObject({})), nextCursor: z.string().nullable() });

let db: TestDatabase;
let alarms: AlarmService;
let server: Server;
let base = "";

beforeAll(async () => {
	db = await testDatabase({ ...alarmsMigrations, ...accessMigrations });
	const common = {
		world: worldSource({ ...smallSite(), rules: [rule] }),
		database: db.database,
		realtime: recordingRealtime(),
		clock: settableClock(T0),
	};
	const logger = silentLogger();
	alarms = new AlarmService({ ...common, logger, tickEvery: null });
	const access = new AccessService(common);
	await alarms.start();
	await access.start();
	server = createServer(createApp({ logger, routes: [...alarmRoutes(alarms), ...accessRoutes(access)], validateResponses: true }));
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
		],
		false,
	);
});
afterAll(async () => {
	server.close();
	await alarms.stop();
	await db.drop();
});

const page = async (path: string) => pageSchema.parse(await (await fetch(base + path)).json());

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

test("acknowledging over HTTP: once, with a comment, and seen in the transitions; the second time is a conflict", async () => {
	const id = String((await page("/api/v1/alarms")).items[0]?.id);
	const acknowledge = () =>
		fetch(`${base}/api/v1/alarms/${id}/acknowledge`, {
			method: "POST",
			headers: { "Content-Type": "application/json" },
			body: JSON.stringify({ comment: "on my way", by: "ann" }),
		});
	const first = await acknowledge();
	expect([first.status, await first.json()]).toMatchObject([200, { state: "acknowledged", acknowledgedBy: "ann", comment: "on my way" }]);
	const second = await acknowledge();
	expect([second.status, await second.json()]).toMatchObject([409, { code: "already-acknowledged" }]);
	expect((await page(`/api/v1/alarms/${id}/transitions?limit=1`)).items).toMatchObject([{ kind: "acknowledged", by: "ann", occurrence: 2 }]);
});

test.each(["/api/v1/alarms?active=yes", "/api/v1/alarms?limit=501", "/api/v1/alarms?cursor=x", "/api/v1/access/events?from=yesterday"])(
	"%s is refused",
	async (path) => {
		expect((await fetch(base + path)).status).toBe(400);
	},
);

test("every route is in the OpenAPI document", async () => {
	const document = z.object({ paths: z.record(z.string(), z.unknown()) }).parse(await (await fetch(`${base}/api/openapi.json`)).json());
	expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(["/api/v1/alarms/{id}/acknowledge", "/api/v1/rules", "/api/v1/access/doors"]));
});
