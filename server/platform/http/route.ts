import type { Request, Response } from "express";
import type { z } from "zod";
import type { Permission } from "../../../contracts/permissions.ts";
import type { Actor } from "../actor.ts";

/**
 * One entry of the API. Its schemas validate the request and make the OpenAPI document.
 * `path` is written as in OpenAPI, e.g. `/api/v1/alarms/{id}/acknowledge`.
 * `handle` returns the body of the answer, or writes the response itself when `response` is a media type.
 * It throws AppError for what the client should know.
 */
export interface Route {
	method: "get" | "post" | "put" | "patch" | "delete";
	path: string;
	summary: string;
	tag: string;
	/** Who may ask: anybody (`public`), everybody who is signed in, or who has the permission (at the site that it is about). */
	permission: Access;
	/** The answer holds personal data: each good answer is noted in the audit log under this operation. */
	readsPersonal?: string;
	/** A harmful act: takes a session whose holder proved who they are a few minutes ago. */
	confirmed?: boolean;
	/** A body with a fingerprint template or an image is refused before anything else of it is looked at, and that is audited (ACC-1). */
	refusesBiometrics?: boolean;
	params?: z.ZodType;
	query?: z.ZodType;
	body?: z.ZodType;
	/** The body is a text in UTF-8 of this media type rather than JSON, of at most so many bytes; a byte order mark is taken off it. */
	bodyText?: { type: string; limit: number };
	/** The body is bytes of one of these media types, of at most so many bytes; the handler gets a Buffer. */
	bodyBytes?: { types: readonly string[]; limit: number };
	/** Schema of the answer, or the media type of an answer that the handler writes itself. */
	response: z.ZodType | string;
	/** Status of a good answer; 200 where it isn't given. */
	status?: number;
	// biome-ignore lint/suspicious/noExplicitAny: the types are those of the schemas above, see defineRoute
	handle(input: any): Promise<unknown>;
}

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;

export type Access = Permission | "public" | "signed-in";

/** Types a route's handler by its schemas. */
export function defineRoute<
	P extends z.ZodType | undefined = undefined,
	Q extends z.ZodType | undefined = undefined,
	B extends z.ZodType | undefined = undefined,
	R extends z.ZodType | string = z.ZodType,
	A extends Access = Access,
>(route: {
	method: Route["method"];
	path: string;
	summary: string;
	tag: string;
	permission: A;
	readsPersonal?: string;
	confirmed?: boolean;
	refusesBiometrics?: boolean;
	bodyText?: { type: string; limit: number };
	bodyBytes?: { types: readonly string[]; limit: number };
	params?: P;
	query?: Q;
	body?: B;
	response: R;
	status?: number;
	handle(input: {
		params: Parsed<P>;
		query: Parsed<Q>;
		body: Parsed<B>;
		/** Who asks; `null` only where a public route is asked without a log-in. */
		actor: A extends "public" ? Actor | null : Actor;
		request: Request;
		response: Response;
	}): Promise<R extends z.ZodType ? z.input<R> : void>;
}): Route {
	return route as Route;
}
