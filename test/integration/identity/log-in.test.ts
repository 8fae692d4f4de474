import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONSOLE } from "../../../server/identity/console-actor.ts";
import { totpCode } from "../../../server/identity/totp.ts";
import { type Answer, identitySystem, PASSWORD } from "../../helpers/identity.ts";

let on: Awaited<ReturnType<typeof identitySystem>>;
beforeAll(async () => {
	on = await identitySystem();
});
afterAll(() => on.stop());

const codes = (answers: readonly Answer[]) => answers.map(({ status, body }) => (status === 200 ? "in" : String(body.code))).sort();
/** What five requests at once come to where one may. */
const ONE_OF_FIVE = ["in", ...Array.from({ length: 4 }, () => "invalid-credentials")];

describe("log-in", () => {
	it("opens a session in a cookie that scripts and other sites can't use", async () => {
		const name = on.name();
		await on.user(name, "operator");
		const answer = await on.logIn(name);
		expect(answer.status).toBe(200);
		expect(answer.headers.get("set-cookie")).toMatch(/^watchroom-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
		expect(answer.body).toMatchObject({ user: { username: name }, method: "session", secondFactor: "off", permissions: { "site.read": ["*"] } });
		expect((await on.ask("GET", "/session", { cookie: answer.cookie })).body.user.username).toBe(name);
	});

	it("answers an unknown name, a wrong password, a closed and a new account alike", async () => {
		const [known, closed, fresh] = [on.name(), on.name(), on.name()];
		await on.user(known, "operator");
		await on.accounts.close((await on.user(closed, "operator")).id, CONSOLE);
		await on.accounts.create({ username: fresh, name: "Fresh", email: null }, CONSOLE);
		const answers = [await on.logIn("nobody-here", "x"), await on.logIn(known, "x"), await on.logIn(closed), await on.logIn(fresh, "x")];
		const told = answers.map(({ status, body }) => JSON.stringify({ status, ...body, id: null }));
		expect(new Set(told).size).toBe(1);
		expect(answers[0]?.body).toMatchObject({ status: 401, code: "invalid-credentials" });
	});

	it("slows the sixth wrong password down, and says until when", async () => {
		const name = on.name();
		const answers = [];
		for (let i = 0; i < 6; i++) answers.push(await on.logIn(`never-${name}`, "wrong"));
		expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 429]);
		expect(answers[5]?.headers.get("retry-after")).toBe("1");
		on.clock.time += 3_600_001;
	});

	it("keeps only a hash of the session's secret and of the password", async () => {
		const name = on.name();
		await on.user(name, "operator");
		const { cookie } = await on.logIn(name);
		const secret = cookie?.split("=")[1] ?? "";
		const tables = on.database.tables<{ sessions: object; accounts: object }>();
		const rows = JSON.stringify([
			await tables.selectFrom("sessions").selectAll().execute(),
			await tables.selectFrom("accounts").selectAll().execute(),
		]);
		expect([rows.includes(secret), rows.includes(PASSWORD), rows.includes("$argon2id$")]).toEqual([false, false, true]);
	});
});

describe("log-ins through a reverse proxy", () => {
	const wrongFrom = async (system: typeof on, name: string, address: string) =>
		(await system.ask("POST", "/session", { body: { username: name, password: "wrong" }, headers: { "x-forwarded-for": address } })).status;

	it("are slowed down for each client's address, and show it in the list of sessions", async () => {
		const behind = await identitySystem({ trusted: ["127.0.0.1"] });
		try {
			const name = behind.name();
			await behind.user(name, "operator");
			for (let i = 0; i < 5; i++) await wrongFrom(behind, name, "203.0.113.1");
			expect([await wrongFrom(behind, name, "203.0.113.1"), await wrongFrom(behind, name, "203.0.113.2")]).toEqual([429, 401]);
			const body = { username: name, password: PASSWORD };
			const { cookie } = await behind.ask("POST", "/session", { body, headers: { "x-forwarded-for": "198.51.100.1, 203.0.113.3" } });
			const { items } = (await behind.ask("GET", "/session/sessions", { cookie })).body;
			expect(items.find((entry: { current: boolean }) => entry.current).address).toBe("203.0.113.3");
		} finally {
			await behind.stop();
		}
	});

	it("are slowed down all the same for whoever forges the header, where no proxy is trusted", async () => {
		const name = `never-${on.name()}`;
		const statuses: number[] = [];
		for (let i = 0; i < 6; i++) statuses.push(await wrongFrom(on, name, `203.0.113.${i}`));
		expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
		on.clock.time += 3_600_001;
	});
});

