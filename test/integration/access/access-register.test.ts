import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { GrantInput } from "../../../contracts/access.ts";
import { AccessRegister } from "../../../server/access/register/access-register.ts";
import { LapseWatch } from "../../../server/access/register/lapse-watch.ts";
import { registerMigrations } from "../../../server/access/register/register-migrations.ts";
import { RegisterService } from "../../../server/access/register/register-service.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { actorWith, recordedActs } from "../../helpers/actors.ts";
import { type TestDatabase, testDatabase } from "../../helpers/postgres.ts";
import { settableClock, smallSite, worldSource } from "../../helpers/small-world.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const T0 = 1_769_000_000_000;
const DAY = 86_400_000;
const card = { format: "H10301", facility: 12, number: 3456 };
const site = {
	...smallSite(),
	holders: [
		{ id: "ann", name: "Ann Lee", role: "employee", card, fingerprint: "fp-ann", post: "engineer", account: "ann", sponsor: "bob", zones: ["hall"] },
		{ id: "bob", name: "Bob Ray", role: "employee", sponsor: "ann", zones: ["hall"] },
		{ id: "eve", name: "Eve Kim", role: "contractor", company: "Acme", sponsor: "bob" },
	],
};
const manager = actorWith(["grants.manage", "holders.manage"], { id: "manager" });
const ann = actorWith(["grants.manage", "holders.manage"], { id: "account-ann" });

let db: TestDatabase;
const clock = settableClock(T0);
const world = worldSource(site);
const acts = recordedActs();
const running: AccessRegister[] = [];
let known = new Map([["ann", "account-ann"]]);

async function start(): Promise<{ register: AccessRegister; service: RegisterService }> {
	const accounts = async () => known;
	const register = new AccessRegister({ world, database: db.database, ...acts, clock, logger: silentLogger(), accounts, pollEvery: 20 });
	await register.start();
	running.push(register);
	const service = new RegisterService({
		register,
		lastUse: async () => new Map(),
		accounts: async (ids) => new Map(ids.filter((id) => id.startsWith("account")).map((id) => [id, id])),
		clock,
	});
	return { register, service };
}
const giveTo = (holder: string, more: Partial<GrantInput> = {}): GrantInput => ({
	holder,
	zone: "hall",
	until: null,
	schedule: null,
	sponsor: "bob",
	reason: "works there",
	...more,
});

beforeEach(async () => {
	db = await testDatabase(registerMigrations);
	world.change(site);
	clock.time = T0;
	known = new Map([["ann", "account-ann"]]);
});
afterEach(async () => {
	for (const register of running.splice(0)) await register.stop();
	await db.drop();
});

test("the site file's people are taken over once, by one of two servers, with circular sponsors, credentials, grants and accounts", async () => {
	const [one, other] = await Promise.all([start(), start()]);
	for (const { service } of [one, other]) {
		expect(service.holders({}).map(({ id, sponsor, account }) => [id, sponsor?.id, account])).toEqual([
			["ann", "bob", "account-ann"],
			["bob", "ann", null],
			["eve", "bob", null],
		]);
		expect(service.grants({ status: "active" })).toHaveLength(2);
	}
	expect(one.register.current().decide({ card, fingerprint: null }, "main", T0).verdict).toBe("granted");
});

test("what people have decided since is never undone by the site file, neither at a restart nor at its change", async () => {
	const { register, service } = await start();
	const [grant] = service.grants({ holder: "ann" });
	const credential = register.current().credentialByCard(card, T0);
	if (!grant || !credential) throw new Error("not taken over");
	clock.time += 1000;
	await service.revoke(grant.id, "not needed", manager);
	await service.setCredentialState(credential.id, { state: "lost", reason: "lost it", version: 1 }, manager);
	await register.stop();
	const again = await start();
	world.change({ ...site, holders: [...site.holders, { id: "new", name: "New One", role: "employee", account: "bob", zones: ["hall"] }] });
	await waitFor("the new holder", async () => again.register.current().holders.has("new"));
	expect(again.service.grants({ holder: "ann", status: "active" })).toEqual([]);
	expect((await again.service.credential(credential.id)).state).toBe("lost");
	expect(again.register.current().decide({ card, fingerprint: null }, "main", clock.time).verdict).toBe("denied-credential-inactive");
	expect(again.register.current().decide({ card, fingerprint: null }, "main", T0 + 500).verdict).toBe("granted");
});

