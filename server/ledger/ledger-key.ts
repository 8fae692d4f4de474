import { randomBytes } from "node:crypto";
import { chmod, link, mkdir, open, readFile, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { AppError } from "../platform/errors.ts";
import { NOTE_TYPE, parseSigner, type Signer, signerText } from "./signed-note.ts";

/**
 * The log's signer from its file (mode 0600, one line `PRIVATE+KEY+...`); makes one at the first start, with the log's name
 * `watchroom/{site}-{random}`. Throws AppError `ledger-key` that names the file, never its content.
 */
export async function ledgerSigner(path: string, site: string): Promise<Signer> {
	const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
		if (error.code === "ENOENT") return null;
		throw new AppError("ledger-key", 500, `The ledger's key ${path} can't be read: ${error.code}.`);
	});
	if (text === null) {
		await createKey(path, signerText(`watchroom/${site}-${randomBytes(4).toString("hex")}`, NOTE_TYPE, randomBytes(32)));
		return await ledgerSigner(path, site);
	}
	if (((await stat(path)).mode & 0o077) !== 0) await chmod(path, 0o600);
	try {
		return parseSigner(text);
	} catch (error) {
		throw new AppError("ledger-key", 500, `The ledger's key ${path} is not one: ${error instanceof Error ? error.message : ""}`);
	}
}

/** Complete and on the disk, or not there; of two at once the first one's stays. */
async function createKey(path: string, text: string): Promise<void> {
	await mkdir(dirname(path), { recursive: true, mode: 0o700 });
	const fresh = `${path}.${randomBytes(6).toString("hex")}`;
	const file = await open(fresh, "wx", 0o600);
	try {
		await file.writeFile(`${text}\n`);
		await file.sync();
	} finally {
		await file.close();
	}
	try {
		await link(fresh, path);
	} catch (error) {
		if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
	} finally {
		await rm(fresh, { force: true });
	}
	const folder = await open(dirname(path), "r");
	try {
		await folder.sync();
	} finally {
		await folder.close();
	}
}
