import { join } from "node:path";
import { NODE_FLAGS } from "../../scripts/node-flags.mjs";
import { type Child, NODE, startChild } from "./child-process.ts";
import { freePort } from "./free-port.ts";
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
	get<T = unknown>(path: string): Promise<T>;
	/** All items of a list. */
	items<T = Record<string, unknown>>(path: string): Promise<T[]>;
	post<T = unknown>(path: string, body: unknown): Promise<{ status: number; body: T }>;
	/** Stops everything and removes the data. */
	stop(): Promise<void>;
}

/** Prepares a system; nothing runs yet. `env` is passed to every process. */
export async function system(options: { site?: string; env?: Record<string, string> } = {}): Promise<System> {
	const directory: TemporaryDirectory = await temporaryDirectory("system");
	const [httpPort, uplinkPort, devicePort] = [await freePort(), await freePort(), await freePort()];
	const env: Record<string, string> = {
		WATCHROOM_DATA: directory.path,
		WATCHROOM_HTTP_PORT: String(httpPort),
		WATCHROOM_UPLINK_PORT: String(uplinkPort),
		WATCHROOM_DEVICE_PORT: String(devicePort),
		WATCHROOM_SITE: options.site ?? "sites/demo.yaml",
		...options.env,
	};
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
		},
		simulate(...args) {
			const child = startChild(NODE, ["simulators/main.ts", ...args], { env });
			simulators.push(child);
			return child;
		},
		async get<T>(path: string) {
			const answer = await fetch(url + path);
			if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`);
			return (await answer.json()) as T;
		},
		async items<T>(path: string) {
			const items: T[] = [];
			let cursor: string | null = null;
			do {
				const separator = path.includes("?") ? "&" : "?";
				const page: { items: T[]; nextCursor: string | null } = await self.get(
					cursor ? `${path}${separator}cursor=${encodeURIComponent(cursor)}` : path,
				);
				items.push(...page.items);
				cursor = page.nextCursor;
			} while (cursor);
			return items;
		},
		async post<T>(path: string, body: unknown) {
			const answer = await fetch(url + path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
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