test("a card that is somebody's already is left out, and an account that is made later is found", async () => {
	const { register } = await start();
	world.change({ ...site, holders: site.holders.map((one) => ({ ...one, ...(one.id === "bob" && { account: "bob" }) })) });
	known.set("bob", "account-bob");
	await waitFor("the account", async () => register.current().holders.get("bob")?.account === "account-bob");
	world.change({ ...site, holders: [{ id: "twin", name: "Twin", role: "employee", card }] });
	await waitFor("the twin", async () => register.current().holders.has("twin"));
	expect(register.current().credentialsOf("twin")).toEqual([]);
	expect(register.current().credentialByCard(card, T0)?.holder).toBe("ann");
});

test("an account that somebody has taken from a holder isn't given back by the site file", async () => {
	const { register, service } = await start();
	const { version, name, kind, company, post, externalId } = service.holder("ann");
	await service.updateHolder("ann", { name, kind, company, post, externalId, account: null, sponsor: "bob", version }, manager);
	await register.stop();
	const again = await start();
	world.change({ ...site, holders: [...site.holders, { id: "new", name: "New One", role: "employee" }] });
	await waitFor("the new holder", async () => again.register.current().holders.has("new"));
	expect(again.register.current().holders.get("ann")?.account).toBeNull();
});

test("several accounts of one person are one person's, by what the register knows; one is nobody else's as well", async () => {
	const { register, service } = await start();
	const person = (id: string) => {
		const { name, kind, company, post, externalId, account, sponsor, version } = service.holder(id);
		return { name, kind, company, post, externalId, account, sponsor: sponsor?.id ?? null, version };
	};
	const same = (one: string, other: string) => register.current().samePerson(one, other);
	expect([same("account-ann", "account-ann"), same("account-ann", "account-ann-2"), same("account-x", "account-y")]).toEqual([true, false, false]);
	const both = { ...person("ann"), otherAccounts: ["account-ann-2"] };
	await expect(service.updateHolder("ann", { ...both, otherAccounts: ["nobody"] }, manager)).rejects.toMatchObject({
		status: 400,
		errors: [{ field: "otherAccounts.0" }],
	});
	await expect(service.updateHolder("ann", { ...both, otherAccounts: ["account-ann"] }, manager)).rejects.toMatchObject({ status: 400 });
	expect(await service.updateHolder("ann", both, manager)).toMatchObject({ otherAccounts: ["account-ann-2"] });
	expect([same("account-ann", "account-ann-2"), same("account-ann-2", "account-bob")]).toEqual([true, false]);
	const taken = { status: 409, code: "holder-taken" };
	await expect(service.updateHolder("bob", { ...person("bob"), account: "account-ann-2" }, manager)).rejects.toMatchObject(taken);
	await expect(service.updateHolder("bob", { ...person("bob"), otherAccounts: ["account-ann"] }, manager)).rejects.toMatchObject(taken);
	expect(await service.updateHolder("ann", person("ann"), manager), "who doesn't name them leaves them").toMatchObject({
		otherAccounts: ["account-ann-2"],
	});
	const [grant] = service.grants({ holder: "ann" });
	const second = actorWith(["grants.manage", "holders.manage"], { id: "account-ann-2" });
	await expect(service.renew(grant?.id ?? "", "again please", second), "nor with the other account").rejects.toMatchObject({ code: "own-access" });
	await register.stop();
	expect((await start()).register.current().samePerson("account-ann-2", "account-ann"), "kept").toBe(true);
});

