import { describe, expect, test } from "vitest";
import { readImport } from "../../../../server/access/register/import-file.ts";
import { planImport } from "../../../../server/access/register/import-plan.ts";
import { Register } from "../../../../server/access/register/register.ts";
import { credentialRecord, grantRecord, holderRecord } from "../../../helpers/register-records.ts";
import { smallSite, worldOf } from "../../../helpers/small-world.ts";

const NOW = 1_769_000_000_000;
const register = new Register(worldOf(smallSite()).site, {
	holders: [
		holderRecord("bob", { name: "Bob Ray", post: "engineer" }),
		holderRecord("con", { name: "Con Doe", kind: "contractor", company: "Acme", externalId: "hr-con", account: "account-con" }),
		holderRecord("gone", { leftAt: NOW - 1 }),
		holderRecord("me", { account: "account-me" }),
	],
	credentials: [
		credentialRecord("c1", "bob", 1),
		credentialRecord("c2", "bob", 2, { state: "lost" }),
		credentialRecord("c3", "con", 3, { state: "returned" }),
	],
	grants: [grantRecord("g1", { holder: "bob" })],
});
const accounts = new Map([
	["con", "account-con"],
	["me", "account-me"],
	["new", "account-new"],
]);
const plan = (text: string, more: { mayGrant?: boolean } = {}) =>
	planImport(readImport(text), { register, accounts, actor: "account-me", mayGrant: true, now: NOW, ...more });
/** `id fate changes` or `id field!` of each row. */
const fates = (text: string, more = {}) =>
	plan(text, more).rows.map(({ id, fate, changes, errors }) => [id, fate, fate === "refused" ? errors.map(({ field }) => field) : changes]);

const CARD = "id,name,kind,sponsor,cardFormat,cardFacility,cardNumber,fingerprint,zones,reason,until";
describe("a row", () => {
	test.each<[what: string, file: string, fate: string, about: string[]]>([
		["of somebody new creates", "id,name,kind\nann,Ann,employee", "create", ["name", "kind"]],
		["of somebody new without a name is refused", "id,kind\nann,employee", "refused", ["name"]],
		["without any id is refused", "id,name\n,Ann", "refused", ["id"]],
		["with an id of other characters is refused", "id,name\nann lee,Ann", "refused", ["id"]],
		["that says what is known changes nothing", "id,name,kind\nbob,Bob Ray,employee", "unchanged", []],
		["changes what differs", "id,name,company\ncon,Con Doe,Beta", "update", ["company"]],
		["empties what its cell leaves empty", "id,company,externalId\ncon,,hr-con", "update", ["company"]],
		["of a kind that isn't one is refused", "id,kind\nbob,robot", "refused", ["kind"]],
		["of somebody who has left is refused", "id,name\ngone,Gone", "refused", ["id"]],
		["of whoever imports is refused", "id,name\nme,Me", "refused", ["id"]],
		["that would become whoever imports is refused", "id,account\nbob,me", "refused", ["id", "account"]],
		["with an account that nobody has is refused", "id,account\nbob,nobody", "refused", ["account"]],
		["with somebody else's account is refused", "id,account\nbob,con", "refused", ["account"]],
		["with somebody else's HR name is refused", "id,externalId\nbob,hr-con", "refused", ["externalId"]],
		["gives an account", "id,account\nbob,new", "update", ["account"]],
		["issues a card", `${CARD}\nbob,Bob Ray,employee,,H10301,1,9,,,,`, "update", ["card"]],
		["leaves a card that the holder has", `${CARD}\nbob,Bob Ray,employee,,H10301,1,1,,,,`, "unchanged", []],
		["doesn't revive a lost card", `${CARD}\nbob,Bob Ray,employee,,H10301,1,2,,,,`, "refused", ["cardNumber"]],
		["doesn't take somebody else's card", `${CARD}\ncon,Con Doe,contractor,,H10301,1,1,,,,`, "refused", ["cardNumber"]],
		["issues a returned card anew", `${CARD}\nbob,Bob Ray,employee,,H10301,1,3,,,,`, "update", ["card"]],
		["with half a card is refused", `${CARD}\nbob,Bob Ray,employee,,H10301,,9,,,,`, "refused", ["cardNumber"]],
		["with a card that its format can't hold is refused", `${CARD}\nbob,Bob Ray,employee,,H10301,256,9,,,,`, "refused", ["cardFacility"]],
		["with a number in another form is refused", `${CARD}\nbob,Bob Ray,employee,,H10301,1,9e3,,,,`, "refused", ["cardNumber"]],
		["enrols a fingerprint by its reference", `${CARD}\nbob,Bob Ray,employee,,,,,fp-9,,,`, "update", ["fingerprint"]],
		["gives a zone", `${CARD}\ncon,Con Doe,contractor,bob,,,,,hall,works there,`, "update", ["sponsor", "zones"]],
		["leaves a zone that the holder has", `${CARD}\nbob,Bob Ray,employee,,,,,,hall,works there,`, "unchanged", []],
		["gives no zone without anybody who answers", `${CARD}\ncon,Con Doe,contractor,,,,,,hall,works there,`, "refused", ["sponsor"]],
		["gives no zone without a reason", `${CARD}\ncon,Con Doe,contractor,bob,,,,,hall,,`, "refused", ["reason"]],
		["gives no zone that isn't there", `${CARD}\ncon,Con Doe,contractor,bob,,,,,hall roof,works there,`, "refused", ["zones"]],
		["isn't answered for by a contractor", `${CARD}\nbob,Bob Ray,employee,con,,,,,,,`, "refused", ["sponsor"]],
		["isn't answered for by itself", `${CARD}\nbob,Bob Ray,employee,bob,,,,,,,`, "refused", ["sponsor"]],
		["that ends before it begins is refused", `${CARD}\nbob,Bob Ray,employee,,H10301,1,9,,,,2020-01-01T00:00:00Z`, "refused", ["until"]],
		["that ends at no time is refused", `${CARD}\nbob,Bob Ray,employee,,H10301,1,9,,,,2027-13-01T00:00:00Z`, "refused", ["until"]],
		["with a formula is refused", 'id,name\nbob,"=HYPERLINK(""http://x"")"', "refused", ["name"]],
		["with a cell too many is refused", "id,name\nbob,Bob,Ray", "refused", ["row"]],
		["with a cell too few is refused", "id,name,kind\nbob,Bob", "refused", ["row"]],
	])("%s", (_, file, fate, about) => {
		const [row] = fates(file);
		expect(row?.slice(1)).toEqual([fate, about]);
	});

	test("gives no zone where whoever imports may not", () => {
		expect(fates(`${CARD}\ncon,Con Doe,contractor,bob,,,,,hall,works there,`, { mayGrant: false })).toEqual([["con", "refused", ["zones"]]]);
	});

	test("that changes the post says how many grants end, and gives zones anew", () => {
		const { rows, acts } = plan("id,post,zones,sponsor,reason\nbob,guard,hall,me,new post");
		expect(rows).toMatchObject([{ fate: "update", changes: ["post", "sponsor", "zones"], ends: 1 }]);
		expect(acts[0]?.zones).toEqual(["hall"]);
	});
});

