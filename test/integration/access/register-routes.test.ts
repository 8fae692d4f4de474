import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { actorWith } from "../../helpers/actors.ts";
import { type RegisterApi, registerApi } from "../../helpers/register-api.ts";
import { smallSite } from "../../helpers/small-world.ts";

const T0 = 1_769_000_000_000;
const holders = [
	{ id: "ann", name: "Ann Lee", role: "employee", post: "engineer", account: "account-ann", sponsor: "bob", zones: ["hall"] },
	{
		id: "bob",
		name: "Bob Ray",
		role: "employee",
		zones: ["hall"],
		card: { format: "H10301", facility: 12, number: 3456 },
		fingerprint: "fp-bob",
		sponsor: "ann",
	},
	{ id: "eve", name: "Eve Kim", role: "contractor", company: "Acme", sponsor: "bob" },
];
const people = {
	manager: actorWith(["access.read", "access.personal", "access.card-numbers", "holders.manage", "grants.manage"], { id: "manager" }),
	ann: actorWith(["access.read", "access.personal", "holders.manage", "grants.manage"], { id: "account-ann" }),
	names: actorWith(["access.read", "access.personal"], { id: "names" }),
	nothing: actorWith(["access.read"], { id: "nothing" }),
};
type Who = keyof typeof people;

let api: RegisterApi;
beforeAll(async () => {
	api = await registerApi({ site: { ...smallSite(), holders }, people, now: T0, accounts: ["account-ann"] });
});
afterAll(() => api.stop());

const itemSchema = z.looseObject({ id: z.string() });
const pageSchema = z.object({ items: z.array(itemSchema), nextCursor: z.string().nullable() });
const ask = (path: string, who: Who, method = "GET", body?: unknown) =>
	fetch(`${api.base}/api/v1/access${path}`, {
		method,
		headers: { authorization: `Bearer ${who}`, ...(body !== undefined && { "content-type": "application/json" }) },
		...(body !== undefined && { body: JSON.stringify(body) }),
	});
const page = async (path: string, who: Who) => pageSchema.parse(await (await ask(path, who)).json());
const problemOf = async (answer: Response) => {
	const { code, errors = [] } = z
		.object({ code: z.string(), errors: z.array(z.object({ field: z.string() })).optional() })
		.parse(await answer.json());
	return [answer.status, code, ...errors.map(({ field }) => field)];
};

test("names and card numbers are seen by whoever may see them", async () => {
	const seen = async (who: Who) => {
		const { items: found } = await page("/holders", who);
		const { items: cards } = await page("/credentials?type=card", who);
		return [found[0]?.name, cards[0]?.card];
	};
	expect(await seen("manager")).toEqual(["Ann Lee", "H10301 12-3456"]);
	expect(await seen("names")).toEqual(["Ann Lee", "H10301 12-**56"]);
	const [name, card] = await seen("nothing");
	expect([name, card]).toEqual(["•••", "H10301 12-**56"]);
	expect(
		JSON.stringify([await page("/holders", "nothing"), await page("/grants", "nothing"), await page("/doors/main/permitted", "nothing")]),
	).not.toMatch(/Ann|Bob|Eve|"ann"|"bob"|"eve"/);
});

test.each(["/holders?q=ann", "/credentials?holder=bob", "/grants?holder=bob"])("whoever sees no names can't search by them: %s", async (path) => {
	expect(await problemOf(await ask(path, "nothing"))).toEqual([403, "forbidden"]);
});

test.each([
	["/holders", "holder.list"],
	["/holders/bob", "holder.read"],
	["/holders/bob/permitted", "holder.permitted"],
	["/doors/main/permitted", "door.permitted"],
	["/credentials", "credential.list"],
	["/grants", "grant.list"],
])("a read of %s is noted as %s", async (path, operation) => {
	api.notes.length = 0;
	expect((await ask(path, "names")).status).toBe(200);
	expect(api.notes).toMatchObject([{ tag: "read", operation, actor: { id: "names" }, object: { id: `/api/v1/access${path}` } }]);
});

