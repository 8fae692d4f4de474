/**
 * An evidence pack read by the published specifications alone, with nothing of ours: C2SP signed-note, tlog-checkpoint and
 * tlog-cosignature, RFC 6962 §2.1.1 (audit path verified as in RFC 9162 §2.1.3.2).
 */
import { createHash, createPublicKey, verify } from "node:crypto";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { witnessKey } from "../../../edge-agent/witness/tlog.ts";
import { ledgerMigrations } from "../../../server/ledger/ledger-migrations.ts";
import { LedgerService } from "../../../server/ledger/ledger-service.ts";
import type { LedgerTables } from "../../../server/ledger/ledger-store.ts";
import { WitnessService } from "../../../server/ledger/witness-service.ts";
import { systemClock } from "../../../server/platform/clock.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { type TestDatabase, testDatabase } from "../../helpers/postgres.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../helpers/temporary-directory.ts";

let held: TestDatabase;
let directory: TemporaryDirectory;
let ledger: LedgerService;
beforeEach(async () => {
	held = await testDatabase(ledgerMigrations);
	directory = await temporaryDirectory("interop");
	const keyFile = join(directory.path, "key");
	ledger = new LedgerService({ database: held.database, keyFile, site: () => "demo", clock: systemClock, logger: silentLogger() });
	// Puts the cosignatures that it finds on the checkpoints.
	new WitnessService({ ledger, database: held.database, agents: () => [], publish: () => undefined, clock: systemClock, logger: silentLogger() });
	await ledger.start();
	for (let n = 0; n < 21; n++)
		await held.database.transaction((transaction) => ledger.append(transaction, { type: "test.act", version: 1, at: n, data: { n } }));
	await ledger.checkpoint();
});
afterEach(async () => {
	await ledger.stop();
	await held.drop();
	await directory.remove();
});

const sha256 = (...parts: Uint8Array[]) => {
	const hash = createHash("sha256");
	for (const part of parts) hash.update(part);
	return hash.digest();
};
/** A verifier key: `<name>+<hash, 8 hex digits>+<base64 of a type byte and an Ed25519 key>`. */
function keyOf(text: string) {
	const [name = "", hash = "", ...rest] = text.split("+");
	const typeAndKey = Buffer.from(rest.join("+"), "base64");
	expect(
		sha256(Buffer.from(`${name}\n`), typeAndKey)
			.subarray(0, 4)
			.toString("hex"),
	).toBe(hash);
	const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), typeAndKey.subarray(1)]);
	return { name, hash, type: typeAndKey[0], key: createPublicKey({ key: der, format: "der", type: "spki" }) };
}
/** A signed note: its text with the line end, and each signature line's name, key hash and signature. */
function noteOf(note: string) {
	const end = note.lastIndexOf("\n\n");
	const lines = note
		.slice(end + 2)
		.split("\n")
		.filter(Boolean);
	return {
		text: note.slice(0, end + 1),
		signatures: lines.map((line) => {
			const [, name, base64] = /^\u2014 (\S+) (\S+)$/.exec(line) ?? [];
			const bytes = Buffer.from(base64 ?? "", "base64");
			return { name, hash: bytes.subarray(0, 4).toString("hex"), signature: bytes.subarray(4) };
		}),
	};
}
/** The root that an audit path leads to (RFC 9162 §2.1.3.2). */
function rootOf(leaf: Uint8Array, index: number, size: number, path: readonly Buffer[]): Buffer {
	let [fn, sn, hash] = [index, size - 1, sha256(Buffer.of(0), leaf)];
	for (const sibling of path) {
		expect(sn).toBeGreaterThan(0);
		if (fn % 2 === 1 || fn === sn) {
			hash = sha256(Buffer.of(1), sibling, hash);
			while (fn % 2 === 0 && fn !== 0) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
		} else hash = sha256(Buffer.of(1), hash, sibling);
		[fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
	}
	expect(sn).toBe(0);
	return hash;
}

test.each([0, 1, 7, 15, 16, 20])("the evidence of entry %i verifies by the specifications alone", async (index) => {
	const pack = await ledger.evidence(index);
	const log = keyOf(pack.key);
	expect(log.type).toBe(1);
	const { text, signatures } = noteOf(pack.proof.checkpoint);
	const own = signatures.find(({ name, hash }) => name === log.name && hash === log.hash);
	expect(own && verify(null, Buffer.from(text), log.key, own.signature)).toBe(true);
	const [origin, size, root] = text.split("\n");
	expect([origin, Number(size)]).toEqual([log.name, pack.proof.treeSize]);
	const path = pack.proof.hashes.map((hash) => Buffer.from(hash, "base64"));
	expect(rootOf(Buffer.from(pack.entry.leaf, "base64"), index, pack.proof.treeSize, path).toString("base64")).toBe(root);
});

test("a witness's signature on the checkpoint verifies as cosignature/v1, over its own time", async () => {
	const witness = witnessKey("watchroom-agent/a1", Buffer.alloc(32, 9));
	const { text } = noteOf(await ledger.checkpoint());
	const seconds = 1_769_000_000;
	await held.database
		.tables<LedgerTables>()
		.insertInto("ledger_cosignatures")
		.values({ size: 21, agent: "a1", key: witness.text, line: witness.cosign(text, seconds) })
		.execute();
	const key = keyOf(witness.text);
	expect(key.type).toBe(4);
	const line = noteOf((await ledger.evidence(3)).proof.checkpoint).signatures.find(({ hash }) => hash === key.hash);
	const signature = line?.signature ?? Buffer.alloc(72);
	expect(Number(signature.readBigUInt64BE(0))).toBe(seconds);
	expect(verify(null, Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`), key.key, signature.subarray(8))).toBe(true);
});
