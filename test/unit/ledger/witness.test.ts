import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isExtension, parseCheckpoint } from "../../../edge-agent/witness/tlog.ts";
import { Witness } from "../../../edge-agent/witness/witness.ts";
import { WitnessFiles } from "../../../edge-agent/witness/witness-files.ts";
import { consistencyProof, leafHash, treeRoot } from "../../../server/ledger/merkle.ts";
import {
	checkpointText,
	checkSignature,
	NOTE_TYPE,
	parseNote,
	parseVerifier,
	type Signer,
	signerOf,
	signNote,
} from "../../../server/ledger/signed-note.ts";

const log = signerOf("watchroom/demo-1", NOTE_TYPE, Buffer.alloc(32, 7));
const leaves = (of: string, count: number) => Array.from({ length: count }, (_, index) => leafHash(Buffer.from(`${of}${index}`)));
const noteOf = (tree: Buffer[], signer: Signer = log) =>
	signNote(checkpointText({ origin: signer.verifier.name, size: tree.length, root: treeRoot(tree) }), signer);
/** The message of a server whose ledger has this tree, to an agent that has seen `old`. */
const offer = (tree: Buffer[], old: number, signer: Signer = log) => ({
	key: signer.verifier.text,
	request: `old ${old}\n${consistencyProof(tree, old)
		.map((hash) => `${hash.toString("base64")}\n`)
		.join("")}\n${noteOf(tree, signer)}`,
});

let data: string;
const unreadable: string[] = [];
const open = () =>
	new Witness({ agent: "a", files: new WitnessFiles(data), now: () => 1_769_000_000_000, unreadable: (reason) => unreadable.push(reason) });
beforeEach(() => {
	data = mkdtempSync(join(tmpdir(), "watchroom-witness-"));
});
afterEach(() => rmSync(data, { recursive: true }));

test("the first checkpoint is trusted, each extension is co-signed, and the cosignature verifies", () => {
	for (const [old, size] of [
		[0, 3],
		[3, 3],
		[3, 4],
		[4, 100],
	] as const) {
		const tree = leaves("a", size);
		const answer = open().take(offer(tree, old));
		expect(answer).toMatchObject({ result: "cosigned", size });
		if (answer?.result !== "cosigned") throw new Error("not co-signed");
		expect(checkSignature(parseNote(`${noteOf(tree)}${answer.line}\n`), parseVerifier(answer.key))).toEqual({ good: true, seconds: 1_769_000_000 });
	}
	expect(statSync(join(data, "witness", "key")).mode & 0o777).toBe(0o600);
});

test("a proof that begins elsewhere is answered with the size that was seen (tlog-witness: 409)", () => {
	open().take(offer(leaves("a", 5), 0));
	expect(open().take(offer(leaves("a", 9), 0))).toMatchObject({ result: "conflict", size: 5 });
	expect(open().state()).toEqual({ size: 5, fork: null });
});

test("an old checkpoint that was co-signed before and comes again is no fork", () => {
	const witness = open();
	witness.take(offer(leaves("a", 5), 0));
	witness.take(offer(leaves("a", 9), 5));
	expect(witness.take(offer(leaves("a", 5), 5))).toMatchObject({ result: "conflict", size: 9 });
});

const stranger = signerOf("watchroom/demo-1", NOTE_TYPE, Buffer.alloc(32, 8));
test.each([
	["same size, other root", offer(leaves("b", 5), 5)],
	["smaller tree", offer(leaves("a", 4), 0)],
	["a rebuilt tree", offer(leaves("b", 9), 5)],
	["another key", offer(leaves("a", 9), 5, stranger)],
	["another name", offer(leaves("a", 9), 5, signerOf("watchroom/other", NOTE_TYPE, Buffer.alloc(32, 7)))],
	["a signature that isn't the log's", { ...offer(leaves("a", 9), 5, stranger), key: log.verifier.text }],
])("a fork (%s) is kept as evidence and ends all co-signing, also after a restart, until a person clears it", (_, forked) => {
	const good = offer(leaves("a", 5), 0);
	open().take(good);
	expect(open().take(forked)).toMatchObject({ result: "fork", size: 5 });
	expect(open().fork()).toMatchObject({ known: { key: good.key }, shown: forked });
	expect(open().take(offer(leaves("a", 9), 5))).toMatchObject({ result: "fork" });
	expect(parseCheckpoint(new WitnessFiles(data).pin()?.checkpoint ?? "").size).toBe(5);
	expect(new WitnessFiles(data).clear(1, false)).toBe(true);
	expect(open().take(offer(leaves("a", 9), 5))).toMatchObject({ result: "cosigned", size: 9 });
});

test("what can't be read is neither co-signed nor a fork", () => {
	open().take(offer(leaves("a", 5), 0));
	for (const request of ["", "old x\n\n", offer(leaves("a", 9), 5).request.replace("old 5", "old 10"), offer(leaves("a", 9), 5).request.slice(0, 30)])
		expect(open().take({ key: log.verifier.text, request })).toBeNull();
	expect(open().state()).toEqual({ size: 5, fork: null });
});

test("the witness's own proof check agrees with the ledger's for every pair of sizes to 40, and with no flipped byte", () => {
	const all = leaves("a", 40);
	for (let to = 1; to <= 40; to++)
		for (let from = 1; from <= to; from++) {
			const [before, after] = [all.slice(0, from), all.slice(0, to)].map((tree) => ({ size: tree.length, root: treeRoot(tree) })) as [
				{ size: number; root: Buffer },
				{ size: number; root: Buffer },
			];
			const proof = consistencyProof(all.slice(0, to), from);
			expect(isExtension(before, after, proof)).toBe(true);
			expect(isExtension(before, after, [...proof, before.root])).toBe(false);
			for (const at of proof.keys()) {
				const wrong = proof.map((hash, place) => (place === at ? Buffer.from(hash).fill(1, 3, 4) : hash));
				if (!(wrong[at] as Buffer).equals(proof[at] as Buffer)) expect(isExtension(before, after, wrong)).toBe(false);
			}
		}
});
