import { randomUUID } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accountReset } from "../../../server/identity/account-reset.ts";
import { CONSOLE } from "../../../server/identity/console-actor.ts";
import { credentialsFile, DemoAccounts, readDemoCredentials } from "../../../server/identity/demo-accounts.ts";
import { type IdentityTables, updateAccount } from "../../../server/identity/identity-store.ts";
import { totpCode } from "../../../server/identity/totp.ts";
import { SYSTEM } from "../../../server/platform/actor.ts";
import { identitySystem, PASSWORD } from "../../helpers/identity.ts";

type System = Awaited<ReturnType<typeof identitySystem>>;
let on: System;
beforeAll(async () => {
	on = await identitySystem();
});
afterAll(() => on.stop());

/** Signed in with the second factor. */
async function administrator() {
	const made = await on.user(on.name(), "system-administrator");
	await on.secondFactor(made.cookie);
	return made;
}

describe("API tokens", () => {
	it("do what their owner may, cut to their scope, and nothing once the right, the token or the account is gone", async () => {
		const { id, cookie } = await administrator();
		const made = (await on.ask("POST", "/tokens", { cookie, body: { name: "all", days: 1 } })).body;
		const narrow = (await on.ask("POST", "/tokens", { cookie, body: { name: "sites", permissions: ["site.read"] } })).body;
		expect(made.token).toMatch(/^wr_[\w-]{43}$/);
		expect((await on.ask("GET", "/users", { token: made.token })).status).toBe(200);
		expect((await on.ask("GET", "/users", { token: narrow.token })).body.code).toBe("forbidden");
		expect((await on.ask("GET", "/session", { token: narrow.token })).body.permissions).toEqual({ "site.read": ["*"] });
		await on.database.transaction((transaction) =>
			on.rights.endRoles(transaction, {
				account: id,
				reason: "revoked",
				now: on.clock.time,
				by: { proposedBy: null, approvedBy: null },
				change: null,
			}),
		);
		expect((await on.ask("GET", "/users", { token: made.token })).status).toBe(403);
		expect((await on.ask("DELETE", `/tokens/${made.id}`, { cookie })).status).toBe(204);
		expect((await on.ask("GET", "/session", { token: made.token })).body.code).toBe("invalid-token");
	});

	it("can't be made for more than one may, nor by a token", async () => {
		const { cookie } = await on.user(on.name(), "operator");
		const beyond = await on.ask("POST", "/tokens", { cookie, body: { name: "t", permissions: ["site.read", "users.manage"] } });
		expect([beyond.status, beyond.body.errors[0].field]).toEqual([400, "permissions"]);
		const { token } = (await on.ask("POST", "/tokens", { cookie, body: { name: "t" } })).body;
		expect((await on.ask("POST", "/tokens", { token, body: { name: "child" } })).body.code).toBe("session-needed");
		expect((await on.ask("POST", "/session/second-factor", { token })).body.code).toBe("session-needed");
	});

	it("expire", async () => {
		const { cookie } = await on.user(on.name(), "operator");
		const { token } = (await on.ask("POST", "/tokens", { cookie, body: { name: "t", days: 1 } })).body;
		on.clock.time += 86_400_000 - 1;
		expect((await on.ask("GET", "/session", { token })).status).toBe(200);
		on.clock.time += 1;
		expect((await on.ask("GET", "/session", { token })).body.code).toBe("invalid-token");
	});

	it.each(["wr_", "nothing", "wr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"])("%s is none", async (token) => {
		expect((await on.ask("GET", "/session", { token })).body.code).toBe("invalid-token");
	});
});

describe("set-up links", () => {
	it("work once, also for two at once", async () => {
		const { setUpPath } = await on.accounts.create({ username: on.name(), name: "Zoe", email: null }, CONSOLE);
		const use = () => on.ask("POST", setUpPath, { body: { password: PASSWORD } });
		expect((await Promise.all([use(), use(), use()])).map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 404, 404]);
		expect((await on.ask("GET", setUpPath)).body.code).toBe("link-used");
	});

	it("stay good after a password that can't be used, and expire after 72 hours", async () => {
		const username = on.name();
		const { setUpPath } = await on.accounts.create({ username, name: "Zoe", email: null }, CONSOLE);
		expect((await on.ask("POST", setUpPath, { body: { password: `xx ${username} xx xx` } })).status).toBe(400);
		expect((await on.ask("GET", setUpPath)).body).toMatchObject({ purpose: "new-account", username });
		on.clock.time += 72 * 3_600_000;
		expect((await on.ask("POST", setUpPath, { body: { password: PASSWORD } })).status).toBe(404);
	});

	it("the first administrator's makes one account, also for two at once, and none once there is one", async () => {
		const empty = await identitySystem();
		try {
			const path = (await empty.setUp.firstAdministratorLink()) ?? "";
			const renewed = (await empty.setUp.firstAdministratorLink()) ?? "";
			expect((await empty.ask("GET", path)).status).toBe(404);
			expect((await empty.ask("POST", renewed, { body: { password: PASSWORD } })).body.errors).toHaveLength(2);
			const use = (username: string) => empty.ask("POST", renewed, { body: { username, name: "First", password: PASSWORD } });
			const answers = await Promise.all([use("first"), use("second")]);
			expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 404]);
			const won = answers.find(({ status }) => status === 200);
			expect(won?.body).toMatchObject({ secondFactor: "must-set-up", roles: [{ role: "security-administrator", site: "*" }], permissions: {} });
			expect(await empty.setUp.firstAdministratorLink()).toBeNull();
		} finally {
			await empty.stop();
		}
	});
});

