/** The key file: where the keys are when they don't come from the environment. */
import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { AppError } from "../platform/errors.ts";
import { type AuditKey, BRING_IT_BACK, checkedKeys } from "./audit-keys.ts";

const fileSchema = z.object({ keys: z.array(z.object({ id: z.string(), key: z.base64() })) });

/** A new key; its id is the day it was made and a few random letters. */
export function newAuditKey(now: number): AuditKey {
	return { id: `${new Date(now).toISOString().slice(0, 10)}-${randomBytes(3).toString("hex")}`, secret: randomBytes(32) };
}

/** The file's keys, the newest first; `null` when there is no file. Throws AppError `invalid-config` for one that is no good. */
export async function readKeyFile(path: string): Promise<AuditKey[] | null> {
	const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
		if (error.code === "ENOENT") return null;
		throw new AppError("invalid-config", 500, `The audit keys in ${path} can't be read: ${error.message}`);
	});
	if (text === null) return null;
	if (process.platform !== "win32" && ((await stat(path)).mode & 0o077) !== 0)
		throw new AppError("invalid-config", 500, `${path} holds the audit keys and may be read by others; make it its owner's only (chmod 600).`);
	const parsed = fileSchema.safeParse(parseJson(text));
	if (!parsed.success) throw new AppError("invalid-config", 500, `${path} is not a file of audit keys. ${BRING_IT_BACK}`);
	return checkedKeys(
		parsed.data.keys.map(({ id, key }) => ({ id, secret: Buffer.from(key, "base64") })),
		path,
	);
}

/** Writes a first key file, mode 0600, on disk when it resolves. Never overwrites: throws when there is one. */
export async function createKeyFile(path: string, now: number): Promise<AuditKey[]> {
	const keys = [newAuditKey(now)];
	await mkdir(dirname(path), { recursive: true, mode: 0o700 });
	await writeSynced(path, keys);
	return keys;
}

/** Puts a new key before the others; resolves to its id. What was there stays, and stays there if this is killed. */
export async function rotateKeyFile(path: string, now: number): Promise<string> {
	const keys = await readKeyFile(path);
	if (!keys) throw new AppError("no-key-file", 404, `There is no key file ${path}; the server makes it at its first start.`);
	const fresh = newAuditKey(now);
	const next = `${path}.new`;
	await rm(next, { force: true });
	await writeSynced(next, [fresh, ...keys]);
	await rename(next, path);
	await syncFolder(dirname(path));
	return fresh.id;
}

async function writeSynced(path: string, keys: readonly AuditKey[]): Promise<void> {
	const content = { keys: keys.map(({ id, secret }) => ({ id, key: secret.toString("base64") })) };
	const file = await open(path, "wx", 0o600);
	try {
		await file.writeFile(`${JSON.stringify(content, null, "\t")}\n`);
		await file.sync();
	} finally {
		await file.close();
	}
	await syncFolder(dirname(path));
}

async function syncFolder(path: string): Promise<void> {
	if (process.platform === "win32") return;
	const folder = await open(path, "r");
	await folder.sync().finally(() => folder.close());
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** A new key as `WATCHROOM_AUDIT_KEY` takes it: `id:key`. */
export function generateKeyEntry(now: number): string {
	const { id, secret } = newAuditKey(now);
	return `${id}:${secret.toString("base64")}`;
}
