/** What the SCIM service says of itself (RFC 7643, 5 to 7). */
import { SCIM_ENTERPRISE, SCIM_LIST, SCIM_USER } from "../../contracts/scim.ts";

export const SCIM_PAGE = 200;
const no = { supported: false };
export const SERVICE_PROVIDER = {
	schemas: ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
	patch: { supported: true },
	bulk: { ...no, maxOperations: 0, maxPayloadSize: 0 },
	filter: { supported: true, maxResults: SCIM_PAGE },
	changePassword: no,
	sort: no,
	etag: { supported: true },
	authenticationSchemes: [
		{
			type: "oauthbearertoken",
			name: "Bearer token",
			description: "A token of an account that may report who joins, moves and leaves.",
			primary: true,
		},
	],
	meta: { resourceType: "ServiceProviderConfig", location: "/scim/v2/ServiceProviderConfig" },
};
export const USER_TYPE = {
	schemas: ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
	id: "User",
	name: "User",
	endpoint: "/Users",
	description: "A person who has access, or had it",
	schema: SCIM_USER,
	schemaExtensions: [{ schema: SCIM_ENTERPRISE, required: false }],
	meta: { resourceType: "ResourceType", location: "/scim/v2/ResourceTypes/User" },
};

const attribute = (name: string, more: Record<string, string | boolean | readonly Record<string, string | boolean>[]> = {}) => ({
	name,
	type: "string",
	multiValued: false,
	description: "",
	required: false,
	caseExact: false,
	mutability: "readWrite",
	returned: "default",
	uniqueness: "none",
	...more,
});
const schema = (id: string, name: string, attributes: ReturnType<typeof attribute>[]) => ({
	schemas: ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
	id,
	name,
	description: name,
	attributes,
	meta: { resourceType: "Schema", location: `/scim/v2/Schemas/${id}` },
});
export const SCHEMAS = [
	schema(SCIM_USER, "User", [
		attribute("userName", { required: true, uniqueness: "server" }),
		attribute("name", { type: "complex", subAttributes: [attribute("formatted"), attribute("givenName"), attribute("familyName")] }),
		attribute("displayName"),
		attribute("title", { description: "The post, to which grants may be given" }),
		attribute("userType"),
		attribute("active", { type: "boolean" }),
	]),
	schema(SCIM_ENTERPRISE, "EnterpriseUser", [
		attribute("organization"),
		attribute("manager", { type: "complex", subAttributes: [attribute("value", { description: "Id of the sponsor" })] }),
	]),
];

export const listOf = <T>(all: readonly T[], startIndex: number, count: number) => {
	const Resources = all.slice(startIndex - 1, startIndex - 1 + count);
	return { schemas: [SCIM_LIST], totalResults: all.length, startIndex, itemsPerPage: Resources.length, Resources };
};
