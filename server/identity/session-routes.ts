import type { Request, Response } from "express";
import { z } from "zod";
import { pageOf } from "../../contracts/api.ts";
import {
	changePasswordSchema,
	confirmSchema,
	createdTokenSchema,
	createTokenSchema,
	logInSchema,
	recoveryCodesSchema,
	secondFactorConfirmSchema,
	secondFactorStartSchema,
	sessionEntrySchema,
	sessionSchema,
	setUpSchema,
	setUpViewSchema,
	tokenSchema,
} from "../../contracts/identity.ts";
import type { Actor } from "../platform/actor.ts";
import { AppError } from "../platform/errors.ts";
import { inMemoryPage } from "../platform/http/in-memory-page.ts";
import { pagingQuery } from "../platform/http/paging.ts";
import { defineRoute, type Route } from "../platform/http/route.ts";
import type { IdentityServices } from "./identity.ts";
import { type OpenedSession, type Origin, TooManyAttempts } from "./log-in-service.ts";
import { sessionActor } from "./session-authenticator.ts";
import { cookieName, cookieOptions } from "./session-cookie.ts";

const byId = z.object({ id: z.string().min(1).max(64) });
const nothing = z.undefined();

/** Log-in, one's own session, sessions, second factor and tokens, and the set-up links. */
export function sessionRoutes({ logIn, secondFactor, sessions, tokens, setUp, rights, clock, secure }: IdentityServices): Route[] {
	const signIn = async (response: Response, { secret, session, account }: OpenedSession, origin: Origin) => {
		response.cookie(cookieName(secure), secret, cookieOptions(secure));
		return await sessions.view(sessionActor(account, session, await rights.rolesOf(account.id, clock.now()), origin.address));
	};
	return [
		defineRoute({
			method: "post",
			path: "/api/v1/session",
			summary: "Log in: 401 second-factor-required after the right password of an account with a second factor, else invalid-credentials",
			tag: "session",
			permission: "public",
			body: logInSchema,
			response: sessionSchema,
			handle: async ({ body, actor, request, response }) => {
				const origin = originOf(request);
				const opened = await telling(response, () => logIn.logIn(body, origin));
				// The browser's session before this one: its cookie is overwritten, so nobody could end it later.
				if (actor?.method === "session" && actor.credential !== null) await sessions.end(actor.id, actor.credential, actor).catch(ignoreGone);
				return await signIn(response, opened, origin);
			},
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/session",
			summary: "Who am I, and what may I do",
			tag: "session",
			permission: "signed-in",
			response: sessionSchema,
			handle: ({ actor }) => sessions.view(actor),
		}),
		defineRoute({
			method: "delete",
			path: "/api/v1/session",
			summary: "Log out",
			tag: "session",
			permission: "signed-in",
			status: 204,
			response: nothing,
			handle: async ({ actor, response }) => {
				await sessions.end(actor.id, ownSession(actor), actor);
				response.clearCookie(cookieName(secure), cookieOptions(secure));
				return undefined;
			},
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/session/confirm",
			summary: "Prove again who you are; allows harmful acts for five minutes",
			tag: "session",
			permission: "signed-in",
			body: confirmSchema,
			response: sessionSchema,
			handle: async ({ body, actor, request, response }) => {
				ownSession(actor);
				await telling(response, () => logIn.confirm(actor, body, originOf(request)));
				return await sessions.view(actor);
			},
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/session/password",
			summary: "Change one's password; the other sessions end",
			tag: "session",
			permission: "signed-in",
			body: changePasswordSchema,
			status: 204,
			response: nothing,
			handle: async ({ body, actor, request, response }) => {
				ownSession(actor);
				await telling(response, () => logIn.changePassword(actor, body, originOf(request)));
				return undefined;
			},
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/session/second-factor",
			summary: "Begin to set up, or to replace, the second factor",
			tag: "session",
			permission: "signed-in",
			confirmed: true,
			response: secondFactorStartSchema,
			handle: ({ actor }) => {
				ownSession(actor);
				return secondFactor.begin(actor);
			},
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/session/second-factor/confirm",
			summary: "Turn the second factor on with a code of it; the recovery codes are shown once",
			tag: "session",
			permission: "signed-in",
			confirmed: true,
			body: secondFactorConfirmSchema,
			response: recoveryCodesSchema,
			handle: async ({ body, actor }) => {
				ownSession(actor);
				return { recoveryCodes: await secondFactor.confirm(actor, body.totp) };
			},
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/session/sessions",
			summary: "One's own sessions",
			tag: "session",
			permission: "signed-in",
			query: z.object(pagingQuery),
			response: pageOf(sessionEntrySchema),
			handle: async ({ actor, query }) => inMemoryPage(await sessions.list(actor.id, actor), query),
		}),
		defineRoute({
			method: "delete",
			path: "/api/v1/session/sessions/{id}",
			summary: "End one of one's own sessions",
			tag: "session",
			permission: "signed-in",
			params: byId,
			status: 204,
			response: nothing,
			handle: async ({ params, actor }) => {
				ownSession(actor);
				await sessions.end(actor.id, params.id, actor);
				return undefined;
			},
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/tokens",
			summary: "One's own API tokens",
			tag: "tokens",
			permission: "signed-in",
			query: z.object(pagingQuery),
			response: pageOf(tokenSchema),
			handle: async ({ actor, query }) => inMemoryPage(await tokens.list(actor.id), query),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/tokens",
			summary: "Make an API token; it is shown this once",
			tag: "tokens",
			permission: "signed-in",
			confirmed: true,
			body: createTokenSchema,
			status: 201,
			response: createdTokenSchema,
			handle: async ({ body, actor }) => {
				ownSession(actor);
				if (actor.permissions.size === 0) throw new AppError("forbidden", 403, "There is nothing that a token of yours could do.");
				return await tokens.create(actor.id, body, actor);
			},
		}),
		defineRoute({
			method: "delete",
			path: "/api/v1/tokens/{id}",
			summary: "Revoke one of one's own API tokens",
			tag: "tokens",
			permission: "signed-in",
			params: byId,
			status: 204,
			response: nothing,
			handle: async ({ params, actor }) => {
				ownSession(actor);
				await tokens.revoke(actor.id, params.id, actor);
				return undefined;
			},
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/set-up/{token}",
			summary: "Whose set-up link it is",
			tag: "set-up",
			permission: "public",
			params: z.object({ token: z.string().min(1).max(128) }),
			response: setUpViewSchema,
			handle: ({ params }) => setUp.view(params.token),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/set-up/{token}",
			summary: "Use the set-up link up: sets the password and signs in",
			tag: "set-up",
			permission: "public",
			params: z.object({ token: z.string().min(1).max(128) }),
			body: setUpSchema,
			response: sessionSchema,
			handle: async ({ params, body, request, response }) => {
				const origin = originOf(request);
				return await signIn(response, await setUp.use(params.token, body, origin), origin);
			},
		}),
	];
}

function originOf(request: Request): Origin {
	return { address: request.ip ?? null, userAgent: request.get("user-agent") ?? null };
}

/** Id of the actor's session. Throws AppError 403 for a token: whoever found one must not be able to make its owner's log-in theirs. */
function ownSession(actor: Actor): string {
	if (actor.method === "session" && actor.credential !== null) return actor.credential;
	throw new AppError("session-needed", 403, "This takes a session; a token can't do it.");
}

/** Puts the time to wait into the answer's header (RFC 9110, 10.2.3). */
async function telling<T>(response: Response, work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		if (error instanceof TooManyAttempts) response.set("Retry-After", String(error.retryAfterS));
		throw error;
	}
}

function ignoreGone(error: unknown): void {
	if (!(error instanceof AppError && error.code === "not-found")) throw error;
}
