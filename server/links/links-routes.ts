import { z } from "zod";
import { idSchema } from "../../contracts/identifiers.ts";
import {
	agentTokenSchema,
	deviceAccountRequestSchema,
	devicePasswordSchema,
	enrolmentSchema,
	linksSchema,
	revocationSchema,
} from "../../contracts/links.ts";
import { defineRoute, type Route } from "../platform/http/route.ts";
import type { LinksService } from "./links-service.ts";

const agentParams = z.object({ id: idSchema });
const accountParams = z.object({ name: idSchema });
const iso = (ms: number) => new Date(ms).toISOString();

/** Enrolment of agents and passwords of devices. Secrets are shown in the one answer that made them. */
export function linksRoutes(links: LinksService): Route[] {
	const common = { tag: "links", permission: "links.manage" } as const;
	return [
		defineRoute({
			...common,
			method: "get",
			path: "/api/v1/links",
			summary: "Credentials of agents, accounts of devices, and when certificates end",
			response: linksSchema,
			handle: async () => links.view(),
		}),
		defineRoute({
			...common,
			method: "post",
			path: "/api/v1/agents/{id}/enrolment",
			summary: "Make a key and certificate for an agent",
			confirmed: true,
			params: agentParams,
			response: enrolmentSchema,
			status: 201,
			handle: async ({ params, actor }) => {
				const { ca, cert, key, expiresAt } = await links.enrol(actor, params.id);
				return { agent: params.id, ca, certificate: cert, key, expiresAt: iso(expiresAt) };
			},
		}),
		defineRoute({
			...common,
			method: "post",
			path: "/api/v1/agents/{id}/token",
			summary: "Make a token for an agent",
			confirmed: true,
			params: agentParams,
			response: agentTokenSchema,
			status: 201,
			handle: async ({ params, actor }) => {
				const { token, expiresAt } = await links.issueToken(actor, params.id);
				return { agent: params.id, token, expiresAt: iso(expiresAt) };
			},
		}),
		defineRoute({
			...common,
			method: "post",
			path: "/api/v1/agents/{id}/revocation",
			summary: "End every certificate and token of an agent, and its connection",
			confirmed: true,
			params: agentParams,
			response: revocationSchema,
			handle: async ({ params, actor }) => ({ agent: params.id, revoked: await links.revoke(actor, params.id) }),
		}),
		defineRoute({
			...common,
			method: "put",
			path: "/api/v1/device-accounts/{name}",
			summary: "Give a device or gateway a new password",
			confirmed: true,
			params: accountParams,
			body: deviceAccountRequestSchema,
			response: devicePasswordSchema,
			handle: async ({ params, body, actor }) => ({ name: params.name, ...(await links.setPassword(actor, params.name, body.devices)) }),
		}),
		defineRoute({
			...common,
			method: "delete",
			path: "/api/v1/device-accounts/{name}",
			summary: "Take the password of a device or gateway away",
			confirmed: true,
			params: accountParams,
			response: z.undefined(),
			status: 204,
			handle: async ({ params, actor }) => {
				await links.removePassword(actor, params.name);
				return undefined;
			},
		}),
	];
}
