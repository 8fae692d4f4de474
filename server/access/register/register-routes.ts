import { z } from "zod";
import {
	becauseSchema,
	credentialInputSchema,
	credentialStateInputSchema,
	credentialStateSchema,
	credentialTypeSchema,
	credentialViewSchema,
	grantInputSchema,
	grantViewSchema,
	holderInputSchema,
	holderKindSchema,
	holderUpdateSchema,
	holderViewSchema,
	permittedSchema,
	zoneViewSchema,
} from "../../../contracts/access.ts";
import { importResultSchema } from "../../../contracts/access-import.ts";
import { pageOf } from "../../../contracts/api.ts";
import { idSchema } from "../../../contracts/identifiers.ts";
import { PERMISSIONS } from "../../../contracts/permissions.ts";
import { type Actor, may } from "../../platform/actor.ts";
import { AppError, invalid } from "../../platform/errors.ts";
import { inMemoryPage } from "../../platform/http/in-memory-page.ts";
import { booleanQuery } from "../../platform/http/instant-query.ts";
import { pagingQuery } from "../../platform/http/paging.ts";
import { defineRoute, type Route } from "../../platform/http/route.ts";
import type { ImportService } from "./import-service.ts";
import type { RegisterService } from "./register-service.ts";

const tag = "access";
const byId = z.object({ id: idSchema });
const byUuid = z.object({ id: z.uuid() });
const because = (what: string) => `${what}; the reason is kept`;

/** Largest file of an import, bytes. */
const IMPORT_LIMIT = 1024 * 1024;