test("lists come in pages, and each item once", async () => {
	const found: string[] = [];
	let cursor: string | null = "";
	while (cursor !== null) {
		const { items, nextCursor }: z.output<typeof pageSchema> = await page(
			`/holders?limit=2${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
			"names",
		);
		found.push(...items.map(({ id }) => id));
		cursor = nextCursor;
	}
	expect(found).toEqual(["ann", "bob", "eve"]);
});

test.each([
	["?q=ACME", ["eve"]],
	["?kind=contractor", ["eve"]],
	["?zone=hall", ["ann", "bob"]],
	["?status=left", []],
	["?post=engineer", ["ann"]],
	["?post=engin", []],
])("holders are found by %s", async (query, expected) => {
	expect((await page(`/holders${query}`, "names")).items.map(({ id }) => id)).toEqual(expected);
});

test.each([
	["", 2],
	["?type=card", 1],
	["?type=fingerprint", 1],
	["?number=345", 1],
	["?number=12", 0],
	["?type=fingerprint&number=3456", 0],
	["?state=active", 2],
	["?state=lost", 0],
])("cards and fingerprints are found by %s", async (query, count) => {
	expect((await page(`/credentials${query}`, "manager")).items).toHaveLength(count);
});

test("whoever sees no whole card numbers can't find them out by searching", async () => {
	expect(await problemOf(await ask("/credentials?number=3456", "names"))).toEqual([403, "forbidden"]);
	expect(await problemOf(await ask("/credentials?number=12-3456", "manager"))).toEqual([400, "invalid-request", "number"]);
});

test("who may pass a door, by what, and whether they can now", async () => {
	const { items } = await page("/doors/main/permitted", "names");
	expect(items.map(({ holder, zone, able }) => [z.object({ id: z.string() }).parse(holder).id, zone, able])).toEqual([
		["ann", "hall", false],
		["bob", "hall", true],
	]);
	expect(await problemOf(await ask("/doors/cellar/permitted", "names"))).toEqual([404, "not-found"]);
});

const grant = { holder: "eve", zone: "hall", sponsor: "bob", reason: "works there" };
test.each<[what: string, path: string, who: Who, body: unknown, problem: unknown[]]>([
	["a grant to oneself", "/grants", "ann", { ...grant, holder: "ann" }, [403, "own-access"]],
	["a grant to one's own post", "/grants", "ann", { ...grant, holder: undefined, post: "engineer" }, [403, "own-access"]],
	["a grant without the right", "/grants", "names", grant, [403, "forbidden"]],
	["a grant to holder and post", "/grants", "manager", { ...grant, post: "engineer" }, [400, "invalid-request", "holder"]],
	[
		"a grant from a year that nothing is reckoned from",
		"/grants",
		"manager",
		{ ...grant, from: "9999-12-31T00:00:00Z" },
		[400, "invalid-request", "from"],
	],
	["a grant without a reason", "/grants", "manager", { ...grant, reason: "  " }, [400, "invalid-request", "reason"]],
	[
		"a grant with hours past midnight",
		"/grants",
		"manager",
		{ ...grant, schedule: [{ days: ["mon"], from: "22:00", to: "06:00" }] },
		[400, "invalid-request", "schedule[0].to"],
	],
	[
		"a card that its format can't hold",
		"/credentials",
		"manager",
		{ holder: "eve", card: { format: "H10301", facility: 300, number: 1 } },
		[400, "invalid-request", "card.facility"],
	],
	[
		"a card that is somebody's",
		"/credentials",
		"manager",
		{ holder: "eve", card: { format: "H10301", facility: 12, number: 3456 } },
		[409, "credential-taken"],
	],
	[
		"a card and a fingerprint at once",
		"/credentials",
		"manager",
		{ holder: "eve", card: { format: "H10301", facility: 1, number: 1 }, fingerprint: "fp" },
		[400, "invalid-request", "card"],
	],
	["a holder who is there", "/holders", "manager", { id: "eve", name: "Eve", kind: "visitor" }, [409, "holder-taken"]],
	[
		"a holder with an unknown account",
		"/holders",
		"manager",
		{ name: "Zed", kind: "visitor", account: "nobody" },
		[400, "invalid-request", "account"],
	],
	["a holder with a NUL in the name", "/holders", "manager", { name: "Z\0d", kind: "visitor" }, [400, "invalid-request", "name"]],
])("%s is refused, and nothing is done", async (_, path, who, body, problem) => {
	const before = api.lines.length;
	expect(await problemOf(await ask(path, who, "POST", body))).toEqual(problem);
	expect(api.lines.slice(before).filter(({ result }) => result === "ok")).toEqual([]);
	expect(api.register.current().grants.size).toBe(2);
	expect(api.register.current().holders.size).toBe(3);
});

test("an older version is refused, and the newer one says what it is", async () => {
	const { version, name } = z.looseObject({ version: z.number(), name: z.string() }).parse(await (await ask("/holders/eve", "manager")).json());
	const body = { name, kind: "contractor", company: "Beta", sponsor: "bob", version };
	const first = await ask("/holders/eve", "manager", "PUT", body);
	expect([first.status, z.looseObject({ version: z.number() }).parse(await first.json()).version]).toEqual([200, version + 1]);
	expect(await problemOf(await ask("/holders/eve", "manager", "PUT", body))).toEqual([409, "changed-meanwhile"]);
});
