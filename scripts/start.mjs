/** `npm start`: server, edge agent and simulators of the demo site, with embedded stores; Ctrl-C stops all of it. What is killed is started again. */
import { spawn } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync, readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { connect } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { NODE_FLAGS } from "./node-flags.mjs";
import { waitAfterEnd } from "./restart.mjs";
import { buildDashboard, fail, install, node, root } from "./setup.mjs";

const [asked] = process.argv.slice(2);
if (asked !== undefined) {
	const usage = "Usage: npm start\nIt takes no arguments; settings are environment variables, listed in docs/configuration.md.";
	if (asked !== "--help" && asked !== "-h") fail(`Unexpected argument ${asked}.\n${usage}`);
	console.log(usage);
	process.exit(0);
}
const ports = {
	WATCHROOM_HTTP_PORT: Number(process.env.WATCHROOM_HTTP_PORT || 8080),
	...(process.env.UPLINK_URL ? {} : { WATCHROOM_UPLINK_PORT: Number(process.env.WATCHROOM_UPLINK_PORT || 1883) }),
	...(process.env.DEVICE_BROKER_URL ? {} : { WATCHROOM_DEVICE_PORT: Number(process.env.WATCHROOM_DEVICE_PORT || 1884) }),
};
const wrongPorts = Object.entries(ports).filter(([, port]) => !Number.isInteger(port) || port < 1 || port > 65_535);
if (wrongPorts.length > 0)
	fail(`A port is a whole number from 1 to 65535, unlike\n${wrongPorts.map(([name]) => `  ${name}=${process.env[name]}`).join("\n")}`);
const data = resolve(root, process.env.WATCHROOM_DATA || "data");
const logs = join(data, "logs");
const tls = Boolean(process.env.WATCHROOM_TLS || process.env.WATCHROOM_TLS_CERT);
const bind = process.env.WATCHROOM_BIND || "127.0.0.1";
/** The name that people use, as the server says it too; a certificate of one's own is for that alone. */
const named = (process.env.WATCHROOM_HOSTS ?? "").split(",").at(-1).trim() || "127.0.0.1";
const host = isLoopback(bind) && !process.env.WATCHROOM_TLS_CERT ? "127.0.0.1" : named;
const address = `${tls ? "https" : "http"}://${host}:${ports.WATCHROOM_HTTP_PORT}`;
/** Where the server is asked whether it is ready: on this machine, whatever its name is elsewhere. */
const probe = `${tls ? "https" : "http"}://${bindAddress()}:${ports.WATCHROOM_HTTP_PORT}`;
const ownUplink = tls && !process.env.UPLINK_URL;
/** In the order in which they start; they are stopped in the reverse order. `ready` tells whether what runs works. */
const parts = [
	{
		name: "server",
		starting: "the server (the first time, its database is made: some seconds)",
		args: [...NODE_FLAGS.server, "server/main.ts"],
		ready: () => async () => (await get("/readyz")).status === 200,
	},
	{
		name: "edge agent",
		starting: "the edge agent",
		args: [...NODE_FLAGS.agent, "edge-agent/main.ts"],
		env: ownUplink
			? {
					UPLINK_URL: `mqtts://${process.env.WATCHROOM_TLS ? "127.0.0.1" : host}:${ports.WATCHROOM_UPLINK_PORT}`,
					...(process.env.WATCHROOM_TLS ? { UPLINK_CA: join(data, "ca", "ca.pem") } : {}),
				}
			: {},
		ready: () => async () => !ports.WATCHROOM_DEVICE_PORT || (await isUsed(ports.WATCHROOM_DEVICE_PORT)),
	},
	{
		name: "simulators",
		starting: "the simulators of the demo site",
		args: ["simulators/main.ts", "normal"],
		ready: () => {
			let first;
			return async () => {
				const count = await readings();
				first ??= count;
				return count > 0 && count !== first;
			};
		},
	},
].map((part) => ({ ...part, log: join(logs, `${part.name.split(" ").at(-1)}.log`), child: null, ends: [] }));
let stopping = false;
let running = false;

await install();
await buildDashboard();
for (const [name, port] of Object.entries(ports))
	if (await isUsed(port)) fail(`Port ${port} is in use already. Stop what listens there, or set ${name} to another port.`);
mkdirSync(logs, { recursive: true });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => void stop(0));

for (const part of parts) {
	console.log(`Starting ${part.starting} ...`);
	const ready = part.ready();
	start(part);
	await until(ready, part);
}
running = true;
console.log(`
Watchroom is running.

  Dashboard   ${address}
  Log-in      ${logIns()}
  Try         npm run simulate -- cooling-failure     (npm run simulate -- --list names all scenarios)
  Data, logs  ${data}

Ctrl-C stops all of it.`);

