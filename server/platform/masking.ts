/** Where it is decided who sees a personal field: answers, events and exports are all masked here, by the marks of their schemas. */
import { z } from "zod";
import type { Permission } from "../../contracts/permissions.ts";
import { type Sensitive, sensitiveFields } from "../../contracts/sensitive.ts";
import { type Actor, may } from "./actor.ts";

type Change = (value: unknown, hides: (permission: Permission) => boolean) => unknown;

/** A schema's masking, worked out once. */
export interface Masker {
	/** Permissions that its fields ask for, sorted; none where nothing is sensitive. */
	permissions: readonly Permission[];
	/** A copy with every field masked whose permission `sees` refuses; the value itself where nothing is to hide. */
	mask(value: unknown, sees: (permission: Permission) => boolean): unknown;
}

const known = new WeakMap<z.ZodType, Masker>();

/** The masking of a schema. Throws where a mark stands on something that is no text, or inside what can't be looked into. */
export function maskerOf(schema: z.ZodType): Masker {
	const made = known.get(schema);
	if (made) return made;
	const permissions = new Set<Permission>();
	const change = compile(schema, permissions, new Map());
	const masker: Masker = {
		permissions: [...permissions].sort(),
		mask: (value, sees) => {
			if (!change || [...permissions].every(sees)) return value;
			return change(value, (permission) => !sees(permission));
		},
	};
	known.set(schema, masker);
	return masker;
}

/** What an actor sees at a site; without a site: at any. */
export const seesAs =
	(actor: Actor | null, site?: string) =>
	(permission: Permission): boolean =>
		actor !== null && may(actor, permission, site);

/** `null` where nothing below is sensitive, so that it costs nothing. */
function compile(schema: z.ZodType, permissions: Set<Permission>, open: Map<z.ZodType, { change: Change | null }>): Change | null {
	const mark = sensitiveFields.get(schema);
	if (mark) return hide(mark, permissions);
	const begun = open.get(schema);
	if (begun) return (value, hides) => begun.change?.(value, hides) ?? value;
	const place: { change: Change | null } = { change: null };
	open.set(schema, place);
	const inner = (part: unknown) => compile(part as z.ZodType, permissions, open);
	place.change = changeOf(schema, inner);
	open.delete(schema);
	return place.change;
}

function hide({ permission, mask }: Sensitive, permissions: Set<Permission>): Change {
	permissions.add(permission);
	return (value, hides) => {
		if (value === null || value === undefined || !hides(permission)) return value;
		// Anything but the text that the mark is for is hidden whole.
		return mask(typeof value === "string" ? value : "");
	};
}

function changeOf(schema: z.ZodType, inner: (part: unknown) => Change | null): Change | null {
	if (schema instanceof z.ZodObject) {
		const rest = schema.def.catchall ? inner(schema.def.catchall) : null;
		return fields(
			Object.entries(schema.shape).map(([name, part]): [string, Change | null] => [name, inner(part)]),
			rest,
		);
	}
	if (schema instanceof z.ZodRecord) return fields([], inner(schema.valueType));
	if (schema instanceof z.ZodArray) return items([], inner(schema.element));
	if (schema instanceof z.ZodTuple) return items(schema.def.items.map(inner), schema.def.rest ? inner(schema.def.rest) : null);
	if (schema instanceof z.ZodUnion) return oneAfterAnother(schema.options.map(inner));
	if (schema instanceof z.ZodIntersection) return oneAfterAnother([inner(schema.def.left), inner(schema.def.right)]);
	if (schema instanceof z.ZodPipe) return inner(schema.def.out);
	if (schema instanceof z.ZodLazy) return inner(schema.def.getter());
	// Wrappers: optional, nullable, default, readonly, catch ...
	if ("innerType" in schema.def) return inner(schema.def.innerType);
	return null;
}

/** Of a union it is not asked which member fits: a field that any of them marks is masked. */
function oneAfterAnother(changes: readonly (Change | null)[]): Change | null {
	const real = changes.filter((change) => change !== null);
	if (real.length === 0) return null;
	return (value, hides) => real.reduce((changed, change) => change(changed, hides), value);
}

function fields(parts: readonly [string, Change | null][], rest: Change | null): Change | null {
	const named = new Set(parts.map(([name]) => name));
	const real = parts.filter((part): part is [string, Change] => part[1] !== null);
	if (real.length === 0 && !rest) return null;
	return (value, hides) => {
		if (typeof value !== "object" || value === null) return value;
		const copy: Record<string, unknown> = { ...value };
		for (const [name, change] of real) if (name in copy) copy[name] = change(copy[name], hides);
		if (rest) for (const name of Object.keys(copy)) if (!named.has(name)) copy[name] = rest(copy[name], hides);
		return copy;
	};
}

function items(first: readonly (Change | null)[], rest: Change | null): Change | null {
	if (!rest && first.every((change) => change === null)) return null;
	return (value, hides) =>
		Array.isArray(value) ? value.map((item: unknown, index) => (index < first.length ? first[index] : rest)?.(item, hides) ?? item) : value;
}
