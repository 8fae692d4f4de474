/** SCIM users to and from what the register keeps of people (RFC 7643, 4.1, 4.3; RFC 7644, 3.4.2.2, 3.5); pure. */
import { z } from "zod";
import { holderInputSchema } from "../../contracts/access.ts";
import { inWords } from "../../contracts/in-words.ts";
import { SCIM_ENTERPRISE, SCIM_USER, type ScimPatch, type ScimUser } from "../../contracts/scim.ts";
import { isoOf } from "../platform/database/instants.ts";
import { AppError, type FieldError, invalid } from "../platform/errors.ts";
import type { Person, PersonValues } from "./personnel-service.ts";

/** `base`: `/scim/v2`. */
export function scimUser({ holder, externalId }: Person, base: string): ScimUser {
	const { id, name, post, company, sponsor } = holder;
	return {
		schemas: [SCIM_USER, SCIM_ENTERPRISE],
		id,
		...(externalId !== null && { externalId }),
		userName: holder.externalId ?? id,
		name: { formatted: name },
		displayName: name,
		...(post !== null && { title: post }),
		userType: holder.kind === "contractor" ? "Contractor" : "Employee",
		active: holder.leftAt === null,
		[SCIM_ENTERPRISE]: { ...(company !== null && { organization: company }), ...(sponsor !== null && { manager: { value: sponsor } }) },
		meta: { resourceType: "User", created: isoOf(holder.createdAt), location: `${base}/Users/${id}`, version: etag(holder.version) },
	};
}
export const etag = (version: number): string => `W/"${version}"`;

const { name, company, post } = holderInputSchema.shape;
const text = { userName: z.string().trim().min(1).max(120), externalId: z.string().trim().min(1).max(255), name, company, post, sponsor: z.string() };

/** The attributes that are kept, by their paths in lower case; everything else is taken and left alone. */
const KEPT = new Map<string, keyof PersonValues | "given" | "family" | "formatted">([
	["username", "userName"],
	["externalid", "externalId"],
	["displayname", "name"],
	["name.formatted", "formatted"],
	["name.givenname", "given"],
	["name.familyname", "family"],
	["title", "post"],
	["usertype", "kind"],
	["active", "active"],
	["organization", "company"],
	["manager", "sponsor"],
	["manager.value", "sponsor"],
]);
/** Those that have no parts. */
const SIMPLE: ReadonlySet<string> = new Set([...KEPT.keys()].filter((path) => path !== "manager"));
/** An attribute path (RFC 7644, 3.10), of a value filter's kind too. */
const PATH = /^[A-Za-z$][\w$-]*(\[[^\]]+\])?(\.[A-Za-z$][\w$-]*)?$/;
/** How deep a resource is read. */
const DEEPEST = 4;
type Said = Map<string, unknown>;

/** What a whole resource says. Throws AppError 400. */
export function readUser(resource: Record<string, unknown>): PersonValues {
	const said: Said = new Map();
	flatten(resource, "", said);
	return valuesOf(said);
}

/**
 * A whole resource in the place of another: what it doesn't say is emptied (RFC 7644, 3.5.1), but `active` and the sponsor, who may have
 * been named in the register, which stay.
 */
export function replaceUser(resource: Record<string, unknown>): PersonValues {
	const values = readUser(resource);
	if (values.userName === undefined) throw invalid("A user has a userName.", [{ field: "userName", message: "expected a text" }]);
	const { externalId = null, post: title = null, company: organization = null } = values;
	return { ...values, externalId, post: title, company: organization };
}

/**
 * What a patch says, its operations one after another. Takes Entra ID's shapes (`path: "active"`, `value: "False"`, `op: "Replace"`) and
 * Okta's (no path, an object as value). Throws AppError 400 (`invalid-path`, `no-target`, `invalid-request`, `mutability`).
 */