describe("second factor", () => {
	it("is asked for only after the right password", async () => {
		const name = on.name();
		const { cookie } = await on.user(name, "operator");
		await on.secondFactor(cookie);
		expect((await on.logIn(name, "wrong")).body.code).toBe("invalid-credentials");
		expect((await on.logIn(name)).body.code).toBe("second-factor-required");
	});

	it("takes a code once, also by five requests at once", async () => {
		const name = on.name();
		const { cookie } = await on.user(name, "operator");
		const { secret } = await on.secondFactor(cookie);
		const code = totpCode(secret, on.clock.time);
		const answers = await Promise.all(Array.from({ length: 5 }, () => on.logIn(name, PASSWORD, code)));
		expect(codes(answers)).toEqual(ONE_OF_FIVE);
		on.clock.time += 3_600_001;
	});

	it("takes a recovery code once, also by five requests at once", async () => {
		const name = on.name();
		const { cookie } = await on.user(name, "operator");
		const { recoveryCodes } = await on.secondFactor(cookie);
		expect(recoveryCodes).toHaveLength(10);
		const answers = await Promise.all(Array.from({ length: 5 }, () => on.logIn(name, PASSWORD, recoveryCodes[3])));
		expect(codes(answers)).toEqual(ONE_OF_FIVE);
		on.clock.time += 3_600_001;
	});

	it("must be set up before a role that asks for one counts", async () => {
		const name = on.name();
		const { cookie } = await on.user(name, "system-administrator");
		expect((await on.ask("GET", "/session", { cookie })).body).toMatchObject({ secondFactor: "must-set-up", permissions: {} });
		expect((await on.ask("GET", "/users", { cookie })).body.code).toBe("forbidden");
		expect((await on.ask("POST", "/tokens", { cookie, body: { name: "early" } })).status).toBe(403);
		await on.secondFactor(cookie);
		expect((await on.ask("GET", "/session", { cookie })).body.secondFactor).toBe("on");
		expect((await on.ask("GET", "/users", { cookie })).status).toBe(200);
	});

	it("is not turned on by a wrong code, and not before it was begun", async () => {
		const { cookie } = await on.user(on.name(), "operator");
		expect((await on.ask("POST", "/session/second-factor/confirm", { cookie, body: { totp: "123456" } })).body.code).toBe("not-begun");
		const { secret } = (await on.ask("POST", "/session/second-factor", { cookie })).body;
		const wrong = totpCode(secret, on.clock.time + 3_600_000);
		expect((await on.ask("POST", "/session/second-factor/confirm", { cookie, body: { totp: wrong } })).body.errors[0].field).toBe("totp");
		expect((await on.ask("GET", "/session", { cookie })).body.secondFactor).toBe("off");
	});
});

