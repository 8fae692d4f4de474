/**
 * What a witness needs of RFC 6962 and C2SP: written apart from the server's own, so that a mistake in one of them shows at the other.
 * The vectors of both are the same (test/fixtures/rfc6962-vectors.json).
 */
import { createHash, createPrivateKey, createPublicKey, sign, verify } from "node:crypto";

const SPKI = Buffer.from("302a300506032b6570032100", "hex");
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");
const PREFIX = Buffer.of(1);
const sha256 = (...parts: Uint8Array[]): Buffer => {
	const hash = createHash("sha256");
	for (const part of parts) hash.update(part);
	return hash.digest();
};
export const EMPTY_ROOT: Buffer = sha256();

/** A checkpoint that somebody claims to be the log's. */
export interface SignedCheckpoint {
	origin: string;
	size: number;
	root: Buffer;
	/** What is signed, with its last newline. */
	text: string;
	/** The whole note. */
	note: string;
}
/** The body of C2SP tlog-witness's add-checkpoint. */
export interface AddCheckpoint {
	old: number;
	proof: Buffer[];
	checkpoint: SignedCheckpoint;
}

/** Reads `old N`, proof lines, an empty line, a checkpoint. Throws an Error that says what is wrong. */
export function parseAddCheckpoint(body: string): AddCheckpoint {
	const split = body.indexOf("\n\n");
	if (split < 0) throw new Error("no empty line behind the proof");
	const [first = "", ...proof] = body.slice(0, split).split("\n");
	if (proof.length > 63) throw new Error("more than 63 proof lines");
	const old = /^old (0|[1-9][0-9]{0,15})$/.exec(first)?.[1];
	if (old === undefined) throw new Error("the first line is not old and a size");
	const checkpoint = parseCheckpoint(body.slice(split + 2));
	if (Number(old) > checkpoint.size) throw new Error("the old size is beyond the checkpoint's");
	return { old: Number(old), proof: proof.map(hashOf), checkpoint };
}

/** Reads a note whose text is a checkpoint. Throws an Error. */
export function parseCheckpoint(note: string): SignedCheckpoint {
	const split = note.lastIndexOf("\n\n");
	if (split < 0) throw new Error("the checkpoint has no signatures");
	const text = note.slice(0, split + 1);
	const [origin = "", size = "", root = ""] = text.split("\n");
	if (origin === "" || !/^(0|[1-9][0-9]{0,15})$/.test(size) || !Number.isSafeInteger(Number(size)))
		throw new Error("the checkpoint has no origin or size");
	return { origin, size: Number(size), root: hashOf(root), text, note };
}

function hashOf(line: string): Buffer {
	const hash = Buffer.from(line, "base64");
	if (hash.length !== 32 || hash.toString("base64") !== line) throw new Error("a hash is not 32 bytes in base64");
	return hash;
}

/** Whether the key `name+hash+base64`, of a log (signature type 1), has signed this checkpoint and is named after its origin. */
export function isSignedBy(key: string, { origin, text, note }: SignedCheckpoint): boolean {
	const [, name = "", hash = "", encoded = ""] = /^([^+]*)\+([0-9a-f]{8})\+(.+)$/.exec(key) ?? [];
	const bytes = Buffer.from(encoded, "base64");
	if (name !== origin || bytes.length !== 33 || bytes[0] !== 1) return false;
	const id = keyId(name, bytes);
	if (id.toString("hex") !== hash) return false;
	const publicKey = createPublicKey({ key: Buffer.concat([SPKI, bytes.subarray(1)]), format: "der", type: "spki" });
	const lines = note.slice(text.length + 1).split("\n");
	return lines.some((line) => {
		const signature = line.startsWith(`\u2014 ${name} `) ? Buffer.from(line.slice(name.length + 3), "base64") : Buffer.alloc(0);
		return signature.length === 68 && signature.subarray(0, 4).equals(id) && verify(null, Buffer.from(text), publicKey, signature.subarray(4));
	});
}
const keyId = (name: string, typeAndKey: Uint8Array) => sha256(Buffer.from(`${name}\n`), typeAndKey).subarray(0, 4);

/** A witness's own key. */
export interface WitnessKey {
	/** The verifier key, signature type 4. */
	text: string;
	/** The cosignature line over a checkpoint's text, without its end (C2SP tlog-cosignature, cosignature/v1). */
	cosign(text: string, seconds: number): string;
}
/** Makes a witness's key of a name and 32 secret bytes. */
export function witnessKey(name: string, seed: Uint8Array): WitnessKey {
	const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: "der", type: "pkcs8" });
	const raw = Buffer.from(createPublicKey(privateKey).export({ format: "der", type: "spki" })).subarray(SPKI.length);
	const typeAndKey = Buffer.concat([Buffer.of(4), raw]);
	const id = keyId(name, typeAndKey);
	return {
		text: `${name}+${id.toString("hex")}+${typeAndKey.toString("base64")}`,
		cosign(text, seconds) {
			const time = Buffer.alloc(8);
			time.writeBigUInt64BE(BigInt(seconds));
			const signature = sign(null, Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`), privateKey);
			return `\u2014 ${name} ${Buffer.concat([id, time, signature]).toString("base64")}`;
		},
	};
}

/**
 * RFC 6962 §2.1.2 backwards: the roots of both trees, recomputed from the proof along the recursion SUBPROOF. `null` for a proof of
 * another length. 0 < from < to.
 */
function rootsOf(from: number, to: number, fromRoot: Buffer, proof: readonly Buffer[]): { before: Buffer; after: Buffer } | null {
	const left = [...proof];
	const walk = (m: number, n: number, whole: boolean): { before: Buffer; after: Buffer } | null => {
		if (m === n) {
			const hash = whole ? fromRoot : left.shift();
			return hash ? { before: hash, after: hash } : null;
		}
		let k = 1;
		while (k * 2 < n) k *= 2;
		if (m <= k) {
			const inner = walk(m, k, whole);
			const right = left.shift();
			return inner && right ? { before: inner.before, after: sha256(PREFIX, inner.after, right) } : null;
		}
		const inner = walk(m - k, n - k, false);
		const sibling = left.shift();
		return inner && sibling ? { before: sha256(PREFIX, sibling, inner.before), after: sha256(PREFIX, sibling, inner.after) } : null;
	};
	const roots = walk(from, to, true);
	return roots && left.length === 0 ? roots : null;
}

/** Whether the proof shows that the second tree begins with the first. Anything begins with the empty tree. */
export function isExtension(from: { size: number; root: Buffer }, to: { size: number; root: Buffer }, proof: readonly Buffer[]): boolean {
	if (from.size === to.size) return proof.length === 0 && from.root.equals(to.root);
	if (from.size === 0) return proof.length === 0;
	if (from.size > to.size) return false;
	const roots = rootsOf(from.size, to.size, from.root, proof);
	return roots?.before.equals(from.root) === true && roots.after.equals(to.root);
}