/** The demo's log-ins, where the site has some. */
function logIns() {
	const file = join(data, "demo-credentials.json");
	if (!existsSync(file)) return `as set up; the first time with the link in ${join(logs, "server.log")}`;
	const rows = JSON.parse(readFileSync(file, "utf8"));
	const width = (key) => Math.max(...rows.map((row) => row[key].length));
	const lines = rows.map((row) => `${row.username.padEnd(width("username"))}  ${row.password.padEnd(width("password"))}  ${row.totpSecret}`);
	return [
		"one a role: name, password, secret for an authenticator app (or its code: npm run watchroom -- totp <name>)",
		...lines,
		`(with tokens for programs in ${file})`,
	].join("\n              ");
}

function start(part) {
	const log = createWriteStream(part.log, { flags: "a" });
	// A process group of its own, so that Ctrl-C reaches this script alone, which stops the others in order;
	// the channel tells the child when this script is gone, however it ended.
	const child = spawn(node, part.args, {
		cwd: root,
		env: { ...process.env, WATCHROOM_DATA: data, ...part.env },
		detached: true,
		stdio: ["ignore", "pipe", "pipe", "ipc"],
	});
	child.stdout.pipe(log, { end: false });
	child.stderr.pipe(log, { end: false });
	part.child = child;
	child.on("exit", (code, signal) => {
		log.end();
		if (!stopping) void ended(part, signal ?? code);
	});
}

/** A child that ends while all runs is started again; one that ends before that, or again and again, ends all. */
async function ended(part, how) {
	part.ends.push(Date.now());
	const wait = running ? waitAfterEnd(part.ends) : null;
	if (wait === null) {
		console.error(`\nThe ${part.name} ended unexpectedly (${how})${running ? ", again and again" : ""}. The end of ${part.log}:\n`);
		// What it wrote last is still on its way to the file.
		await sleep(100);
		console.error(readFileSync(part.log, "utf8").split("\n").slice(-15).join("\n"));
		await stop(1);
		return;
	}
	console.error(`The ${part.name} ended unexpectedly (${how}); it is started again in ${wait / 1000} s. Its log is ${part.log}.`);
	await sleep(wait);
	if (stopping) return;
	start(part);
	const { child } = part;
	const ready = part.ready();
	while (!stopping && part.child === child && child.exitCode === null && child.signalCode === null) {
		if (await ready().catch(() => false)) {
			console.log(`The ${part.name} works again.`);
			return;
		}
		await sleep(200);
	}
}

async function stop(code) {
	if (stopping) return;
	stopping = true;
	console.log("\nStopping ...");
	for (const { name, child } of parts.toReversed()) {
		if (!child || child.exitCode !== null || child.signalCode !== null) continue;
		const ended = new Promise((done) => child.once("exit", done));
		child.kill("SIGTERM");
		if ((await Promise.race([ended, sleep(20_000, "late")])) === "late") {
			console.error(`The ${name} did not stop within 20 s and was killed.`);
			child.kill("SIGKILL");
			await ended;
		}
	}
	process.exit(code);
}

/** Waits until a part works; one that ends meanwhile ends this script, see ended(). */
async function until(ready, part) {
	const begun = Date.now();
	let told = begun;
	while (!stopping) {
		if (await ready().catch(() => false)) return;
		if (Date.now() - told > 10_000) {
			told = Date.now();
			console.log(`  still waiting for the ${part.name} (${Math.round((told - begun) / 1000)} s; the logs are in ${logs})`);
		}
		if (Date.now() - begun > 180_000) {
			console.error(`Waited three minutes for the ${part.name}. The logs are in ${logs}.`);
			await stop(1);
		}
		await sleep(100);
	}
	await new Promise(() => {});
}

/** Readings that the server has taken since it started. */
async function readings() {
	const { text } = await get("/metrics");
	return Number(/^watchroom_ingest_readings_total (\S+)$/m.exec(text)?.[1] ?? 0);
}

/** Asks the server on this machine. Its certificate isn't checked: it is for the names that others use, and nothing secret is sent. */
function get(path) {
	return new Promise((done, failed) => {
		const options = { rejectUnauthorized: false, agent: false, timeout: 5000 };
		const asked = (tls ? https : http).get(probe + path, options, (answer) => {
			let text = "";
			answer.setEncoding("utf8");
			answer.on("data", (piece) => {
				text += piece;
			});
			answer.on("end", () => done({ status: answer.statusCode, text }));
			answer.on("error", failed);
		});
		asked.on("timeout", () => asked.destroy(new Error("no answer within 5 s")));
		asked.on("error", failed);
	});
}

/** Where this machine reaches what is bound to WATCHROOM_BIND. */
function bindAddress() {
	if (bind === "0.0.0.0" || bind === "::") return "127.0.0.1";
	return bind.includes(":") ? `[${bind}]` : bind;
}

function isLoopback(address) {
	return /^127(\.\d{1,3}){3}$/.test(address) || address === "::1" || address === "localhost";
}

function isUsed(port) {
	return new Promise((done) => {
		const socket = connect(port, "127.0.0.1");
		socket.on("connect", () => {
			socket.destroy();
			done(true);
		});
		socket.on("error", () => done(false));
	});
}
