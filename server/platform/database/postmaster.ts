/** What a data directory's `postmaster.pid` says, and whether that process is really the postmaster of this directory. */
import { execFile } from "node:child_process";
import { readFile, readlink, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

export interface Postmaster {
	pid: number;
	port: number;
	ready: boolean;
}

/** Lines of the file (PostgreSQL's miscadmin.h, LOCK_FILE_LINE_*): 1 pid, 4 port, 8 status. `null` when there is no such file. */
export async function readPostmaster(cluster: string): Promise<Postmaster | null> {
	const text = await readFile(join(cluster, "postmaster.pid"), "utf8").catch(() => null);
	return text === null ? null : parsePostmaster(text);
}

/** `null` for a file that is not written to the end. */
export function parsePostmaster(text: string): Postmaster | null {
	const lines = text.split("\n");
	const pid = Math.abs(Number(lines[0]));
	if (!Number.isSafeInteger(pid) || pid === 0) return null;
	return { pid, port: Number(lines[3] ?? 0) || 0, ready: lines[7]?.trim() === "ready" };
}

/** True while a process with this number exists, whoever owns it. */
export function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return error instanceof Error && "code" in error && error.code === "EPERM";
	}
}

/**
 * True while the process is a running postmaster of `cluster`. Numbers are used again, after a reboot at the latest; and one
 * that has ended but that nobody has waited for (a container without an init) still has its number, but no command line.
 */
export async function isPostmasterOf(pid: number, cluster: string): Promise<boolean> {
	try {
		const [command, folder] = await Promise.all([readFile(`/proc/${pid}/cmdline`, "utf8"), readlink(`/proc/${pid}/cwd`).catch(() => cluster)]);
		return folder === cluster && isCommand(command.split("\0"), cluster);
	} catch {
		if (process.platform === "linux" || process.platform === "win32") return false;
		const { stdout } = await promisify(execFile)("ps", ["-o", "command=", "-p", String(pid)]).catch(() => ({ stdout: "" }));
		return stdout.includes("postgres") && stdout.includes(` -D ${cluster} `);
	}
}

function isCommand(words: readonly string[], cluster: string): boolean {
	return words[0]?.endsWith("postgres") === true && words[words.indexOf("-D") + 1] === cluster;
}

/**
 * Stops a postmaster that was verified to be ours: fast shutdown, then immediate, then kill. Resolves when it is gone; throws
 * when even that didn't help.
 */
export async function stopPostmaster(pid: number, cluster: string): Promise<void> {
	for (const [signal, limit] of STOP_STEPS) {
		try {
			process.kill(pid, signal);
		} catch {
			return;
		}
		for (const end = Date.now() + limit; Date.now() < end; await sleep(20)) if (!(await isPostmasterOf(pid, cluster))) return;
	}
	throw new Error(`the postmaster ${pid} doesn't stop`);
}

/** PostgreSQL's own meaning of these signals: fast and immediate shutdown. */
const STOP_STEPS: readonly [NodeJS.Signals, number][] = [
	["SIGINT", 20_000],
	["SIGQUIT", 5_000],
	["SIGKILL", 5_000],
];

/** Removes the lock file of a postmaster that is gone, whose number another program has now. */
export async function removeLockFile(cluster: string): Promise<void> {
	await rm(join(cluster, "postmaster.pid"), { force: true });
}
