import { describe, expect, it, test } from "vitest";
import { z } from "zod";
import { accessEventViewSchema } from "../../../contracts/api.ts";
import type { Permission } from "../../../contracts/permissions.ts";
import { CARD, maskCard, NAME, sensitiveFields } from "../../../contracts/sensitive.ts";
import { maskerOf } from "../../../server/platform/masking.ts";

const nobody = () => false;
const name = z.string().register(sensitiveFields, NAME);
const card = z.string().register(sensitiveFields, CARD);
const masked = (schema: z.ZodType, value: unknown, ...permissions: Permission[]) =>
	maskerOf(schema).mask(value, (permission) => permissions.includes(permission));

test.each([
	["H10301 12-3456", "H10301 12-**56"],
	["H10301 12-123", "H10301 12-*23"],
	["H10301 12-12", "H10301 12-**"],
	["H10301 12-0", "H10301 12-*"],
	["3456", "•••"],
	["", "•••"],
])("of card %s is shown %s: the last two digits, and never all of them", (text, shown) => {
	expect(maskCard(text)).toBe(shown);
});

describe("a marked field is found wherever a schema can hold it", () => {
	it.each<[string, z.ZodType, unknown, unknown]>([
		["object", z.object({ name, size: z.number() }), { name: "Ada", size: 1 }, { name: "•••", size: 1 }],
		["list", z.array(z.object({ name })), [{ name: "Ada" }, { name: "Bob" }], [{ name: "•••" }, { name: "•••" }]],
		["nullable and optional", z.object({ name: name.nullable().optional() }), { name: "Ada" }, { name: "•••" }],
		["null stays", z.object({ name: name.nullable() }), { name: null }, { name: null }],
		["tuple with rest", z.tuple([z.string(), name]).rest(name), ["a", "Ada", "Bob"], ["a", "•••", "•••"]],
		["record", z.record(z.string(), name), { a: "Ada" }, { a: "•••" }],
		["catchall", z.object({ id: z.string() }).catchall(name), { id: "1", other: "Ada" }, { id: "1", other: "•••" }],
		["union", z.union([z.number(), z.object({ name })]), { name: "Ada" }, { name: "•••" }],
		["discriminated union", z.discriminatedUnion("t", [z.object({ t: z.literal("a"), name })]), { t: "a", name: "Ada" }, { t: "a", name: "•••" }],
		["intersection", z.intersection(z.object({ name }), z.object({ id: z.string() })), { name: "Ada", id: "1" }, { name: "•••", id: "1" }],
		["pipe", z.object({ name }).pipe(z.object({ name })), { name: "Ada" }, { name: "•••" }],
		["default, readonly, catch", z.object({ name: name.default("x") }).readonly(), { name: "Ada" }, { name: "•••" }],
		["not the text that was declared", z.object({ name }), { name: 5 }, { name: "•••" }],
	])("%s", (_what, schema, value, shown) => {
		expect(masked(schema, value)).toEqual(shown);
		expect(masked(schema, value, "access.personal")).toBe(value);
	});

	it("a schema that holds itself", () => {
		const person: z.ZodType = z.lazy(() => z.object({ name, below: z.array(person) }));
		expect(masked(person, { name: "A", below: [{ name: "B", below: [] }] })).toEqual({ name: "•••", below: [{ name: "•••", below: [] }] });
	});
});

it("leaves the value itself alone, and hands it on where nothing is sensitive", () => {
	const value = { holder: { id: "ada", name: "Ada" }, card: "F 1-2345" };
	masked(accessEventViewSchema, value);
	expect(value).toEqual({ holder: { id: "ada", name: "Ada" }, card: "F 1-2345" });
	const plain = z.object({ a: z.number() });
	const other = { a: 1 };
	expect([maskerOf(plain).permissions, maskerOf(plain).mask(other, nobody) === other]).toEqual([[], true]);
});

it("each permission uncovers its own fields", () => {
	const schema = z.object({ name, card });
	const value = { name: "Ada", card: "F 1-2345" };
	expect(masked(schema, value, "access.personal")).toEqual({ name: "Ada", card: "F 1-**45" });
	expect(masked(schema, value, "access.card-numbers")).toEqual({ name: "•••", card: "F 1-2345" });
	expect(maskerOf(schema).permissions).toEqual(["access.card-numbers", "access.personal"]);
});
