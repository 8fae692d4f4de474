/** SCIM 2.0 (RFC 7643, 7644) as far as Watchroom speaks it: `/scim/v2/Users` for the HR system. */
import { z } from "zod";

export const SCIM_USER = "urn:ietf:params:scim:schemas:core:2.0:User";
export const SCIM_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
export const SCIM_LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

export const scimUserSchema = z.object({
	schemas: z.array(z.string()),
	/** Id of the holder. */
	id: z.string(),
	externalId: z.string().optional(),
	userName: z.string(),
	name: z.object({ formatted: z.string() }),
	displayName: z.string(),
	/** The post, to which grants may be given. */
	title: z.string().optional(),
	userType: z.enum(["Employee", "Contractor"]),
	active: z.boolean(),
	[SCIM_ENTERPRISE]: z.object({ organization: z.string().optional(), manager: z.object({ value: z.string() }).optional() }).optional(),
	meta: z.object({ resourceType: z.literal("User"), created: z.iso.datetime(), location: z.string(), version: z.string() }),
});
export type ScimUser = z.infer<typeof scimUserSchema>;

/** `POST`, `PUT`: attributes that Watchroom doesn't keep are taken and left alone (RFC 7644, 3.3). */
export const scimInputSchema = z.record(z.string(), z.json());
export const scimPatchSchema = z.object({
	schemas: z.array(z.string()).optional(),
	Operations: z
		.array(z.object({ op: z.string().max(16), path: z.string().max(256).optional(), value: z.json().optional() }))
		.min(1)
		.max(100),
});
export type ScimPatch = z.output<typeof scimPatchSchema>;

export const scimListSchema = z.object({
	schemas: z.array(z.string()),
	totalResults: z.number().int(),
	startIndex: z.number().int(),
	itemsPerPage: z.number().int(),
	Resources: z.array(z.json()),
});
export const scimUserListSchema = scimListSchema.extend({ Resources: z.array(scimUserSchema) });
export const scimDocumentSchema = z.record(z.string(), z.json());