describe("sessions", () => {
	it("end when idle for half an hour, and after twelve hours in any case", async () => {
		const name = on.name();
		await on.user(name, "operator");
		const idle = (await on.logIn(name)).cookie;
		const busy = (await on.logIn(name)).cookie;
		for (let minutes = 0; minutes < 719; minutes += 25) {
			on.clock.time += 25 * 60_000;
			const { status } = await on.ask("GET", "/session", { cookie: busy });
			expect(status).toBe(minutes + 25 < 720 ? 200 : 401);
			if (minutes === 25) expect((await on.ask("GET", "/session", { cookie: idle })).body.code).toBe("session-ended");
		}
		expect((await on.ask("GET", "/session", { cookie: busy })).body.code).toBe("session-ended");
	});

	it("are refused at once after they were ended by somebody else, who is told apart by right", async () => {
		const [name, guard] = [on.name(), on.name()];
		const victim = await on.user(name, "operator");
		const administrator = await on.user(guard, "security-administrator");
		await on.secondFactor(administrator.cookie);
		const [entry] = (await on.ask("GET", `/users/${victim.id}/sessions`, { cookie: administrator.cookie })).body.items;
		expect((await on.ask("DELETE", `/users/${victim.id}/sessions/${entry.id}`, { cookie: victim.cookie })).status).toBe(403);
		expect((await on.ask("DELETE", `/users/${victim.id}/sessions/${entry.id}`, { cookie: administrator.cookie })).status).toBe(204);
		expect((await on.ask("GET", "/session", { cookie: victim.cookie })).body.code).toBe("session-ended");
		expect(on.changes).toContainEqual({ account: victim.id, credential: entry.id });
		expect((await on.ask("DELETE", `/users/${victim.id}/sessions/${entry.id}`, { cookie: administrator.cookie })).status).toBe(404);
	});

	it("of somebody else can't be ended as one's own", async () => {
		const [a, b] = [await on.user(on.name(), "operator"), await on.user(on.name(), "operator")];
		const [entry] = (await on.ask("GET", "/session/sessions", { cookie: b.cookie })).body.items;
		expect((await on.ask("DELETE", `/session/sessions/${entry.id}`, { cookie: a.cookie })).status).toBe(404);
		expect((await on.ask("GET", "/session", { cookie: b.cookie })).status).toBe(200);
	});

	it("all but one's own end when the password is changed, which needs the old one", async () => {
		const name = on.name();
		await on.user(name, "operator");
		const [one, two] = [await on.logIn(name), await on.logIn(name)];
		const change = (current: string, password: string) => on.ask("POST", "/session/password", { cookie: one.cookie, body: { current, password } });
		expect((await change("wrong", "five big geese walk")).body.code).toBe("invalid-credentials");
		expect((await change(PASSWORD, "passwordpassword")).body.errors[0].field).toBe("password");
		expect((await change(PASSWORD, "five big geese walk")).status).toBe(204);
		expect((await on.ask("GET", "/session", { cookie: one.cookie })).status).toBe(200);
		expect((await on.ask("GET", "/session", { cookie: two.cookie })).status).toBe(401);
		expect((await on.logIn(name)).status).toBe(401);
		expect((await on.logIn(name, "five big geese walk")).status).toBe(200);
	});

	it("take a new proof before a harmful act five minutes after the last one", async () => {
		const name = on.name();
		const { cookie } = await on.user(name, "operator");
		on.clock.time += 5 * 60_000;
		expect((await on.ask("POST", "/tokens", { cookie, body: { name: "t" } })).body.code).toBe("confirmation-required");
		expect((await on.ask("POST", "/session/confirm", { cookie, body: { password: "wrong" } })).body.code).toBe("invalid-credentials");
		expect((await on.ask("POST", "/session/confirm", { cookie, body: { password: PASSWORD } })).body.confirmedUntil).not.toBeNull();
		expect((await on.ask("POST", "/tokens", { cookie, body: { name: "t" } })).status).toBe(201);
	});

	it("log-out ends the session and takes the cookie back", async () => {
		const { cookie } = await on.user(on.name(), "operator");
		const out = await on.ask("DELETE", "/session", { cookie });
		expect([out.status, out.cookie]).toEqual([204, "watchroom-session="]);
		expect((await on.ask("GET", "/session", { cookie })).status).toBe(401);
	});
});
