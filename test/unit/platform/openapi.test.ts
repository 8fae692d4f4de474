import { describe, expect, it } from "vitest";
import { z } from "zod";
import { acknowledgeSchema, alarmSchema, pageOf } from "../../../contracts/api.ts";
import { openApiDocument } from "../../../server/platform/http/openapi.ts";
import { pagingQuery } from "../../../server/platform/http/paging.ts";
import { defineRoute, type Route } from "../../../server/platform/http/route.ts";

const routes: Route[] = [
	defineRoute({
		method: "get",
		path: "/api/v1/alarms",
		summary: "Alarms",
		tag: "alarms",
		permission: "public",
		query: z.object({ ...pagingQuery, active: z.stringbool().optional() }),
		response: pageOf(alarmSchema),
		handle: async () => ({ items: [], nextCursor: null }),
	}),
	defineRoute({
		method: "post",
		path: "/api/v1/alarms/{id}/acknowledge",
		summary: "Acknowledge",
		tag: "alarms",
		permission: "public",
		params: z.object({ id: z.string().max(9) }),
		body: acknowledgeSchema,
		status: 201,
		response: z.object({ ok: z.boolean() }),
		handle: async () => ({ ok: true }),
	}),
	defineRoute({
		method: "post",
		path: "/api/v1/people",
		summary: "Import",
		tag: "alarms",
		permission: "public",
		body: z.string().min(1),
		bodyText: { type: "text/csv", limit: 1024 },
		response: z.object({ ok: z.boolean() }),
		handle: async () => ({ ok: true }),
	}),
	defineRoute({
		method: "get",
		path: "/api/v1/key",
		summary: "Key",
		tag: "ledger",
		permission: "public",
		response: "text/plain",
		handle: async () => undefined,
	}),
];

const operationSchema = z.object({
	operationId: z.string(),
	summary: z.string(),
	tags: z.array(z.string()).length(1),
	parameters: z.array(
		z.object({ name: z.string(), in: z.enum(["path", "query"]), required: z.boolean(), schema: z.record(z.string(), z.unknown()) }),
	),
	requestBody: z.object({ required: z.boolean(), content: z.record(z.string(), z.object({ schema: z.record(z.string(), z.unknown()) })) }).optional(),
	responses: z.record(z.string(), z.record(z.string(), z.unknown())),
});
const documentSchema = z.object({
	openapi: z.string().startsWith("3.1"),
	info: z.object({ title: z.string(), version: z.string() }),
	tags: z.array(z.object({ name: z.string() })),
	paths: z.record(z.string(), z.record(z.string(), operationSchema)),
	components: z.object({ schemas: z.object({ Problem: z.object({ properties: z.record(z.string(), z.unknown()) }) }) }),
});

describe("openApiDocument", () => {
	const document = documentSchema.parse(openApiDocument(routes));
	const operation = (path: string, method: string) => {
		const found = document.paths[path]?.[method];
		if (!found) throw new Error(`${method} ${path} is missing`);
		return found;
	};

	it("has every route under its path and method, with an id of its own", () => {
		const ids = routes.map((route) => operation(route.path, route.method).operationId);
		expect(ids).toEqual(["getAlarms", "postAlarmsIdAcknowledge", "postPeople", "getKey"]);
		expect(document.tags).toEqual([{ name: "alarms" }, { name: "ledger" }]);
	});

	it("describes each parameter of the path, all of them required", () => {
		for (const route of routes) {
			const named = [...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
			const described = operation(route.path, route.method).parameters.filter((parameter) => parameter.in === "path");
			expect(described.map((parameter) => [parameter.name, parameter.required])).toEqual(named.map((name) => [name, true]));
		}
	});

	it("describes the query as clients write it, defaults not required", () => {
		const parameters = operation("/api/v1/alarms", "get").parameters;
		expect(parameters.map(({ name, required }) => [name, required])).toEqual([
			["limit", false],
			["cursor", false],
			["active", false],
		]);
		expect(parameters[0]?.schema).toMatchObject({ type: "integer", minimum: 1, maximum: 500, default: 100 });
	});

	it("describes the body, the answer with its own status, and problems everywhere", () => {
		const { requestBody, responses } = operation("/api/v1/alarms/{id}/acknowledge", "post");
		expect(requestBody?.content["application/json"]?.schema).toMatchObject({ type: "object", additionalProperties: false });
		expect(requestBody?.required).toBe(false);
		expect(Object.keys(responses)).toEqual(["201", "default"]);
		for (const route of routes) expect(operation(route.path, route.method).responses.default).toEqual({ $ref: "#/components/responses/Problem" });
		expect(Object.keys(document.components.schemas.Problem.properties)).toContain("code");
	});

	it("says the media type of an answer that is no JSON", () => {
		expect(operation("/api/v1/key", "get").responses["200"]).toMatchObject({ content: { "text/plain": {} } });
	});

	it("says the media type of a body that is no JSON", () => {
		expect(operation("/api/v1/people", "post").requestBody).toMatchObject({
			required: true,
			content: { "text/csv": { schema: { type: "string" } } },
		});
	});

	it("refers to nothing that isn't there", () => {
		const references = [...JSON.stringify(openApiDocument(routes)).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1]);
		expect(new Set(references)).toEqual(new Set(["#/components/schemas/Problem", "#/components/responses/Problem"]));
	});
});
