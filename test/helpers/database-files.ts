import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "kysely";
import type { Database } from "../../server/platform/database/database.ts";

/**
 * In which files of a database each text stands as it is: of its tables and indexes every segment and fork, and of the write-ahead
 * log every segment that is there.
 */
export async function filesHolding(database: Database, texts: readonly string[]): Promise<Record<string, string[]>> {
	await sql`checkpoint`.execute(database.tables());
	const { rows } = await sql<{ cluster: string; oid: string }>`select current_setting('data_directory') as cluster, oid::text
		from pg_database where datname = current_database()`.execute(database.tables());
	const { cluster = "", oid = "" } = rows[0] ?? {};
	const found: Record<string, string[]> = Object.fromEntries(texts.map((text) => [text, []]));
	for (const folder of [join("base", oid), "pg_wal"])
		for (const entry of await readdir(join(cluster, folder), { withFileTypes: true })) {
			if (!entry.isFile()) continue;
			const bytes = await readFile(join(cluster, folder, entry.name)).catch((error: NodeJS.ErrnoException) => {
				// An old segment of the log that was renamed for the next one meanwhile.
				if (error.code === "ENOENT") return Buffer.alloc(0);
				throw error;
			});
			for (const text of texts) if (bytes.includes(text)) found[text]?.push(join(folder, entry.name));
		}
	return found;
}