test("nobody gives themselves access: no grant, renewal, card, revival or link to their account", async () => {
	const { register, service } = await start();
	const [grant] = service.grants({ holder: "ann" });
	const credential = register.current().credentialByCard(card, T0);
	const { version, ...rest } = service.holder("ann");
	const own = { status: 403, code: "own-access" };
	await expect(service.give(giveTo("ann"), ann)).rejects.toMatchObject(own);
	await expect(service.give({ ...giveTo("ann"), holder: undefined, post: "engineer" }, ann)).rejects.toMatchObject(own);
	await expect(service.renew(grant?.id ?? "", "again please", ann)).rejects.toMatchObject(own);
	await expect(service.issue({ holder: "ann", card: { ...card, number: 1 }, until: null }, ann)).rejects.toMatchObject(own);
	await service.setCredentialState(credential?.id ?? "", { state: "suspended", reason: "on leave", version: 1 }, ann);
	await expect(service.setCredentialState(credential?.id ?? "", { state: "active", reason: "back", version: 2 }, ann)).rejects.toMatchObject(own);
	await expect(service.updateHolder("ann", { ...rest, account: null, sponsor: "bob", version }, ann)).rejects.toMatchObject(own);
	await expect(
		service.addHolder({ name: "Me", kind: "employee", company: null, post: null, externalId: null, account: "account-ann", sponsor: null }, ann),
	).rejects.toMatchObject(own);
});

test.each([
	["an unknown zone", giveTo("eve", { zone: "roof" }), 400, "zone"],
	["an unknown holder", giveTo("mallory"), 400, "holder"],
	["a contractor as sponsor", giveTo("ann", { sponsor: "eve" }), 400, "sponsor"],
	["oneself as sponsor", giveTo("bob"), 400, "sponsor"],
	["an end before the beginning", giveTo("eve", { until: new Date(T0 - 1).toISOString() }), 400, "until"],
	["an end that is over", giveTo("eve", { from: new Date(T0 - 9).toISOString(), until: new Date(T0 - 1).toISOString() }), 400, "until"],
])("a grant with %s is refused, naming the field", async (_, input, status, field) => {
	const { service } = await start();
	await expect(service.give(input, manager)).rejects.toMatchObject({ status, errors: [{ field }] });
	expect(service.grants({ holder: "eve" })).toEqual([]);
});

