import { execFile } from "node:child_process";
import { chmod, chown, cp, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EmbeddedPostgres } from "../../../server/platform/database/embedded-postgres.ts";
import { postgresAccount, postgresLauncher } from "../../../server/platform/database/postgres-account.ts";
import { findSetpriv, postgresBinaries } from "../../../server/platform/database/postgres-binaries.ts";
import { PostgresDatabase } from "../../../server/platform/database/postgres-database.ts";
import { isAlive, isPostmasterOf, readPostmaster } from "../../../server/platform/database/postmaster.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { type Child, NODE, startChild } from "../../helpers/child-process.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../helpers/temporary-directory.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const MODULE = new URL("../../../server/platform/database/embedded-postgres.ts", import.meta.url);
const LOGGER = new URL("../../../server/platform/logger.ts", import.meta.url);

let folder: TemporaryDirectory;
let servers: EmbeddedPostgres[];
let children: Child[];
beforeEach(async () => {
	folder = await temporaryDirectory("embedded");
	servers = [];
	children = [];
});
afterEach(async () => {
	for (const child of children) await child.stop("SIGKILL");
	for (const server of servers) await server.stop();
	const left = await readPostmaster(join(folder.path, "cluster"));
	if (left && (await isPostmasterOf(left.pid, join(folder.path, "cluster")))) process.kill(left.pid, "SIGKILL");
	await folder.remove();
});

function embedded(): EmbeddedPostgres {
	const server = new EmbeddedPostgres({ directory: folder.path, logger: silentLogger() });
	servers.push(server);
	return server;
}

/** A process that runs the database in the folder, writes into it, and waits to be killed. */
async function startOwner(dieWithParent: boolean): Promise<{ owner: Child; url: string; postmaster: number }> {
	const code = `
		import { EmbeddedPostgres } from ${JSON.stringify(MODULE.href)};
		import { silentLogger } from ${JSON.stringify(LOGGER.href)};
		const server = new EmbeddedPostgres({ directory: ${JSON.stringify(folder.path)}, logger: silentLogger(), dieWithParent: ${dieWithParent} });
		console.log("URL " + (await server.start()) + " PID " + server.pid + ";");
		setInterval(() => {}, 1000);`;
	const owner = startChild(NODE, ["--input-type=module", "-e", code]);
	children.push(owner);
	const [, url = "", pid = ""] = await owner.says(/URL (\S+) PID (\d+);/);
	return { owner, url, postmaster: Number(pid) };
}

async function query(url: string, text: string): Promise<unknown[]> {
	const client = new pg.Client({ connectionString: url });
	client.on("error", () => undefined);
	await client.connect();
	try {
		return (await client.query<Record<string, unknown>>(text)).rows;
	} finally {
		await client.end();
	}
}

/** Only root becomes another user; `npm start` in root's own home folder is where it does. */
const becomesAnother = process.getuid?.() === 0 && (await findSetpriv()) !== null;
it.skipIf(!becomesAnother)("its programs find each other in a home folder that nobody else may enter", async () => {
	const { initdb } = await postgresBinaries();
	const installed = join(folder.path, "installed");
	const cluster = join(folder.path, "cluster");
	await cp(join(dirname(initdb), ".."), installed, { recursive: true, verbatimSymlinks: true });
	await chmod(folder.path, 0o700);
	const account = await postgresAccount(cluster);
	await mkdir(cluster, { mode: 0o700 });
	await chown(cluster, account?.uid ?? 0, account?.gid ?? 0);
	const program = join(installed, "bin", "initdb");
	const { file, args, ...as } = (await postgresLauncher(account, [cluster, program], false)).command(program, ["--no-sync", "--pgdata", cluster]);
	await promisify(execFile)(file, args, { ...as, cwd: "/" });
	expect(await readFile(join(cluster, "PG_VERSION"), "utf8")).toMatch(/^\d+/);
});

describe("EmbeddedPostgres", { timeout: 180_000 }, () => {
	it("keeps what was written over a stop and a start, its password readable by its owner alone, fsync on", async () => {
		const server = embedded();
		const first = await server.start();
		await query(first, "create table t as select 1 as n");
		expect(await query(first, "show fsync")).toEqual([{ fsync: "on" }]);
		await server.stop();
		await server.stop();
		expect(await query(await server.start(), "select n from t")).toEqual([{ n: 1 }]);
		expect((await stat(join(folder.path, "password"))).mode & 0o777).toBe(0o600);
		await expect(query(first.replace(/:[^:@]+@/, ":guess@"), "select 1")).rejects.toThrow();
	});

	it.each([
		["is stopped by the system with the process that it belonged to", true],
		["is stopped and replaced at the next start when it was left behind", false],
	])("a postmaster %s; nothing committed is lost in three kill -9", async (_rule, dieWithParent) => {
		for (let round = 1; round <= 3; round++) {
			const { owner, url, postmaster } = await startOwner(dieWithParent);
			await query(url, round === 1 ? "create table t as select 1 as n" : `insert into t values (${round})`);
			await owner.stop("SIGKILL");
			if (dieWithParent) await waitFor("the postmaster to end", () => !isAlive(postmaster));
			else expect(isAlive(postmaster)).toBe(true);
		}
		const server = embedded();
		expect(await query(await server.start(), "select n from t order by n")).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
	});

	it("starts while the postmaster of a killed server is still shutting down", async () => {
		const { owner } = await startOwner(true);
		await owner.stop("SIGKILL");
		expect(await query(await embedded().start(), "select 1 as n")).toEqual([{ n: 1 }]);
	});

	it("refuses data that a living server uses, and leaves that one alone", async () => {
		const url = await embedded().start();
		await expect(embedded().start()).rejects.toMatchObject({ code: "database-in-use" });
		expect(await query(url, "select 1 as n")).toEqual([{ n: 1 }]);
	});

	it("isn't stopped by a lock file whose number another program has now", async () => {
		const server = embedded();
		await server.start();
		const lockFile = join(folder.path, "cluster", "postmaster.pid");
		const text = await readFile(lockFile, "utf8");
		await server.stop();
		await writeFile(lockFile, text.replace(/^\d+/, String(process.pid)));
		expect(await query(await server.start(), "select 1 as n")).toEqual([{ n: 1 }]);
	});

	it("makes the cluster anew when its first start was cut off half-way", async () => {
		await mkdir(join(folder.path, "cluster.new", "base"), { recursive: true });
		await writeFile(join(folder.path, "cluster.new", "PG_VERSION"), "18\n");
		expect(await query(await embedded().start(), "select 1 as n")).toEqual([{ n: 1 }]);
	});

	it("comes back on the same port when PostgreSQL itself is killed, and the pool goes on", async () => {
		const server = embedded();
		const database = new PostgresDatabase({ server, logger: silentLogger() });
		await database.start();
		await database.statement("create table t as select 1 as n");
		const before = server.pid;
		if (before !== undefined) process.kill(before, "SIGKILL");
		await waitFor("another postmaster", () => server.pid !== before);
		await waitFor("the database to answer", async () => (await database.health.check()).status === "ok");
		expect(await query(database.url, "select n from t")).toEqual([{ n: 1 }]);
		await database.stop();
	});
});
