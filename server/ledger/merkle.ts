/**
 * Merkle tree hashing and proofs (RFC 6962 §2.1, RFC 9162 §2.1). Pure, and with no import but node:crypto, because the stand-alone
 * verifier consists of this file and signed-note.ts.
 *
 * A tree of n leaves is cut into complete subtrees; `{level, index}` names the one over the leaves [index * 2^level, (index + 1) * 2^level).
 * Sizes and indexes are whole numbers below 2^53.
 */
import { createHash } from "node:crypto";

/** A complete subtree; level 0 is a leaf. */
export interface TreeNode {
	level: number;
	index: number;
}
/** Leaves from `start` up to but without `end`. */
export interface LeafRange {
	start: number;
	end: number;
}

const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);
export const HASH_BYTES = 32;

/** RFC 6962 §2.1: the hash of an empty list is that of an empty string. */
export const EMPTY_ROOT: Buffer = createHash("sha256").digest();
/** SHA-256(0x00 || leaf) */
export const leafHash = (leaf: Uint8Array): Buffer => createHash("sha256").update(LEAF).update(leaf).digest();
/** SHA-256(0x01 || left || right) */
export const nodeHash = (left: Uint8Array, right: Uint8Array): Buffer => createHash("sha256").update(NODE).update(left).update(right).digest();

/** The complete subtrees that a range consists of, left to right. `start` MUST be a multiple of the largest power of two below the range's length. */
export function nodesOf({ start, end }: LeafRange): TreeNode[] {
	const nodes: TreeNode[] = [];
	for (let at = start; at < end; ) {
		let level = 0;
		while (2 ** (level + 1) <= end - at) level++;
		nodes.push({ level, index: at / 2 ** level });
		at += 2 ** level;
	}
	return nodes;
}

/** The hash over a range from those of its {@link nodesOf}; that of an empty tree from none. */
export function rangeHash(hashes: readonly Uint8Array[]): Buffer {
	const last = hashes.at(-1);
	if (last === undefined) return EMPTY_ROOT;
	let hash: Buffer = Buffer.from(last);
	for (let at = hashes.length - 2; at >= 0; at--) hash = nodeHash(hashes[at] as Uint8Array, hash);
	return hash;
}

/** MTH(D[n]) of RFC 6962 §2.1 from the leaves' hashes. */
export function treeRoot(leafHashes: readonly Uint8Array[]): Buffer {
	if (leafHashes.length === 0) return EMPTY_ROOT;
	let row = leafHashes;
	// Pairs row by row; an odd one at the end moves up, which gives the same tree as the recursion.
	while (row.length > 1) {
		const next: Uint8Array[] = [];
		for (let at = 0; at + 1 < row.length; at += 2) next.push(nodeHash(row[at] as Uint8Array, row[at + 1] as Uint8Array));
		if (row.length % 2 === 1) next.push(row.at(-1) as Uint8Array);
		row = next;
	}
	return Buffer.from(row[0] as Uint8Array);
}

/** PATH(m, D[n]) of RFC 6962 §2.1.1, as the ranges whose hashes make the proof. Throws a RangeError unless 0 <= index < size. */
export function inclusionRanges(index: number, size: number): LeafRange[] {
	assertCount("size", size);
	assertCount("index", index);
	if (index >= size) throw new RangeError(`index ${index} is not in a tree of ${size}`);
	const path: LeafRange[] = [];
	let [start, end] = [0, size];
	while (end - start > 1) {
		const middle = start + splitOf(end - start);
		if (index < middle) {
			path.push({ start: middle, end });
			end = middle;
		} else {
			path.push({ start, end: middle });
			start = middle;
		}
	}
	return path.reverse();
}

/** PROOF(m, D[n]) of RFC 6962 §2.1.2, as ranges; nothing for from = to and from = 0. Throws a RangeError unless 0 <= from <= to. */
export function consistencyRanges(from: number, to: number): LeafRange[] {
	assertCount("from", from);
	assertCount("to", to);
	if (from > to) throw new RangeError(`from ${from} is beyond ${to}`);
	if (from === 0 || from === to) return [];
	const path: LeafRange[] = [];
	let [start, end, whole] = [0, to, true];
	while (from !== end) {
		const middle = start + splitOf(end - start);
		if (from <= middle) {
			path.push({ start: middle, end });
			end = middle;
		} else {
			path.push({ start, end: middle });
			start = middle;
			whole = false;
		}
	}
	if (!whole) path.push({ start, end });
	return path.reverse();
}

