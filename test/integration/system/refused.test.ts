/**
 * What must be refused, over the real network to whole processes, and what the auditor finds of it afterwards (EDG-10, IAM-1, AUD-1):
 * foreign credentials, foreign topics, replayed codes, stolen sessions, forged requests, tokens beyond their rights.
 */
import { readFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { sql } from "kysely";
import mqtt from "mqtt";
import { generateSync } from "otplib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { type AuditLineView, auditPageSchema } from "../../../contracts/audit.ts";
import { createdTokenSchema, sessionEntrySchema, userSchema } from "../../../contracts/identity.ts";
import type { Role } from "../../../contracts/permissions.ts";
import { NODE_FLAGS } from "../../../scripts/node-flags.mjs";
import { configuredPostgres } from "../../../server/platform/database/configured-postgres.ts";
import { PostgresDatabase } from "../../../server/platform/database/postgres-database.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { type Child, NODE, startChild } from "../../helpers/child-process.ts";
import { freePort } from "../../helpers/free-port.ts";
import { temporaryDirectory } from "../../helpers/temporary-directory.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const LOCAL = "127.0.0.1";
const COOKIE = "__Host-watchroom-session";
const logInsSchema = z.array(z.object({ role: z.string(), username: z.string(), password: z.string(), totpSecret: z.string(), token: z.string() }));
type LogIn = z.output<typeof logInsSchema>[number];

const cleanUps: (() => Promise<unknown>)[] = [];
let env: Record<string, string>;
let ca: string;
let logIns: LogIn[];
let server: Child;
let edge: Child;
const ports = { http: 0, uplink: 0, device: 0 };
const passwords = { thermo: "", noisy: "" };
/** Folder of the agent's key and certificate. */
let bundle: string;

beforeAll(async () => {
	const folder = await temporaryDirectory("refused");
	cleanUps.push(() => folder.remove());
	for (const name of ["http", "uplink", "device"] as const) ports[name] = await freePort();
	env = {
		WATCHROOM_DATA: folder.path,
		WATCHROOM_HTTP_PORT: String(ports.http),
		WATCHROOM_UPLINK_PORT: String(ports.uplink),
		WATCHROOM_DEVICE_PORT: String(ports.device),
		WATCHROOM_SITE: "test/fixtures/system.yaml",
		WATCHROOM_TLS: "own-ca",
		WATCHROOM_DEMO: "true",
	};
	server = start([...NODE_FLAGS.server, "server/main.ts"], env);
	await server.says(/server ready/, 90_000);
	ca = await readFile(join(folder.path, "ca", "ca.pem"), "utf8");
	logIns = logInsSchema.parse(JSON.parse(await readFile(join(folder.path, "demo-credentials.json"), "utf8")));

	bundle = join(folder.path, "bundle");
	await run("agent", "enrol", "agent-1", "--host", LOCAL, "--out", bundle);
	for (const device of ["thermo", "noisy"] as const) passwords[device] = (await run("device", "password", device)).trim().split("\n").at(-1) ?? "";
	edge = start([...NODE_FLAGS.agent, "edge-agent/main.ts"], {
		...env,
		WATCHROOM_AGENT_ID: "agent-1",
		UPLINK_URL: `mqtts://${LOCAL}:${ports.uplink}`,
		UPLINK_CA: join(bundle, "ca.pem"),
		UPLINK_CERT: join(bundle, "agent.pem"),
		UPLINK_KEY: join(bundle, "agent.key"),
		WATCHROOM_DEVICE_AUTH: "required",
	});
	await edge.says(/edge agent ready/, 60_000);
}, 240_000);
afterAll(async () => {
	for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
}, 60_000);

function start(args: readonly string[], environment: Record<string, string>): Child {
	const child = startChild(NODE, args, { env: environment });
	cleanUps.push(() => child.stop());
	return child;
}
async function run(...args: string[]): Promise<string> {
	const child = start(["server/cli.ts", ...args], env);
	await waitFor("the command's end", () => child.process.exitCode !== null, 60_000);
	expect(child.process.exitCode, child.output()).toBe(0);
	return child.output();
}

interface Asked {
	method?: string;
	body?: unknown;
	token?: string | undefined;
	cookie?: string | undefined;
	headers?: Record<string, string>;
}
interface Answer {
	status: number;
	body: unknown;
	/** Of the problem in the body; `null` without one. */
	code: string | null;
	/** `name=value` of the cookie that was set. */
	cookie: string | undefined;
}
const problemSchema = z.object({ code: z.string() });

/** A request over TLS, from a connection of its own. */
function ask(path: string, { method = "GET", body, token, cookie, headers = {} }: Asked = {}): Promise<Answer> {
	return new Promise((resolve, reject) => {
		const sent = request(
			{
				host: LOCAL,
				port: ports.http,
				path,
				method,
				ca,
				agent: false,
				headers: {
					...(body !== undefined && { "content-type": "application/json" }),
					...(token !== undefined && { authorization: `Bearer ${token}` }),
					...(cookie !== undefined && { cookie }),
					...headers,
				},
			},
			(answer) => {
				let text = "";
				answer.setEncoding("utf8").on("data", (part: string) => {
					text += part;
				});
				answer.on("end", () => {
					const read: unknown = text === "" ? null : JSON.parse(text);
					const problem = problemSchema.safeParse(read);
					const set = answer.headers["set-cookie"]?.[0]?.split(";")[0];
					resolve({ status: answer.statusCode ?? 0, body: read, code: problem.success ? problem.data.code : null, cookie: set });
				});
			},
		);
		sent.on("error", reject);
		sent.end(body === undefined ? undefined : JSON.stringify(body));
	});
}

function logInOf(role: Role): LogIn {
	const found = logIns.find((entry) => entry.role === role);
	if (!found) throw new Error(`there is no demo log-in of ${role}`);
	return found;
}
const as = (role: Role) => logInOf(role).token;
/** The code of one time step, of 30 s, before or after the one of now; each works once. */
const codeOf = ({ totpSecret }: LogIn, steps = 0) => generateSync({ secret: totpSecret, epoch: Math.floor(Date.now() / 1000) + steps * 30 });

/** Logs in with password and code. */
async function session(role: Role, steps = 0): Promise<string> {
	const { username, password } = logInOf(role);
	const answer = await ask("/api/v1/session", { method: "POST", body: { username, password, totp: codeOf(logInOf(role), steps) } });
	expect(answer.status, JSON.stringify(answer.body)).toBe(200);
	expect(answer.cookie?.startsWith(`${COOKIE}=`)).toBe(true);
	return answer.cookie ?? "";
}

async function user(username: string): Promise<z.output<typeof userSchema>> {
	const { body } = await ask("/api/v1/users?limit=100", { token: as("security-administrator") });
	const found = z
		.object({ items: z.array(userSchema) })
		.parse(body)
		.items.find((entry) => entry.username === username);
	if (!found) throw new Error(`there is no account ${username}`);
	return found;
}

/** The auditor's search for refusals of an operation, until one fits. Each line found has been opened: nobody changed it. */
async function refusal(operation: string, fits: (line: AuditLineView) => boolean): Promise<AuditLineView> {
	return await waitFor(
		`the audit line of ${operation}`,
		async () => {
			const query = new URLSearchParams({ operation, result: "refused", limit: "100" });
			const { status, body } = await ask(`/api/v1/audit?${query}`, { token: as("auditor") });
			if (status !== 200) throw new Error(JSON.stringify(body));
			return auditPageSchema.parse(body).items.find(fits);
		},
		40_000,
		200,
	);
}
const told = (line: AuditLineView) => JSON.stringify(line);

describe("on the agent's device broker", () => {
	const url = () => `mqtt://${LOCAL}:${ports.device}`;

	test("a device with another device's password is turned away, and the line names it and its address", async () => {
		const login = { username: "thermo", password: passwords.noisy, reconnectPeriod: 0 };
		await expect(mqtt.connectAsync(url(), login, false)).rejects.toThrow(/not authorized|bad user/i);
		const line = await refusal("device.connect", ({ object }) => object?.id === "thermo");
		expect(line).toMatchObject({ address: LOCAL, username: "agent-1", intact: true, detail: { reason: expect.stringContaining("wrong") } });
		expect(told(line)).not.toContain(passwords.noisy);
	});

	test("a reading on another device's topic is not taken, and the line names who sent it and where to", async () => {
		const device = await mqtt.connectAsync(url(), { username: "thermo", password: passwords.thermo });
		cleanUps.push(() => device.endAsync(true));
		await device.publishAsync("watchroom/noisy/temperature", JSON.stringify({ value: 99 }), { qos: 1 });
		const line = await refusal("device.topic", ({ object }) => object?.id === "thermo");
		expect(line).toMatchObject({ address: LOCAL, detail: { topic: "watchroom/noisy/temperature" } });
		const { body } = await ask("/api/v1/points/noisy:temperature", { token: as("operator") });
		expect(body).toMatchObject({ value: null });
	});
});

describe("on the server's broker for agents", () => {
	const certificate = async () => {
		const [cert, key] = await Promise.all([readFile(join(bundle, "agent.pem")), readFile(join(bundle, "agent.key"))]);
		return { ca, cert, key, clientId: "watchroom-agent-agent-1", reconnectPeriod: 0 };
	};
	const url = () => `mqtts://${LOCAL}:${ports.uplink}`;

	test("a topic outside an agent's own is refused, and so is its certificate after it was revoked", async () => {
		await edge.stop();
		const agent = await mqtt.connectAsync(url(), await certificate());
		cleanUps.push(() => agent.endAsync(true));
		agent.on("error", () => {});
		// The broker ends the connection over it, or acknowledges and drops it: either way nobody gets it.
		await Promise.race([
			agent.publishAsync("watchroom-uplink/agent-2/status", "online", { qos: 1 }).catch(() => undefined),
			new Promise<void>((closed) => agent.once("close", () => closed())),
		]);
		const published = await refusal("uplink.publish", ({ detail }) => JSON.stringify(detail).includes("watchroom-uplink/agent-2/status"));
		expect(published).toMatchObject({ address: LOCAL, object: { type: "agent", id: "agent-1" }, username: "agent-1" });

		await run("agent", "revoke", "agent-1");
		// Another process revoked it; the server follows within a second.
		await waitFor("the certificate to be refused", async () => {
			const client = await mqtt.connectAsync(url(), await certificate(), false).catch(() => null);
			await client?.endAsync(true);
			return client === null;
		});
		const connected = await refusal("uplink.connect", ({ detail }) => detail.reason === "certificate revoked");
		expect(connected).toMatchObject({ address: LOCAL, object: { type: "agent", id: "agent-1" }, intact: true });
	});
});

describe("a session", () => {
	test("is not opened by a code that was used before, nor does the refusal tell what was wrong", async () => {
		const { username, password } = logInOf("reviewer");
		const body = { username, password, totp: codeOf(logInOf("reviewer")) };
		expect((await ask("/api/v1/session", { method: "POST", body })).status).toBe(200);
		const again = await ask("/api/v1/session", { method: "POST", body });
		expect([again.status, again.code, again.cookie]).toEqual([401, "invalid-credentials", undefined]);
		const line = await refusal("session.create", (candidate) => candidate.username === username);
		expect(line).toMatchObject({ address: LOCAL, tag: "log-in", detail: { reason: "second-factor" } });
		expect(told(line)).not.toContain(password);
	});

	test("that was stolen is worth nothing after its holder has logged out", async () => {
		const cookie = await session("operator");
		expect((await ask("/api/v1/session", { cookie })).status).toBe(200);
		expect((await ask("/api/v1/session", { method: "DELETE", cookie })).status).toBe(204);
		const stolen = await ask("/api/v1/devices", { cookie });
		expect([stolen.status, stolen.code]).toEqual([401, "session-ended"]);
		expect(await refusal("devices.get", ({ detail }) => detail.code === "session-ended")).toMatchObject({ address: LOCAL, tag: "authorisation" });
	});

	test("that was stolen is worth nothing after the security administrator has ended it", async () => {
		const cookie = await session("risk-manager");
		const { id } = await user("risk-manager");
		const path = `/api/v1/users/${id}/sessions`;
		const { body } = await ask(path, { token: as("security-administrator") });
		for (const entry of z.object({ items: z.array(sessionEntrySchema) }).parse(body).items)
			expect((await ask(`${path}/${entry.id}`, { method: "DELETE", token: as("security-administrator") })).status).toBe(204);
		const stolen = await ask("/api/v1/locations", { cookie });
		expect([stolen.status, stolen.code]).toEqual([401, "session-ended"]);
		expect(await refusal("locations.get", ({ detail }) => detail.code === "session-ended")).toMatchObject({ address: LOCAL });
	});

	let forgedBy: string | undefined;
	test.each([
		["an Origin of another site", () => ({ origin: "https://evil.example" })],
		["Sec-Fetch-Site: cross-site", () => ({ "sec-fetch-site": "cross-site" })],
		["another port of this host", () => ({ origin: `https://${LOCAL}:${ports.http + 1}` })],
	])("is not used by a forged request: %s", async (_, headers) => {
		forgedBy ??= await session("shift-lead");
		const path = "/api/v1/session/confirm";
		const forged = await ask(path, { method: "POST", body: { password: "whatever it is" }, cookie: forgedBy, headers: headers() });
		expect([forged.status, forged.code]).toEqual([403, "cross-origin"]);
		const line = await refusal("cross-origin", ({ object }) => object?.id === `POST ${path}`);
		expect(line).toMatchObject({ address: LOCAL, username: "shift-lead", method: "session" });
		expect((await ask("/api/v1/session", { cookie: forgedBy })).status).toBe(200);
	});
});
describe("a token", () => {
	test("does no more than its owner may", async () => {
		const answer = await ask("/api/v1/audit", { token: as("operator") });
		expect([answer.status, answer.code]).toEqual([403, "forbidden"]);
		expect(await refusal("audit.get", (line) => line.username === "operator")).toMatchObject({
			address: LOCAL,
			method: "token",
			groups: ["operator"],
			object: { type: "route", id: "GET /api/v1/audit" },
			detail: { code: "forbidden" },
		});
	});

	test("does no more than it was made for, and nothing once it was revoked", async () => {
		const cookie = await session("facility-manager");
		const made = await ask("/api/v1/tokens", { method: "POST", cookie, body: { name: "sees the site", permissions: ["site.read"], days: 1 } });
		const { id, token } = createdTokenSchema.parse(made.body);
		expect((await ask("/api/v1/agents", { token })).status).toBe(200);
		const beyond = await ask("/api/v1/alarms", { token });
		expect([beyond.status, beyond.code]).toEqual([403, "forbidden"]);
		expect(await refusal("alarms.get", (line) => line.username === "facility-manager")).toMatchObject({ address: LOCAL, method: "token" });
		const inward = await ask("/api/v1/tokens", { method: "POST", token, body: { name: "heir", days: 1 } });
		expect([inward.status, inward.code]).toEqual([403, "session-needed"]);
		expect(await refusal("tokens.post", (line) => line.username === "facility-manager")).toMatchObject({ address: LOCAL });

		expect((await ask(`/api/v1/tokens/${id}`, { method: "DELETE", cookie })).status).toBe(204);
		const revoked = await ask("/api/v1/agents", { token });
		expect([revoked.status, revoked.code]).toEqual([401, "invalid-token"]);
		const line = await refusal("agents.get", ({ detail }) => detail.code === "invalid-token");
		expect(line).toMatchObject({ address: LOCAL });
		expect(told(line)).not.toContain(token);
	});

	test("does nothing once its time is over", async () => {
		const cookie = await session("media-custodian");
		const made = await ask("/api/v1/tokens", { method: "POST", cookie, body: { name: "short", days: 1 } });
		const { id, token } = createdTokenSchema.parse(made.body);
		expect((await ask("/api/v1/points", { token })).status).toBe(200);
		await later(id);
		const expired = await ask("/api/v1/points", { token });
		expect([expired.status, expired.code]).toEqual([401, "invalid-token"]);
		expect(await refusal("points.get", ({ detail }) => detail.code === "invalid-token")).toMatchObject({ address: LOCAL, tag: "authorisation" });
	});
});

/** A token's last day is over: nobody waits for it here. */
async function later(token: string): Promise<void> {
	const logger = silentLogger();
	const server = await configuredPostgres({ databaseUrl: null, data: env.WATCHROOM_DATA ?? "" }, logger);
	const database = new PostgresDatabase({ server, logger, connections: 1 });
	await database.start();
	try {
		await sql`UPDATE api_tokens SET expires_at = now() - interval '1 second' WHERE id = ${token}`.execute(database.tables());
	} finally {
		await database.stop();
	}
}
