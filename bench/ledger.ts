/**
 * The ledger on an embedded PostgreSQL with fsync on.
 *   npm run bench -- ledger [--seconds 10] [--writers 50] [--entries 1000000]
 * Appends: each writer in transactions of its own that also insert a row, as a feature's act does. Proofs: of random entries of a log of
 * `--entries`, filled by the database itself beforehand. One JSON line each.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { sql } from "kysely";
import { ledgerMigrations } from "../server/ledger/ledger-migrations.ts";
import { LedgerService } from "../server/ledger/ledger-service.ts";
import { systemClock } from "../server/platform/clock.ts";
import type { AnyTransaction } from "../server/platform/database/database.ts";
import { EmbeddedPostgres } from "../server/platform/database/embedded-postgres.ts";
import { PostgresDatabase } from "../server/platform/database/postgres-database.ts";
import { silentLogger } from "../server/platform/logger.ts";
import { temporaryDirectory } from "../test/helpers/temporary-directory.ts";

/** Entries that fill the log in one transaction. */
const FILL = 500;

/** See the head of the file. */
export async function run(args: string[]): Promise<void> {
	const { values } = parseArgs({
		args,
		options: {
			seconds: { type: "string", default: "10" },
			writers: { type: "string", default: "50" },
			entries: { type: "string", default: "1000000" },
		},
	});
	const directory = await temporaryDirectory("bench-ledger");
	const server = new EmbeddedPostgres({ directory: join(directory.path, "postgres"), logger: silentLogger() });
	const database = new PostgresDatabase({ server, logger: silentLogger() });
	await database.start();
	try {
		await database.migrate({
			...ledgerMigrations,
			"2026-11-23-bench": {
				up: async (tables) =>
					void (await sql`CREATE TABLE bench_acts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n bigint)`.execute(tables)),
			},
		});
		const ledger = new LedgerService({
			database,
			keyFile: join(directory.path, "key"),
			site: () => "bench",
			clock: systemClock,
			logger: silentLogger(),
		});
		await ledger.start();
		await appends(database, ledger, Number(values.seconds), Number(values.writers));
		await proofs(database, ledger, Number(values.entries));
		await ledger.stop();
	} finally {
		await database.stop();
		await directory.remove();
	}
}

/** Acts alone, then acts with a ledger entry each: what the ledger costs beside the raw limit of the same run. */
async function appends(database: PostgresDatabase, ledger: LedgerService, seconds: number, writers: number): Promise<void> {
	const raw = await acts(database, seconds, writers, async () => {});
	const withEntry = await acts(database, seconds, writers, async (transaction, n) => {
		await ledger.append(transaction, { type: "bench.act", version: 1, at: Date.now(), data: { by: "account-1", object: `alarm-${n}` } });
	});
	const found = { appendsPerSecond: Math.round(withEntry), actsAlonePerSecond: Math.round(raw), ratio: Math.round((withEntry / raw) * 100) / 100 };
	console.log(JSON.stringify({ bench: "ledger", name: "appends", writers, fsync: true, seconds, ...found }));
}

/** Transactions a second. */
async function acts(
	database: PostgresDatabase,
	seconds: number,
	writers: number,
	also: (transaction: AnyTransaction, n: number) => Promise<void>,
): Promise<number> {
	const start = performance.now();
	let count = 0;
	const writer = async () => {
		while (performance.now() - start < seconds * 1000) {
			const n = count++;
			await database.transaction(async (transaction) => {
				await sql`INSERT INTO bench_acts (n) VALUES (${n})`.execute(transaction);
				await also(transaction, n);
			});
		}
	};
	await Promise.all(Array.from({ length: writers }, writer));
	return count / ((performance.now() - start) / 1000);
}

async function proofs(database: PostgresDatabase, ledger: LedgerService, entries: number): Promise<void> {
	const { size } = await ledger.newest();
	const fill = performance.now();
	// A row that one transaction changes often gets slower with each change: many small transactions.
	for (let from = size; from < entries; from += FILL)
		await sql`SELECT count(ledger_append(convert_to('{"at":0,"data":{"n":' || n || '},"type":"bench.act","version":1}', 'UTF8')))
			FROM generate_series(${from}::bigint, ${Math.min(from + FILL, entries) - 1}::bigint) AS n`.execute(database.tables());
	const fillSeconds = (performance.now() - fill) / 1000;
	const tree = await ledger.newest();
	const times: number[] = [];
	for (let round = 0; round < 1000; round++) {
		const index = Math.floor(Math.random() * tree.size);
		const before = performance.now();
		await ledger.proof(index);
		times.push(performance.now() - before);
	}
	times.sort((one, other) => one - other);
	const at = (share: number) => Math.round((times[Math.floor(times.length * share)] ?? 0) * 100) / 100;
	console.log(
		JSON.stringify({
			bench: "ledger",
			name: "inclusion proofs",
			entries: tree.size,
			p50Ms: at(0.5),
			p99Ms: at(0.99),
			maxMs: at(0.999),
			fillSeconds: Math.round(fillSeconds),
		}),
	);
}
