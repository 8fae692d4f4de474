import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type Role, roleSchema } from "../../contracts/permissions.ts";
import { NODE_FLAGS } from "../../scripts/node-flags.mjs";
import { type Child, NODE, startChild } from "./child-process.ts";
import { freePort } from "./free-port.ts";
import { copyPreparedDatabase } from "./prepared-database.ts";
import { type TemporaryDirectory, temporaryDirectory } from "./temporary-directory.ts";
import { waitFor } from "./wait-for.ts";

/** Whole processes of Watchroom on free ports, with their data in a temporary directory. */
export interface System {
	directory: string;
	/** Address of dashboard and API. */
	url: string;
	httpPort: number;
	uplinkPort: number;
	devicePort: number;
	env: Record<string, string>;
	server: Child | null;
	agent: Child | null;
	/** Start one process and wait until it works; a running one is left alone. */
	startServer(): Promise<void>;
	startAgent(): Promise<void>;
	/** Starts `npm run simulate -- ...args`. */
	simulate(...args: string[]): Child;
	/** The demo log-in of a role. */
	logIn(role?: Role): Promise<DemoLogIn>;
	/** A request as somebody of a role, by token; `null`: without a log-in. */
	ask(path: string, init?: RequestInit, role?: Role | null): Promise<Response>;
	get<T = unknown>(path: string, role?: Role): Promise<T>;
	/** All items of a list. */
	items<T = Record<string, unknown>>(path: string, role?: Role): Promise<T[]>;
	post<T = unknown>(path: string, body: unknown, role?: Role): Promise<{ status: number; body: T }>;
	/** Stops everything and removes the data. */
	stop(): Promise<void>;
}

const logInsSchema = z.array(z.object({ role: roleSchema, username: z.string(), password: z.string(), totpSecret: z.string(), token: z.string() }));
export type DemoLogIn = z.output<typeof logInsSchema>[number];
/** Sees what is measured, what alarms and who passes doors, and acknowledges. */
const USUAL: Role = "facility-manager";

/** Prepares a system; nothing runs yet. `env` is passed to every process. */
export async function system(options: { site?: string; env?: Record<string, string> } = {}): Promise<System> {
	const directory: TemporaryDirectory = await temporaryDirectory("system");
	if (options.env?.DATABASE_URL === undefined) await copyPreparedDatabase(join(directory.path, "postgres"));
	const [httpPort, uplinkPort, devicePort] = [await freePort(), await freePort(), await freePort()];
	const env: Record<string, string> = {
		WATCHROOM_DATA: directory.path,
		WATCHROOM_HTTP_PORT: String(httpPort),
		WATCHROOM_UPLINK_PORT: String(uplinkPort),
		WATCHROOM_DEVICE_PORT: String(devicePort),
		WATCHROOM_SITE: options.site ?? "sites/demo.yaml",
		WATCHROOM_DEMO: "true",
		...options.env,
	};
	let logIns: DemoLogIn[] = [];
	const url = `http://127.0.0.1:${httpPort}`;
	const simulators: Child[] = [];
	const alive = (child: Child | null) => child !== null && child.process.exitCode === null && child.process.signalCode === null;
	const orItsEnd = async (child: Child, what: string, condition: () => Promise<unknown>) => {
		await waitFor(
			what,
			async () => {
				if (!alive(child)) return "ended";
				return await condition().catch(() => false);
			},
			90_000,
			50,
		);
		if (!alive(child)) throw new Error(`${what}: the process ended.\n${child.output().slice(-4000)}`);
	};
	const self: System = {
		directory: directory.path,
		url,
		httpPort,
		uplinkPort,
		devicePort,
		env,
		server: null,
		agent: null,
		async startServer() {
			if (alive(self.server)) return;
			const child = startChild(NODE, [...NODE_FLAGS.server, "server/main.ts"], { env });
			self.server = child;
			await orItsEnd(child, "server ready", async () => (await fetch(`${url}/readyz`)).ok);
		},
		async startAgent() {
			if (alive(self.agent)) return;
			const child = startChild(NODE, [...NODE_FLAGS.agent, "edge-agent/main.ts"], { env });
			self.agent = child;
			await child.says(/edge agent ready/, 60_000);
			// A broker keeps nothing for whom it doesn't know yet.
			if (options.env?.DEVICE_BROKER_URL !== undefined) await child.says(/device broker subscribed/, 60_000);
		},
		simulate(...args) {
			const child = startChild(NODE, ["simulators/main.ts", ...args], { env });
			simulators.push(child);
			return child;
		},
		async logIn(role = USUAL) {
			const wanted = () => logIns.find((entry) => entry.role === role);
			if (!wanted()) logIns = logInsSchema.parse(JSON.parse(await readFile(join(directory.path, "demo-credentials.json"), "utf8")));
			const found = wanted();
			if (!found) throw new Error(`there is no demo log-in of ${role}`);
			return found;
		},
		async ask(path, init = {}, role = USUAL) {
			const headers = new Headers(init.headers);
			if (role !== null) headers.set("authorization", `Bearer ${(await self.logIn(role)).token}`);
			return await fetch(url + path, { ...init, headers });
		},
		async get<T>(path: string, role?: Role) {
			const answer = await self.ask(path, {}, role);
			if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`);
			return (await answer.json()) as T;
		},
		async items<T>(path: string, role?: Role) {
			const items: T[] = [];
			let cursor: string | null = null;
			do {
				const separator = path.includes("?") ? "&" : "?";
				const page: { items: T[]; nextCursor: string | null } = await self.get(
					cursor ? `${path}${separator}cursor=${encodeURIComponent(cursor)}` : path,
					role,
				);
				items.push(...page.items);
				cursor = page.nextCursor;
			} while (cursor);
			return items;
		},
		async post<T>(path: string, body: unknown, role?: Role) {
			const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
			const answer = await self.ask(path, init, role);
			return { status: answer.status, body: (await answer.json()) as T };
		},
		async stop() {
			for (const child of [...simulators, self.agent, self.server]) await child?.stop();
			await directory.remove();
		},
	};
	return self;
}

/** Path of a file of the test tree. */
export const fixture = (name: string): string => join(import.meta.dirname, "..", "fixtures", name);
