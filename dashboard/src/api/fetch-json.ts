import type { z } from "zod";
import { pageOf, problemSchema } from "../../../contracts/api.ts";
import { ProblemError } from "./problem-error.ts";

/** Longest wait for an answer that is not asked for with a patience of its own. */
const TIMEOUT_MS = 20_000;
/** Most pages that {@link fetchAll} follows, so that a server which never ends its list can't hang the page. */
const PAGE_LIMIT = 50;

export interface Request {
	method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
	body?: unknown;
	/** Sent as a CSV file, instead of a JSON body. */
	csv?: string;
	/** Sent as it is, with its own type, instead of a JSON body. */
	blob?: Blob;
	signal?: AbortSignal | undefined;
	/** Longest wait for the answer where it isn't the usual one, ms. */
	patience?: number;
	/** Other statuses whose body has the expected shape too. */
	alsoGood?: readonly number[];
}

/** Fetches and checks one answer. Throws a {@link ProblemError} for everything but an answer of the expected shape. */
export async function fetchJson<S extends z.ZodType>(path: string, schema: S, request: Request = {}): Promise<z.output<S>> {
	const timeout = AbortSignal.timeout(request.patience ?? TIMEOUT_MS);
	const signal = request.signal ? AbortSignal.any([request.signal, timeout]) : timeout;
	const headers: Record<string, string> = { accept: "application/json" };
	const body = request.blob ?? request.csv ?? (request.body === undefined ? undefined : JSON.stringify(request.body));
	if (body !== undefined) headers["content-type"] = request.blob?.type ?? (request.csv === undefined ? "application/json" : "text/csv");
	let response: Response;
	try {
		response = await fetch(path, {
			method: request.method ?? "GET",
			headers,
			signal,
			credentials: "same-origin",
			...(body !== undefined && { body }),
		});
	} catch (cause) {
		if (request.signal?.aborted) throw cause;
		throw new ProblemError({ status: 0, code: "unreachable", detail: `${path}: no answer`, id: null }, { cause });
	}
	const json: unknown = await response.json().catch(() => undefined);
	if (!response.ok && !request.alsoGood?.includes(response.status)) throw problemOf(path, response.status, json, retryAfterOf(response));
	const parsed = schema.safeParse(json);
	if (!parsed.success) {
		const first = parsed.error.issues[0];
		const detail = `${path}: ${first ? `${first.path.join(".")}: ${first.message}` : "not JSON"}`;
		throw new ProblemError({ status: response.status, code: "unexpected-answer", detail, id: null }, { cause: parsed.error });
	}
	return parsed.data;
}

/** Fetches a list page by page, at most `pages` of them. Short pages keep the screen alive between two parses. */
export async function fetchAll<S extends z.ZodType>(path: string, item: S, request: Request = {}, pages = PAGE_LIMIT): Promise<z.output<S>[]> {
	const schema = pageOf(item);
	const items: z.output<S>[] = [];
	let cursor: string | null = null;
	for (let page = 0; page < pages; page++) {
		const address: string = cursor === null ? path : `${path}${path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(cursor)}`;
		const answer: { items: z.output<S>[]; nextCursor: string | null } = await fetchJson(address, schema, request);
		for (const one of answer.items) items.push(one);
		cursor = answer.nextCursor;
		if (cursor === null) break;
	}
	return items;
}

/** Seconds of a Retry-After header (RFC 9110 §10.2.3); `null` when there is none or it is a date. */
function retryAfterOf(response: Response): number | null {
	const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
	return Number.isFinite(seconds) ? seconds : null;
}

function problemOf(path: string, status: number, json: unknown, retryAfter: number | null): ProblemError {
	const problem = problemSchema.partial().safeParse(json);
	const detail = (problem.success ? (problem.data.detail ?? problem.data.title) : undefined) ?? `${path}: ${status}`;
	const code = (problem.success ? problem.data.code : undefined) ?? "error";
	const { id = null, errors } = problem.success ? problem.data : {};
	return new ProblemError({ status, code, detail, id, retryAfter, errors });
}
