/** Enrolment and device passwords by REST over HTTPS on a real PostgreSQL (EDG-10), and the listener's certificate changing meanwhile. */
import { once } from "node:events";
import { Agent, request } from "node:https";
import type { TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { agentTokenSchema, devicePasswordSchema, enrolmentSchema, linksSchema } from "../../../contracts/links.ts";
import { auditMigrations } from "../../../server/audit/audit-migrations.ts";
import { AuthorityFiles } from "../../../server/links/authority-files.ts";
import { linksMigrations } from "../../../server/links/links-migrations.ts";
import { linksRoutes } from "../../../server/links/links-routes.ts";
import { LinksService } from "../../../server/links/links-service.ts";
import { HttpServer } from "../../../server/platform/http/http-server.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { TlsFiles } from "../../../server/platform/tls/tls-files.ts";
import { actorWith, knownPeople, recordedActs } from "../../helpers/actors.ts";
import { testDatabase } from "../../helpers/postgres.ts";
import { temporaryDirectory } from "../../helpers/temporary-directory.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const cleanUps: (() => unknown)[] = [];
const acts = recordedActs();
let port: number;
let ca: string;
let files: AuthorityFiles;
let tls: TlsFiles;

beforeAll(async () => {
	const folder = await temporaryDirectory("links-routes");
	cleanUps.push(() => folder.remove());
	const { database, drop } = await testDatabase({ ...auditMigrations, ...linksMigrations });
	cleanUps.push(drop);
	const [clock, logger] = [{ now: () => Date.now() }, silentLogger()];
	files = new AuthorityFiles(folder.path);
	await files.ensureServerCertificate(["127.0.0.1"], Date.now());
	ca = (await files.authority(Date.now())).cert;
	tls = new TlsFiles({ paths: files.paths, logger, every: 20 });
	tls.start();
	cleanUps.push(() => tls.stop());
	const links = new LinksService({
		database,
		clock,
		logger,
		files,
		required: false,
		audit: acts.audit,
		ledger: acts.ledger,
		server: tls,
		knows: { agent: (id) => ["a", "b"].includes(id), device: (id) => id === "t1" },
	});
	await links.start();
	cleanUps.push(() => links.stop());
	const manager = actorWith(["links.manage"], { id: "u2", username: "bob" });
	const http = new HttpServer({
		port: 0,
		logger,
		clock,
		tls,
		validateResponses: true,
		authenticator: knownPeople({
			manager,
			operator: actorWith(["site.read"]),
			unproven: { ...manager, method: "session", confirmedAt: Date.now() - 10 * 60_000 },
		}),
		note: (line) => acts.audit.note(line),
		routes: linksRoutes(links),
	});
	port = await http.start();
	cleanUps.push(() => http.stop());
});
afterAll(async () => {
	for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

interface Answer {
	status: number;
	body: unknown;
	fingerprint: string;
	/** Port of the connection on this side. */
	socket: number | undefined;
}
const problemSchema = z.object({ code: z.string() });
const codeOf = ({ status, body }: Answer) => [status, problemSchema.parse(body).code];

interface Asked {
	body?: unknown;
	who?: string | null;
	agent?: Agent;
}
async function ask(method: string, path: string, { body, who = "manager", agent }: Asked = {}): Promise<Answer> {
	const sent = request({
		host: "127.0.0.1",
		port,
		method,
		path: `/api/v1${path}`,
		ca,
		agent: agent ?? false,
		headers: { ...(who !== null && { authorization: `Bearer ${who}` }), ...(body !== undefined && { "content-type": "application/json" }) },
	});
	sent.end(body === undefined ? undefined : JSON.stringify(body));
	const [answer] = await once(sent, "response");
	const connection = answer.socket as TLSSocket;
	const [{ fingerprint256 }, socket] = [connection.getPeerCertificate(), connection.localPort];
	let text = "";
	for await (const part of answer.setEncoding("utf8")) text += part;
	return { status: answer.statusCode, body: text === "" ? null : JSON.parse(text), fingerprint: fingerprint256, socket };
}
const view = async () => linksSchema.parse((await ask("GET", "/links")).body);

describe("links by REST", () => {
	test.each([
		["GET", "/links"],
		["POST", "/agents/a/enrolment"],
		["POST", "/agents/a/token"],
		["POST", "/agents/a/revocation"],
		["PUT", "/device-accounts/t1"],
		["DELETE", "/device-accounts/t1"],
	])("%s %s is for who may manage links", async (method, path) => {
		const body = method === "PUT" ? { devices: ["t1"] } : undefined;
		expect(codeOf(await ask(method, path, { body, who: null }))).toEqual([401, "not-signed-in"]);
		expect(codeOf(await ask(method, path, { body, who: "operator" }))).toEqual([403, "forbidden"]);
		if (method !== "GET") expect(codeOf(await ask(method, path, { body, who: "unproven" }))).toEqual([403, "confirmation-required"]);
		expect(acts.entries).toEqual([]);
	});

	test.each([
		["POST", "/agents/nobody/enrolment", 404, "not-found"],
		["POST", "/agents/nobody/token", 404, "not-found"],
		["POST", "/agents/b/revocation", 404, "not-found"],
		["POST", "/agents/a%2Fb/enrolment", 400, "invalid-request"],
		["PUT", "/device-accounts/t9", 404, "not-found"],
		["DELETE", "/device-accounts/t9", 404, "not-found"],
		["PATCH", "/device-accounts/t1", 405, "method-not-allowed"],
	])("%s %s answers %i %s and does nothing", async (method, path, status, code) => {
		expect(codeOf(await ask(method, path, method === "PUT" ? { body: {} } : {}))).toEqual([status, code]);
		expect(acts.entries).toEqual([]);
		expect((await view()).agents).toEqual([]);
	});

	test("certificate and token are shown once, end with a revocation, and of two revocations at once one finds something", async () => {
		const enrolled = await ask("POST", "/agents/a/enrolment");
		expect(enrolled.status).toBe(201);
		expect(enrolmentSchema.parse(enrolled.body)).toMatchObject({ agent: "a", certificate: expect.stringContaining("BEGIN CERTIFICATE") });
		const made = await ask("POST", "/agents/a/token");
		const { token } = agentTokenSchema.parse(made.body);
		const [agent] = (await view()).agents;
		expect(agent?.credentials.map(({ kind, state }) => `${kind} ${state}`).sort()).toEqual(["certificate valid", "token valid"]);
		expect(JSON.stringify([await view(), acts])).not.toContain(token);

		const both = await Promise.all([ask("POST", "/agents/a/revocation"), ask("POST", "/agents/a/revocation")]);
		expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 404]);
		expect((await view()).agents[0]?.credentials.map(({ state }) => state)).toEqual(["revoked", "revoked"]);
		expect(acts.entries.map(({ type }) => type)).toEqual(["agent.enrolled", "agent.enrolled", "agent.revoked"]);
		expect(acts.lines.filter(({ result }) => result === "ok").map(({ operation }) => operation)).toEqual([
			"agent.enrol",
			"agent.enrol",
			"agent.revoke",
		]);
	});

	test("a device's password is shown once, replaced by the next one, and taken away once", async () => {
		const first = devicePasswordSchema.parse((await ask("PUT", "/device-accounts/t1", { body: {} })).body);
		const second = devicePasswordSchema.parse((await ask("PUT", "/device-accounts/t1", { body: { devices: ["t1"] } })).body);
		expect(second).toMatchObject({ name: "t1", devices: ["t1"] });
		expect(second.password).not.toBe(first.password);
		expect(JSON.stringify([await view(), acts])).not.toContain(second.password);
		expect((await ask("DELETE", "/device-accounts/t1")).status).toBe(204);
		expect(codeOf(await ask("DELETE", "/device-accounts/t1"))).toEqual([404, "not-found"]);
		expect((await view()).deviceAccounts).toEqual([]);
	});
});

test("a renewed certificate is shown to the next connection, without a restart, while one that was open before goes on", async () => {
	const kept = new Agent({ keepAlive: true, maxSockets: 1 });
	cleanUps.push(() => kept.destroy());
	const before = await ask("GET", "/links", { agent: kept });
	expect(before.fingerprint).toBe(tls.fingerprint);
	const { fingerprint } = await files.renewServerCertificate(["127.0.0.1"], Date.now());
	await waitFor("the new certificate", async () => {
		// A connection that nobody uses for some seconds would be closed for that.
		await ask("GET", "/links", { agent: kept });
		return (await ask("GET", "/links")).fingerprint === fingerprint;
	});
	expect(await ask("GET", "/links", { agent: kept })).toMatchObject({ status: 200, socket: before.socket });
});
