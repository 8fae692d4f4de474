/** Agents and the server's broker over real TLS: who gets in, as whom, and what becomes of the others. */
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as tls from "node:tls";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { uplinkTopic } from "../../../contracts/uplink.ts";
import type { AuditLine } from "../../../server/audit/audit.ts";
import { AuditLog } from "../../../server/audit/audit-log.ts";
import { auditMigrations } from "../../../server/audit/audit-migrations.ts";
import { UplinkBroker } from "../../../server/ingest/uplink-broker.ts";
import type { LedgerEntry } from "../../../server/ledger/ledger-entry.ts";
import { AuthorityFiles } from "../../../server/links/authority-files.ts";
import { createAuthority, issueAgentCertificate } from "../../../server/links/certificate-authority.ts";
import { linksMigrations } from "../../../server/links/links-migrations.ts";
import { LinksService } from "../../../server/links/links-service.ts";
import { SYSTEM } from "../../../server/platform/actor.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { TlsFiles } from "../../../server/platform/tls/tls-files.ts";
import { freePort } from "../../helpers/free-port.ts";
import { testDatabase } from "../../helpers/postgres.ts";
import { temporaryDirectory } from "../../helpers/temporary-directory.ts";
import { waitFor } from "../../helpers/wait-for.ts";

/** The audit log, which also keeps what it was given. */
class HeardAudit extends AuditLog {
	readonly heard: AuditLine[] = [];
	override async record(...[transaction, line]: Parameters<AuditLog["record"]>): Promise<void> {
		await super.record(transaction, line);
		this.heard.push(line);
	}
	override async note(line: AuditLine): Promise<void> {
		await super.note(line);
		this.heard.push(line);
	}
}

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
	for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

let port: number;
let links: LinksService;
let second: LinksService;
let audit: HeardAudit;
let ledger: LedgerEntry[];
let files: AuthorityFiles;
let ca: string;
let published: string[];

beforeEach(async () => {
	const folder = await temporaryDirectory("links");
	cleanUps.push(() => folder.remove());
	const { database, drop } = await testDatabase({ ...auditMigrations, ...linksMigrations });
	cleanUps.push(drop);
	const clock = { now: () => Date.now() };
	const logger = silentLogger();

	const plain = { database, clock, logger, keys: null, keyFile: join(folder.path, "keys", "audit-keys.json") };
	audit = new HeardAudit(plain);
	await audit.start();
	cleanUps.push(() => audit.stop());
	files = new AuthorityFiles(folder.path);
	await files.ensureServerCertificate(["localhost", "127.0.0.1"], Date.now());
	ca = (await files.authority(Date.now())).cert;
	ledger = [];
	const options = {
		database,
		audit,
		ledger: { append: async (_: unknown, entry: LedgerEntry) => ledger.push(entry) },
		clock,
		logger,
		files,
		required: false,
		knows: { agent: (id: string) => ["a", "b"].includes(id), device: (id: string) => id === "t1" },
	};
	links = new LinksService(options);
	second = new LinksService(options);
	await links.start();
	await second.start();
	cleanUps.push(
		() => links.stop(),
		() => second.stop(),
	);
	port = await freePort();
	published = [];
	const certificate = new TlsFiles({ paths: files.paths, logger, every: 20 });
	certificate.start();
	cleanUps.push(() => certificate.stop());
	const broker = new UplinkBroker({ port, tls: certificate, guard: links, logger });
	await broker.start(
		async ({ agent, topic }) => void published.push(`${agent} ${topic}`),
		() => {},
	);
	cleanUps.push(() => broker.stop());
});

function client(agent: string, options: IClientOptions): MqttClient {
	const made = mqtt.connect(`mqtts://127.0.0.1:${port}`, {
		ca,
		clientId: `watchroom-agent-${agent}`,
		reconnectPeriod: 0,
		protocolVersion: 4,
		...options,
	});
	cleanUps.push(() => made.endAsync(true));
	made.on("error", () => {});
	return made;
}

