import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as server from "../../../server/ledger/merkle.ts";
import { checkSignature, parseNote, parseVerifier } from "../../../server/ledger/signed-note.ts";

const vectors = JSON.parse(readFileSync(new URL("../../fixtures/rfc6962-vectors.json", import.meta.url), "utf8"));
const bytes = (hex: string) => Buffer.from(hex, "hex");
const leaves: Buffer[] = vectors.leaves.map((leaf: string) => server.leafHash(bytes(leaf)));
const roots: Buffer[] = vectors.roots.map(bytes);

describe("the published RFC 6962 vectors", () => {
	test("roots", () => {
		expect(server.EMPTY_ROOT).toEqual(bytes(vectors.emptyRoot));
		expect(roots.map((_, at) => server.treeRoot(leaves.slice(0, at + 1)))).toEqual(roots);
	});
	test.each(vectors.inclusion as { index: number; size: number; proof: string[] }[])("inclusion of $index in $size", ({ index, size, proof }) => {
		const tree = leaves.slice(0, size);
		expect(server.inclusionProof(tree, index)).toEqual(proof.map(bytes));
		const claim = { index, size, leaf: tree[index] as Buffer, root: roots[size - 1] as Buffer, proof: proof.map(bytes) };
		expect(server.verifyInclusion(claim)).toBe(true);
		for (const wrong of wrongInclusions(claim)) expect(server.verifyInclusion(wrong)).toBe(false);
	});
	test.each(vectors.consistency as { from: number; to: number; proof: string[] }[])("consistency of $from with $to", ({ from, to, proof }) => {
		expect(server.consistencyProof(leaves.slice(0, to), from)).toEqual(proof.map(bytes));
		const claim = { from, to, fromRoot: roots[from - 1] as Buffer, toRoot: roots[to - 1] as Buffer, proof: proof.map(bytes) };
		expect(server.verifyConsistency(claim)).toBe(true);
		if (proof.length > 0) for (const wrong of wrongConsistencies(claim)) expect(server.verifyConsistency(wrong)).toBe(false);
	});
	test("a signed note of another implementation", () => {
		const { key, text, signature } = vectors.note;
		expect(checkSignature(parseNote(`${text}\n${signature}\n`), parseVerifier(key))).toEqual({ good: true, seconds: null });
		expect(checkSignature(parseNote(`${text.replace("answer", "Answer")}\n${signature}\n`), parseVerifier(key))).toEqual({
			good: false,
			seconds: null,
		});
	});
});

/** The changes that transparency-dev's own tests make. */
function wrongInclusions(claim: server.InclusionClaim): server.InclusionClaim[] {
	const { index, size, root, proof } = claim;
	return [
		{ ...claim, index: index - 1 },
		{ ...claim, index: index + 1 },
		{ ...claim, index: index ^ 2 },
		{ ...claim, size: size * 2 },
		{ ...claim, size: Math.floor(size / 2) },
		{ ...claim, leaf: Buffer.from("WrongLeaf") },
		{ ...claim, root: server.EMPTY_ROOT },
		{ ...claim, proof: [...proof, Buffer.alloc(0)] },
		{ ...claim, proof: [...proof, root] },
		{ ...claim, proof: [root, ...proof] },
		...proof.map((_, at) => ({ ...claim, proof: proof.map((hash, place) => (place === at ? flip(hash, 0) : hash)) })),
		...(proof.length > 0 ? [{ ...claim, proof: proof.slice(0, -1) }] : []),
	];
}
function wrongConsistencies(claim: server.ConsistencyClaim): server.ConsistencyClaim[] {
	const { from, to, fromRoot, toRoot, proof } = claim;
	return [
		{ ...claim, from: from - 1 },
		{ ...claim, from: from + 1 },
		{ ...claim, from: from ^ 2 },
		{ ...claim, to: to * 2 },
		{ ...claim, to: Math.floor(to / 2) },
		{ ...claim, fromRoot: Buffer.from("WrongRoot") },
		{ ...claim, toRoot: Buffer.from("WrongRoot") },
		{ ...claim, fromRoot: toRoot, toRoot: fromRoot },
		{ ...claim, proof: [] },
		{ ...claim, proof: [...proof, fromRoot] },
		{ ...claim, proof: [...proof, toRoot] },
		{ ...claim, proof: [fromRoot, ...proof] },
		{ ...claim, proof: [toRoot, ...proof] },
		{ ...claim, proof: proof.slice(0, -1) },
		...proof.map((_, at) => ({ ...claim, proof: proof.map((hash, place) => (place === at ? flip(hash, 0) : hash)) })),
	];
}
function flip(hash: Uint8Array, at: number): Buffer {
	const changed = Buffer.from(hash);
	changed[at] = (changed[at] as number) ^ 8;
	return changed;
}

describe("trees of up to 10,000 leaves", () => {
	const many = Array.from({ length: 10_000 }, (_, index) => server.leafHash(Buffer.from(String(index))));
	const hashOf = ({ start, end }: server.LeafRange) => server.treeRoot(many.slice(start, end));
	const position = fc
		.integer({ min: 1, max: 10_000 })
		.chain((size) => fc.tuple(fc.nat({ max: size - 1 }), fc.constant(size), fc.nat(), fc.nat({ max: 31 })));

	test("inclusion verifies; a flipped byte, another index or size doesn't", () => {
		fc.assert(
			fc.property(position, ([index, size, which, byte]) => {
				const proof = server.inclusionRanges(index, size).map(hashOf);
				const claim = { index, size, leaf: many[index] as Buffer, root: hashOf({ start: 0, end: size }), proof };
				expect(server.verifyInclusion(claim)).toBe(true);
				expect(server.verifyInclusion({ ...claim, leaf: flip(claim.leaf, byte) })).toBe(false);
				expect(server.verifyInclusion({ ...claim, root: flip(claim.root, byte) })).toBe(false);
				if (proof.length > 0) {
					const at = which % proof.length;
					expect(server.verifyInclusion({ ...claim, proof: proof.map((hash, place) => (place === at ? flip(hash, byte) : hash)) })).toBe(false);
					const other = which % size;
					if (other !== index) expect(server.verifyInclusion({ ...claim, index: other })).toBe(false);
				}
				expect(server.verifyInclusion({ ...claim, size: size * 2 })).toBe(false);
				if (size > 1) expect(server.verifyInclusion({ ...claim, size: Math.max(1, Math.floor(size / 2)) })).toBe(false);
			}),
			{ numRuns: 100 },
		);
	}, 60_000);

	test("consistency verifies; a flipped byte, another size doesn't", () => {
		fc.assert(
			fc.property(position, ([before, to, which, byte]) => {
				const from = before + 1;
				const proof = server.consistencyRanges(from, to).map(hashOf);
				const claim = { from, to, fromRoot: hashOf({ start: 0, end: from }), toRoot: hashOf({ start: 0, end: to }), proof };
				expect(server.verifyConsistency(claim)).toBe(true);
				expect(server.verifyConsistency({ ...claim, fromRoot: flip(claim.fromRoot, byte) })).toBe(false);
				expect(server.verifyConsistency({ ...claim, toRoot: flip(claim.toRoot, byte) })).toBe(false);
				if (proof.length === 0) return;
				const at = which % proof.length;
				expect(server.verifyConsistency({ ...claim, proof: proof.map((hash, place) => (place === at ? flip(hash, byte) : hash)) })).toBe(false);
				const other = 1 + (which % to);
				if (other !== from) expect(server.verifyConsistency({ ...claim, from: other })).toBe(false);
			}),
			{ numRuns: 100 },
		);
	}, 60_000);
});
