/** Which people a filter shows, and what is told of a filter that shows nobody. */
import { expect, test } from "vitest";
import { type HolderView, holderViewSchema } from "../../../contracts/access.ts";
import { filtered, withoutEach } from "../../../dashboard/src/features/access/holder-filter.ts";

const person = (id: string, given: Partial<HolderView>): HolderView =>
	holderViewSchema.parse({
		id,
		name: id,
		kind: "employee",
		company: null,
		post: null,
		externalId: null,
		account: null,
		otherAccounts: [],
		sponsor: null,
		status: "active",
		leftAt: null,
		createdAt: "2026-01-01T00:00:00Z",
		version: 1,
		...given,
	});
const ann = person("ann", { name: "Ann Lee", post: "engineer" });
const bob = person("bob", { name: "Bob Ray", post: "guard", status: "left" });
const eve = person("eve", { name: "Eve Kim", kind: "contractor", company: "Acme" });
const all = [ann, bob, eve];

test.each([
	[{}, all],
	[{ search: " ACME" }, [eve]],
	[{ search: "engin" }, [ann]],
	[{ kind: "employee", status: "left" }, [bob]],
	[{ post: "guard" }, [bob]],
])("%j shows the people that fit every part", (filter, expected) => {
	expect(filtered(all, filter)).toEqual(expected);
});

test("of a filter that shows nobody, each part in use says how many it hides", () => {
	expect(withoutEach(all, [ann], { search: "lee", post: "guard", zone: "halls" })).toEqual([
		{ part: "search", count: 0 },
		{ part: "post", count: 1 },
		{ part: "zone", count: 0 },
	]);
	expect(withoutEach(all, [ann], { post: "guard", zone: "halls" })).toContainEqual({ part: "zone", count: 1 });
	expect(withoutEach([], [], {})).toEqual([]);
});
