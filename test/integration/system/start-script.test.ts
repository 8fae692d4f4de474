/** `npm start` itself: ends at a running system, and leaves nothing behind. */
import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { get } from "node:https";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { ROLES } from "../../../contracts/permissions.ts";
import { type Child, NODE, startChild } from "../../helpers/child-process.ts";
import { freePort } from "../../helpers/free-port.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../helpers/temporary-directory.ts";
import { waitFor } from "../../helpers/wait-for.ts";

let script: Child | null = null;
let data: TemporaryDirectory | null = null;
afterEach(async () => {
	await script?.stop();
	await data?.remove();
});

async function start(env: Record<string, string> = {}) {
	data = await temporaryDirectory("start");
	const http = await freePort();
	script = startChild(NODE, ["scripts/start.mjs"], {
		env: {
			WATCHROOM_DATA: data.path,
			WATCHROOM_HTTP_PORT: String(http),
			WATCHROOM_UPLINK_PORT: String(await freePort()),
			WATCHROOM_DEVICE_PORT: String(await freePort()),
			...env,
		},
	});
	return { script, http, url: `http://127.0.0.1:${http}` };
}

/** Pids of a process's descendants. Linux's /proc; elsewhere none, and the tests fall back on the ports. */
function descendants(pid: number): number[] {
	const parents = new Map<number, number>();
	for (const name of existing("/proc")) {
		const stat = /^\d+$/.test(name) ? statOf(Number(name)) : null;
		if (stat) parents.set(Number(name), stat.parent);
	}
	const found = [pid];
	for (const one of found) for (const [child, parent] of parents) if (parent === one) found.push(child);
	return found.slice(1);
}
function existing(folder: string): string[] {
	try {
		return readdirSync(folder);
	} catch {
		return [];
	}
}
/** A process that is there and not just waiting for its parent to take note of its end. */
function statOf(pid: number): { parent: number } | null {
	try {
		const text = readFileSync(`/proc/${pid}/stat`, "utf8");
		const [state, parent] = text.slice(text.lastIndexOf(")") + 2).split(" ");
		return state === "Z" ? null : { parent: Number(parent) };
	} catch {
		return null;
	}
}

test("it ends at the dashboard of the demo site, and Ctrl-C ends all of it", { timeout: 240_000 }, async () => {
	const { script, url } = await start();
	await script.says(/Watchroom is running[\s\S]*Ctrl-C stops all of it/, 90_000);
	expect(script.output()).toContain(url);
	expect(await (await fetch(url)).text()).toContain("<title>");
	const logIns = JSON.parse(await readFile(join(data?.path ?? "", "demo-credentials.json"), "utf8")) as {
		username: string;
		password: string;
		token: string;
	}[];
	expect(logIns).toHaveLength(ROLES.length);
	for (const { username, password } of logIns) expect(script.output()).toMatch(new RegExp(`${username} +${password} `));
	const headers = { authorization: `Bearer ${logIns[0]?.token}` };
	const points = (await (await fetch(`${url}/api/v1/points`, { headers })).json()) as { items: { value: unknown }[] };
	expect(points.items.length).toBeGreaterThan(300);
	const processes = descendants(script.pid);
	if (process.platform === "linux") expect(processes.length, "server, agent, simulators, PostgreSQL").toBeGreaterThan(3);
	await script.stop("SIGINT");
	expect(script.process.exitCode).toBe(0);
	expect(processes.filter((pid) => statOf(pid) !== null)).toEqual([]);
	await expect(fetch(url)).rejects.toThrow();
});

/** The process of the script that runs this program; none where there is no /proc. */
const running = (script: Child, program: string) => descendants(script.pid).find((pid) => commandOf(pid).includes(program));

/** Nothing of a process that has ended meanwhile. */
function commandOf(pid: number): string {
	try {
		return readFileSync(`/proc/${pid}/cmdline`, "utf8");
	} catch {
		return "";
	}
}

