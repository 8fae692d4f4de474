import type { Request, RequestHandler, Response } from "express";
import { ipKeyGenerator, rateLimit } from "express-rate-limit";
import type { Actor } from "../actor.ts";
import type { Clock } from "../clock.ts";
import { AppError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { type NoteAccess, operationOf } from "./access-note.ts";
import type { Authenticator } from "./authenticator.ts";
import { refusalOf } from "./guard.ts";
import type { Route } from "./route.ts";

export interface GateOptions {
	/** Without it nobody can be known, and only public routes answer. */
	authenticator?: Authenticator;
	/** Takes refusals and reads of personal data. Without it, routes that read personal data answer 503. */
	note?: NoteAccess;
	/** The site that permissions are asked for; without it one at any site will do. */
	site?: () => string;
	clock?: Clock;
	/** Most requests a minute: of one address that isn't signed in, and of one session or token. */
	limits?: { anonymous: number; signedIn: number };
	logger: Logger;
}

const MINUTE = 60_000;
const LIMITS = { anonymous: 1200, signedIn: 12_000 };
const WORLD_CLOCK: Clock = { now: Date.now };

/** Lets requests in or refuses them: who asks, how often, and whether they may. */
export class Gate {
	readonly #options: GateOptions;
	readonly #limit: { anonymous: RequestHandler; signedIn: RequestHandler };
	readonly #actors = new WeakMap<Request, Actor>();

	constructor(options: GateOptions) {
		this.#options = options;
		const limits = options.limits ?? LIMITS;
		this.#limit = {
			anonymous: limiter(limits.anonymous, (request) => ipKeyGenerator(request.ip ?? "")),
			signedIn: limiter(limits.signedIn, (request) => this.#actors.get(request)?.credential ?? ""),
		};
	}

	/** Who asks for the route; `null` only where it is public. Throws AppError 401, 403 or 429; a refusal is audited before. */
	async admit(route: Route, request: Request, response: Response): Promise<Actor | null> {
		const { site, clock = WORLD_CLOCK } = this.#options;
		let actor: Actor | null;
		try {
			actor = await this.identify(request);
		} catch (error) {
			await run(this.#limit.anonymous, request, response);
			if (!(error instanceof AppError) || error.status !== 401) throw error;
			// A worn-out cookie keeps nobody from logging in.
			if (route.permission !== "public") return await this.#refuse(route, request, response, null, error);
			return null;
		}
		if (actor) this.#actors.set(request, actor);
		await run(actor ? this.#limit.signedIn : this.#limit.anonymous, request, response);
		const refusal = refusalOf(route, actor, site?.(), clock.now());
		return refusal ? await this.#refuse(route, request, response, actor, refusal) : actor;
	}

	/** The actor of a request. Throws AppError 401 for a cookie or token that is no good. */
	async identify(request: Request): Promise<Actor | null> {
		return (await this.#options.authenticator?.identify({ headers: request.headers, address: addressOf(request) })) ?? null;
	}

	/**
	 * Notes a refusal. The request is refused all the same when that fails. A request without cookie and token is refused without a note:
	 * nobody tried to be somebody.
	 */
	async noteRefusal(operation: string, request: Request, actor: Actor | null, refusal: AppError): Promise<void> {
		const { note, logger } = this.#options;
		const { cookie, authorization } = request.headers;
		if (!actor && refusal.code === "not-signed-in" && cookie === undefined && authorization === undefined) return;
		try {
			await note?.({
				tag: "authorisation",
				operation,
				actor: actor ?? { address: addressOf(request), typedName: null },
				object: { type: "route", id: `${request.method} ${request.path}` },
				result: "refused",
				detail: { code: refusal.code, said: refusal.message },
			});
		} catch (error) {
			logger.warn({ err: error, code: refusal.code }, "a refusal could not be noted in the audit log");
		}
	}

	/** Notes that personal data was read. Throws AppError `audit-unavailable` (503): the data must not go out then. */
	async noteRead(route: Route, request: Request, actor: Actor | null): Promise<void> {
		if (route.readsPersonal === undefined) return;
		try {
			if (!this.#options.note) throw new Error("there is no audit log");
			await this.#options.note({
				tag: "read",
				operation: route.readsPersonal,
				actor: actor ?? { address: addressOf(request), typedName: null },
				object: { type: route.tag, id: request.path },
				result: "ok",
				detail: { query: { ...request.query } },
			});
		} catch (cause) {
			throw new AppError("audit-unavailable", 503, "Reading personal data is noted in the audit log, which can't be written at the moment.", {
				cause,
			});
		}
	}

	async #refuse(route: Route, request: Request, response: Response, actor: Actor | null, refusal: AppError): Promise<never> {
		// RFC 9110, 11.6.1
		if (refusal.status === 401) response.set("WWW-Authenticate", "Bearer");
		await this.noteRefusal(operationOf(route), request, actor, refusal);
		throw refusal;
	}
}

const addressOf = (request: Request): string | null => request.ip ?? null;

function limiter(limit: number, keyGenerator: (request: Request) => string): RequestHandler {
	return rateLimit({
		windowMs: MINUTE,
		limit,
		keyGenerator,
		standardHeaders: "draft-8",
		legacyHeaders: false,
		handler: (_request, response, next) => {
			response.set("Retry-After", "60");
			next(new AppError("too-many-requests", 429, `That was more than ${limit} requests in a minute. Try again in a minute.`));
		},
	});
}

function run(handler: RequestHandler, request: Request, response: Response): Promise<void> {
	return new Promise((resolve, reject) => {
		void handler(request, response, (error?: unknown) => (error ? reject(error) : resolve()));
	});
}
