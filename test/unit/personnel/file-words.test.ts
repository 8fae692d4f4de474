/** What is wrong with a row of a file is told in sentences of the product, in both languages, whichever column it is in. */
import { expect, test } from "vitest";
import { fieldText } from "../../../dashboard/src/i18n/server-words.ts";
import { serverWords } from "../../../dashboard/src/i18n/zh/server.ts";
import { readImport } from "../../../server/access/register/import-file.ts";
import { planImport } from "../../../server/access/register/import-plan.ts";
import { Register } from "../../../server/access/register/register.ts";
import { planPersonnel, readPersonnel } from "../../../server/personnel/personnel-file.ts";
import { AppError } from "../../../server/platform/errors.ts";
import { credentialRecord, holderRecord } from "../../helpers/register-records.ts";
import { smallSite, worldOf } from "../../helpers/small-world.ts";

const LONG = "x".repeat(127);
const NOW = 1_769_000_000_000;
const bob = holderRecord("bob", { externalId: "hr-bob", account: "me" });
const register = new Register(worldOf(smallSite()).site, {
	holders: [bob, holderRecord("gone", { leftAt: NOW - 1 })],
	credentials: [credentialRecord("c1", "bob", 1), credentialRecord("c2", "bob", 2, { state: "lost" })],
	grants: [],
});
const register_ = (column: string, cell: string) => {
	const row = new Map([
		["id", "ann"],
		["name", "Ann"],
		["kind", "employee"],
		...(column.startsWith("card") ? [["cardFormat", "H10301"] as const, ["cardFacility", "1"] as const, ["cardNumber", "9"] as const] : []),
		[column, cell],
	]);
	return readRegister(`${[...row.keys()].join(",")}\n${[...row.values()].map((value) => JSON.stringify(value)).join(",")}`);
};
const readRegister = (file: string) =>
	planImport(readImport(file), { register, accounts: new Map([["me", "me"]]), actor: "me", mayGrant: false, now: NOW }).rows.flatMap(
		({ errors }) => errors,
	);
const personnel = (column: string, cell: string) => {
	const row = new Map([
		["userName", "ann"],
		["name", "Ann"],
		[column, cell],
	]);
	return readPerson(`${[...row.keys()].join(",")}\n${[...row.values()].join(",")}`);
};
const readPerson = (file: string) =>
	planPersonnel(readPersonnel(file), { people: [], fromFile: new Map(), full: false }).rows.flatMap(({ errors }) => errors);
const wholeFile = (read: (file: string) => unknown, file: string) => {
	try {
		read(file);
	} catch (error) {
		if (error instanceof AppError) return error.errors ?? [];
	}
	return [];
};

test.each([
	...[
		["id", ""],
		["id", "a b"],
		["id", "bob"],
		["id", "gone"],
		["name", ""],
		["name", LONG],
		["name", "=1+1"],
		["kind", ""],
		["kind", "robot"],
		["company", LONG],
		["post", LONG],
		["externalId", LONG],
		["externalId", "hr-bob"],
		["account", LONG],
		["account", "nobody"],
		["account", "me"],
		["sponsor", "a b"],
		["sponsor", "gone"],
		["cardFormat", ""],
		["cardFormat", LONG],
		["cardFacility", "x"],
		["cardFacility", "999"],
		["cardNumber", "9e3"],
		["cardNumber", "1"],
		["cardNumber", "2"],
		["fingerprint", "a b"],
		["fingerprint", "Rk1SAbc"],
		["zones", "a/b"],
		["zones", "moon"],
		["zones", "hall"],
		["reason", "x"],
		["until", "soon"],
		["until", "2027-13-01T00:00:00Z"],
		["until", "2020-01-01T00:00:00Z"],
	].map(([column = "", cell = ""]) => ({ what: `${column} ${cell.slice(0, 20)} of people`, errors: () => caught(() => register_(column, cell)) })),
	...[
		["userName", ""],
		["userName", LONG],
		["name", ""],
		["name", LONG],
		["active", "perhaps"],
		["post", LONG],
		["kind", "robot"],
		["company", LONG],
		["externalId", LONG.repeat(3)],
	].map(([column = "", cell = ""]) => ({ what: `${column} ${cell.slice(0, 20)} of the HR file`, errors: () => personnel(column, cell) })),
	{ what: "a cell too many of people", errors: () => readRegister("id,name\nann,Ann,x") },
	{ what: "a person twice", errors: () => readRegister("id,name,kind\nann,Ann,employee\nann,Ann,employee") },
	{ what: "a cell too many of the HR file", errors: () => readPerson("userName,name\nann,Ann,x") },
	{ what: "a person twice in the HR file", errors: () => readPerson("userName,name\nann,Ann\nann,Ann") },
	{ what: "columns of people", errors: () => wholeFile(readImport, "name,name,nose\n") },
	{ what: "columns of the HR file", errors: () => wholeFile(readPersonnel, "name,name,nose\n") },
	{ what: "quotes of the HR file", errors: () => wholeFile(readPersonnel, 'userName,name\n"ann,Ann') },
])("$what", ({ errors }) => {
	const found = errors();
	expect(found.length).toBeGreaterThan(0);
	for (const { message } of found) {
		expect(message).not.toMatch(/Too|Invalid|input/);
		expect(fieldText(serverWords, message), message).toMatch(/\p{Script=Han}/u);
	}
});

/** Some are refused with the file as a whole. */
function caught(read: () => { message: string }[]): { message: string }[] {
	try {
		return read();
	} catch (error) {
		if (error instanceof AppError) return error.errors ?? [];
		throw error;
	}
}

test.each([
	["the number that a file gave", "E-17", "E-17"],
	["the SCIM id where it gave none", null, "bob"],
])("who is missing from a complete file is known without a name by %s", (_, externalId, told) => {
	const plan = planPersonnel(readPersonnel("userName,name\nann,Ann"), { people: [bob], fromFile: new Map([["bob", externalId]]), full: true });
	expect(plan.rows.map(({ missingId }) => missingId)).toEqual([null, told]);
});

test("who is missing from a complete file is told apart from what the file says of itself", () => {
	const plan = planPersonnel(readPersonnel("userName,name\nann,Ann"), { people: [bob], fromFile: new Map([["bob", null]]), full: true });
	expect(plan.rows.map(({ line, userName, missing, fate }) => [line, userName, missing, fate])).toEqual([
		[2, "ann", null, "join"],
		[null, null, "hr-bob", "leave"],
	]);
});