describe("rows together", () => {
	test("what stands twice counts once: the first row does", () => {
		const file =
			"id,name,kind,externalId\nann,Ann,employee,hr-1\nann,Ann,employee,hr-2\nben,Ben,employee,hr-1\nbad one,X,employee,hr-3\ncem,Cem,employee,hr-3";
		expect(fates(file).map(([id, fate, about]) => [id, fate, fate === "refused" ? about : null])).toEqual([
			["ann", "create", null],
			["ann", "refused", ["id"]],
			["ben", "refused", ["externalId"]],
			[null, "refused", ["id"]],
			["cem", "create", null],
		]);
	});

	test("a sponsor may stand further down, and is done first", () => {
		const { rows, acts } = plan("id,name,kind,sponsor\ncon2,Con,contractor,ann\nann,Ann,employee,bob");
		expect(rows.map(({ fate }) => fate)).toEqual(["create", "create"]);
		expect(acts.map(({ id }) => id)).toEqual(["ann", "con2"]);
	});

	test("who leans on a refused row, or on each other, is refused too", () => {
		const file = "id,name,kind,sponsor\na,A,employee,b\nb,B,robot,\nc,C,employee,d\nd,D,employee,c";
		expect(fates(file).map(([id, fate, about]) => [id, fate, about])).toEqual([
			["a", "refused", ["sponsor"]],
			["b", "refused", ["kind"]],
			["c", "refused", ["sponsor"]],
			["d", "refused", ["sponsor"]],
		]);
	});
});

describe("a file", () => {
	test("may have newlines, commas and quotes within quotes, CRLF, empty lines and semicolons; rows keep their line", () => {
		const file = 'id;name;kind\r\nann;"Ann\nLee, ""A""; B";employee\r\n\r\nben;Ben;employee\r\n';
		expect(readImport(file).map(({ line, values }) => [line, values?.name])).toEqual([
			[2, 'Ann\nLee, "A"; B'],
			[expect.any(Number), "Ben"],
		]);
	});

	test.each<[string, string, string]>([
		["of unknown columns", "id,colour\nann,red", "colour"],
		["without the column id", "name\nAnn", "id"],
		["with a column twice", "id,name,name\na,A,B", "name"],
		["with a quote left open", 'id,name\nann,"Ann', "line"],
		["that is empty", "", "id"],
		["of too many rows", `id\n${"a\n".repeat(2001)}`, "body"],
	])("%s is refused as a whole", (_, file, field) => {
		expect(() => readImport(file)).toThrow(
			expect.objectContaining({ status: 400, errors: expect.arrayContaining([expect.objectContaining({ field: expect.stringContaining(field) })]) }),
		);
	});

	test.each([
		["a column of templates", "id,template\nann,x"],
		["a photo", "id,photo_url\nann,x"],
		["a record of minutiae", "id,fingerprint\nann,Rk1SACAyMAAA"],
		["a blob", `id,reason\nann,${"QUJD".repeat(50)}`],
		["a record in a column of its own", "id,name\nann,Ann,Rk1SACAyMAAA"],
	])("with %s is refused as biometric data, quoting nothing of it", (_, file) => {
		expect(() => readImport(file)).toThrow(expect.objectContaining({ code: "biometric-data" }));
		expect(() => readImport(file)).not.toThrow(/Rk1S|QUJD/);
	});
});