/** The inclusion proof of a leaf in the tree over these leaves. */
export const inclusionProof = (leafHashes: readonly Uint8Array[], index: number): Buffer[] =>
	inclusionRanges(index, leafHashes.length).map(({ start, end }) => treeRoot(leafHashes.slice(start, end)));
/** The consistency proof from the tree over the first `from` of these leaves to that over all. */
export const consistencyProof = (leafHashes: readonly Uint8Array[], from: number): Buffer[] =>
	consistencyRanges(from, leafHashes.length).map(({ start, end }) => treeRoot(leafHashes.slice(start, end)));

export interface InclusionClaim {
	index: number;
	size: number;
	/** Hash of the leaf. */
	leaf: Uint8Array;
	root: Uint8Array;
	proof: readonly Uint8Array[];
}
/** RFC 9162 §2.1.3.2: whether the proof shows the leaf at `index` of the tree with this size and root. Never throws. */
export function verifyInclusion({ index, size, leaf, root, proof }: InclusionClaim): boolean {
	if (!isCount(index) || !isCount(size) || index >= size || ![leaf, root, ...proof].every(isHash)) return false;
	let [place, last] = [index, size - 1];
	let hash: Buffer = Buffer.from(leaf);
	for (const step of proof) {
		if (last === 0) return false;
		if (place % 2 === 1 || place === last) {
			hash = nodeHash(step, hash);
			while (place % 2 === 0 && place !== 0) [place, last] = [place / 2, half(last)];
		} else hash = nodeHash(hash, step);
		[place, last] = [half(place), half(last)];
	}
	return last === 0 && hash.equals(root);
}

export interface ConsistencyClaim {
	from: number;
	to: number;
	fromRoot: Uint8Array;
	toRoot: Uint8Array;
	proof: readonly Uint8Array[];
}
/** RFC 9162 §2.1.4.2: whether the proof shows that the second tree begins with the first. From an empty tree to any needs no proof. Never throws. */
export function verifyConsistency({ from, to, fromRoot, toRoot, proof }: ConsistencyClaim): boolean {
	if (!isCount(from) || !isCount(to) || from > to || ![fromRoot, toRoot, ...proof].every(isHash)) return false;
	if (from === to) return proof.length === 0 && EMPTY_ROOT.equals(fromRoot) === (from === 0) && Buffer.from(fromRoot).equals(toRoot);
	if (from === 0) return proof.length === 0 && EMPTY_ROOT.equals(fromRoot);
	// A complete first tree is its own first step.
	const steps = isPowerOfTwo(from) ? [fromRoot, ...proof] : proof;
	const [first, ...rest] = steps;
	if (first === undefined || proof.length === 0) return false;
	let [place, last] = [from - 1, to - 1];
	while (place % 2 === 1) [place, last] = [half(place), half(last)];
	let before: Buffer = Buffer.from(first);
	let after = before;
	for (const step of rest) {
		if (last === 0) return false;
		if (place % 2 === 1 || place === last) {
			before = nodeHash(step, before);
			after = nodeHash(step, after);
			while (place % 2 === 0 && place !== 0) [place, last] = [place / 2, half(last)];
		} else after = nodeHash(after, step);
		[place, last] = [half(place), half(last)];
	}
	return last === 0 && before.equals(fromRoot) && after.equals(toRoot);
}

/** The largest power of two below n, for n > 1 (k of RFC 6962 §2.1). */
function splitOf(n: number): number {
	let k = 1;
	while (k * 2 < n) k *= 2;
	return k;
}
const half = (n: number) => Math.floor(n / 2);
const isCount = (n: number) => Number.isSafeInteger(n) && n >= 0;
const isHash = (hash: Uint8Array) => hash.length === HASH_BYTES;
function isPowerOfTwo(n: number): boolean {
	let power = 1;
	while (power < n) power *= 2;
	return power === n;
}
function assertCount(name: string, n: number): void {
	if (!isCount(n)) throw new RangeError(`${name} is a whole number from 0, not ${n}`);
}
