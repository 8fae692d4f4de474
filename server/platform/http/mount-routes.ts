import express, { type Express, type Request, type RequestHandler, type Response } from "express";
import { z } from "zod";
import { biometricField } from "../../../contracts/biometrics.ts";
import { inWords } from "../../../contracts/in-words.ts";
import { pathText } from "../../../contracts/site-check.ts";
import { AppError, biometricData, type FieldError, invalid } from "../errors.ts";
import { maskerOf, seesAs } from "../masking.ts";
import { operationOf } from "./access-note.ts";
import type { Gate } from "./gate.ts";
import { fieldErrors } from "./problem.ts";
import type { Route } from "./route.ts";

export interface MountOptions {
	gate: Gate;
	validateResponses: boolean;
	/** The site whose rights decide what is masked; see GateOptions. */
	site?: (() => string) | undefined;
}

/** Largest request body. */
const BODY_LIMIT = 256 * 1024;
/** Most levels of nesting in a body; what goes through it level by level must not run out of stack. */
const DEEPEST = 64;
const JSON_BODY = { type: "application/json", accepted: ["json", "+json"] };
const readJson = express.json({ limit: BODY_LIMIT, type: ["json", "+json"], strict: false });

/**
 * Puts routes into the app. A path that a route has takes no other method (405 with Allow); literal paths win over paths with
 * parameters, whatever the order of the list. Throws when two routes have the same method and path.
 */