describe("accounts", () => {
	it("are made without rights, once a name, by who may", async () => {
		const { cookie } = await administrator();
		const operator = await on.user(on.name(), "operator");
		const body = { username: on.name(), name: "New" };
		expect((await on.ask("POST", "/users", { cookie: operator.cookie, body })).body.code).toBe("forbidden");
		const made = await Promise.all([on.ask("POST", "/users", { cookie, body }), on.ask("POST", "/users", { cookie, body })]);
		expect(made.map(({ status }) => status).sort((a, b) => a - b)).toEqual([201, 409]);
		const user = made.find(({ status }) => status === 201)?.body.user;
		expect(user).toMatchObject({ status: "active", roles: [], secondFactor: false, lastLogInAt: null });
		expect((await on.ask("PATCH", `/users/${user.id}`, { cookie, body: { name: "Newer" } })).body.name).toBe("Newer");
	});

	it("a reset ends sessions and tokens and takes the second factor", async () => {
		const { cookie } = await administrator();
		const name = on.name();
		const victim = await on.user(name);
		await on.secondFactor(victim.cookie);
		const { token } = (await on.ask("POST", "/tokens", { cookie: victim.cookie, body: { name: "t" } })).body;
		const reset = await on.ask("POST", `/users/${victim.id}/reset`, { cookie });
		expect(reset.body.user.secondFactor).toBe(false);
		expect((await on.ask("GET", "/session", { cookie: victim.cookie })).status).toBe(401);
		expect((await on.ask("GET", "/session", { token })).status).toBe(401);
		expect((await on.logIn(name)).status).toBe(401);
		expect((await on.ask("POST", reset.body.setUpPath, { body: { password: "five big geese walk" } })).status).toBe(200);
	});

	it("whoever manages accounts can't take over one that can change rights, or may what they may not", async () => {
		const { cookie } = await administrator();
		const guard = await on.user(on.name(), "security-guard");
		expect((await on.ask("POST", `/users/${guard.id}/reset`, { cookie })).body.code).toBe("takes-two-persons");
		const security = await on.user(on.name(), "security-administrator");
		expect((await on.ask("POST", `/users/${security.id}/reset`, { cookie })).body.code).toBe("takes-two-persons");
		expect((await on.ask("GET", "/session", { cookie: security.cookie })).status).toBe(200);
	});

	it("an approved reset is its proposer's to use, once and within a day", async () => {
		const { id: proposer, cookie } = await administrator();
		const other = await administrator();
		const guard = await on.user(on.name(), "security-guard");
		const proposal = { kind: "account-reset" as const, user: guard.id, reason: "lost the phone" };
		const approve = () =>
			on.database.transaction(async (transaction) => {
				expect(await accountReset.describe(transaction, proposal, { id: proposer })).toMatchObject({ subject: guard.id, after: { password: false } });
				const change = { id: randomUUID(), proposal, proposer: { id: proposer }, approver: CONSOLE, now: on.clock.time };
				expect(await accountReset.apply(transaction, change)).toMatchObject([{ type: "account.reset-approved", data: { proposedBy: proposer } }]);
			});
		const reset = (by: string) => on.ask("POST", `/users/${guard.id}/reset`, { cookie: by });
		await approve();
		expect((await reset(other.cookie)).body.code).toBe("takes-two-persons");
		const answers = await Promise.all([reset(cookie), reset(cookie)]);
		expect(answers.map(({ status }) => status).sort((one, other) => one - other)).toEqual([200, 409]);
		expect((await on.ask("GET", "/session", { cookie: guard.cookie })).status).toBe(401);
		await approve();
		on.clock.time += 86_400_000;
		const late = { ...CONSOLE, id: proposer, method: "session" as const, permissions: new Map() };
		await expect(on.accounts.reset(guard.id, late)).rejects.toMatchObject({ code: "takes-two-persons" });
		expect(accountReset.about?.(proposal), "whose person doesn't decide on it").toBe(guard.id);
		await expect(on.database.transaction((transaction) => accountReset.describe(transaction, proposal, { id: guard.id }))).rejects.toMatchObject({
			code: "own-account",
		});
	});

	it("a closed account is out at once, and its name stays taken", async () => {
		const { id, cookie } = await administrator();
		const name = on.name();
		const leaver = await on.user(name, "operator");
		expect((await on.ask("POST", `/users/${leaver.id}/close`, { cookie })).body).toMatchObject({ status: "closed", roles: [] });
		expect((await on.ask("GET", "/session", { cookie: leaver.cookie })).body.code).toBe("session-ended");
		expect((await on.ask("POST", `/users/${leaver.id}/close`, { cookie })).body.code).toBe("account-closed");
		expect((await on.ask("POST", "/users", { cookie, body: { username: name, name: "Other" } })).body.code).toBe("username-taken");
		expect((await on.ask("POST", `/users/${id}/close`, { cookie })).body.code).toBe("own-account");
	});

	it("one with administrator rights takes two people to close", async () => {
		const { cookie } = await administrator();
		const other = await on.user(on.name(), "audit-administrator");
		expect((await on.ask("POST", `/users/${other.id}/close`, { cookie })).body.code).toBe("takes-two-persons");
		expect((await on.ask("GET", `/users/${other.id}`, { cookie })).body.status).toBe("active");
	});

	it("are listed page by page", async () => {
		const { cookie } = await administrator();
		const names: string[] = [];
		let cursor: string | null = null;
		do {
			const page: { items: { username: string }[]; nextCursor: string | null } = (
				await on.ask("GET", `/users?limit=3${cursor ? `&cursor=${cursor}` : ""}`, { cookie })
			).body;
			names.push(...page.items.map(({ username }) => username));
			cursor = page.nextCursor;
		} while (cursor !== null);
		expect(names).toEqual([...new Set(names)].sort());
		expect(names.length).toBeGreaterThan(5);
	});
});

