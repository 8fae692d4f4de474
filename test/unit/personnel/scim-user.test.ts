import { expect, test } from "vitest";
import { leaverLimit, readPersonnel } from "../../../server/personnel/personnel-file.ts";
import { patchUser, readFilter, readUser } from "../../../server/personnel/scim-user.ts";

const ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const kept = (values: object) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

test.each([
	["Entra ID's text", [{ op: "Replace", path: "active", value: "False" }], { active: false }],
	["Okta's object", [{ op: "replace", value: { active: false } }], { active: false }],
	["an attribute with its schema", [{ op: "add", path: `${ENTERPRISE}:organization`, value: "Acme" }], { company: "Acme" }],
	["an object with the schema as its key", [{ op: "add", value: { [ENTERPRISE]: { manager: { value: "bo" } } } }], { sponsor: "bo" }],
	["a removal", [{ op: "Remove", path: "title" }], { post: null }],
	[
		"the last of two",
		[
			{ op: "replace", path: "active", value: false },
			{ op: "replace", path: "ACTIVE", value: true },
		],
		{ active: true },
	],
	["what isn't kept", [{ op: "replace", path: 'emails[type eq "work"].value', value: "a@b" }], {}],
])("a patch is read: %s", (_name, Operations, expected) => {
	expect(kept(patchUser({ Operations }))).toEqual(expected);
});

test.each([
	[[{ op: "move", path: "title", value: "x" }], "invalid-request"],
	[[{ op: "replace", path: "a b[", value: "x" }], "invalid-path"],
	[[{ op: "remove" }], "no-target"],
	[[{ op: "remove", path: "userName" }], "mutability"],
	[[{ op: "replace", path: "active", value: "perhaps" }], "invalid-request"],
	[[{ op: "replace", path: "active" }], "invalid-request"],
	[[{ op: "replace", path: "active", value: { value: false } }], "invalid-request"],
	[[{ op: "replace", value: { active: { value: false } } }], "invalid-request"],
	[[{ op: "replace", path: "id", value: "other" }], "mutability"],
])("a wrong patch is refused by its kind: %j", (Operations, code) => {
	expect(() => patchUser({ Operations })).toThrow(expect.objectContaining({ code, status: 400 }));
});

test("a user's name is displayName, else formatted, else its parts; attribute names differ by more than case", () => {
	expect(readUser({ USERNAME: "a", displayname: "D", name: { formatted: "F" } })).toMatchObject({ userName: "a", name: "D" });
	expect(readUser({ userName: "a", name: { formatted: "F", givenName: "G", familyName: "H" } }).name).toBe("F");
	expect(readUser({ userName: "a", name: { givenName: "G", familyName: "H" } }).name).toBe("G H");
});

test("userName and externalId may be asked for with eq, and nothing else", () => {
	expect(readFilter('userName eq "a\\"b"')).toEqual({ attribute: "userName", value: 'a"b' });
	expect(readFilter('EXTERNALID EQ "7"')).toEqual({ attribute: "externalId", value: "7" });
	for (const filter of ["userName eq a", 'userName sw "a"', 'userName eq "a" or active eq true', ""])
		expect(() => readFilter(filter)).toThrow(expect.objectContaining({ code: "invalid-filter" }));
});

test("a file without its columns, with one too many or with an open quote is refused as a whole", () => {
	for (const text of ["name\nA", "userName,name,salary\na,A,1", 'userName,name\n"a,A', ""])
		expect(() => readPersonnel(text)).toThrow(expect.objectContaining({ code: "invalid-request" }));
	expect(readPersonnel("userName;name\na;A")[0]?.values).toMatchObject({ userName: "a", name: "A" });
});

test("a twentieth of the people may leave by one file, three at least", () => {
	expect([0, 10, 100, 2000].map(leaverLimit)).toEqual([3, 3, 5, 100]);
});

test.each(["a", ENTERPRISE])("what is nested without end under %s is left alone", (key) => {
	let nested: Record<string, unknown> = {};
	for (let depth = 0; depth < 20_000; depth += 1) nested = { [key]: nested };
	expect(kept(readUser({ userName: "ann", nested, ...nested }))).toEqual({ userName: "ann" });
});
