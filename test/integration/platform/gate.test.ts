/** Who may ask, over HTTP: refused before anything of the request is read, and audited. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Problem } from "../../../contracts/api.ts";
import { NAME, sensitiveFields } from "../../../contracts/sensitive.ts";
import type { AccessNote } from "../../../server/platform/http/access-note.ts";
import { HttpServer } from "../../../server/platform/http/http-server.ts";
import { defineRoute, type Route } from "../../../server/platform/http/route.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { actorWith, knownPeople } from "../../helpers/actors.ts";

const personSchema = z.object({ name: z.string().register(sensitiveFields, NAME) });
const route = { tag: "people", summary: "a route" };
const routes: Route[] = [
	defineRoute({ ...route, method: "get", path: "/api/v1/open", permission: "public", response: personSchema, handle: async () => ({ name: "Ada" }) }),
	defineRoute({
		...route,
		method: "get",
		path: "/api/v1/people",
		permission: "access.read",
		readsPersonal: "people.read",
		query: z.object({ door: z.string().optional() }),
		response: personSchema,
		handle: async () => ({ name: "Ada" }),
	}),
	defineRoute({
		...route,
		method: "get",
		path: "/api/v1/people.csv",
		permission: "access.read",
		readsPersonal: "people.export",
		response: "text/csv",
		handle: async ({ response }) => void response.type("text/csv").send("Ada"),
	}),
	defineRoute({
		...route,
		method: "post",
		path: "/api/v1/people",
		permission: "users.manage",
		confirmed: true,
		body: z.strictObject({ name: z.string() }),
		response: z.object({ by: z.string() }),
		handle: async ({ actor }) => ({ by: actor.username }),
	}),
];

const NOW = 1_769_000_000_000;
let server: HttpServer;
let base: string;
let notes: AccessNote[];
let auditFails: boolean;
beforeEach(async () => {
	notes = [];
	auditFails = false;
	const session = { method: "session", confirmedAt: NOW, credential: "s1" } as const;
	server = new HttpServer({
		port: 0,
		logger: silentLogger(),
		routes,
		validateResponses: true,
		clock: { now: () => NOW },
		site: () => "demo",
		limits: { anonymous: 5, signedIn: 8 },
		authenticator: knownPeople({
			reader: actorWith(["access.read", "access.personal"]),
			blind: actorWith(["access.read"], { id: "u2", credential: "t2" }),
			manager: actorWith(["users.manage"], { ...session, id: "u3" }),
			stale: actorWith(["users.manage"], { ...session, id: "u4", credential: "s4", confirmedAt: NOW - 300_000 }),
		}),
		note: async (note) => {
			if (auditFails) throw new Error("the audit log is down");
			notes.push(note);
		},
	});
	base = `http://127.0.0.1:${await server.start()}/api/v1`;
});
afterEach(() => server.stop());

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const json = { "content-type": "application/json" };
const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as Problem).code];

describe("refusals", () => {
	it("asks who brings nothing to log in, without a line in the audit log", async () => {
		const answer = await fetch(`${base}/people`);
		expect(answer.headers.get("www-authenticate")).toBe("Bearer");
		expect(await codeOf(answer)).toEqual([401, "not-signed-in"]);
		expect(notes).toEqual([]);
	});

	it("audits a token that is no good, with its address and not the token", async () => {
		expect(await codeOf(await fetch(`${base}/people`, { headers: bearer("guessed") }))).toEqual([401, "invalid-token"]);
		expect(notes).toMatchObject([{ tag: "authorisation", result: "refused", actor: { address: expect.stringContaining("127.0.0.1") } }]);
		expect(JSON.stringify(notes)).not.toContain("guessed");
	});

	it("lets a worn-out cookie ask what is public", async () => {
		expect(await (await fetch(`${base}/open`, { headers: { cookie: "who=gone" } })).json()).toEqual({ name: "•••" });
	});

	it("refuses without the right before the body is looked at, and audits it", async () => {
		const answer = await fetch(`${base}/people`, { method: "POST", headers: { ...bearer("reader"), ...json }, body: "{" });
		expect(await codeOf(answer)).toEqual([403, "forbidden"]);
		expect(notes).toMatchObject([{ operation: "people.post", actor: { id: "u1" }, result: "refused", detail: { code: "forbidden" } }]);
	});

	it("takes a harmful act of a session that proved who it is in the last five minutes, and of no other", async () => {
		const post = (token: string) => fetch(`${base}/people`, { method: "POST", headers: { ...bearer(token), ...json }, body: '{"name":"Bob"}' });
		expect(await codeOf(await post("stale"))).toEqual([403, "confirmation-required"]);
		expect((await post("manager")).status).toBe(200);
	});

	it("stands when it can't be audited", async () => {
		auditFails = true;
		expect(await codeOf(await fetch(`${base}/people`, { method: "POST", headers: bearer("reader") }))).toEqual([403, "forbidden"]);
	});
});

describe("reads of personal data", () => {
	it("are audited before the answer, which is masked by the rights of who asks", async () => {
		expect(await (await fetch(`${base}/people?door=main`, { headers: bearer("reader") })).json()).toEqual({ name: "Ada" });
		expect(await (await fetch(`${base}/people`, { headers: bearer("blind") })).json()).toEqual({ name: "•••" });
		expect(notes).toMatchObject([
			{ tag: "read", operation: "people.read", actor: { id: "u1" }, result: "ok", detail: { query: { door: "main" } } },
			{ tag: "read", actor: { id: "u2" } },
		]);
	});

	it.each(["/people", "/people.csv"])("are answered with 503 and nothing else when they can't be audited: %s", async (path) => {
		auditFails = true;
		const answer = await fetch(base + path, { headers: bearer("reader") });
		const text = await answer.text();
		expect([answer.status, text.includes("Ada"), text.includes("audit-unavailable")]).toEqual([503, false, true]);
	});
});

describe("forged requests (CSRF)", () => {
	it.each<[what: string, headers: Record<string, string>, code: string]>([
		["another origin", { origin: "http://evil.example" }, "cross-origin"],
		["another site by Fetch Metadata", { "sec-fetch-site": "cross-site" }, "cross-origin"],
		["a form's body", { "content-type": "application/x-www-form-urlencoded" }, "unsupported-media-type"],
		[
			"a form's body of the own page",
			{ "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" },
			"unsupported-media-type",
		],
		["a form's plain text", { "content-type": "text/plain" }, "unsupported-media-type"],
		["JSON in disguise", { "content-type": "text/plain; application/json" }, "unsupported-media-type"],
	])("with somebody's cookie and %s are refused and audited", async (_what, headers, code) => {
		const answer = await fetch(`${base}/people`, { method: "POST", headers: { cookie: "who=manager", ...json, ...headers }, body: '{"name":"Bob"}' });
		expect((await codeOf(answer))[1]).toBe(code);
		expect(notes).toMatchObject([{ operation: code, actor: { id: "u3" }, result: "refused" }]);
	});

	it("the page's own request passes", async () => {
		const headers = { cookie: "who=manager", ...json, "sec-fetch-site": "same-origin" };
		expect((await fetch(`${base}/people`, { method: "POST", headers, body: '{"name":"Bob"}' })).status).toBe(200);
	});
});

describe("a button of a page of our own", () => {
	const press = async (headers: Record<string, string>) => {
		const form = { cookie: "who=manager", "content-type": "application/x-www-form-urlencoded" };
		return (await codeOf(await fetch(`${base}/people`, { method: "POST", headers: { ...form, ...headers } })))[1];
	};
	it("is let through to the route with nothing in it, and only where the browser says whose it is", async () => {
		expect(await press({ "sec-fetch-site": "same-origin" })).toBe("invalid-request");
		expect(await press({})).toBe("unsupported-media-type");
		expect(await press({ "sec-fetch-site": "same-site" })).toBe("cross-origin");
	});
});

describe("how often", () => {
	it("an address without a log-in is stopped after its share, guessed tokens included, while others go on", async () => {
		const statuses: number[] = [];
		for (let turn = 0; turn < 7; turn++) statuses.push((await fetch(`${base}/people`, { headers: turn % 2 ? bearer("guessed") : {} })).status);
		expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
		expect((await fetch(`${base}/people`, { headers: bearer("reader") })).status).toBe(200);
	});

	it("a session has a share of its own", async () => {
		const ask = async (token: string) => (await fetch(`${base}/people`, { headers: bearer(token) })).status;
		for (let turn = 0; turn < 8; turn++) expect(await ask("reader")).toBe(200);
		expect([await ask("reader"), await ask("blind")]).toEqual([429, 200]);
	});
});

it("without an authenticator only public routes answer", async () => {
	const closed = new HttpServer({ port: 0, logger: silentLogger(), routes });
	const address = `http://127.0.0.1:${await closed.start()}/api/v1`;
	try {
		expect([(await fetch(`${address}/people`, { headers: bearer("reader") })).status, (await fetch(`${address}/open`)).status]).toEqual([401, 200]);
	} finally {
		await closed.stop();
	}
});