describe("demo accounts", () => {
	it("have log-ins that stay good over restarts, in a file for its owner only, and are renewed when it is lost", async () => {
		const demo = () => new DemoAccounts({ ...on, data: on.directory });
		await demo().start();
		const file = credentialsFile(on.directory);
		const first = await readFile(file, "utf8");
		expect((await stat(file)).mode & 0o777).toBe(0o600);
		await demo().start();
		expect(await readFile(file, "utf8")).toBe(first);
		const entries = await readDemoCredentials(on.directory);
		expect(entries).toHaveLength(11);
		for (const { role, username, password, totpSecret, token } of entries.slice(0, 3)) {
			expect((await on.logIn(username, password, totpCode(totpSecret, on.clock.time))).status).toBe(200);
			expect((await on.ask("GET", "/session", { token })).body.roles).toMatchObject([{ role, site: "*" }]);
		}
		await writeFile(file, "[]");
		await demo().start();
		const [renewed] = await readDemoCredentials(on.directory);
		expect(renewed?.token).not.toBe(entries[0]?.token);
		expect((await on.ask("GET", "/session", { token: entries[0]?.token ?? "" })).status).toBe(401);
		expect((await on.logIn("operator", renewed?.password, totpCode(renewed?.totpSecret ?? "", on.clock.time))).status).toBe(200);
	});

	it("a role that was taken away, a closed account and a changed password stay so over a restart", async () => {
		const database = on.database;
		const entries = await readDemoCredentials(on.directory);
		const account = async (name: string) =>
			await database.tables<IdentityTables>().selectFrom("accounts").selectAll().where("username", "=", name).executeTakeFirstOrThrow();
		const [reviewer, custodian, lead] = [await account("reviewer"), await account("media-custodian"), await account("shift-lead")];
		const now = on.clock.now();
		await database.transaction<IdentityTables, void>(async (transaction) => {
			await on.rights.endAllOf(transaction, { account: reviewer.id, actor: SYSTEM, now });
			await updateAccount(transaction, custodian.id, { closed_at: new Date(now) });
			await updateAccount(transaction, lead.id, { password_hash: reviewer.password_hash });
		});
		await new DemoAccounts({ ...on, data: on.directory }).start();
		expect(await readDemoCredentials(on.directory)).toEqual(entries);
		expect(await on.rights.rolesOf(reviewer.id, now)).toEqual([]);
		expect((await account("media-custodian")).closed_at).not.toBeNull();
		expect((await account("shift-lead")).password_hash).toBe(reviewer.password_hash);
	});

	it("have their roles again after months", async () => {
		on.clock.time += 120 * 86_400_000;
		await new DemoAccounts({ ...on, data: on.directory }).start();
		const decided = ["reviewer", "media-custodian"];
		for (const { role, token } of (await readDemoCredentials(on.directory)).filter((entry) => !decided.includes(entry.role)))
			expect((await on.ask("GET", "/session", { token })).body.roles).toMatchObject([{ role, site: "*" }]);
	});
});