test("the same grant by two at once is given once, and both servers know it", async () => {
	const [one, other] = [await start(), await start()];
	const answers = await Promise.allSettled([one.service.give(giveTo("eve"), manager), other.service.give(giveTo("eve"), manager)]);
	expect(answers.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
	await waitFor("both to know", async () => [one, other].every(({ service }) => service.grants({ holder: "eve", status: "active" }).length === 1));
});

test("what somebody has already isn't given again later, so that taking it once takes it", async () => {
	const { service } = await start();
	const given = await service.give(giveTo("eve"), manager);
	clock.time += 1000;
	const again = { status: 409, code: "already-granted" };
	await expect(service.give(giveTo("eve"), manager)).rejects.toMatchObject(again);
	const until = new Date(clock.time + 1000).toISOString();
	await expect(service.give(giveTo("eve", { until }), manager)).rejects.toMatchObject(again);
	await service.revoke(given.id, "not needed", manager);
	expect(service.grants({ holder: "eve", status: "active" })).toEqual([]);
	await service.give(giveTo("eve", { until }), manager);
	clock.time += 1;
	await service.give(giveTo("eve"), manager);
});

test("a grant whose own end is over can't be renewed", async () => {
	const { service } = await start();
	const given = await service.give(giveTo("eve", { until: new Date(T0 + 1000).toISOString() }), manager);
	clock.time += 1000;
	await expect(service.renew(given.id, "again please", manager)).rejects.toMatchObject({ status: 409, code: "grant-ended" });
});

test("HR names differ by more than upper and lower case", async () => {
	const { service } = await start();
	const person = { name: "Liz", kind: "employee" as const, company: null, post: null, account: null, sponsor: null };
	const { id, version } = await service.addHolder({ ...person, externalId: "liz.one" }, manager);
	const taken = { status: 409, code: "holder-taken" };
	await expect(service.addHolder({ ...person, externalId: "LIZ.one" }, manager)).rejects.toMatchObject(taken);
	const other = await service.addHolder({ ...person, externalId: "liz.two" }, manager);
	await expect(service.updateHolder(other.id, { ...person, externalId: "Liz.One", version: other.version }, manager)).rejects.toMatchObject(taken);
	await service.updateHolder(id, { ...person, externalId: "Liz.One", version }, manager);
});

test("two who read the same holder don't overwrite each other", async () => {
	const { service } = await start();
	const { version, name, kind, company, post, externalId, account } = service.holder("eve");
	const values = { name, kind, company, post, externalId, account, sponsor: "bob", version };
	await service.updateHolder("eve", { ...values, name: "Eve Kim-Lee" }, manager);
	await expect(service.updateHolder("eve", { ...values, name: "Eva" }, manager)).rejects.toMatchObject({ status: 409, code: "changed-meanwhile" });
	expect(service.holder("eve").name).toBe("Eve Kim-Lee");
});

test("a changed post ends what was given in the old one, and the old post's grants with it (ACC-6)", async () => {
	const { service } = await start();
	await service.give({ ...giveTo(""), holder: undefined, post: "engineer", sponsor: "bob" }, manager);
	expect(service.permittedToHolder("ann")).toHaveLength(2);
	const { version, name, kind, company, externalId, account } = service.holder("ann");
	await service.updateHolder("ann", { name, kind, company, post: "office", externalId, account, sponsor: "bob", version }, manager);
	expect(service.permittedToHolder("ann")).toEqual([]);
	expect(service.grants({ holder: "ann" })).toMatchObject([{ status: "ended", endReason: "moved" }]);
});

test("a returned card is free for somebody else, and events before that are still the first one's", async () => {
	const { register, service } = await start();
	const first = register.current().credentialByCard(card, T0);
	await expect(service.issue({ holder: "eve", card, until: null }, manager)).rejects.toMatchObject({ code: "credential-taken" });
	clock.time += DAY;
	await service.setCredentialState(first?.id ?? "", { state: "returned", reason: "handed in", version: 1 }, manager);
	await service.issue({ holder: "eve", card, until: null }, manager);
	expect(register.current().credentialByCard(card, T0)?.holder).toBe("ann");
	expect(register.current().credentialByCard(card, clock.time)?.holder).toBe("eve");
	await expect(service.setCredentialState(first?.id ?? "", { state: "active", reason: "again", version: 2 }, manager)).rejects.toMatchObject({
		code: "credential-returned",
	});
});

test("what lapses within 14 days is listed, and a renewal moves it three months on (ACC-6)", async () => {
	const { service } = await start();
	expect(service.grants({ lapsing: true })).toEqual([]);
	clock.time += 80 * DAY;
	const lapsing = service.grants({ lapsing: true });
	expect(lapsing.map(({ holder }) => holder?.id ?? "").sort()).toEqual(["ann", "bob"]);
	await service.renew(lapsing[0]?.id ?? "", "still works there", manager);
	expect(service.grants({ lapsing: true })).toHaveLength(1);
	clock.time += 30 * DAY;
	expect(service.grants({ status: "active" })).toHaveLength(1);
	await expect(service.renew(lapsing[1]?.id ?? "", "too late", manager)).rejects.toMatchObject({ code: "grant-ended" });
});

test("what nobody asked for again lapses, recorded once by one of two servers; a credential whose time is over expires (ACC-6)", async () => {
	const [one, other] = [await start(), await start()];
	const until = new Date(T0 + 10 * DAY).toISOString();
	const { id } = await one.service.issue({ holder: "eve", card: { ...card, number: 9 }, until }, manager);
	await one.service.renew(one.service.grants({ holder: "bob" })[0]?.id ?? "", "still works there", { ...manager, id: "other" });
	clock.time += 100 * DAY;
	await waitFor("the other to know", async () => other.register.current().credentials.has(id));
	acts.lines.length = 0;
	acts.entries.length = 0;
	const watches = [one, other].map(({ register }) => new LapseWatch({ register, clock, logger: silentLogger() }));
	await Promise.all(watches.map((watch) => watch.look()));
	for (const { register, service } of [one, other]) {
		expect(service.grants({}).map(({ status, endReason }) => [status, endReason])).toEqual([
			["ended", "lapsed"],
			["ended", "lapsed"],
		]);
		expect(register.current().credentials.get(id)?.state).toBe("expired");
	}
	expect(acts.lines.map(({ operation, actor }) => [operation, "id" in actor && actor.id])).toEqual([
		["grant.end", "system"],
		["grant.end", "system"],
		["credential.state", "system"],
	]);
	expect(acts.entries.map(({ type }) => type)).toEqual(["grant.ended", "grant.ended", "credential.state"]);
	await Promise.all(watches.map((watch) => watch.look()));
	expect(acts.lines).toHaveLength(3);
	const { version } = await one.service.credential(id);
	await expect(one.service.setCredentialState(id, { state: "active", reason: "back again", version }, manager)).rejects.toMatchObject({
		status: 409,
		code: "credential-expired",
	});
});

test("what a server has followed change by change is what a new one reads", async () => {
	const [one, other] = [await start(), await start()];
	for (const [index, server] of [one, other, one, other].entries()) {
		clock.time += 1000;
		const added = await server.service.addHolder(
			{ name: `New ${index}`, kind: "employee", company: null, post: "guard", externalId: null, account: null, sponsor: "bob" },
			manager,
		);
		const { id } = await server.service.issue({ holder: added.id, card: { ...card, number: 100 + index }, until: null }, manager);
		const given = await server.service.give(giveTo(added.id), manager);
		clock.time += 1000;
		const { version, name, kind, company, externalId, account } = added;
		await server.service.updateHolder(added.id, { name, kind, company, post: "office", externalId, account, sponsor: "bob", version }, manager);
		await server.service.setCredentialState(id, { state: index % 2 ? "lost" : "returned", reason: "so it is", version: 1 }, manager);
		await server.service.give(giveTo(added.id), manager);
		expect(server.service.grants({ holder: added.id, status: "ended" }).map((grant) => grant.id)).toEqual([given.id]);
	}
	const fresh = await start();
	const all = ({ register }: typeof one) => {
		const { holders, credentials, grants } = register.current();
		return [[...holders.values()], [...credentials.values()], [...grants.values()]];
	};
	await waitFor("both to know all", async () =>
		[one, other].every((server) => server.register.current().grants.size === fresh.register.current().grants.size),
	);
	expect(all(one)).toEqual(all(fresh));
	expect(all(other)).toEqual(all(fresh));
});

test("a change whose connection is cut in its middle leaves nothing behind, and others go on at once", async () => {
	const { register, service } = await start();
	const cut = register.change(manager, async (edit) => {
		await edit.addHolder({ id: "half", name: "Half", kind: "employee", company: null, post: null, externalId: null, account: null, sponsor: null });
		await edit.endGrants([...edit.before.grants.keys()], "revoked", "all of them");
		await sql`SELECT pg_terminate_backend(pg_backend_pid())`.execute(edit.transaction);
	});
	await expect(cut).rejects.toThrow();
	expect(service.grants({ status: "active" })).toHaveLength(2);
	await service.give(giveTo("eve"), manager);
	const fresh = await start();
	for (const { register: known } of [{ register }, fresh]) {
		expect(known.current().holders.has("half")).toBe(false);
		expect(known.current().grants.size).toBe(3);
	}
});
