import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { type ImportResult, importResultSchema } from "../../../contracts/access-import.ts";
import { actorWith } from "../../helpers/actors.ts";
import { type RegisterApi, registerApi } from "../../helpers/register-api.ts";
import { smallSite } from "../../helpers/small-world.ts";

const T0 = 1_769_000_000_000;
const rights = ["access.read", "access.personal", "holders.manage"] as const;
const people = {
	all: actorWith([...rights, "grants.manage"], { id: "manager" }),
	desk: actorWith(rights, { id: "desk" }),
	reader: actorWith(["access.read"], { id: "reader" }),
};
const FILE = `﻿id,name,kind,company,sponsor,cardFormat,cardFacility,cardNumber,fingerprint,zones,reason
con,"Con
Doe",contractor,Acme,ann,H10301,12,77,,hall,cabling
ann,Ann Lee,employee,,,H10301,12,78,fp-ann,,
bob,Bob Ray,employee,,,,,,,,
bad,=1+1,employee,,,,,,,,
`;

let api: RegisterApi;
beforeEach(async () => {
	api = await registerApi({ site: { ...smallSite(), holders: [{ id: "bob", name: "Bob Ray", role: "employee" }] }, people, now: T0 });
});
afterEach(() => api.stop());

const problemSchema = z.object({ code: z.string(), errors: z.array(z.object({ field: z.string() })).optional() });
const send = (query: string, body: string | Buffer<ArrayBuffer> = FILE, who: keyof typeof people = "all", type = "text/csv") =>
	fetch(`${api.base}/api/v1/access/import${query}`, { method: "POST", body, headers: { "content-type": type, authorization: `Bearer ${who}` } });
const result = async (query: string, body = FILE, who: keyof typeof people = "all"): Promise<ImportResult> =>
	importResultSchema.parse(await (await send(query, body, who)).json());

test("the dry run shows every row's fate and changes nothing; the run with its hash does just that, and once more nothing", async () => {
	const shown = await result("?dryRun=true");
	expect(shown.rows.map(({ line, id, fate, errors }) => [line, id, fate, errors.map(({ field }) => field)])).toEqual([
		[2, "con", "create", []],
		[4, "ann", "create", []],
		[5, "bob", "unchanged", []],
		[6, "bad", "refused", ["name"]],
	]);
	expect(shown).toMatchObject({ done: false, counts: { create: 2, update: 0, unchanged: 1, refused: 1 } });
	expect([...api.register.current().holders.keys()]).toEqual(["bob"]);

	api.lines.length = 0;
	api.entries.length = 0;
	expect(await result(`?hash=${shown.hash}`)).toEqual({ ...shown, done: true });
	const now = api.register.current();
	expect(now.holders.get("con")).toMatchObject({ name: "Con\nDoe", kind: "contractor", company: "Acme", sponsor: "ann" });
	expect(now.decide({ card: { format: "H10301", facility: 12, number: 77 }, fingerprint: null }, "main", T0).verdict).toBe("granted");
	expect(now.credentialByFingerprint("fp-ann", T0)?.holder).toBe("ann");
	expect(now.holders.has("bad")).toBe(false);
	expect(api.lines.map(({ operation, object }) => [operation, object?.id])).toEqual([
		["holder.import", "ann"],
		["holder.import", "con"],
		["register.import", "import"],
	]);
	expect(api.entries.at(-1)).toMatchObject({ type: "register.imported", data: { hash: shown.hash, create: 2 } });
	expect(JSON.stringify(api.entries), "no personal data in clear").not.toMatch(/Doe|Lee|"con"|"ann"|hall|H10301/);

	expect((await send(`?hash=${shown.hash}`)).status, "what was shown is done already").toBe(409);
	expect((await result("?dryRun=true")).counts).toEqual({ create: 0, update: 0, unchanged: 3, refused: 1 });
});

test("two who send the same run at once do it once", async () => {
	const { hash } = await result("?dryRun=true");
	const answers = await Promise.all([send(`?hash=${hash}`), send(`?hash=${hash}`)]);
	expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 409]);
	expect(api.register.current().ownGrantsOf("con")).toHaveLength(1);
});

test("nothing is done when file or register are not as they were shown, or when nothing was shown", async () => {
	const { hash } = await result("?dryRun=true");
	const other = await send(`?hash=${hash}`, FILE.replace("Acme", "Beta"));
	expect([other.status, problemSchema.parse(await other.json()).code]).toEqual([409, "changed-meanwhile"]);
	await api.register.change(people.all, (edit) => edit.updateHolder("bob", { name: "Bob Ray-Lee" }));
	expect((await send(`?hash=${hash}`)).status).toBe(409);
	expect((await send("")).status).toBe(400);
	expect([...api.register.current().holders.keys()]).toEqual(["bob"]);
});

test.each([
	["JSON", "{}", "application/json", 415, "unsupported-media-type"],
	["more than a megabyte", Buffer.alloc(1024 * 1024 + 1, 0x61), "text/csv", 413, "body-too-large"],
	["another encoding", Buffer.from([0x69, 0x64, 0x0a, 0xe9]), "text/csv", 400, "invalid-request"],
	["a NUL character", "id\na\0b", "text/csv", 400, "invalid-request"],
	["nothing", "", "text/csv", 400, "invalid-request"],
])("%s is refused", async (_, body, type, status, code) => {
	const answer = await send("?dryRun=true", body, "all", type);
	expect([answer.status, problemSchema.parse(await answer.json()).code]).toEqual([status, code]);
});

test("a browser's session imports too", async () => {
	const headers = { "content-type": "text/csv", cookie: "who=all", origin: api.base };
	const answer = await fetch(`${api.base}/api/v1/access/import?dryRun=true`, { method: "POST", body: FILE, headers });
	expect(importResultSchema.parse(await answer.json()).counts.create).toBe(2);
});

test("a template in a cell refuses the whole file, which is audited", async () => {
	const answer = await send("?dryRun=true", `${FILE}zed,Zed,employee,,,,,,Rk1SACAyMAAA,,\n`);
	const problem = problemSchema.parse(await answer.json());
	expect([answer.status, problem.code, problem.errors?.map(({ field }) => field)]).toEqual([400, "biometric-data", ["line 7, fingerprint"]]);
	expect(api.notes).toMatchObject([{ operation: "access.import.post", result: "refused", detail: { code: "biometric-data" } }]);
	expect(JSON.stringify(api.notes)).not.toContain("Rk1S");
});

test("who may register holders but not give zones has those rows refused; who may neither imports nothing", async () => {
	expect((await result("?dryRun=true", FILE, "desk")).rows[0]).toMatchObject({ id: "con", fate: "refused", errors: [{ field: "zones" }] });
	expect((await send("?dryRun=true", FILE, "reader")).status).toBe(403);
});