/** `connected`, or the CONNACK's return code. */
function outcome(made: MqttClient): Promise<string> {
	return new Promise((resolve) => {
		made.on("connect", () => resolve("connected"));
		made.on("error", (error) => resolve("code" in error ? `refused ${error.code}` : error.message));
	});
}
const refusals = () =>
	audit.heard.filter(({ result }) => result === "refused").map(({ operation, detail }) => `${operation}: ${String(detail?.reason)}`);

describe("an agent at the server's broker", () => {
	test("gets in with its certificate and speaks for itself", async () => {
		const { cert, key } = await links.enrol(SYSTEM, "a");
		const agent = client("a", { cert, key });
		expect(await outcome(agent)).toBe("connected");
		await agent.publishAsync(uplinkTopic("a", "heartbeat"), "{}", { qos: 1 });
		expect(published).toEqual(["a heartbeat"]);
		expect(await agent.subscribeAsync([uplinkTopic("a", "ack"), uplinkTopic("a", "devices")])).toMatchObject([{ qos: 0 }, { qos: 0 }]);
		expect(audit.heard.map(({ operation, result }) => `${operation} ${result}`)).toEqual(["agent.enrol ok"]);
		expect(ledger).toMatchObject([{ type: "agent.enrolled", data: { agent: "a", kind: "certificate" } }]);
		expect(links.expiries()).toMatchObject([{ of: "agent", name: "a" }, { of: "authority" }]);
	});

	test("is cut at once when its certificate is revoked, also from the command line, and doesn't get in again", async () => {
		const { cert, key } = await links.enrol(SYSTEM, "a");
		const agent = client("a", { cert, key });
		expect(await outcome(agent)).toBe("connected");
		const cut = new Promise<void>((resolve) => agent.on("close", () => resolve()));
		await second.revoke(SYSTEM, "a");
		await cut;
		expect(await outcome(client("a", { cert, key }))).toBe("refused 5");
		await waitFor("the audit line", () => refusals().length > 0);
		expect(refusals()).toEqual(["uplink.connect: certificate revoked"]);
		expect(ledger.map(({ type }) => type)).toEqual(["agent.enrolled", "agent.revoked"]);
	});

	test("gets in with its token, until that is revoked: a token replayed after that is refused", async () => {
		const { token } = await links.issueToken(SYSTEM, "a");
		const agent = client("a", { username: "a", password: token });
		expect(await outcome(agent)).toBe("connected");
		const cut = new Promise<void>((resolve) => agent.on("close", () => resolve()));
		await links.revoke(SYSTEM, "a");
		await cut;
		expect(await outcome(client("a", { username: "a", password: token }))).toBe("refused 5");
		await waitFor("the audit line", () => refusals().length > 0);
		expect(refusals()).toEqual(["uplink.connect: token revoked"]);
		expect(JSON.stringify([audit.heard, ledger])).not.toContain(token);
	});

	test.each<
		[
			string,
			(made: { other: { cert: string; key: string }; foreign: { cert: string; key: string }; token: string }) => [string, IClientOptions],
			RegExp,
		]
	>([
		["nothing to show", () => ["a", {}], /no certificate and no token/],
		["a certificate of another authority", ({ foreign }) => ["a", foreign], /not trusted/],
		["another agent's token", ({ token }) => ["a", { username: "a", password: token }], /another agent/],
		["another agent's client id", ({ other }) => ["a", other], /client id is not watchroom-agent-b/],
		["a wrong token", () => ["a", { username: "a", password: "wra_guess" }], /wrong token/],
	])("doesn't get in with %s", async (_, make, reason) => {
		const other = await links.enrol(SYSTEM, "b");
		const { token } = await links.issueToken(SYSTEM, "b");
		const foreign = await issueAgentCertificate(await createAuthority("Somebody else", Date.now()), "a", Date.now());
		const [agent, options] = make({ other, foreign, token });
		expect(await outcome(client(agent, { cert: undefined, key: undefined, ...options } as IClientOptions))).toBe("refused 5");
		await waitFor("the audit line", () => refusals().length > 0);
		expect(refusals()[0]).toMatch(reason);
	});

	test.each([
		["another agent's envelope", uplinkTopic("b", "envelope")],
		["an acknowledgement, which is the server's to give", uplinkTopic("a", "ack")],
		["any other topic", "house/door"],
	])("loses its connection when it publishes %s", async (_, topic) => {
		const { cert, key } = await links.enrol(SYSTEM, "a");
		const agent = client("a", { cert, key });
		expect(await outcome(agent)).toBe("connected");
		const cut = new Promise<void>((resolve) => agent.on("close", () => resolve()));
		agent.publish(topic, "{}", { qos: 1 }, () => {});
		await cut;
		await waitFor("the audit line", () => refusals().length > 0);
		expect(refusals()).toEqual([`uplink.publish: may not publish to ${topic}`]);
		expect(published).toEqual([]);
	});

	test.each(["#", "watchroom-uplink/+/devices", uplinkTopic("b", "devices"), "watchroom-uplink/#"])("hears nothing under %s", async (filter) => {
		const { cert, key } = await links.enrol(SYSTEM, "a");
		const agent = client("a", { cert, key });
		expect(await outcome(agent)).toBe("connected");
		const granted = await new Promise((resolve) => agent.subscribe(filter, (error, list) => resolve(error?.message ?? list?.[0]?.qos)));
		expect(String(granted)).toMatch(/128|Unspecified error/);
		await waitFor("the audit line", () => refusals().length > 0);
		expect(refusals()).toEqual([`uplink.subscribe: may not hear ${filter}`]);
	});

	test("without any credentials on this machine a client still has one agent's topics only", async () => {
		const agent = client("x", {});
		expect(await outcome(agent)).toBe("connected");
		await agent.publishAsync(uplinkTopic("a", "heartbeat"), "{}", { qos: 1 });
		const cut = new Promise<void>((resolve) => agent.on("close", () => resolve()));
		agent.publish(uplinkTopic("b", "heartbeat"), "{}", { qos: 1 }, () => {});
		await cut;
		expect(published).toEqual(["a heartbeat"]);
	});

	test("what it refused to its devices is audited, other refused payloads are not", async () => {
		const common = { receivedAt: Date.now(), payload: "", size: 0, detail: "wrong user name or password" };
		links.deviceRefusals("a", [
			{ ...common, device: "t1", topic: "", reason: "login-refused" },
			{ ...common, device: "t1", topic: "watchroom/t2/x", reason: "topic-refused", detail: "may not publish there" },
			{ ...common, device: "t1", topic: "watchroom/t1/x", reason: "not-json" },
			{ ...common, device: "t1", topic: "watchroom/t1/access", reason: "biometric-data", detail: "template: expected no fingerprint template" },
		]);
		await waitFor("the audit lines", () => refusals().length === 3);
		expect(refusals().toSorted()).toEqual([
			"device.biometric-data: template: expected no fingerprint template",
			"device.connect: wrong user name or password",
			"device.topic: may not publish there",
		]);
		expect(audit.heard.map(({ object }) => object)).toEqual([
			{ type: "device", id: "t1" },
			{ type: "device", id: "t1" },
			{ type: "device", id: "t1" },
		]);
	});

	test("the broker's certificate changes under a connection that goes on", async () => {
		const { cert, key } = await links.enrol(SYSTEM, "a");
		const agent = client("a", { cert, key });
		expect(await outcome(agent)).toBe("connected");
		const { fingerprint } = await files.renewServerCertificate(["127.0.0.1", "new.example"], Date.now());
		await waitFor("the new certificate", async () => {
			const probe = tls.connect({ port, host: "127.0.0.1", ca });
			await once(probe, "secureConnect");
			const shown = probe.getPeerX509Certificate()?.fingerprint256;
			probe.destroy();
			return shown === fingerprint;
		});
		await writeFile(files.paths.key, "not a key");
		await agent.publishAsync(uplinkTopic("a", "heartbeat"), "{}", { qos: 1 });
		expect(agent.connected).toBe(true);
		expect(published).toEqual(["a heartbeat"]);
	});
});
