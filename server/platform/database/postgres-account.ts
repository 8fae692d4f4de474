import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { promisify } from "node:util";
import { z } from "zod";
import { AppError } from "../errors.ts";
import { findSetpriv, isReachableByOthers } from "./postgres-binaries.ts";

/** The account that PostgreSQL, which refuses to run as root, runs under; `null` for our own. */
export interface Account {
	uid: number;
	gid: number;
}

/** How to start a program: the command and the arguments before the program's own, and the account for `spawn`. */
export interface Launcher {
	command(program: string, args: readonly string[]): { file: string; args: string[]; uid?: number; gid?: number };
}

const run = promisify(execFile);
const ACCOUNT_NAME = "postgres";
const numberText = z.string().trim().regex(/^\d+$/).transform(Number);

/**
 * The account to use: our own unless we are root; as root the owner of the existing data in `cluster`, else the system user
 * `postgres`, which is created where it is missing. Throws AppError `database-unavailable` that says what to do.
 */
export async function postgresAccount(cluster: string): Promise<Account | null> {
	if (process.getuid?.() !== 0) return null;
	const owner = await stat(cluster).catch(() => null);
	if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
	const known = await lookUp();
	if (known) return known;
	try {
		await run("groupadd", ["--system", ACCOUNT_NAME]).catch(() => undefined);
		await run("useradd", ["--system", "--no-create-home", "--shell", "/usr/sbin/nologin", "-g", ACCOUNT_NAME, ACCOUNT_NAME]);
	} catch (cause) {
		throw new AppError(
			"database-unavailable",
			503,
			`PostgreSQL doesn't run as root and the system user ${ACCOUNT_NAME} could not be created; run Watchroom as another user or set DATABASE_URL.`,
			{ cause },
		);
	}
	const created = await lookUp();
	if (!created) throw new AppError("database-unavailable", 503, `The system user ${ACCOUNT_NAME} was created but can't be found.`);
	return created;
}

async function lookUp(): Promise<Account | null> {
	try {
		const [uid, gid] = await Promise.all(["-u", "-g"].map((flag) => run("id", [flag, ACCOUNT_NAME])));
		return { uid: numberText.parse(uid?.stdout), gid: numberText.parse(gid?.stdout) };
	} catch {
		return null;
	}
}

/**
 * Chooses how PostgreSQL's programs are started.
 *
 * With `setpriv` the program gets a signal when this process dies, however it dies, so that no postmaster is left behind.
 * Where another account can't get to `paths` (a home folder with mode 0700), the program keeps the one capability it takes to
 * pass closed folders (capabilities(7): CAP_DAC_READ_SEARCH) instead of opening the folders to everybody.
 */
export async function postgresLauncher(account: Account | null, paths: readonly string[], dieWithParent: boolean): Promise<Launcher> {
	const setpriv = await findSetpriv();
	const reachable = account === null || (await Promise.all(paths.map(isReachableByOthers))).every(Boolean);
	if (!reachable && !setpriv)
		throw new AppError(
			"database-unavailable",
			503,
			`The user that PostgreSQL runs as (uid ${account?.uid}) can't get to ${paths.join(" or ")}: give the folders above it the search permission (chmod o+x), set WATCHROOM_DATA to another place, run Watchroom as another user, or set DATABASE_URL.`,
		);
	if (!setpriv || (reachable && !dieWithParent)) return { command: (file, args) => ({ file, args: [...args], ...account }) };
	const flags = [
		...(dieWithParent ? ["--pdeathsig", "INT"] : []),
		...(account ? ["--reuid", `${account.uid}`, "--regid", `${account.gid}`, "--clear-groups"] : []),
		// access(2), by which initdb looks for its programs, leaves capabilities out without the secure bit; exec drops all but the ambient one.
		...(reachable ? [] : ["--securebits", "+no_setuid_fixup", "--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"]),
	];
	return { command: (program, args) => ({ file: setpriv, args: [...flags, program, ...args] }) };
}
