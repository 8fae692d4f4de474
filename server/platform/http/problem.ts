/** Errors as the API tells them: problem details (RFC 9457), one shape for all of them. */
import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { ErrorRequestHandler, RequestHandler } from "express";
import { z } from "zod";
import type { Problem } from "../../../contracts/api.ts";
import { pathText } from "../../../contracts/site-check.ts";
import { AppError, type FieldError } from "../errors.ts";
import type { Logger } from "../logger.ts";

export const PROBLEM_TYPE = "application/problem+json";
const REQUEST_ID = "x-request-id";

/** Names each request, so that an answer can be found in the log. */
export function nameRequest(): RequestHandler {
	return (_request, response, next) => {
		response.setHeader(REQUEST_ID, randomUUID());
		next();
	};
}

/** What Express, its body parser and its router throw: a status that the client may know. */
const httpErrorSchema = z.object({ status: z.number().int().min(400).max(499), type: z.string().optional(), message: z.string() });

const PARSER_CODES: Record<string, { code: string; detail: string }> = {
	"entity.too.large": { code: "body-too-large", detail: "The body is larger than 256 KiB." },
	"entity.parse.failed": { code: "invalid-json", detail: "The body is not valid JSON." },
	"encoding.unsupported": { code: "unsupported-media-type", detail: "The body's Content-Encoding is not supported." },
	"charset.unsupported": { code: "unsupported-media-type", detail: "The body's charset is not supported; send UTF-8." },
};

/** The problem document of an error, without anything that only the log may know. Unknown errors are a bare 500. */
export function problemOf(error: unknown, id: string): Problem {
	const { code, status, detail, errors } = wordsOf(error);
	// RFC 9457, 4.2.1: with "about:blank" the title is the status's own phrase; `code` tells the problems apart.
	return { type: "about:blank", title: STATUS_CODES[status] ?? "Error", status, code, detail, id, ...(errors && { errors }) };
}

function wordsOf(error: unknown): { code: string; status: number; detail: string; errors?: FieldError[] | undefined } {
	if (error instanceof AppError) return { code: error.code, status: error.status, detail: error.message, errors: error.errors };
	const known = httpErrorSchema.safeParse(error);
	if (known.success && error instanceof Error) {
		const { status, type, message } = { ...known.data, message: error.message };
		return { status, ...(PARSER_CODES[type ?? ""] ?? { code: "bad-request", detail: message }) };
	}
	return { code: "internal-error", status: 500, detail: "Something went wrong here. The log has the cause under this id." };
}

/** What zod found wrong, one entry per field; `whole` names what has no field of its own (`body`, `query`). */
export function fieldErrors(error: z.ZodError, whole: string): FieldError[] {
	return error.issues.flatMap((issue) => {
		if (issue.code === "unrecognized_keys")
			return issue.keys.map((key) => ({ field: pathText([...issue.path, key]), message: "is not a field of this request" }));
		return [{ field: issue.path.length > 0 ? pathText(issue.path) : whole, message: issue.message }];
	});
}

const SCIM_TYPES: Record<string, string> = {
	"invalid-filter": "invalidFilter",
	"invalid-path": "invalidPath",
	"no-target": "noTarget",
	"invalid-json": "invalidSyntax",
	"invalid-request": "invalidValue",
	"holder-taken": "uniqueness",
	uniqueness: "uniqueness",
	mutability: "mutability",
};

/** The same error as SCIM clients read it (RFC 7644, 3.12). */
export function scimError({ status, code, detail, errors }: Problem): Record<string, unknown> {
	const wrong = errors?.map(({ field, message }) => `${field}: ${message}`).join("; ");
	return {
		schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
		status: String(status),
		...(SCIM_TYPES[code] && { scimType: SCIM_TYPES[code] }),
		detail: wrong ? `${detail} ${wrong}` : detail,
	};
}

/** Last middleware: answers with the problem document, and logs what a person must look at. */
export function answerProblems(logger: Logger): ErrorRequestHandler {
	return (error: unknown, request, response, next) => {
		const id = String(response.getHeader(REQUEST_ID));
		const problem = problemOf(error, id);
		const fields = { id, method: request.method, path: request.path, code: problem.code };
		if (problem.code === "internal-error") logger.error({ ...fields, err: error }, "request failed");
		else if (problem.status >= 500) logger.warn({ ...fields, err: error }, "request failed");
		if (response.headersSent) return next(error);
		if (request.path.startsWith("/scim/")) {
			response
				.status(problem.status)
				.set("Cache-Control", "no-store")
				.type("application/scim+json")
				.send(JSON.stringify(scimError(problem)));
			return;
		}
		response.status(problem.status).set("Cache-Control", "no-store").type(PROBLEM_TYPE).send(JSON.stringify(problem));
	};
}