/** Zones, holders, credentials, grants and their import. `site`: id of the site that they belong to. */
export function registerRoutes(register: RegisterService, imports: ImportService, site: () => string): Route[] {
	/** Whose names and ids are hidden can't be searched for either. */
	const maySearch = (actor: Actor, asked: string | undefined) => {
		if (asked !== undefined && !may(actor, "access.personal", site()))
			throw new AppError("forbidden", 403, `You may not ask for people: it takes the right to ${PERMISSIONS["access.personal"]}.`);
	};
	return [
		defineRoute({
			method: "get",
			path: "/api/v1/access/zones",
			summary: "Zones with their rooms and doors",
			tag,
			permission: "access.read",
			query: z.object(pagingQuery),
			response: pageOf(zoneViewSchema),
			handle: async ({ query }) => inMemoryPage(register.zones(), query),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/access/holders",
			summary: "Holders by name",
			tag,
			permission: "access.read",
			readsPersonal: "holder.list",
			query: z.object({
				...pagingQuery,
				q: z.string().trim().min(1).max(120).optional().describe("Part of name, company, post or HR name"),
				kind: holderKindSchema.optional(),
				status: z.enum(["active", "left"]).optional(),
				post: z.string().trim().min(1).max(64).optional(),
				zone: idSchema.optional().describe("May enter this zone"),
			}),
			response: pageOf(holderViewSchema),
			handle: async ({ query: { limit, cursor, ...filter }, actor }) => {
				maySearch(actor, filter.q);
				return inMemoryPage(register.holders(filter), { limit, cursor });
			},
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/access/holders",
			summary: "Register a holder",
			tag,
			permission: "holders.manage",
			refusesBiometrics: true,
			body: holderInputSchema,
			status: 201,
			response: holderViewSchema,
			handle: ({ body, actor }) => register.addHolder(body, actor),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/access/holders/{id}",
			summary: "One holder",
			tag,
			permission: "access.personal",
			readsPersonal: "holder.read",
			params: byId,
			response: holderViewSchema,
			handle: async ({ params }) => register.holder(params.id),
		}),
		defineRoute({
			method: "put",
			path: "/api/v1/access/holders/{id}",
			summary: "Change a holder; a changed post ends what was given in the old one",
			tag,
			permission: "holders.manage",
			params: byId,
			refusesBiometrics: true,
			body: holderUpdateSchema,
			response: holderViewSchema,
			handle: ({ params, body, actor }) => register.updateHolder(params.id, body, actor),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/access/holders/{id}/permitted",
			summary: "The doors that a holder may pass, and by what",
			tag,
			permission: "access.personal",
			readsPersonal: "holder.permitted",
			params: byId,
			query: z.object(pagingQuery),
			response: pageOf(permittedSchema),
			handle: async ({ params, query }) => inMemoryPage(register.permittedToHolder(params.id), query),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/access/doors/{id}/permitted",
			summary: "Who may pass a door, and by what",
			tag,
			permission: "access.read",
			readsPersonal: "door.permitted",
			params: byId,
			query: z.object(pagingQuery),
			response: pageOf(permittedSchema),
			handle: async ({ params, query }) => inMemoryPage(register.permittedAtDoor(params.id), query),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/access/credentials",
			summary: "Cards and fingerprints, the newest state first",
			tag,
			permission: "access.read",
			readsPersonal: "credential.list",
			query: z.object({
				...pagingQuery,
				holder: idSchema.optional(),
				state: credentialStateSchema.optional(),
				type: credentialTypeSchema.optional(),
				number: z
					.string()
					.regex(/^\d{1,15}$/, { error: "expected 1 to 15 digits" })
					.optional()
					.describe("Digits that stand in a card's number, for who may see whole ones"),
			}),
			response: pageOf(credentialViewSchema),
			handle: async ({ query: { limit, cursor, ...filter }, actor }) => {
				maySearch(actor, filter.holder);
				if (filter.number !== undefined && !may(actor, "access.card-numbers", site()))
					throw new AppError("forbidden", 403, `You may not ask for cards by number: it takes the right to ${PERMISSIONS["access.card-numbers"]}.`);
				let nextCursor: string | null = null;
				const items = await register.credentials(filter, (all) => {
					const page = inMemoryPage(all, { limit, cursor });
					nextCursor = page.nextCursor;
					return page.items;
				});
				return { items, nextCursor };
			},
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/access/credentials",
			summary: "Issue a card or enrol a fingerprint by its reference",
			tag,
			permission: "holders.manage",
			refusesBiometrics: true,
			body: credentialInputSchema,
			status: 201,
			response: credentialViewSchema,
			handle: ({ body, actor }) => register.issue(body, actor),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/access/credentials/{id}",
			summary: "One card or fingerprint",
			tag,
			permission: "access.read",
			readsPersonal: "credential.read",
			params: byUuid,
			response: credentialViewSchema,
			handle: ({ params }) => register.credential(params.id),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/access/credentials/{id}/state",
			summary: because("Suspend, revive, take back a card or report it lost or stolen"),
			tag,
			permission: "holders.manage",
			params: byUuid,
			body: credentialStateInputSchema,
			response: credentialViewSchema,
			handle: ({ params, body, actor }) => register.setCredentialState(params.id, body, actor),
		}),
		defineRoute({
			method: "get",
			path: "/api/v1/access/grants",
			summary: "Grants, those that lapse first come first",
			tag,
			permission: "access.read",
			readsPersonal: "grant.list",
			query: z.object({
				...pagingQuery,
				holder: idSchema.optional(),
				post: z.string().trim().min(1).max(64).optional(),
				zone: idSchema.optional(),
				status: z.enum(["active", "future", "ended"]).optional(),
				lapsing: booleanQuery.optional().describe("true: only what lapses within 14 days"),
			}),
			response: pageOf(grantViewSchema),
			handle: async ({ query: { limit, cursor, ...filter }, actor }) => {
				maySearch(actor, filter.holder);
				return inMemoryPage(register.grants(filter), { limit, cursor });
			},
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/access/grants",
			summary: "Give a holder or a post access to a zone",
			tag,
			permission: "grants.manage",
			body: grantInputSchema,
			status: 201,
			response: grantViewSchema,
			handle: ({ body, actor }) => register.give(body, actor),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/access/grants/{id}/revoke",
			summary: because("Take a grant at once"),
			tag,
			permission: "grants.manage",
			params: byUuid,
			body: becauseSchema,
			response: grantViewSchema,
			handle: ({ params, body, actor }) => register.revoke(params.id, body.reason, actor),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/access/grants/{id}/renew",
			summary: because("Ask for a grant again: it lapses three months from now"),
			tag,
			permission: "grants.manage",
			params: byUuid,
			body: becauseSchema,
			response: grantViewSchema,
			handle: ({ params, body, actor }) => register.renew(params.id, body.reason, actor),
		}),
		defineRoute({
			method: "post",
			path: "/api/v1/access/import",
			summary: "Take over people with cards and zones from a CSV file: first as a dry run, then what it showed",
			tag,
			permission: "holders.manage",
			query: z.object({
				dryRun: booleanQuery.optional().describe("true: shows every row's fate and changes nothing"),
				hash: z
					.string()
					.regex(/^[0-9a-f]{64}$/, { error: "expected the hash of a dry run" })
					.optional()
					.describe("Of the dry run that was looked at"),
			}),
			body: z.string().min(1, "expected a CSV file"),
			bodyText: { type: "text/csv", limit: IMPORT_LIMIT },
			response: importResultSchema,
			handle: ({ query: { dryRun, hash }, body: text, actor }) => {
				const order = { text, actor, mayGrant: may(actor, "grants.manage", site()) };
				if (dryRun === true) return imports.dryRun(order);
				if (hash === undefined) throw invalid("An import takes a dry run before.", [{ field: "hash", message: "expected the hash of the dry run" }]);
				return imports.run(order, hash);
			},
		}),
	];
}
