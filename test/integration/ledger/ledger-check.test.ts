import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { witnessKey } from "../../../edge-agent/witness/tlog.ts";
import { checkLedger } from "../../../server/ledger/ledger-check.ts";
import { ledgerMigrations } from "../../../server/ledger/ledger-migrations.ts";
import { ledgerRoutes } from "../../../server/ledger/ledger-routes.ts";
import { LedgerService } from "../../../server/ledger/ledger-service.ts";
import type { LedgerTables } from "../../../server/ledger/ledger-store.ts";
import { leafHash, verifyInclusion } from "../../../server/ledger/merkle.ts";
import { parseCheckpoint, parseNote, parseVerifier } from "../../../server/ledger/signed-note.ts";
import { verifyPack } from "../../../server/ledger/verify-pack.ts";
import { WitnessService } from "../../../server/ledger/witness-service.ts";
import { systemClock } from "../../../server/platform/clock.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { NODE, startChild } from "../../helpers/child-process.ts";
import { type TestDatabase, testDatabase } from "../../helpers/postgres.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../helpers/temporary-directory.ts";

let held: TestDatabase;
let directory: TemporaryDirectory;
let ledger: LedgerService;
const make = () =>
	new LedgerService({
		database: held.database,
		keyFile: join(directory.path, "ledger", "key"),
		site: () => "demo",
		clock: systemClock,
		logger: silentLogger(),
	});
const append = (n: number) =>
	held.database.transaction((transaction) => ledger.append(transaction, { type: "test.act", version: 1, at: 1_769_000_000_000 + n, data: { n } }));
async function cosign(agent: string, size: number) {
	const witness = witnessKey(`watchroom-agent/${agent}`, Buffer.alloc(32, agent));
	const tables = held.database.tables<LedgerTables>();
	const { note } = await tables.selectFrom("ledger_checkpoints").select("note").where("size", "=", size).executeTakeFirstOrThrow();
	const line = witness.cosign(note.slice(0, note.indexOf("\n\n") + 1), 1_769_000_000);
	await tables.insertInto("ledger_cosignatures").values({ size, agent, key: witness.text, line }).execute();
}
const check = () => checkLedger(held.database, parseVerifier(ledger.key()));

beforeEach(async () => {
	held = await testDatabase(ledgerMigrations);
	directory = await temporaryDirectory("ledger");
	ledger = make();
	await ledger.start();
	// No checkpoints but those that are asked for here: its own, twice a second, would stand between them.
	await ledger.stop();
	for (let n = 0; n < 11; n++) {
		await append(n);
		if (n === 3 || n === 6) await ledger.checkpoint();
	}
	await ledger.checkpoint();
	for (const [agent, size] of [
		["a1", 4],
		["a1", 11],
		["a2", 11],
	] as const)
		await cosign(agent, size);
});
afterEach(async () => {
	await ledger.stop();
	await held.drop();
	await directory.remove();
});

test("an untouched ledger holds", async () => {
	expect(await check()).toEqual({ problem: null, entries: 11, checkpoints: 4, cosignatures: 3, signedSize: 11 });
	expect((await stat(join(directory.path, "ledger", "key"))).mode & 0o777).toBe(0o600);
});

const leafOfOther = `convert_to('{"at":1,"data":{},"type":"test.act","version":1}', 'UTF8')`;
const swap = (column: string) =>
	`UPDATE ledger_entries a SET ${column} = b.${column}, hash = b.hash FROM ledger_entries b WHERE (a.index, b.index) IN ((2, 9), (9, 2))`;
