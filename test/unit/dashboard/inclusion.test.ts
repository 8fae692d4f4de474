import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";
import { checkpointOf, isIncluded, rootOf } from "../../../dashboard/src/features/ledger/inclusion.ts";
import { inclusionProof, leafHash, treeRoot } from "../../../server/ledger/merkle.ts";

const { leaves, roots, inclusion } = z
	.object({
		leaves: z.array(z.string()),
		roots: z.array(z.string()),
		inclusion: z.array(z.object({ index: z.number(), size: z.number(), proof: z.array(z.string()) })),
	})
	.parse(JSON.parse(readFileSync("test/fixtures/rfc6962-vectors.json", "utf8")));
const base64 = (hex: string) => Buffer.from(hex, "hex").toString("base64");

test.each(inclusion)("the browser finds the published root: entry $index of $size (RFC 6962)", async ({ index, size, proof }) => {
	const root = await rootOf(base64(leaves[index] ?? ""), { index, treeSize: size, hashes: proof.map(base64) });
	expect(root).toBe(base64(roots[size - 1] ?? ""));
});

test("it finds the root that the server's own proofs lead to, for every entry of every tree up to 40, and no other", async () => {
	const all = Array.from({ length: 40 }, (_, index) => Buffer.from(`entry ${index}`));
	const hashes = all.map(leafHash);
	for (let size = 1; size <= all.length; size++)
		for (let index = 0; index < size; index++) {
			const proof = inclusionProof(hashes.slice(0, size), index).map((hash) => hash.toString("base64"));
			const leaf = all[index]?.toString("base64") ?? "";
			const root = treeRoot(hashes.slice(0, size)).toString("base64");
			expect(await rootOf(leaf, { index, treeSize: size, hashes: proof })).toBe(root);
			expect(await rootOf(Buffer.from("another").toString("base64"), { index, treeSize: size, hashes: proof })).not.toBe(root);
			expect(await rootOf(leaf, { index, treeSize: size, hashes: [...proof, root] }), "too long").toBe(null);
			if (proof.length > 0) expect(await rootOf(leaf, { index, treeSize: size, hashes: proof.slice(1) }), "too short").not.toBe(root);
		}
});

test("an entry beyond the tree is in none", async () => expect(await rootOf("", { index: 3, treeSize: 3, hashes: [] })).toBe(null));

test("size and root are those of the checkpoint, not of the proof's own words", async () => {
	const leaf = Buffer.from("one");
	const root = treeRoot([leafHash(leaf)]).toString("base64");
	const entry = { index: 0, leaf: leaf.toString("base64"), type: "test", at: "2026-01-01T00:00:00.000Z" };
	const note = (size: number, named: string) => `watchroom.example\n${size}\n${named}\n\n— watchroom.example AAAA\n`;
	expect(checkpointOf(note(1, root))).toEqual({ size: 1, root });
	const claim = (checkpoint: string) => isIncluded({ entry, proof: { index: 0, treeSize: 1, hashes: [], checkpoint } });
	expect(await claim(note(1, root))).toBe(true);
	expect(await claim(note(2, root))).toBe(false);
	expect(await claim(note(1, Buffer.alloc(32).toString("base64")))).toBe(false);
});
