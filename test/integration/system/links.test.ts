/** Whole processes over TLS: the server's certificate, an agent enrolled by one command, a device with its password (EDG-10). */
import { readFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import mqtt from "mqtt";
import { afterEach, expect, test } from "vitest";
import { NODE_FLAGS } from "../../../scripts/node-flags.mjs";
import { type Child, NODE, startChild } from "../../helpers/child-process.ts";
import { freePort } from "../../helpers/free-port.ts";
import { temporaryDirectory } from "../../helpers/temporary-directory.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
}, 60_000);

function start(args: readonly string[], env: Record<string, string>): Child {
	const child = startChild(NODE, args, { env });
	cleanUps.push(() => child.stop());
	return child;
}
async function run(args: readonly string[], env: Record<string, string>): Promise<string> {
	const child = start(["server/cli.ts", ...args], env);
	await waitFor("the command's end", () => child.process.exitCode !== null, 60_000);
	expect(child.process.exitCode, child.output()).toBe(0);
	return child.output();
}
function get(port: number, ca: string, path = "/readyz"): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }> {
	return new Promise((resolve, reject) => {
		request({ host: "127.0.0.1", port, path, ca }, (answer) => {
			let text = "";
			answer.setEncoding("utf8").on("data", (part: string) => {
				text += part;
			});
			answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
		})
			.on("error", reject)
			.end();
	});
}

test("TLS on every link: dashboard, agent by its certificate until that is revoked, device by its password", async () => {
	const folder = await temporaryDirectory("links");
	cleanUps.push(() => folder.remove());
	const [httpPort, uplinkPort, devicePort] = [await freePort(), await freePort(), await freePort()];
	const env = {
		WATCHROOM_DATA: folder.path,
		WATCHROOM_HTTP_PORT: String(httpPort),
		WATCHROOM_UPLINK_PORT: String(uplinkPort),
		WATCHROOM_DEVICE_PORT: String(devicePort),
		WATCHROOM_SITE: "test/fixtures/system.yaml",
		WATCHROOM_TLS: "own-ca",
	};
	const server = start([...NODE_FLAGS.server, "server/main.ts"], env);
	await server.says(/server ready/, 90_000);
	const ca = await readFile(join(folder.path, "ca", "ca.pem"), "utf8");
	const answer = await get(httpPort, ca);
	expect(answer.status).toBe(200);
	expect(answer.headers["strict-transport-security"]).toMatch(/max-age=31536000/);
	await expect(fetch(`http://127.0.0.1:${httpPort}/readyz`)).rejects.toThrow();

	const out = join(folder.path, "bundle");
	const site = await readFile("test/fixtures/system.yaml", "utf8");
	const agent = /agents:\s*\n?\s*-\s*\{?\s*id:\s*([\w.-]+)/.exec(site)?.[1] ?? "agent-1";
	await run(["agent", "enrol", agent, "--host", "127.0.0.1", "--out", out], env);
	const bundle = Object.fromEntries(
		(await readFile(join(out, "agent.env"), "utf8"))
			.split("\n")
			.filter((line) => line.includes("=") && !line.startsWith("#"))
			.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
	) as Record<string, string>;
	await run(["server", "certificate", "--host", "127.0.0.1", "--out", join(folder.path, "device-tls")], env);
	const password = (await run(["device", "password", "gw", "--devices", "*"], env)).trim().split("\n").at(-1) ?? "";
	const deviceTls = {
		WATCHROOM_DEVICE_TLS_CERT: join(folder.path, "device-tls", "server.pem"),
		WATCHROOM_DEVICE_TLS_KEY: join(folder.path, "device-tls", "server.key"),
		WATCHROOM_DEVICE_AUTH: "required",
	};
	const edge = start([...NODE_FLAGS.agent, "edge-agent/main.ts"], { ...env, ...bundle, ...deviceTls });
	await edge.says(/edge agent ready/, 60_000);

	const login = { ca, reconnectPeriod: 0, username: "gw" };
	await expect(mqtt.connectAsync(`mqtts://127.0.0.1:${devicePort}`, { ...login, password: "guess" }, false)).rejects.toThrow(
		/not authorized|bad user/i,
	);
	// The agent hears of a password from the server, and the server from the command's process.
	const logIn = () => mqtt.connectAsync(`mqtts://127.0.0.1:${devicePort}`, { ...login, password }, false);
	const device = await waitFor("the device's log-in", () => logIn().catch(() => null), 60_000);
	cleanUps.push(() => device.endAsync(true));
	await waitFor("the refused log-in at the server", async () =>
		/watchroom_link_refusals_total\{kind="device-connect"\} [1-9]/.test((await get(httpPort, ca, "/metrics")).text),
	);
	const before = edge.output().length;
	await run(["agent", "revoke", agent], env);
	await waitFor("the agent to be cut", () => /uplink lost/.test(edge.output().slice(before)));
	await server.says(/certificate revoked/, 30_000);
}, 180_000);

test.each([
	["server/main.ts", { WATCHROOM_BIND: "0.0.0.0" }, /WATCHROOM_BIND: .*TLS/],
	["edge-agent/main.ts", { WATCHROOM_DEVICE_BIND: "0.0.0.0" }, /WATCHROOM_DEVICE_BIND: .*WATCHROOM_DEVICE_TLS_CERT/],
])("%s refuses to listen beyond this machine in plain text", async (program, env, words) => {
	const child = start([program], env);
	await child.says(words, 60_000);
	await waitFor("its end", () => child.process.exitCode !== null);
	expect(child.process.exitCode).toBe(1);
});
