import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { historySchema, problemSchema } from "../../../contracts/api.ts";
import { DuckDbHistory } from "../../../server/history/duckdb.ts";
import { historyRoutes } from "../../../server/history/history-routes.ts";
import { HistoryService } from "../../../server/history/history-service.ts";
import { createApp } from "../../../server/platform/http/http-server.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { actorWith, everybodyIs } from "../../helpers/actors.ts";
import { settableClock, worldSource } from "../../helpers/small-world.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../helpers/temporary-directory.ts";

const NOW = 1_769_000_400_000;
const clock = settableClock(NOW);
let directory: TemporaryDirectory;
let history: DuckDbHistory;
let server: Server;
let origin = "";

beforeAll(async () => {
	directory = await temporaryDirectory("routes");
	history = new DuckDbHistory({ directory: directory.path, logger: silentLogger(), clock, maintainEveryMs: 0 });
	await history.start();
	const at = (ts: number, value: number | boolean, point = "t1:temperature") => ({ point, ts, receivedAt: ts, value, quality: "good" as const });
	await history.append({ agent: "a", outbox: "o", seq: 1 }, [
		...Array.from({ length: 25_000 }, (_, index) => at(NOW - (25_000 - index) * 1000, index % 100)),
		at(NOW - 1000, true, "t1:smoke"),
	]);
	const app = createApp({
		logger: silentLogger(),
		authenticator: everybodyIs(actorWith(["site.read"])),
		routes: historyRoutes(new HistoryService({ history, world: worldSource(), clock })),
		validateResponses: true,
	});
	server = createServer(app);
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	origin = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/api/v1/points`;
});
afterAll(async () => {
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
	await history.stop();
	await directory.remove();
});

const get = async (path: string) => {
	const response = await fetch(`${origin}/${path}`);
	return { response, body: response.headers.get("content-type")?.includes("json") ? ((await response.json()) as unknown) : await response.text() };
};

test("without a range it is the last hour, as fine as fits", async () => {
	const { response, body } = await get("t1:temperature/history");
	expect(response.status).toBe(200);
	const answer = historySchema.parse(body);
	expect(answer).toMatchObject({ point: "t1:temperature", step: "raw", truncated: false });
	expect(answer.rows).toHaveLength(3600);
	expect(answer.rows[0]).toEqual({ ts: new Date(NOW - 3_600_000).toISOString(), value: 0, quality: "good" });
});

test.each([
	["ISO 8601", `from=${new Date(NOW - 60_000).toISOString()}&to=${new Date(NOW).toISOString()}`],
	["Unix milliseconds", `from=${NOW - 60_000}&to=${NOW}`],
])("from and to are taken as %s", async (_, range) => {
	const { body } = await get(`t1:temperature/history?${range}`);
	expect(historySchema.parse(body).rows).toHaveLength(60);
});

test("a rollup row has min, max, mean, last, count, and with `aggregate` its value", async () => {
	const start = NOW - 3_600_000;
	const { body } = await get(`t1:temperature/history?step=1m&from=${start}&to=${start + 60_000}&aggregate=max`);
	expect(body).toMatchObject({
		step: "1m",
		rows: [{ ts: new Date(start).toISOString(), min: 0, max: 59, mean: 29.5, last: 59, count: 60, value: 59 }],
	});
});

test("a small limit makes auto coarser, and a raw answer cut", async () => {
	const coarse = await get(`t1:temperature/history?from=${NOW - 24_000_000}&limit=500`);
	expect(coarse.body).toMatchObject({ step: "1m", truncated: false });
	const cut = await get(`t1:temperature/history?step=raw&from=${NOW - 24_000_000}&limit=500`);
	expect(cut.body).toMatchObject({ step: "raw", truncated: true });
	expect(historySchema.parse(cut.body).rows).toHaveLength(500);
});

test.each([
	["t1:none/history", 404, "not-found", undefined],
	["t1:none/history.csv", 404, "not-found", undefined],
	["t1:temperature/history?from=yesterday", 400, "invalid-request", "from"],
	["t1:temperature/history?to=2026-13-40T00:00:00Z", 400, "invalid-request", "to"],
	[`t1:temperature/history?from=${NOW}&to=${NOW - 1}`, 400, "invalid-request", "from"],
	["t1:temperature/history?step=5m", 400, "invalid-request", "step"],
	["t1:temperature/history?limit=0", 400, "invalid-request", "limit"],
	["t1:temperature/history.csv?from=x", 400, "invalid-request", "from"],
])("%s is answered with %i, naming the field", async (path, status, code, field) => {
	const { response, body } = await get(path);
	expect(response.status).toBe(status);
	const problem = problemSchema.parse(body);
	expect(problem.code).toBe(code);
	expect(problem.errors?.map((error) => error.field)).toEqual(field === undefined ? undefined : [field]);
});

test("the CSV has every row of the range, in order, over several pages", async () => {
	const { response, body } = await get(`t1:temperature/history.csv?step=raw&from=${NOW - 25_000_000}`);
	expect(response.headers.get("content-type")).toContain("text/csv");
	expect(response.headers.get("content-disposition")).toContain("t1_temperature.csv");
	const lines = String(body).trimEnd().split("\r\n");
	expect(lines[0]).toBe("ts,value,quality");
	expect(lines).toHaveLength(25_001);
	expect(lines.slice(1)).toEqual(lines.slice(1).toSorted());
	expect(new Set(lines).size).toBe(25_001);
	const smoke = await get("t1:smoke/history.csv");
	expect(smoke.body).toBe(`ts,value,quality\r\n${new Date(NOW - 1000).toISOString()},true,good\r\n`);
});