test.skipIf(process.platform !== "linux")(
	"a process that is killed is started again, which is said; one that dies again and again ends all with an error",
	{ timeout: 300_000 },
	async () => {
		const { script, url } = await start();
		await script.says(/Watchroom is running/, 90_000);
		for (const [name, program] of [
			["server", "server/main.ts"],
			["edge agent", "edge-agent/main.ts"],
		] as const) {
			const before = running(script, program);
			expect(before).toBeDefined();
			process.kill(before ?? 0, "SIGKILL");
			await script.says(new RegExp(`The ${name} ended unexpectedly \\(SIGKILL\\); it is started again in 0.5 s`));
			await script.says(new RegExp(`The ${name} works again`), 60_000);
			expect(running(script, program)).not.toBe(before);
			expect((await fetch(`${url}/readyz`)).status).toBe(200);
		}
		const processes = new Set<number>();
		for (let last = 0; script.process.exitCode === null; ) {
			for (const pid of descendants(script.pid)) processes.add(pid);
			const pid = running(script, "simulators/main.ts");
			if (pid !== undefined && pid !== last) process.kill(pid, "SIGKILL");
			last = pid ?? last;
			await setTimeout(50);
		}
		expect(script.process.exitCode).toBe(1);
		expect(script.output()).toContain("The simulators ended unexpectedly (SIGKILL), again and again");
		expect(script.output().match(/The simulators ended unexpectedly/g)).toHaveLength(5);
		expect([...processes].filter((pid) => statOf(pid) !== null)).toEqual([]);
	},
);

test("with TLS it prints the https address, and dashboard, agent and simulators work over it", { timeout: 240_000 }, async () => {
	const { script, http } = await start({ WATCHROOM_TLS: "own-ca" });
	await script.says(/Watchroom is running[\s\S]*Ctrl-C stops all of it/, 90_000);
	expect(script.output()).toContain(`https://127.0.0.1:${http}\n`);
	const ca = await readFile(join(data?.path ?? "", "ca", "ca.pem"), "utf8");
	const page = await new Promise<string>((resolve, reject) => {
		get(`https://127.0.0.1:${http}/`, { ca }, (answer) => {
			let text = "";
			answer.setEncoding("utf8").on("data", (piece: string) => {
				text += piece;
			});
			answer.on("end", () => resolve(text));
		}).on("error", reject);
	});
	expect(page).toContain("<title>");
	await script.stop("SIGINT");
	expect(script.process.exitCode).toBe(0);
});

test("killed, it takes its processes along", { timeout: 240_000 }, async () => {
	const { script, url } = await start();
	await script.says(/Watchroom is running/, 90_000);
	const processes = descendants(script.pid);
	await script.stop("SIGKILL");
	await waitFor("every process to end", () => processes.every((pid) => statOf(pid) === null), 30_000, 100);
	await expect(fetch(url)).rejects.toThrow();
});

test.each([
	["--help", 0, /^Usage: npm start\n/],
	["--port=80", 1, /Unexpected argument --port=80\.\nUsage: npm start\n/],
])("asked with %s it says how it is used, and starts nothing", { timeout: 90_000 }, async (argument, code, said) => {
	script = startChild(NODE, ["scripts/start.mjs", argument]);
	await script.says(said);
	await waitFor("its end", () => script?.process.exitCode === code);
});

test("a port in use is named before anything starts", { timeout: 90_000 }, async () => {
	const { createServer } = await import("node:net");
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	try {
		const address = server.address();
		const port = String(typeof address === "object" ? address?.port : 0);
		data = await temporaryDirectory("start");
		script = startChild(NODE, ["scripts/start.mjs"], { env: { WATCHROOM_DATA: data.path, WATCHROOM_HTTP_PORT: port } });
		await script.says(new RegExp(`Port ${port} is in use already.*WATCHROOM_HTTP_PORT`));
		await waitFor("the end", () => script?.process.exitCode === 1);
	} finally {
		server.close();
	}
});
