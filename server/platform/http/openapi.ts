/** The OpenAPI 3.1 document, made of the very schemas that check the requests. */
import { z } from "zod";
import { problemSchema } from "../../../contracts/api.ts";
import { accessWords } from "./guard.ts";
import { defineRoute, type Route } from "./route.ts";

type Json = Record<string, unknown>;

/** `GET /api/openapi.json`. The document is made at the first request. */
export function openApiRoute(routes: readonly Route[]): Route {
	let document: Json | undefined;
	const self: Route = defineRoute({
		method: "get",
		path: "/api/openapi.json",
		summary: "This document",
		tag: "operation",
		permission: "public",
		response: z.record(z.string(), z.unknown()),
		handle: async () => {
			document ??= openApiDocument([...routes, self]);
			return document;
		},
	});
	return self;
}

/** Describes every route. Requests are described as clients send them, answers as they come. */
export function openApiDocument(routes: readonly Route[]): Json {
	const paths: Record<string, Json> = {};
	for (const route of routes) {
		paths[route.path] ??= {};
		Object.assign(paths[route.path] ?? {}, { [route.method]: operationOf(route) });
	}
	return {
		openapi: "3.1.1",
		info: {
			title: "Watchroom",
			version: "1",
			description: "Everything that the dashboard does. Times are ISO 8601 in UTC; errors are problem details (RFC 9457) with a stable `code`.",
			license: { name: "Apache-2.0", identifier: "Apache-2.0" },
		},
		servers: [{ url: "/" }],
		tags: [...new Set(routes.map((route) => route.tag))].sort().map((name) => ({ name })),
		paths,
		components: {
			schemas: { Problem: jsonSchema(problemSchema, "output") },
			securitySchemes: {
				session: {
					type: "apiKey",
					in: "cookie",
					name: "watchroom-session",
					description: "A browser's session, from POST /api/v1/session; over TLS its name is __Host-watchroom-session",
				},
				token: { type: "http", scheme: "bearer", description: "A program's token, from POST /api/v1/tokens" },
			},
			responses: {
				Problem: {
					description: "What went wrong",
					content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
				},
			},
		},
	};
}

function operationOf(route: Route): Json {
	return {
		operationId: operationId(route),
		summary: route.summary,
		description: `${accessWords(route.permission)}${route.confirmed ? " A session must have proved who it is in the last five minutes." : ""}`,
		tags: [route.tag],
		"x-permission": route.permission,
		...(route.confirmed && { "x-confirmed": true }),
		...(route.readsPersonal !== undefined && { "x-audited": route.readsPersonal }),
		security: route.permission === "public" ? [] : [{ session: [] }, { token: [] }],
		parameters: [...parametersOf(route.params, "path"), ...parametersOf(route.query, "query")],
		...(route.body && {
			requestBody: {
				required: !route.body.safeParse({}).success,
				content: route.bodyBytes
					? Object.fromEntries(route.bodyBytes.types.map((type) => [type, {}]))
					: { [route.bodyText?.type ?? "application/json"]: { schema: jsonSchema(route.body, "input") } },
			},
		}),
		responses: { [String(route.status ?? 200)]: answerOf(route), ...refusalsOf(route), default: PROBLEM },
	};
}

const PROBLEM = { $ref: "#/components/responses/Problem" };

/** 401: nobody is signed in, or not any more. 403: the right or a fresh proof is missing. */
function refusalsOf({ permission, confirmed }: Route): Json {
	if (permission === "public") return {};
	return { "401": PROBLEM, ...((permission !== "signed-in" || confirmed) && { "403": PROBLEM }) };
}

/** `get /api/v1/alarms/{id}/acknowledge` to `getAlarmsIdAcknowledge`. */
function operationId(route: Route): string {
	const words = route.path.replace(/^\/api(\/v1)?/, "").match(/\w+/g) ?? [];
	return route.method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

function answerOf({ response }: Route): Json {
	if (typeof response === "string") return { description: "The content itself", content: { [response]: { schema: { type: "string" } } } };
	return { description: "The answer", content: { "application/json": { schema: jsonSchema(response, "output") } } };
}

const objectSchema = z.looseObject({
	properties: z.record(z.string(), z.looseObject({ description: z.string().optional() })).default({}),
	required: z.array(z.string()).default([]),
});

function parametersOf(schema: z.ZodType | undefined, place: "path" | "query"): Json[] {
	if (!schema) return [];
	const { properties, required } = objectSchema.parse(jsonSchema(schema, "input"));
	return Object.entries(properties).map(([name, { description, ...property }]) => ({
		name,
		in: place,
		required: place === "path" || required.includes(name),
		...(description !== undefined && { description }),
		schema: property,
	}));
}

function jsonSchema(schema: z.ZodType, io: "input" | "output"): Json {
	const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, target: "draft-2020-12", unrepresentable: "any" });
	return rest;
}
