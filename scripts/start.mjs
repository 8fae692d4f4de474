/** `npm start`: server, edge agent and simulators of the demo site, with embedded stores; Ctrl-C stops all of it. */
import { spawn } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { NODE_FLAGS } from "./node-flags.mjs";
import { buildDashboard, fail, install, node, root } from "./setup.mjs";

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
const address = `http://127.0.0.1:${ports.WATCHROOM_HTTP_PORT}`;
/** In the order in which they start; they are stopped in the reverse order. */
const running = [];
let stopping = false;

await install();
await buildDashboard();
for (const [name, port] of Object.entries(ports))
	if (await isUsed(port)) fail(`Port ${port} is in use already. Stop what listens there, or set ${name} to another port.`);
mkdirSync(logs, { recursive: true });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => void stop(0));

console.log("Starting the server (the first time, its database is made: some seconds) ...");
start("server", [...NODE_FLAGS.server, "server/main.ts"]);
await ready("the server", async () => (await fetch(`${address}/readyz`)).ok);
console.log("Starting the edge agent ...");
start("agent", [...NODE_FLAGS.agent, "edge-agent/main.ts"]);
if (ports.WATCHROOM_DEVICE_PORT) await ready("the edge agent", () => isUsed(ports.WATCHROOM_DEVICE_PORT));
console.log("Starting the simulators of the demo site ...");
start("simulators", ["simulators/main.ts", "normal"]);
await ready("the first readings", async () => {
	const text = await (await fetch(`${address}/metrics`)).text();
	return Number(/^watchroom_ingest_readings_total (\S+)$/m.exec(text)?.[1] ?? 0) > 0;
});
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

function start(name, args) {
	const log = createWriteStream(join(logs, `${name}.log`), { flags: "a" });
	// A process group of its own, so that Ctrl-C reaches this script alone, which stops the others in order;
	// the channel tells the child when this script is gone, however it ended.
	const child = spawn(node, args, {
		cwd: root,
		env: { ...process.env, WATCHROOM_DATA: data },
		detached: true,
		stdio: ["ignore", "pipe", "pipe", "ipc"],
	});
	child.stdout.pipe(log, { end: false });
	child.stderr.pipe(log, { end: false });
	running.push({ name, child });
	child.on("exit", (code, signal) => {
		log.end();
		if (stopping) return;
		console.error(`\nThe ${name} ended unexpectedly (${signal ?? code}). The end of ${join(logs, `${name}.log`)}:\n`);
		setTimeout(() => {
			console.error(
				readFileSync(join(logs, `${name}.log`), "utf8")
					.split("\n")
					.slice(-15)
					.join("\n"),
			);
			void stop(1);
		}, 100);
	});
}

async function stop(code) {
	if (stopping) return;
	stopping = true;
	console.log("\nStopping ...");
	for (const { name, child } of running.reverse()) {
		if (child.exitCode !== null || child.signalCode !== null) continue;
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

/** Waits until something is there; a child that ends meanwhile ends this script, see start(). */
async function ready(what, condition) {
	const begun = Date.now();
	let told = begun;
	while (!stopping) {
		if (await Promise.resolve(condition()).catch(() => false)) return;
		if (Date.now() - told > 10_000) {
			told = Date.now();
			console.log(`  still waiting for ${what} (${Math.round((told - begun) / 1000)} s; the logs are in ${logs})`);
		}
		if (Date.now() - begun > 180_000) {
			console.error(`Waited three minutes for ${what}. The logs are in ${logs}.`);
			await stop(1);
		}
		await sleep(100);
	}
	await new Promise(() => {});
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
