/** An export's file: JSON Lines, sealed piece by piece, so that it neither lies on the disk in clear nor is shown unchecked. */
import { createHash } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { AppError } from "../platform/errors.ts";
import type { KeyRing } from "./audit-keys.ts";
import { openBytes, sealBytes } from "./sealed-line.ts";

const PIECE_BYTES = 64 * 1024;
const MOST_PIECE_BYTES = 1024 * 1024;

/** Pieces can't be swapped between files, reordered, or left out at the end. */
const bound = (id: string, piece: number, last: boolean) => JSON.stringify(["watchroom-audit-export/1", id, piece, last]);

/**
 * Writes `lines` (each one JSON document) to `path`, complete and on disk when it resolves: number of lines and SHA-256 of the clear file, hex.
 * The file is a line with the key's id, then pieces of [length, 4 bytes][last, 1 byte][IV, cipher text, tag].
 */
export async function writeExport(path: string, id: string, ring: KeyRing, lines: AsyncIterable<string>): Promise<{ lines: number; sha256: string }> {
	await mkdir(dirname(path), { recursive: true, mode: 0o700 });
	const key = ring.current;
	const hash = createHash("sha256");
	const temporary = `${path}.new`;
	const file = await open(temporary, "w", 0o600);
	let [count, piece, clear] = [0, 0, ""];
	const flush = async (last: boolean) => {
		const bytes = Buffer.from(clear);
		hash.update(bytes);
		const sealed = sealBytes(key.seal, bound(id, piece, last), bytes);
		const head = Buffer.alloc(5);
		head.writeUInt32BE(sealed.length);
		head.writeUInt8(last ? 1 : 0, 4);
		await file.writeFile(Buffer.concat([head, sealed]));
		[piece, clear] = [piece + 1, ""];
	};
	try {
		await file.writeFile(`${key.id}\n`);
		for await (const line of lines) {
			clear += `${line}\n`;
			count += 1;
			if (clear.length >= PIECE_BYTES) await flush(false);
		}
		await flush(true);
		await file.sync();
	} catch (error) {
		await rm(temporary, { force: true });
		throw error;
	} finally {
		await file.close();
	}
	await rename(temporary, path);
	return { lines: count, sha256: hash.digest("hex") };
}

/** The clear pieces of a file that {@link writeExport} made. Throws AppError `export-damaged` at the first one that isn't as it was. */
export async function* readExport(path: string, id: string, ring: KeyRing): AsyncGenerator<Buffer> {
	const damaged = () => new AppError("export-damaged", 500, `The file of export ${id} is not as it was written.`);
	const file = await open(path, "r");
	try {
		const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0);
		const end = buffer.subarray(0, bytesRead).indexOf("\n");
		const key = ring.find(buffer.toString("utf8", 0, Math.max(end, 0)));
		if (!key) throw damaged();
		let offset = end + 1;
		for (let piece = 0, last = false; !last; piece++) {
			const head = await file.read(Buffer.alloc(5), 0, 5, offset);
			if (head.bytesRead < 5) throw damaged();
			const length = head.buffer.readUInt32BE(0);
			last = head.buffer.readUInt8(4) === 1;
			if (length > MOST_PIECE_BYTES) throw damaged();
			const sealed = await file.read(Buffer.alloc(length), 0, length, offset + 5);
			const clear = sealed.bytesRead === length ? openBytes(key.seal, bound(id, piece, last), sealed.buffer) : null;
			if (!clear) throw damaged();
			yield clear;
			offset += 5 + length;
		}
	} finally {
		await file.close();
	}
}
