import type { Express, Request, RequestHandler, Response } from "express";
import { z } from "zod";
import { AppError, type FieldError, invalid } from "../errors.ts";
import { fieldErrors } from "./problem.ts";
import type { Route } from "./route.ts";

/**
 * Puts routes into the app. A path that a route has takes no other method (405 with Allow); literal paths win over paths with
 * parameters, whatever the order of the list. Throws when two routes have the same method and path.
 */
export function mountRoutes(app: Express, routes: readonly Route[], options: { validateResponses: boolean }): void {
	const paths = Map.groupBy(routes, (route) => route.path);
	for (const path of [...paths.keys()].sort(bySpecificity)) {
		const group = paths.get(path) ?? [];
		const methods = group.map((route) => route.method.toUpperCase());
		if (new Set(methods).size < methods.length) throw new Error(`two routes answer ${methods.join(", ")} ${path}`);
		const allowed = [...methods, ...(methods.includes("GET") ? ["HEAD"] : [])].join(", ");
		const place = app.route(expressPath(path));
		for (const route of group) place[route.method](serve(route, options.validateResponses));
		place.all((request, response) => {
			response.set("Allow", allowed);
			throw new AppError("method-not-allowed", 405, `${path} takes ${allowed}, not ${request.method}.`);
		});
	}
}

/** `/api/v1/alarms/{id}` to Express's `/api/v1/alarms/:id`. */
export function expressPath(path: string): string {
	return path.replace(/\{(\w+)\}/g, ":$1");
}

/** Literal segments before parameters, position by position. */
export function bySpecificity(a: string, b: string): number {
	const rank = (path: string) => path.replace(/\{\w+\}/g, "\uffff");
	return rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0;
}

function serve(route: Route, validateResponses: boolean): RequestHandler {
	return async (request, response) => {
		const input = parseInput(route, request);
		response.status(route.status ?? 200).set("Cache-Control", "no-store");
		const result = await route.handle({ ...input, request, response });
		if (typeof route.response === "string") return;
		if (validateResponses) assertAnswer(route.response, result, request);
		send(response, result);
	};
}

function send(response: Response, result: unknown): void {
	if (result === undefined) response.end();
	else response.json(result);
}

/** Parses what the route has schemas for, and reports everything that is wrong at once. */
function parseInput(route: Route, request: Request): { params: unknown; query: unknown; body: unknown } {
	const wrong: FieldError[] = [];
	const parse = (part: "params" | "query" | "body", value: unknown): unknown => {
		const result = route[part]?.safeParse(value);
		if (result?.success === false) wrong.push(...fieldErrors(result.error, part));
		return result?.data;
	};
	if (route.body && hasBody(request) && !request.is(["json", "+json"]))
		throw new AppError("unsupported-media-type", 415, "Send the body as application/json.");
	const input = { params: parse("params", request.params), query: parse("query", request.query), body: parse("body", request.body ?? {}) };
	if (wrong.length > 0) throw invalid(`The request is not as expected: ${wrong.map((error) => error.field).join(", ")}.`, wrong);
	return input;
}

function hasBody(request: Request): boolean {
	return request.headers["transfer-encoding"] !== undefined || Number(request.headers["content-length"] ?? 0) > 0;
}

function assertAnswer(schema: z.ZodType, result: unknown, request: Request): void {
	const checked = schema.safeParse(result);
	if (!checked.success) throw new Error(`${request.method} ${request.path} answers against its schema:\n${z.prettifyError(checked.error)}`);
}
