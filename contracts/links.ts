/** Links: what agents and devices prove themselves with, as the API shows it (EDG-10). */
import { z } from "zod";
import { instantSchema } from "./api.ts";
import { idSchema } from "./identifiers.ts";

export const linkCredentialSchema = z.object({
	id: z.string(),
	kind: z.enum(["certificate", "token"]),
	createdAt: instantSchema,
	expiresAt: instantSchema,
	revokedAt: instantSchema.nullable(),
	state: z.enum(["valid", "expires-soon", "expired", "revoked"]),
});
/** `GET /links` */
export const linksSchema = z.object({
	/** Whether an agent must prove who it is. */
	required: z.boolean(),
	agents: z.array(z.object({ agent: z.string(), credentials: z.array(linkCredentialSchema) })),
	/** Certificates in use and their ends: of the server's listeners, of the private authority, of agents. */
	certificates: z.array(z.object({ of: z.enum(["server", "authority", "agent"]), name: z.string(), expiresAt: instantSchema, daysLeft: z.number() })),
	/** Accounts of devices at their agents' brokers; `devices` is `["*"]` for a gateway that speaks for all. */
	deviceAccounts: z.array(z.object({ name: z.string(), devices: z.array(z.string()), setAt: instantSchema })),
});
export type LinksView = z.infer<typeof linksSchema>;

/** `POST /agents/{id}/enrolment`: the only time that the key is shown. */
export const enrolmentSchema = z.object({ agent: z.string(), ca: z.string(), certificate: z.string(), key: z.string(), expiresAt: instantSchema });
/** `POST /agents/{id}/token`: the only time that the token is shown. */
export const agentTokenSchema = z.object({ agent: z.string(), token: z.string(), expiresAt: instantSchema });
/** `POST /agents/{id}/revocation` */
export const revocationSchema = z.object({ agent: z.string(), revoked: z.number().int() });

/** `PUT /device-accounts/{name}`: a new password, shown this once. */
export const deviceAccountRequestSchema = z.strictObject({
	devices: z
		.array(z.union([idSchema, z.literal("*")]))
		.min(1)
		.max(10_000)
		.optional()
		.describe("The devices that it speaks for; without it the device of that name alone"),
});
export const devicePasswordSchema = z.object({ name: z.string(), password: z.string(), devices: z.array(z.string()) });
