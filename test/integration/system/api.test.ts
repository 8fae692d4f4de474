/** The API describes itself, and says what is wrong with a request. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { problemSchema } from "../../../contracts/api.ts";
import { ROLES } from "../../../contracts/permissions.ts";
import { ROLE_TABLE } from "../../../server/identity/role-table.ts";
import { fixture, type System, system } from "../../helpers/system.ts";

let running: System;
beforeAll(async () => {
	running = await system({ site: fixture("system.yaml") });
	await running.startServer();
});
afterAll(() => running.stop());

/** Somebody who may. */
const roleFor = (permission: string | undefined) =>
	ROLES.find((role) => (ROLE_TABLE[role] as readonly string[]).includes(permission ?? "")) ?? "operator";

const openApiSchema = z.object({
	openapi: z.string().startsWith("3.1"),
	paths: z.record(
		z.string(),
		z.record(
			z.string(),
			z.object({
				summary: z.string().min(1),
				"x-permission": z.string(),
				parameters: z.array(z.object({ name: z.string(), in: z.string(), required: z.boolean() })).optional(),
			}),
		),
	),
});
const ROUTES = [
	"GET /healthz",
	"GET /readyz",
	"GET /metrics",
	"GET /api/v1/sites",
	"GET /api/v1/sites/{id}",
	"GET /api/v1/locations",
	"GET /api/v1/points",
	"GET /api/v1/points/{id}",
	"GET /api/v1/points/{id}/history",
	"GET /api/v1/points/{id}/history.csv",
	"GET /api/v1/points/{id}/alarm-transitions",
	"GET /api/v1/devices",
	"GET /api/v1/devices/{id}",
	"GET /api/v1/devices/{id}/quarantine",
	"GET /api/v1/devices/{id}/sequence-gaps",
	"GET /api/v1/agents",
	"GET /api/v1/agents/{id}",
	"GET /api/v1/agents/{id}/quarantine",
	"GET /api/v1/alarms",
	"GET /api/v1/alarms/{id}",
	"GET /api/v1/alarms/{id}/transitions",
	"POST /api/v1/alarms/{id}/acknowledge",
	"GET /api/v1/rules",
	"GET /api/v1/access/events",
	"GET /api/v1/access/doors",
	"GET /api/v1/access/door-events",
];

test("the OpenAPI document lists every route, and every GET route that needs no parameters answers", async () => {
	const document = openApiSchema.parse(await running.get("/api/openapi.json"));
	const listed = Object.entries(document.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
	expect(listed).toEqual(expect.arrayContaining(ROUTES));
	const permissionOf = new Map(
		Object.entries(document.paths).flatMap(([path, methods]) =>
			Object.entries(methods).map(([method, route]) => [`${method.toUpperCase()} ${path}`, route["x-permission"]]),
		),
	);
	const needsNothing = (route: string) => !document.paths[route.slice(4)]?.get?.parameters?.some(({ required }) => required);
	for (const route of listed.filter((one) => one.startsWith("GET ") && needsNothing(one))) {
		const answer = await running.ask(route.slice(4), {}, roleFor(permissionOf.get(route)));
		expect(answer.status, route).toBe(200);
	}
});

const WRONG: [request: string, init: RequestInit, status: number, code: string, field: string | null][] = [
	["/api/v1/nothing", {}, 404, "not-found", null],
	["/api/v1/points/thermo:nothing", {}, 404, "not-found", null],
	["/api/v1/points/thermo:nothing/history", {}, 404, "not-found", null],
	["/api/v1/points?limit=many", {}, 400, "invalid-request", "limit"],
	["/api/v1/points?kind=warmth", {}, 400, "invalid-request", "kind"],
	["/api/v1/points/thermo:temperature/history?from=yesterday", {}, 400, "invalid-request", "from"],
	["/api/v1/points/thermo:temperature/history?step=2m", {}, 400, "invalid-request", "step"],
	["/api/v1/alarms?active=perhaps", {}, 400, "invalid-request", "active"],
	["/api/v1/alarms?activ=true", {}, 400, "invalid-request", "activ"],
	["/api/v1/rules?limit=0", {}, 400, "invalid-request", "limit"],
	["/healthz?deep", {}, 400, "invalid-request", "deep"],
	["/api/v1/alarms?cursor=abc", {}, 400, "invalid-request", "cursor"],
	[
		"/api/v1/alarms/nothing/acknowledge",
		{ method: "POST", body: '{"note":"x"}', headers: { "content-type": "application/json" } },
		400,
		"invalid-request",
		"note",
	],
	["/api/v1/alarms/nothing/acknowledge", { method: "POST", body: "{", headers: { "content-type": "application/json" } }, 400, "invalid-json", null],
];
test.each(WRONG)("%s is answered with a problem that names what is wrong", async (request, init, status, code, field) => {
	const answer = await running.ask(request, init);
	expect(answer.headers.get("content-type")).toContain("application/problem+json");
	const problem = problemSchema.parse(await answer.json());
	expect({ http: answer.status, status: problem.status, code: problem.code }).toEqual({ http: status, status, code });
	if (field) expect(problem.errors?.map((error) => error.field)).toContain(field);
});