export function mountRoutes(app: Express, routes: readonly Route[], options: MountOptions): void {
	const paths = Map.groupBy(routes, (route) => route.path);
	for (const path of [...paths.keys()].sort(bySpecificity)) {
		const group = paths.get(path) ?? [];
		const methods = group.map((route) => route.method.toUpperCase());
		if (new Set(methods).size < methods.length) throw new Error(`two routes answer ${methods.join(", ")} ${path}`);
		const allowed = [...methods, ...(methods.includes("GET") ? ["HEAD"] : [])].join(", ");
		const place = app.route(expressPath(path));
		for (const route of group) place[route.method](serve(route, options));
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

/** In this order: who asks and whether they may, what they ask, the answer, the note of a read, the masking. */
function serve(route: Route, { gate, validateResponses, site }: MountOptions): RequestHandler {
	const masker = typeof route.response === "string" ? null : maskerOf(route.response);
	const known = knownParameters(route.query);
	const readBody = bodyReader(route);
	return async (request, response) => {
		const actor = await gate.admit(route, request, response);
		if (route.body) await readBody(request, response);
		const biometrics = route.refusesBiometrics ? biometricField(request.body) : null;
		if (biometrics !== null) {
			const refusal = biometricData(biometrics);
			await gate.noteRefusal(operationOf(route), request, actor, refusal);
			throw refusal;
		}
		const input = parseInput(route, request, known);
		response.status(route.status ?? 200).set("Cache-Control", "no-store");
		// What the handler writes itself is on its way before it returns.
		if (!masker) await gate.noteRead(route, request, actor);
		const result = await route.handle({ ...input, actor, request, response }).catch(async (error: unknown) => {
			if (error instanceof AppError && (error.status === 403 || error.code === "biometric-data"))
				await gate.noteRefusal(operationOf(route), request, actor, error);
			throw error;
		});
		if (!masker || typeof route.response === "string") return;
		if (validateResponses) assertAnswer(route.response, result, request);
		await gate.noteRead(route, request, actor);
		send(response, masker.mask(result, seesAs(actor, site?.())));
	};
}

type Read = (request: Request, response: Response) => Promise<void>;

function bodyReader({ bodyText, bodyBytes }: Route): Read {
	const through =
		(read: RequestHandler): Read =>
		(request, response) =>
			new Promise((resolve, reject) => read(request, response, (error?: unknown) => (error ? reject(error) : resolve())));
	if (!bodyText && !bodyBytes) return through(readJson);
	const limit = bodyText?.limit ?? bodyBytes?.limit ?? 0;
	const readBytes = through(express.raw({ limit, type: bodyText?.type ?? [...(bodyBytes?.types ?? [])] }));
	return async (request, response) => {
		await readBytes(request, response).catch((error: unknown) => {
			const large = z.object({ type: z.literal("entity.too.large") }).safeParse(error).success;
			throw large ? new AppError("body-too-large", 413, `The body is larger than ${limit / 1024} KiB.`) : error;
		});
		const bytes: unknown = request.body;
		if (bodyBytes) {
			request.body = Buffer.isBuffer(bytes) ? bytes : Buffer.alloc(0);
			return;
		}
		try {
			request.body = Buffer.isBuffer(bytes) ? new TextDecoder("utf-8", { fatal: true }).decode(bytes) : "";
		} catch (cause) {
			throw new AppError("invalid-request", 400, "The body is no text in UTF-8.", { cause, errors: [{ field: "body", message: "expected UTF-8" }] });
		}
	};
}

/** The media types that a route takes, and the first of them. */
function acceptedBy({ bodyText, bodyBytes }: Route): { type: string; accepted: string[] } {
	if (bodyText) return { type: bodyText.type, accepted: [bodyText.type] };
	if (bodyBytes) return { type: bodyBytes.types.join(" or "), accepted: [...bodyBytes.types] };
	return JSON_BODY;
}

/** The names that a query may have; a route without a query takes none. */
function knownParameters(schema: z.ZodType | undefined): ReadonlySet<string> {
	if (schema === undefined) return new Set();
	if (schema instanceof z.ZodObject) return new Set(Object.keys(schema.shape));
	if (schema instanceof z.ZodPipe) return knownParameters(schema.def.in as z.ZodType);
	throw new Error("a route's query is no object");
}

function send(response: Response, result: unknown): void {
	if (result === undefined) response.end();
	else response.json(result);
}

/** Parses what the route has schemas for, and reports everything that is wrong at once. */
function parseInput(route: Route, request: Request, known: ReadonlySet<string>): { params: unknown; query: unknown; body: unknown } {
	// A filter with a typing error in its name must not answer with everything.
	const wrong: FieldError[] = Object.keys(request.query)
		.filter((name) => !known.has(name))
		.map((field) => ({
			field,
			message: `is not a parameter of this request; ${known.size > 0 ? `it takes ${[...known].join(", ")}` : "it takes none"}`,
		}));
	if (isTooDeep(request.body))
		throw invalid("The body is nested too deep.", [{ field: "body", message: `expected at most ${DEEPEST} levels of nesting` }]);
	const parse = (part: "params" | "query" | "body", value: unknown): unknown => {
		const unfit = unfitText(value);
		if (unfit !== null) {
			wrong.push({ field: unfit.length > 0 ? pathText(unfit) : part, message: "expected text without NUL characters and lone surrogates" });
			return undefined;
		}
		const result = route[part]?.safeParse(value, { error: inWords });
		if (result?.success === false) wrong.push(...fieldErrors(result.error, part));
		return result?.data;
	};
	const { type, accepted } = acceptedBy(route);
	if (route.body && hasBody(request) && !request.is(accepted)) throw new AppError("unsupported-media-type", 415, `Send the body as ${type}.`);
	const input = { params: parse("params", request.params), query: parse("query", request.query), body: parse("body", request.body ?? {}) };
	if (wrong.length > 0) throw invalid(`The request is not as expected: ${wrong.map((error) => error.field).join(", ")}.`, wrong);
	return input;
}

function isTooDeep(value: unknown, levels = DEEPEST): boolean {
	if (typeof value !== "object" || value === null) return false;
	return levels === 0 || Object.values(value).some((part) => isTooDeep(part, levels - 1));
}

/** The path to text that no database takes, U+0000 or half of a surrogate pair; `null` where there is none. */
function unfitText(value: unknown): string[] | null {
	if (typeof value === "string") return value.includes("\u0000") || !value.isWellFormed() ? [] : null;
	if (typeof value !== "object" || value === null || Buffer.isBuffer(value)) return null;
	for (const [name, part] of Object.entries(value)) {
		if (unfitText(name)) return [];
		const unfit = unfitText(part);
		if (unfit) return [name, ...unfit];
	}
	return null;
}

function hasBody(request: Request): boolean {
	return request.headers["transfer-encoding"] !== undefined || Number(request.headers["content-length"] ?? 0) > 0;
}

function assertAnswer(schema: z.ZodType, result: unknown, request: Request): void {
	const checked = schema.safeParse(result);
	if (!checked.success) throw new Error(`${request.method} ${request.path} answers against its schema:\n${z.prettifyError(checked.error)}`);
}