export function patchUser({ Operations }: ScimPatch): PersonValues {
	const said: Said = new Map();
	for (const { op, path, value } of Operations) {
		const kind = op.toLowerCase();
		if (kind !== "add" && kind !== "replace" && kind !== "remove")
			throw invalid("The operation is unknown.", [{ field: "Operations.op", message: "expected add, replace or remove" }]);
		if (path === undefined) {
			if (kind === "remove") throw new AppError("no-target", 400, "A removal names what it removes in its path.");
			if (!isObject(value))
				throw invalid("An operation without a path has its attributes as its value.", [{ field: "value", message: "expected an object" }]);
			flatten(value, "", said);
			continue;
		}
		const at = attribute(path);
		if (!PATH.test(at)) throw new AppError("invalid-path", 400, `${path} is no path of an attribute.`);
		if (kind !== "remove") {
			if (value === undefined) throw invalid("Nothing is said of the attribute.", [{ field: at, message: "expected a value" }]);
			flatten({ [at]: value }, "", said);
		} else if (["username", "active", "id"].includes(at.toLowerCase())) throw new AppError("mutability", 400, `${path} can't be removed.`);
		else said.set(at.toLowerCase(), null);
	}
	if (said.has("id")) throw new AppError("mutability", 400, "The id of a user stays.");
	return valuesOf(said);
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** Without the schema's name before it. */
function attribute(path: string): string {
	for (const schema of [SCIM_USER, SCIM_ENTERPRISE])
		if (path.toLowerCase().startsWith(`${schema.toLowerCase()}:`)) return path.slice(schema.length + 1);
	return path;
}

function flatten(value: Record<string, unknown>, before: string, said: Said, depth = 1): void {
	for (const [key, part] of Object.entries(value)) {
		const schema = [SCIM_USER, SCIM_ENTERPRISE].some((urn) => urn.toLowerCase() === key.toLowerCase());
		const path = schema ? "" : `${before}${attribute(key)}`;
		// No attribute that is kept lies deeper, and what a client nests without end would exhaust the stack.
		if (depth > DEEPEST) return;
		// In an attribute of one value that is kept, an object is wrong: passed over, it would leave a leaver as they were.
		if (isObject(part) && !SIMPLE.has(path.toLowerCase())) flatten(part, schema ? "" : `${path}.`, said, depth + 1);
		else said.set(path.toLowerCase(), part);
	}
}

function valuesOf(said: Said): PersonValues {
	const found = new Map<string, unknown>([...said].flatMap(([path, value]) => (KEPT.has(path) ? [[KEPT.get(path) ?? "", value] as const] : [])));
	const wrong: FieldError[] = [];
	const take = <T>(key: string, schema: z.ZodType<T>, empty: boolean): T | null | undefined => {
		const value = found.get(key);
		if (value === undefined) return undefined;
		if (empty && (value === null || value === "")) return null;
		const parsed = schema.safeParse(value, { error: inWords });
		if (parsed.success) return parsed.data;
		wrong.push({ field: key, message: parsed.error.issues[0]?.message ?? "expected something else" });
		return undefined;
	};
	const whole = [found.get("given"), found.get("family")].filter((part) => typeof part === "string" && part !== "").join(" ");
	const formatted = found.get("formatted");
	const both = found.has("given") && found.has("family");
	if (!found.get("name")) found.set("name", formatted ? formatted : both && whole !== "" ? whole : undefined);
	const values: PersonValues = {
		userName: take("userName", text.userName, false) ?? undefined,
		externalId: take("externalId", text.externalId, true),
		name: take("name", text.name, false) ?? undefined,
		post: take("post", text.post.unwrap().unwrap(), true),
		kind: kindOf(found.get("kind")),
		company: take("company", text.company.unwrap().unwrap(), true),
		sponsor: take("sponsor", text.sponsor, true),
		active: take("active", activeSchema, false) ?? undefined,
	};
	if (wrong.length > 0) throw invalid("The user is not as expected.", wrong);
	return values;
}

const activeSchema = z.union(
	[
		z.boolean(),
		z
			.string()
			.regex(/^(true|false)$/i)
			.transform((said) => said.toLowerCase() === "true"),
	],
	{
		error: "expected true or false",
	},
);

function kindOf(said: unknown): "employee" | "contractor" | undefined {
	if (typeof said !== "string" || said === "") return undefined;
	return /contract|external|vendor/i.test(said) ? "contractor" : "employee";
}

/** Which attribute must equal what (RFC 7644, 3.4.2.2); other filters are refused: AppError 400 `invalid-filter`. */
export function readFilter(filter: string): { attribute: "userName" | "externalId"; value: string } {
	const parts = /^\s*(?:urn:ietf:params:scim:schemas:core:2\.0:User:)?(userName|externalId)\s+eq\s+("(?:[^"\\]|\\.)*")\s*$/i.exec(filter);
	const [, attributeName, quoted] = parts ?? [];
	const value = quoted === undefined ? undefined : parseText(quoted);
	if (attributeName === undefined || value === undefined)
		throw new AppError("invalid-filter", 400, 'The filters are userName eq "..." and externalId eq "...".');
	return { attribute: attributeName.toLowerCase() === "username" ? "userName" : "externalId", value };
}
function parseText(quoted: string): string | undefined {
	try {
		return z.string().parse(JSON.parse(quoted));
	} catch {
		return undefined;
	}
}
