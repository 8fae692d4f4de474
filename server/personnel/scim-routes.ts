import type { Request, Response } from "express";
import { z } from "zod";
import { idSchema } from "../../contracts/identifiers.ts";
import { scimDocumentSchema, scimInputSchema, scimPatchSchema, scimUserListSchema, scimUserSchema } from "../../contracts/scim.ts";
import { AppError, invalid, notFound } from "../platform/errors.ts";
import { defineRoute, type Route } from "../platform/http/route.ts";
import type { Person, PersonnelService } from "./personnel-service.ts";
import { listOf, SCHEMAS, SCIM_PAGE, SERVICE_PROVIDER, USER_TYPE } from "./scim-documents.ts";
import { etag, patchUser, readFilter, readUser, replaceUser, scimUser } from "./scim-user.ts";

const BASE = "/scim/v2";
const permission = "personnel.provision";
const tag = "scim";
const byId = z.object({ id: idSchema });
/** What clients send beside; answers are always whole and in the order of userName (RFC 7644, 3.4.2.5, 3.9). */
const ignored = {
	attributes: z.string().optional(),
	excludedAttributes: z.string().optional(),
	sortBy: z.string().optional(),
	sortOrder: z.string().optional(),
};
const whole = z.coerce.number().int();

/** SCIM 2.0 for the HR system (RFC 7644). */
export function scimRoutes(personnel: PersonnelService): Route[] {
	const answer = (response: Response, person: Person) => {
		response.type("application/scim+json").set("ETag", etag(person.holder.version));
		return scimUser(person, BASE);
	};
	const document = (path: string, summary: string, value: unknown) =>
		defineRoute({
			method: "get",
			path: `${BASE}/${path}`,
			summary,
			tag,
			permission,
			response: scimDocumentSchema,
			handle: async ({ response }) => {
				response.type("application/scim+json");
				return scimDocumentSchema.parse(value);
			},
		});
	return [
		document("ServiceProviderConfig", "What this SCIM service can do", SERVICE_PROVIDER),
		document("ResourceTypes", "Kinds of resources", listOf([USER_TYPE], 1, 1)),
		document("ResourceTypes/User", "The kind of users", USER_TYPE),
		document("Schemas", "Schemas of users", listOf(SCHEMAS, 1, SCHEMAS.length)),
		defineRoute({
			method: "get",
			path: `${BASE}/Schemas/{id}`,
			summary: "One schema",
			tag,
			permission,
			params: z.object({ id: z.string().max(128) }),
			response: scimDocumentSchema,
			handle: async ({ params, response }) => {
				const found = SCHEMAS.find(({ id }) => id === params.id);
				if (!found) throw notFound("schema", params.id);
				response.type("application/scim+json");
				return scimDocumentSchema.parse(found);
			},
		}),
		defineRoute({
			method: "get",
			path: `${BASE}/Users`,
			summary: "Users, by userName or externalId",
			tag,
			permission,
			readsPersonal: "person.list",
			query: z.object({ filter: z.string().max(400).optional(), startIndex: whole.optional(), count: whole.optional(), ...ignored }),
			response: scimUserListSchema,
			handle: async ({ query: { filter, startIndex = 1, count = 100 }, response }) => {
				const asked = filter === undefined ? null : readFilter(filter);
				const all = (await personnel.people()).filter((person) => {
					if (!asked) return true;
					if (asked.attribute === "externalId") return person.externalId === asked.value;
					return person.holder.externalId?.toLowerCase() === asked.value.toLowerCase();
				});
				response.type("application/scim+json");
				// Less than what there may be counts as that (RFC 7644, 3.4.2.4).
				const page = listOf(all, Math.max(startIndex, 1), Math.min(Math.max(count, 0), SCIM_PAGE));
				return { ...page, Resources: page.Resources.map((person) => scimUser(person, BASE)) };
			},
		}),
		defineRoute({
			method: "post",
			path: `${BASE}/Users`,
			summary: "Somebody joins",
			tag,
			permission,
			refusesBiometrics: true,
			body: scimInputSchema,
			status: 201,
			response: scimUserSchema,
			handle: async ({ body, actor, response }) => {
				const values = readUser(body);
				const { userName } = values;
				if (userName === undefined) throw invalid("A user has a userName.", [{ field: "userName", message: "expected a text" }]);
				const person = await personnel.join({ ...values, userName, name: values.name ?? userName }, "scim", actor);
				response.location(`${BASE}/Users/${person.holder.id}`);
				return answer(response, person);
			},
		}),
		defineRoute({
			method: "get",
			path: `${BASE}/Users/{id}`,
			summary: "One user",
			tag,
			permission,
			readsPersonal: "person.read",
			params: byId,
			query: z.object(ignored),
			response: scimUserSchema,
			handle: async ({ params, response }) => answer(response, await personnel.person(params.id)),
		}),
		defineRoute({
			method: "put",
			path: `${BASE}/Users/{id}`,
			summary: "A user anew; active false: a leaver",
			tag,
			permission,
			refusesBiometrics: true,
			params: byId,
			body: scimInputSchema,
			response: scimUserSchema,
			handle: async ({ params, body, actor, request, response }) =>
				answer(response, await personnel.change(params.id, replaceUser(body), "scim", actor, versionOf(request))),
		}),
		defineRoute({
			method: "patch",
			path: `${BASE}/Users/{id}`,
			summary: "Parts of a user; active false: a leaver",
			tag,
			permission,
			refusesBiometrics: true,
			params: byId,
			query: z.object(ignored),
			body: scimPatchSchema,
			response: scimUserSchema,
			handle: async ({ params, body, actor, request, response }) =>
				answer(response, await personnel.change(params.id, patchUser(body), "scim", actor, versionOf(request))),
		}),
		defineRoute({
			method: "delete",
			path: `${BASE}/Users/{id}`,
			summary: "A leaver; records keep telling of the person",
			tag,
			permission,
			params: byId,
			status: 204,
			response: z.undefined(),
			handle: async ({ params, actor, request }) => {
				await personnel.change(params.id, { active: false }, "scim", actor, versionOf(request));
				return undefined;
			},
		}),
	];
}

/** The version that a client has read (RFC 7644, 3.14). Throws AppError 412 for one that is none of ours. */
function versionOf(request: Request): number | undefined {
	const given = request.headers["if-match"];
	if (given === undefined || given === "*") return undefined;
	const version = /^(?:W\/)?"(\d{1,9})"$/.exec(given)?.[1];
	if (version === undefined) throw new AppError("changed-meanwhile", 412, "The If-Match header holds no version of this user.");
	return Number(version);
}