test.each([
	["an entry's bytes changed", `UPDATE ledger_entries SET leaf = ${leafOfOther} WHERE index = 5`, /ledger_entries 5/],
	[
		"an entry's bytes and hash changed",
		`UPDATE ledger_entries SET leaf = ${leafOfOther}, hash = sha256('\\x00'::bytea || ${leafOfOther}) WHERE index = 5`,
		/entries 4 to 5/,
	],
	[
		"the last entry's bytes and hash changed",
		`UPDATE ledger_entries SET leaf = ${leafOfOther}, hash = sha256('\\x00'::bytea || ${leafOfOther}) WHERE index = 10`,
		/size 11/,
	],
	["an entry deleted", "DELETE FROM ledger_entries WHERE index = 4", /ledger_entries 4 is missing/],
	["the first entry deleted", "DELETE FROM ledger_entries WHERE index = 0", /ledger_entries 0 is missing/],
	["the last entry deleted", "DELETE FROM ledger_entries WHERE index = 10", /10 entries/],
	[
		"an entry inserted",
		`INSERT INTO ledger_entries VALUES (11, ${leafOfOther}, sha256('\\x00'::bytea || ${leafOfOther}))`,
		/ledger_head|ledger_nodes/,
	],
	["entries reordered", swap("leaf"), /entries 2 to 3/],
	["a node changed", "UPDATE ledger_nodes SET hash = sha256('x') WHERE level = 2 AND index = 1", /ledger_nodes 2\/1/],
	["a node deleted", "DELETE FROM ledger_nodes WHERE level = 1 AND index = 3", /ledger_nodes 1\/3 is missing/],
	["a node inserted", "INSERT INTO ledger_nodes VALUES (1, 5, sha256('x'))", /ledger_nodes 1\/5/],
	["the head changed", "UPDATE ledger_head SET size = 12", /ledger_head/],
	["a checkpoint's root changed", "UPDATE ledger_checkpoints SET root = sha256('x') WHERE size = 7", /size 7/],
	["a checkpoint's note changed", "UPDATE ledger_checkpoints SET note = replace(note, '7', '8') WHERE size = 7", /size 7/],
	["a checkpoint deleted", "DELETE FROM ledger_checkpoints WHERE size = 4", /number 1 is missing/],
	["a checkpoint inserted", "INSERT INTO ledger_checkpoints SELECT 5, 4, root, note FROM ledger_checkpoints WHERE size = 4", /size 5/],
	["checkpoints reordered", "UPDATE ledger_checkpoints SET number = 7 - number WHERE size IN (4, 7)", /number 1 is missing|doesn't follow/],
	["the newest checkpoint deleted", "DELETE FROM ledger_checkpoints WHERE size = 11; DELETE FROM ledger_cosignatures WHERE size = 11", /ledger_/],
	["the newest cosignature deleted", "DELETE FROM ledger_cosignatures WHERE size = 11 AND agent = 'a1'", /2 of|3 of ledger_cosignatures/],
])("found, with the triggers switched off: %s", async (_, statement, problem) => {
	await tamper(statement);
	expect((await check()).problem).toMatch(problem);
});

/** As whoever commands the database may. */
async function tamper(...statements: string[]) {
	await held.database.transaction(async (transaction) => {
		await sql.raw("SET LOCAL session_replication_role = replica").execute(transaction);
		for (const statement of statements) await sql.raw(statement).execute(transaction);
	});
}

test("any column of any row of any table of the ledger changed, any row deleted, any inserted, is found", async () => {
	const { rows: columns } = await sql<{ table_name: string; column_name: string; data_type: string }>`
		SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name LIKE 'ledger%' ORDER BY table_name, ordinal_position`.execute(held.database.tables());
	const tables = [...new Set(columns.map(({ table_name }) => table_name))];
	expect(tables).toEqual([
		"ledger_checkpoints",
		"ledger_cosignatures",
		"ledger_counts",
		"ledger_entries",
		"ledger_head",
		"ledger_nodes",
		"ledger_witnesses",
	]);
	for (const table of tables) await sql.raw(`CREATE TABLE kept_${table} AS TABLE ${table}`).execute(held.database.tables());
	const changes: string[] = [];
	for (const table of tables) {
		const { rows: places } = await sql.raw<{ ctid: string }>(`SELECT ctid::text FROM ${table}`).execute(held.database.tables());
		const own = columns.filter(({ table_name }) => table_name === table);
		const other: Record<string, (column: string) => string> = {
			bytea: (column) => `set_byte(${column}, 0, (get_byte(${column}, 0) + 1) % 256)`,
			text: (column) => `${column} || 'x'`,
			bigint: (column) => `${column} + 1000`,
			smallint: (column) => `${column} + 20`,
		};
		for (const at of places.keys()) {
			const row = `ctid = (SELECT ctid FROM ${table} OFFSET ${at} LIMIT 1)`;
			changes.push(`DELETE FROM ${table} WHERE ${row}`);
			for (const { column_name, data_type } of own) {
				// The database itself knows but one value here.
				if (data_type === "boolean") continue;
				changes.push(`UPDATE ${table} SET ${column_name} = ${other[data_type]?.(column_name)} WHERE ${row}`);
			}
		}
		// A copy under another key, which the table itself would take.
		const key = own.find(({ data_type }) => data_type !== "boolean" && data_type !== "bytea");
		const copied = own.map(({ column_name, data_type }) =>
			column_name === key?.column_name || column_name === "number" ? (other[data_type]?.(column_name) ?? column_name) : column_name,
		);
		if (table !== "ledger_head") changes.push(`INSERT INTO ${table} SELECT ${copied.join(", ")} FROM ${table} LIMIT 1`);
	}
	expect(changes.length).toBeGreaterThan(100);
	const unseen: string[] = [];
	for (const change of changes) {
		await tamper(change);
		if ((await check()).problem === null) unseen.push(change);
		await tamper(...tables.flatMap((table) => [`DELETE FROM ${table}`, `INSERT INTO ${table} SELECT * FROM kept_${table}`]));
	}
	expect(unseen).toEqual([]);
	expect((await check()).problem).toBeNull();
});

test("an entry's evidence pack verifies offline, alone and with the key; any change doesn't", async () => {
	const pack = await ledger.evidence(5);
	expect(verifyPack(pack)).toMatchObject({ ok: true, lines: expect.arrayContaining([expect.stringContaining("SELF-CONSISTENT")]) });
	expect(verifyPack(pack, ledger.key())).toMatchObject({ ok: true, lines: expect.arrayContaining([expect.stringContaining("VALID")]) });
	const other = await ledger.evidence(6);
	expect(verifyPack({ ...pack, entry: { ...other.entry, index: 5 } }).ok).toBe(false);
	expect(verifyPack({ ...pack, entry: { ...pack.entry, at: "2026-01-01T00:00:00.000Z" } }).ok).toBe(false);
	expect(verifyPack({ ...pack, proof: { ...pack.proof, checkpoint: pack.proof.checkpoint.replace("watchroom/", "watchroom-") } }).ok).toBe(false);
	const stranger = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
	expect(verifyPack(pack, stranger).ok).toBe(false);
	expect(verifyPack(pack, ledger.key(), [stranger])).toMatchObject({
		ok: false,
		lines: expect.arrayContaining([expect.stringContaining("has not signed")]),
	});
});

test("a witness that only the pack vouches for is not counted", async () => {
	const pack = await ledger.evidence(5);
	// The log's own key under another role: a good signature that nobody has asked for.
	const verdict = verifyPack({ ...pack, witnessKeys: [ledger.key()] }, ledger.key());
	expect(verdict).toMatchObject({
		ok: true,
		lines: expect.arrayContaining([expect.stringContaining("NOT COUNTED"), expect.stringContaining("No witness")]),
	});
});

test("the command says what it checked and ends with 0, 1 or 2", async () => {
	const file = join(directory.path, "pack.json");
	const pack = await ledger.evidence(2);
	const run = async (...args: string[]) => {
		const child = startChild(NODE, ["server/cli.ts", "verify", ...args]);
		await new Promise((resolve) => child.process.once("close", resolve));
		return { code: child.process.exitCode, output: child.output() };
	};
	await writeFile(file, JSON.stringify(pack));
	expect(await run(file, "--key", ledger.key())).toMatchObject({
		code: 0,
		output: expect.stringContaining("VALID: signed by the key that was given"),
	});
	await writeFile(file, JSON.stringify({ ...pack, proof: { ...pack.proof, index: 3 } }));
	expect(await run(file)).toMatchObject({ code: 1, output: expect.stringContaining("NOT VALID") });
	await writeFile(file, "{}");
	expect(await run(file)).toMatchObject({ code: 2, output: expect.stringContaining("format") });
	expect((await run()).code).toBe(2);
});

test("the verifier imports nothing but three files and node: modules", async () => {
	for (const name of ["verify-pack", "pack-checks", "merkle", "signed-note"]) {
		const source = await readFile(new URL(`../../../server/ledger/${name}.ts`, import.meta.url), "utf8");
		for (const [, imported] of source.matchAll(/from "([^"]+)"/g)) expect(imported).toMatch(/^node:|^\.\/(merkle|pack-checks|signed-note)\.ts$/);
	}
});

test("another key than the one that signed is refused at the start", async () => {
	const strange = new LedgerService({
		database: held.database,
		keyFile: join(directory.path, "other"),
		site: () => "demo",
		clock: systemClock,
		logger: silentLogger(),
	});
	await expect(strange.start()).rejects.toMatchObject({ code: "ledger-key" });
	const again = make();
	await again.start();
	expect(again.key()).toBe(ledger.key());
	await again.stop();
});

test("unknown entries, trees and backward proofs are told apart", async () => {
	await expect(ledger.entry(11)).rejects.toMatchObject({ status: 404 });
	await expect(ledger.proof(11)).rejects.toMatchObject({ status: 404 });
	await expect(ledger.proof(1, 5)).rejects.toMatchObject({ status: 404 });
	await expect(ledger.proof(5, 4)).rejects.toMatchObject({ status: 400 });
	await expect(ledger.consistency(5, 4)).rejects.toMatchObject({ status: 400 });
	await expect(ledger.consistency(5, 12)).rejects.toMatchObject({ status: 400 });
	expect((await ledger.proof(1, 4)).treeSize).toBe(4);
	expect(ledgerRoutes(ledger).every(({ permission }) => permission === "ledger.read")).toBe(true);
});

test("entries that belong together are proved in one tree: the newest that a witness has seen, if it has them all", async () => {
	// Makes itself known to the ledger.
	new WitnessService({ ledger, database: held.database, agents: () => [], publish: () => undefined, clock: systemClock, logger: silentLogger() });
	const seen = await ledger.bundle([9, 0, 4]);
	expect(seen.entries.map(({ index }) => index)).toEqual([9, 0, 4]);
	await append(11);
	for (const [indexes, size, witnesses] of [
		[[9, 0, 4], 11, 2],
		[[11, 0], 12, 0],
	] as const) {
		const { entries, checkpoint, key, witnessKeys } = await ledger.bundle(indexes);
		const tree = parseCheckpoint(parseNote(checkpoint).text);
		expect([key, witnessKeys.length, tree.size]).toEqual([ledger.key(), witnesses, size]);
		for (const { index, leaf, proof } of entries) {
			const hashes = proof.map((hash) => Buffer.from(hash, "base64"));
			expect(verifyInclusion({ index, size, leaf: leafHash(Buffer.from(leaf, "base64")), root: tree.root, proof: hashes })).toBe(true);
		}
	}
	await expect(ledger.bundle([3, 12])).rejects.toMatchObject({ status: 404 });
});
