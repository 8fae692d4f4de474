/** Photos of steps, as files by the hash of their content. */
import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "kysely";
import type { Clock } from "../platform/clock.ts";
import type { AnyTransaction, Database } from "../platform/database/database.ts";
import { dateOf } from "../platform/database/instants.ts";
import { AppError, invalid, notFound } from "../platform/errors.ts";
import type { Logger } from "../platform/logger.ts";

export const PHOTO_LIMIT = 4 * 1024 * 1024;
/** What a photo begins with, by its type. */
const MAGIC: readonly { type: string; fits: (bytes: Buffer) => boolean }[] = [
	{ type: "image/jpeg", fits: (bytes) => bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff])) },
	{ type: "image/png", fits: (bytes) => bytes.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) },
	{ type: "image/webp", fits: (bytes) => bytes.subarray(0, 4).toString("latin1") === "RIFF" && bytes.subarray(8, 12).toString("latin1") === "WEBP" },
];

export class PhotoFiles {
	readonly #options: { database: Database; directory: string; clock: Clock; logger: Logger };

	constructor(options: { database: Database; directory: string; clock: Clock; logger: Logger }) {
		this.#options = options;
	}

	/** Keeps a photo; the same one twice is one. Resolves to the SHA-256 of its bytes, hex. Throws AppError 400 for what is no photo. */
	async keep(bytes: Buffer, by: string): Promise<{ digest: string; type: string; bytes: number }> {
		const type = MAGIC.find(({ fits }) => fits(bytes))?.type;
		if (type === undefined) throw invalid("This is no photo.", [{ field: "body", message: "expected a JPEG, PNG or WebP image" }]);
		const digest = createHash("sha256").update(bytes).digest("hex");
		const path = this.#path(digest);
		await mkdir(join(path, ".."), { recursive: true });
		// Whole or not at all: a server that is killed leaves nothing under the name.
		const draft = `${path}.${randomUUID()}`;
		const file = await open(draft, "wx");
		try {
			await file.writeFile(bytes);
			await file.sync();
		} finally {
			await file.close();
		}
		await rename(draft, path);
		const { database, clock } = this.#options;
		await sql`INSERT INTO media_photos (digest, type, bytes, by_account, at) VALUES (${digest}, ${type}, ${bytes.length}, ${by}, ${dateOf(clock.now())})
			ON CONFLICT DO NOTHING`.execute(database.tables());
		return { digest, type, bytes: bytes.length };
	}

	/** Throws AppError 404; 500 `photo-damaged` when the file is not what was kept. */
	async read(digest: string): Promise<{ type: string; bytes: Buffer }> {
		const { database, logger } = this.#options;
		const { rows } = await sql<{ type: string }>`SELECT type FROM media_photos WHERE digest = ${digest}`.execute(database.tables());
		const [row] = rows;
		if (!row) throw notFound("photo", digest);
		const bytes = await readFile(this.#path(digest)).catch(() => null);
		if (bytes === null || createHash("sha256").update(bytes).digest("hex") !== digest) {
			logger.error({ digest }, "a photo of a chain of custody is missing or has been changed: restore it from the backup");
			throw new AppError("photo-damaged", 500, "The photo is missing on the server's disk, or is not the one that was taken.");
		}
		return { type: row.type, bytes };
	}

	async has(transaction: AnyTransaction, digest: string): Promise<boolean> {
		return (await sql`SELECT 1 FROM media_photos WHERE digest = ${digest}`.execute(transaction)).rows.length > 0;
	}

	#path(digest: string): string {
		return join(this.#options.directory, digest.slice(0, 2), digest);
	}
}
