import { z } from "zod";
import { pageOf } from "../../contracts/api.ts";
import { createUserSchema, roleViewSchema, sessionEntrySchema, setUpLinkSchema, updateUserSchema, userSchema } from "../../contracts/identity.ts";
import { inMemoryPage } from "../platform/http/in-memory-page.ts";
import { decodeCursor, pagingQuery } from "../platform/http/paging.ts";
import { defineRoute, type Route } from "../platform/http/route.ts";
import type { IdentityServices } from "./identity.ts";
import { roleTableView } from "./session.ts";

const byId = z.object({ id: z.string().min(1).max(64) });
const nothing = z.undefined();

/** Accounts of other people, and the role table. */
export function userRoutes({ accounts, sessions }: IdentityServices): Route[] {
	return [
		defineRoute({
			method: "get",
			path: "/api/v1/users",
			summary: "Accounts by username, with their roles",
			tag: "users",
			permission: "users.read",
			readsPersonal: "account.list",
			query: z.object({ ...pagingQuery }),
			response: pageOf(userSchema),
			handle: ({ query: { limit, cursor } }) => accounts.list(decodeCursor(cursor, z.string()) ?? null, limit),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/users",
			summary: "Make an account without any right; the one-time link is for its holder",
			tag: "users",
			permission: "users.manage",
			confirmed: true,
			body: createUserSchema,
			status: 201,
			response: setUpLinkSchema,
			handle: ({ body, actor }) => accounts.create(body, actor),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/users/{id}",
			summary: "One account",
			tag: "users",
			permission: "users.read",
			readsPersonal: "account.read",
			params: byId,
			response: userSchema,
			handle: ({ params }) => accounts.get(params.id),
		}),
		defineRoute({
			method: "patch",
			path: "/api/v1/users/{id}",
			summary: "Change an account's name or mail address",
			tag: "users",
			permission: "users.manage",
			params: byId,
			body: updateUserSchema,
			response: userSchema,
			handle: ({ params, body, actor }) => accounts.update(params.id, body, actor),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/users/{id}/reset",
			summary: "Take an account's password, second factor, sessions and tokens away; the one-time link is for its holder",
			tag: "users",
			permission: "users.manage",
			confirmed: true,
			params: byId,
			response: setUpLinkSchema,
			handle: ({ params, actor }) => accounts.reset(params.id, actor),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/users/{id}/close",
			summary: "Close an account without administrator rights; one with them is closed by a proposal (POST /api/v1/changes)",
			tag: "users",
			permission: "users.manage",
			confirmed: true,
			params: byId,
			response: userSchema,
			handle: ({ params, actor }) => accounts.close(params.id, actor),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/users/{id}/sessions",
			summary: "An account's sessions",
			tag: "users",
			permission: "sessions.revoke",
			readsPersonal: "session.list",
			params: byId,
			query: z.object(pagingQuery),
			response: pageOf(sessionEntrySchema),
			handle: async ({ params, actor, query }) => inMemoryPage(await sessions.list(params.id, actor), query),
		}),
		defineRoute({
			method: "delete",
			path: "/api/v1/users/{id}/sessions/{sid}",
			summary: "End one of an account's sessions",
			tag: "users",
			permission: "sessions.revoke",
			params: z.object({ id: z.string().min(1).max(64), sid: z.string().min(1).max(64) }),
			status: 204,
			response: nothing,
			handle: async ({ params, actor }) => {
				await sessions.end(params.id, params.sid, actor);
				return undefined;
			},
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/roles",
			summary: "What each role may do",
			tag: "users",
			permission: "signed-in",
			query: z.object(pagingQuery),
			response: pageOf(roleViewSchema),
			handle: async ({ query }) => {
				const page = inMemoryPage(
					roleTableView().map((view) => ({ id: view.role, view })),
					query,
				);
				return { ...page, items: page.items.map(({ view }) => view) };
			},
		}),
	];
}
