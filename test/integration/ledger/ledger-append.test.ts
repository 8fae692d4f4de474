import { createHash } from "node:crypto";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { leafOf } from "../../../server/ledger/leaf.ts";
import type { LedgerEntry } from "../../../server/ledger/ledger-entry.ts";
import { ledgerMigrations } from "../../../server/ledger/ledger-migrations.ts";
import { LedgerStore, type LedgerTables } from "../../../server/ledger/ledger-store.ts";
import { leafHash, nodesOf, rangeHash, treeRoot } from "../../../server/ledger/merkle.ts";
import { type TestDatabase, testDatabase } from "../../helpers/postgres.ts";

let held: TestDatabase;
let store: LedgerStore;
beforeEach(async () => {
	held = await testDatabase(ledgerMigrations);
	store = new LedgerStore(held.database);
});
afterEach(() => held.drop());

const entry = (n: number): LedgerEntry => ({ type: "test.act", version: 1, at: 1_769_000_000_000 + n, data: { n } });
const append = (n: number) => held.database.transaction((transaction) => store.append(transaction, leafOf(entry(n))));
const leaves = () => held.database.tables<LedgerTables>().selectFrom("ledger_entries").selectAll().orderBy("index").execute();

test("the leaf is the canonical JSON of type, version, at and data, byte for byte (RFC 8785)", async () => {
	await held.database.transaction((transaction) =>
		store.append(transaction, leafOf({ data: { z: [1.0, "é"], a: null }, at: 5, version: 1, type: "test.act" })),
	);
	const [row] = await leaves();
	expect(row?.leaf.toString("utf8")).toBe('{"at":5,"data":{"a":null,"z":[1,"é"]},"type":"test.act","version":1}');
	expect(row?.hash).toEqual(
		createHash("sha256")
			.update(Buffer.of(0))
			.update(row?.leaf as Buffer)
			.digest(),
	);
});

test("fifty writers of which every third rolls back leave no gap, and the stored nodes give the RFC 6962 root", async () => {
	let next = 0;
	let kept = 0;
	const writer = async () => {
		for (let n = next++; n < 300; n = next++)
			await held.database
				.transaction(async (transaction) => {
					await store.append(transaction, leafOf(entry(n)));
					if (n % 3 === 0) throw new Error("changed my mind");
				})
				.then(
					() => kept++,
					() => {},
				);
	};
	await Promise.all(Array.from({ length: 50 }, writer));
	const rows = await leaves();
	expect(rows.map(({ index }) => index)).toEqual(Array.from({ length: kept }, (_, index) => index));
	expect(await store.size()).toBe(kept);
	const hashes = rows.map(({ leaf }) => leafHash(leaf));
	for (const size of [1, 2, 3, 7, 64, 100, kept])
		expect(rangeHash(await store.hashes(nodesOf({ start: 0, end: size })))).toEqual(treeRoot(hashes.slice(0, size)));
});

test.each([
	"UPDATE ledger_entries SET leaf = 'x'",
	"DELETE FROM ledger_entries",
	"TRUNCATE ledger_entries",
	"UPDATE ledger_nodes SET hash = 'x'",
	"DELETE FROM ledger_nodes",
	"TRUNCATE ledger_nodes",
	"UPDATE ledger_head SET size = 0",
	"DELETE FROM ledger_head",
	"TRUNCATE ledger_head",
])("the database refuses: %s", async (statement) => {
	for (let n = 0; n < 4; n++) await append(n);
	await expect(sql.raw(statement).execute(held.database.tables())).rejects.toThrow(/append-only|permission denied/);
	expect(await store.size()).toBe(4);
	expect(await leaves()).toHaveLength(4);
});

test.each([
	[{ type: "act" }, /type/],
	[{ version: 0 }, /version/],
	[{ at: 1.5 }, /at of/],
	[{ data: { text: "x".repeat(70_000) } }, /bytes/],
	[{ data: { n: Number.NaN } }, /NaN/],
])("a wrong entry is refused (%#) and leaves nothing", async (wrong, message) => {
	await expect(
		held.database.transaction(async (transaction) => store.append(transaction, leafOf({ ...entry(1), ...wrong } as LedgerEntry))),
	).rejects.toThrow(message);
	expect(await store.size()).toBe(0);
});
