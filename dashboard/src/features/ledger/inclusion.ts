import type { EvidencePack } from "../../../../contracts/ledger.ts";

type Bytes = Uint8Array<ArrayBuffer>;
const bytesOf = (base64: string): Bytes => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
const toBase64 = (bytes: Bytes): string => btoa(String.fromCharCode(...bytes));

async function hash(prefix: number, ...parts: readonly Bytes[]): Promise<Bytes> {
	const input = new Uint8Array(1 + parts.reduce((sum, part) => sum + part.length, 0));
	input[0] = prefix;
	let at = 1;
	for (const part of parts) {
		input.set(part, at);
		at += part.length;
	}
	return new Uint8Array(await crypto.subtle.digest("SHA-256", input));
}

/**
 * The root that a proof leads to, base64 (RFC 9162 §2.1.3.2); `null` when the proof has the wrong length for its index and size.
 * Indexes and sizes are whole numbers below 2^53.
 */
export async function rootOf(leaf: string, proof: { index: number; treeSize: number; hashes: readonly string[] }): Promise<string | null> {
	let index = proof.index;
	let last = proof.treeSize - 1;
	if (index > last) return null;
	let root = await hash(0, bytesOf(leaf));
	for (const text of proof.hashes) {
		if (last === 0) return null;
		const other = bytesOf(text);
		if (index % 2 === 1 || index === last) {
			root = await hash(1, other, root);
			while (index % 2 === 0 && index !== 0) {
				index = Math.floor(index / 2);
				last = Math.floor(last / 2);
			}
		} else root = await hash(1, root, other);
		index = Math.floor(index / 2);
		last = Math.floor(last / 2);
	}
	return last === 0 ? toBase64(root) : null;
}

/** Size and root that a checkpoint's text names (C2SP tlog-checkpoint): its second and third line. */
export function checkpointOf(note: string): { size: number; root: string } {
	const [, size = "", root = ""] = note.split("\n");
	return { size: Number(size), root };
}

/** Whether the entry is in the tree that the pack's checkpoint names. Signatures are for `watchroom verify`, with a key got by another way. */
export async function isIncluded(pack: Pick<EvidencePack, "entry" | "proof">): Promise<boolean> {
	const { size, root } = checkpointOf(pack.proof.checkpoint);
	if (size !== pack.proof.treeSize || pack.entry.index !== pack.proof.index) return false;
	return (await rootOf(pack.entry.leaf, pack.proof)) === root;
}
