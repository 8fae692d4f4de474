import { mkdir, writeFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { healthSchema, type Problem, problemSchema } from "../../../contracts/api.ts";
import { conflict, notFound } from "../../../server/platform/errors.ts";
import type { PartHealth } from "../../../server/platform/health.ts";
import { healthRoutes } from "../../../server/platform/http/health-routes.ts";
import { HttpServer } from "../../../server/platform/http/http-server.ts";
import { pagingQuery } from "../../../server/platform/http/paging.ts";
import { defineRoute, type Route } from "../../../server/platform/http/route.ts";
import { createLogger, silentLogger } from "../../../server/platform/logger.ts";
import { Metrics } from "../../../server/platform/metrics.ts";
import { temporaryDirectory } from "../../helpers/temporary-directory.ts";

const textSchema = z.object({ text: z.string() });
const routes: Route[] = [
	defineRoute({
		method: "get",
		path: "/api/v1/things/{id}",
		summary: "one",
		tag: "things",
		permission: "public",
		params: z.object({ id: z.string().max(5) }),
		query: z.object({ ...pagingQuery }),
		response: z.object({ id: z.string(), limit: z.number() }),
		handle: async ({ params, query }) => {
			if (params.id === "none") throw notFound("thing", params.id);
			if (params.id === "bug") throw new Error("secret cause");
			return { id: params.id, limit: query.limit };
		},
	}),
	defineRoute({
		method: "get",
		path: "/api/v1/things/all",
		summary: "literal beside a parameter",
		tag: "things",
		permission: "public",
		response: textSchema,
		handle: async () => ({ text: "literal" }),
	}),
	defineRoute({
		method: "post",
		path: "/api/v1/things",
		summary: "make",
		tag: "things",
		permission: "public",
		body: z.strictObject({ name: z.string().min(2), size: z.number().max(3).optional() }),
		status: 201,
		response: textSchema,
		handle: async ({ body }) => {
			if (body.name === "taken") throw conflict("name-taken", "There is one of that name.");
			return { text: body.name };
		},
	}),
	defineRoute({
		method: "get",
		path: "/api/v1/wrong",
		summary: "answers against its schema",
		tag: "things",
		permission: "public",
		response: z.object({ text: z.string() }),
		handle: async () => JSON.parse('{"text":1}'),
	}),
];

let health: PartHealth = { status: "ok", detail: "well" };
const metrics = new Metrics({ defaults: false });
const log: string[] = [];
let server: HttpServer;
let base: string;
let remove: () => Promise<void>;

beforeAll(async () => {
	const folder = await temporaryDirectory("dist");
	remove = () => folder.remove();
	await mkdir(join(folder.path, "assets"));
	await writeFile(join(folder.path, "index.html"), "<title>page</title>");
	await writeFile(join(folder.path, "assets", "main-abc.js"), "plain");
	await writeFile(join(folder.path, "assets", "main-abc.js.br"), "compressed");
	await writeFile(join(folder.path, "assets", "only-abc.css"), "css");
	const checks = [
		{ name: "first", check: () => health },
		{ name: "second", check: async () => ({ status: "ok", detail: "also well" }) as const },
	];
	server = new HttpServer({
		port: 0,
		logger: createLogger({ level: "error", name: "test", destination: { write: (line) => log.push(line) } }),
		routes: [...routes, ...healthRoutes(checks, metrics)],
		dashboard: folder.path,
		validateResponses: true,
	});
	base = `http://127.0.0.1:${await server.start()}`;
});
afterAll(async () => {
	await server.stop();
	await server.stop();
	await remove();
});

const post = (body: string, headers: Record<string, string> = { "content-type": "application/json" }) =>
	fetch(`${base}/api/v1/things`, { method: "POST", body, headers });

async function problem(answer: Response): Promise<Problem> {
	expect(answer.headers.get("content-type")).toMatch(/^application\/problem\+json/);
	const parsed = problemSchema.parse(await answer.json());
	expect(parsed).toMatchObject({ status: answer.status, id: answer.headers.get("x-request-id"), type: "about:blank" });
	return parsed;
}

/** Sends a request with headers that fetch doesn't let through. */
function raw(path: string, headers: Record<string, string>, method = "GET"): Promise<number> {
	return new Promise((resolve, reject) => {
		const sent = httpRequest(`${base}${path}`, { method, headers }, (answer) => {
			answer.resume();
			resolve(answer.statusCode ?? 0);
		});
		sent.on("error", reject);
		sent.end();
	});
}

describe("routes", () => {
	it("hands the parsed params and query to the handler, defaults filled in", async () => {
		const answer = await fetch(`${base}/api/v1/things/a%3Ab?limit=7`);
		expect(await answer.json()).toEqual({ id: "a:b", limit: 7 });
		expect(answer.headers.get("cache-control")).toBe("no-store");
		expect(await (await fetch(`${base}/api/v1/things/a`)).json()).toEqual({ id: "a", limit: 100 });
	});

	it("prefers a literal path to one with a parameter, whatever their order", async () => {
		expect(await (await fetch(`${base}/api/v1/things/all`)).json()).toEqual({ text: "literal" });
	});

	it("answers with the route's own status", async () => {
		const answer = await post('{"name":"new"}');
		expect([answer.status, await answer.json()]).toEqual([201, { text: "new" }]);
	});

	it("reports every wrong field of params and query at once", async () => {
		const found = await problem(await fetch(`${base}/api/v1/things/toolong?limit=501&cursor=`));
		expect(found).toMatchObject({ status: 400, code: "invalid-request" });
		expect(found.errors?.map((error) => error.field)).toEqual(["id", "limit", "cursor"]);
	});

	it("reports wrong, missing and unknown fields of a body", async () => {
		const found = await problem(await post('{"size":4,"extra":1,"more":2}'));
		expect(found.errors?.map((error) => error.field).sort()).toEqual(["extra", "more", "name", "size"]);
	});

	it("refuses text that no database takes, wherever it stands", async () => {
		for (const body of ['{"name":"a\\u0000b"}', '{"name":"\\ud800"}', '{"name":"a","\\u0000":1}'])
			expect(await problem(await post(body))).toMatchObject({ status: 400, code: "invalid-request" });
		expect((await fetch(`${base}/api/v1/things/%00`)).status).toBe(400);
	});
});

describe("problems", () => {
	it.each([
		["an AppError becomes its status and code", () => fetch(`${base}/api/v1/things/none`), 404, "not-found"],
		["a conflict", () => post('{"name":"taken"}'), 409, "name-taken"],
		["an unknown API path is 404", () => fetch(`${base}/api/v1/nothing`, { headers: { accept: "text/html" } }), 404, "not-found"],
		["a body that isn't JSON is 400", () => post("{"), 400, "invalid-json"],
		["a body of another type is 415", () => post("name=x", { "content-type": "text/plain" }), 415, "unsupported-media-type"],
		[
			"a body nested 20,000 deep is 400, not a stack overflow",
			() => post(`{"name":${"[".repeat(20_000)}${"]".repeat(20_000)}}`),
			400,
			"invalid-request",
		],
		["a body over 256 KiB is 413", () => post(JSON.stringify({ name: "x".repeat(262_144) })), 413, "body-too-large"],
		["a body that is not an object is 400", () => post("3"), 400, "invalid-request"],
		["no body is checked like an empty one", () => fetch(`${base}/api/v1/things`, { method: "POST" }), 400, "invalid-request"],
		["a broken escape in the path is 400", () => fetch(`${base}/api/v1/things/%E0%A4%A`), 400, "bad-request"],
		["an answer against its schema is 500 in tests", () => fetch(`${base}/api/v1/wrong`), 500, "internal-error"],
	])("%s", async (_rule, ask, status, code) => {
		expect(await problem(await ask())).toMatchObject({ status, code });
	});

	it("another method on a known path is 405 and names the ones allowed", async () => {
		const answer = await fetch(`${base}/api/v1/things/a`, { method: "DELETE" });
		expect(answer.headers.get("allow")).toBe("GET, HEAD");
		expect(await problem(answer)).toMatchObject({ status: 405, code: "method-not-allowed" });
	});

	it("an unknown error tells the client an id and nothing else, and the log the cause under that id", async () => {
		const found = await problem(await fetch(`${base}/api/v1/things/bug`));
		expect(found).toMatchObject({ status: 500, code: "internal-error" });
		expect(JSON.stringify(found)).not.toContain("secret cause");
		expect(log.find((line) => line.includes(found.id))).toContain("secret cause");
	});
});

describe("who may ask", () => {
	it.each([
		["evil.example", 403],
		["127.0.0.1.evil.example", 403],
		["localhost@evil.example", 403],
		["localhost:8080", 200],
		["127.0.0.1", 200],
		["[::1]:8080", 200],
		["LOCALHOST", 200],
	])("host %s is answered with %i", async (host, status) => {
		expect(await raw("/healthz", { host })).toBe(status);
	});

	it.each([
		[{ origin: "http://evil.example" }, 403],
		[{ origin: "null" }, 403],
		[{ "sec-fetch-site": "cross-site" }, 403],
		[{ "sec-fetch-site": "same-site" }, 403],
		[{ origin: "http://localhost:1", host: "localhost:2" }, 403],
		[{ origin: "http://localhost:1", host: "localhost:1", "sec-fetch-site": "same-origin" }, 400],
		[{}, 400],
	])("a change asked for with %j gets %i", async (headers, status) => {
		expect(await raw("/api/v1/things", headers, "POST")).toBe(status);
	});

	it("lets a page of another origin read nothing", async () => {
		const answer = await fetch(`${base}/healthz`, { headers: { origin: "http://evil.example" } });
		expect(answer.headers.get("access-control-allow-origin")).toBeNull();
		expect(answer.headers.get("cross-origin-resource-policy")).toBe("same-origin");
	});

	it("forbids scripts that are not files of its own", async () => {
		const policy = (await fetch(`${base}/`)).headers.get("content-security-policy") ?? "";
		expect(policy.split(";")).toContain("script-src 'self'");
		expect(policy).not.toContain("upgrade-insecure-requests");
	});
});

describe("health and metrics", () => {
	it("is ready while its parts are degraded, and not when one is down; every part is named", async () => {
		for (const [status, expected] of [
			["ok", 200],
			["degraded", 200],
			["down", 503],
		] as const) {
			health = { status, detail: "so" };
			const answer = await fetch(`${base}/readyz`);
			const body = healthSchema.parse(await answer.json());
			expect([answer.status, body.status, body.parts.map((part) => part.name)]).toEqual([expected, status, ["first", "second"]]);
		}
		expect((await fetch(`${base}/healthz`)).status).toBe(200);
	});

	it("shows counters and gauges with their labels", async () => {
		const count = metrics.counter("watchroom_test_total", "A count", ["reason"]);
		count(2, { reason: "a" });
		metrics.gauge("watchroom_test_depth", "A depth", () => [{ labels: { queue: "q" }, value: 5 }], ["queue"]);
		const text = await (await fetch(`${base}/metrics`)).text();
		expect(text).toContain('watchroom_test_total{reason="a"} 2');
		expect(text).toContain('watchroom_test_depth{queue="q"} 5');
	});
});

describe("dashboard", () => {
	it.each([
		["/", "text/html", 200, "<title>page</title>", "no-cache"],
		["/points/ups-1:load", "text/html", 200, "<title>page</title>", "no-cache"],
		["/assets/only-abc.css", "*/*", 200, "css", "public, max-age=31536000, immutable"],
	])("%s", async (path, accept, status, text, cache) => {
		const answer = await fetch(`${base}${path}`, { headers: { accept } });
		expect([answer.status, await answer.text(), answer.headers.get("cache-control")]).toEqual([status, text, cache]);
	});

	it("sends the compressed file where there is one, under the plain one's type", async () => {
		const length = await new Promise((resolve) =>
			httpRequest(`${base}/assets/main-abc.js`, { headers: { "accept-encoding": "gzip, br" } }, (answer) => {
				expect(answer.headers).toMatchObject({ "content-encoding": "br", vary: "Accept-Encoding" });
				expect(answer.headers["content-type"]).toMatch(/^text\/javascript/);
				answer.resume();
				resolve(answer.headers["content-length"]);
			}).end(),
		);
		expect(length).toBe("10");
		const plain = await fetch(`${base}/assets/main-abc.js`, { headers: { "accept-encoding": "identity" } });
		expect(await plain.text()).toBe("plain");
	});

	it.each(["/assets/gone.js", "/api", "/../package.json"])("a missing file is 404, not the page: %s", async (path) => {
		expect(await raw(path, { accept: "application/json" })).toBe(404);
		if (path.startsWith("/a")) expect((await fetch(`${base}${path}`)).status).toBe(404);
	});

	it("says what to do when nothing is built", async () => {
		const bare = new HttpServer({ port: 0, logger: silentLogger(), routes: [], dashboard: "/nonexistent" });
		const answer = await fetch(`http://127.0.0.1:${await bare.start()}/`);
		expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining("not built")]);
		await bare.stop();
	});
});

describe("life", () => {
	it("names the port that is taken", async () => {
		const second = new HttpServer({ port: server.port, logger: silentLogger(), routes: [] });
		await expect(second.start()).rejects.toMatchObject({ code: "port-in-use", message: expect.stringContaining(String(server.port)) });
		await second.stop();
	});

	it("refuses two routes of the same method and path", () => {
		const [route] = routes;
		expect(() => new HttpServer({ port: 0, logger: silentLogger(), routes: route ? [route, route] : [] })).toThrow(/two routes answer/);
	});

	it("serves its own description", async () => {
		const text = await (await fetch(`${base}/api/openapi.json`)).text();
		expect(text).toContain('"/api/v1/things/{id}"');
	});
});
