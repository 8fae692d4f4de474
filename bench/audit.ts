/** What an audit line costs: `record()` in a transaction and concurrent `note()`s, beside a plain insert of the same size, fsync on. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { AuditLog } from "../server/audit/audit-log.ts";
import { auditMigrations } from "../server/audit/audit-migrations.ts";
import { SYSTEM } from "../server/platform/actor.ts";
import { EmbeddedPostgres } from "../server/platform/database/embedded-postgres.ts";
import { PostgresDatabase } from "../server/platform/database/postgres-database.ts";
import { createLogger } from "../server/platform/logger.ts";

const LINES = 5_000;
const WRITERS = 8;

interface Tables {
	plain: { id: string; at: Date; body: string };
}

/** Prints one JSON line for each way of writing. */
export async function run(): Promise<void> {
	const directory = await mkdtemp(join(tmpdir(), "watchroom-bench-audit-"));
	const logger = createLogger({ level: "error", name: "bench" });
	const database = new PostgresDatabase({ server: new EmbeddedPostgres({ directory: join(directory, "postgres"), logger }), logger });
	await database.start();
	await database.migrate(auditMigrations);
	await database.statement("create table plain (at timestamptz, id uuid, body text, primary key (at, id))");
	await database.statement("grant select, insert on plain to watchroom_server");
	const log = new AuditLog({ database, clock: { now: () => Date.now() }, logger, keys: null, keyFile: join(directory, "keys.json") });
	await log.start();
	try {
		const detail = { before: "x".repeat(100), after: "y".repeat(100) };
		const line = { tag: "change", operation: "bench.write", actor: SYSTEM, object: { type: "thing", id: "t1" }, result: "ok", detail } as const;
		const plain = () => ({ id: crypto.randomUUID(), at: new Date(), body: JSON.stringify(line) });
		await measure("plain insert in a transaction", WRITERS, () =>
			database.transaction<Tables, unknown>((transaction) => transaction.insertInto("plain").values(plain()).execute()),
		);
		await measure("record", WRITERS, () => database.transaction((transaction) => log.record(transaction, line)));
		await measure("note", WRITERS, () => log.note(line));
		await measure("note", 50, () => log.note(line));
		const { rows } = await sql<{ lines: number }>`select count(*) as lines from audit.lines`.execute(database.tables());
		if ((rows[0]?.lines ?? 0) !== 3 * LINES) throw new Error(`expected ${3 * LINES} lines, found ${rows[0]?.lines}`);
	} finally {
		await log.stop();
		await database.stop();
		await rm(directory, { recursive: true, force: true });
	}
}

async function measure(way: string, writers: number, write: () => Promise<unknown>): Promise<void> {
	let left = LINES;
	const began = performance.now();
	const worker = async () => {
		while (left-- > 0) await write();
	};
	await Promise.all(Array.from({ length: writers }, worker));
	const seconds = (performance.now() - began) / 1000;
	console.log(JSON.stringify({ bench: "audit", way, writers, lines: LINES, linesPerSecond: Math.round(LINES / seconds) }));
}
