/**
 * Signed notes (C2SP signed-note), checkpoints (C2SP tlog-checkpoint) and witnesses' cosignatures (C2SP tlog-cosignature), with Ed25519.
 * Pure, and with no import but node:crypto, because the stand-alone verifier consists of this file and merkle.ts.
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";

/** Signature types of C2SP signed-note: a log's own, and a witness's time-stamped one. */
export const NOTE_TYPE = 0x01;
export const COSIGNATURE_TYPE = 0x04;

/** Whose signatures are trusted: a verifier key `name+hash+base64(type || public key)`, read. */
export interface Verifier {
	name: string;
	/** 4 bytes: SHA-256(name || 0x0A || type || public key)[:4] */
	id: Buffer;
	type: number;
	publicKey: KeyObject;
	/** The key as text. */
	text: string;
}
export interface Signer {
	verifier: Verifier;
	privateKey: KeyObject;
}
export interface NoteSignature {
	name: string;
	id: Buffer;
	signature: Buffer;
	/** The whole line without its end. */
	line: string;
}
export interface Note {
	/** With the final newline, without the empty line. */
	text: string;
	signatures: NoteSignature[];
}
export interface Checkpoint {
	origin: string;
	size: number;
	root: Buffer;
}

/** DER around the 32 bytes of an Ed25519 key (RFC 8410 §4, §7). */
const SPKI = Buffer.from("302a300506032b6570032100", "hex");
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");
const NOTE_LIMIT = 64 * 1024;
const SIGNATURES_LIMIT = 100;
const KEY_NAME = /^[^\s+\p{Cc}]{1,200}$/u;

function keyId(name: string, type: number, publicKey: Buffer): Buffer {
	return createHash("sha256").update(name).update(Buffer.of(0x0a, type)).update(publicKey).digest().subarray(0, 4);
}
const rawPublic = (key: KeyObject) => Buffer.from(key.export({ format: "der", type: "spki" })).subarray(SPKI.length);

function verifierOf(name: string, type: number, raw: Buffer): Verifier {
	const id = keyId(name, type, raw);
	const text = `${name}+${id.toString("hex")}+${Buffer.concat([Buffer.of(type), raw]).toString("base64")}`;
	return { name, id, type, text, publicKey: createPublicKey({ key: Buffer.concat([SPKI, raw]), format: "der", type: "spki" }) };
}

/** Reads a verifier key. Throws an Error that says what is wrong with it. */
export function parseVerifier(text: string): Verifier {
	const [, name = "", hash = "", key = ""] = /^([^+]*)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text.trim()) ?? [];
	const bytes = strictBase64(key);
	if (!KEY_NAME.test(name) || bytes?.length !== 33) throw new Error("a verifier key is name+hash+base64, with 33 bytes of type and public key");
	const type = bytes[0] as number;
	if (type !== NOTE_TYPE && type !== COSIGNATURE_TYPE) throw new Error(`the verifier key's signature type ${type} is not Ed25519's (1 or 4)`);
	const verifier = verifierOf(name, type, bytes.subarray(1));
	if (verifier.id.toString("hex") !== hash) throw new Error("the verifier key's hash doesn't fit its name and key");
	return verifier;
}

/** Makes a signer from the 32 bytes of an Ed25519 seed (RFC 8032 §5.1.5). */
export function signerOf(name: string, type: number, seed: Uint8Array): Signer {
	if (!KEY_NAME.test(name)) throw new Error(`a key's name has no spaces and no +: ${JSON.stringify(name)}`);
	if (seed.length !== 32) throw new Error("an Ed25519 seed has 32 bytes");
	const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: "der", type: "pkcs8" });
	return { privateKey, verifier: verifierOf(name, type, rawPublic(createPublicKey(privateKey))) };
}

/** The signer key's text, as Go's sumdb/note writes it: `PRIVATE+KEY+name+hash+base64(type || seed)`. */
export function signerText(name: string, type: number, seed: Uint8Array): string {
	const { verifier } = signerOf(name, type, seed);
	return `PRIVATE+KEY+${name}+${verifier.id.toString("hex")}+${Buffer.concat([Buffer.of(type), seed]).toString("base64")}`;
}

/** Reads a signer key. Throws an Error that doesn't repeat the key. */
export function parseSigner(text: string): Signer {
	const [, name = "", hash = "", key = ""] = /^PRIVATE\+KEY\+([^+]*)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text.trim()) ?? [];
	const bytes = strictBase64(key);
	if (bytes?.length !== 33) throw new Error("expected one line PRIVATE+KEY+name+hash+base64");
	const signer = signerOf(name, bytes[0] as number, bytes.subarray(1));
	if (signer.verifier.id.toString("hex") !== hash) throw new Error("the signer key's hash doesn't fit its name and key");
	return signer;
}

/** Reads a signed note. Throws an Error that says what is not as C2SP signed-note wants it. */
export function parseNote(note: string): Note {
	if (note.length > NOTE_LIMIT) throw new Error("the note is too large");
	// Of the characters below the space the format allows the line feed alone.
	if (/[^\n -\u{10ffff}]/u.test(note) || !note.isWellFormed()) throw new Error("the note has control characters");
	const split = note.lastIndexOf("\n\n");
	if (split < 0 || !note.endsWith("\n")) throw new Error("the note has no signatures");
	const lines = note.slice(split + 2, -1).split("\n");
	if (lines.length > SIGNATURES_LIMIT) throw new Error("the note has too many signatures");
	return { text: note.slice(0, split + 1), signatures: lines.map(parseSignatureLine) };
}

/** Reads one signature line, without its end. */
export function parseSignatureLine(line: string): NoteSignature {
	const [, name = "", key = ""] = /^\u2014 (\S+) (\S+)$/.exec(line) ?? [];
	const bytes = strictBase64(key);
	if (!KEY_NAME.test(name) || bytes === null || bytes.length < 5) throw new Error("a signature line is not as expected");
	return { name, id: bytes.subarray(0, 4), signature: bytes.subarray(4), line };
}

const lineOf = ({ name, id }: Verifier, signature: Buffer) => `\u2014 ${name} ${Buffer.concat([id, signature]).toString("base64")}`;

/** The note with one signature of the log. `text` ends in a newline. */
export function signNote(text: string, { privateKey, verifier }: Signer): string {
	return `${text}\n${lineOf(verifier, sign(null, Buffer.from(text), privateKey))}\n`;
}

/** Adds lines to a note that others have signed. */
export const withSignatures = (note: string, lines: readonly string[]): string => note + lines.map((line) => `${line}\n`).join("");

/** A witness's signature line over a checkpoint's text, at a time in whole seconds (tlog-cosignature, cosignature/v1). */
export function cosign(text: string, seconds: number, { privateKey, verifier }: Signer): string {
	const time = Buffer.alloc(8);
	time.writeBigUInt64BE(BigInt(seconds));
	return lineOf(verifier, Buffer.concat([time, sign(null, cosigned(text, BigInt(seconds)), privateKey)]));
}
const cosigned = (text: string, seconds: bigint) => Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`);

/**
 * Whether a known key has signed this text: `null` when no line is that key's, otherwise whether its first line verifies, with the
 * time of a cosignature in seconds.
 */
export function checkSignature(
	{ text, signatures }: Note,
	{ name, id, type, publicKey }: Verifier,
): { good: boolean; seconds: number | null } | null {
	const found = signatures.find((signature) => signature.name === name && signature.id.equals(id));
	if (!found) return null;
	if (type === NOTE_TYPE) return { good: verify(null, Buffer.from(text), publicKey, found.signature), seconds: null };
	if (found.signature.length !== 72) return { good: false, seconds: null };
	const seconds = found.signature.readBigUInt64BE(0);
	return { good: verify(null, cosigned(text, seconds), publicKey, found.signature.subarray(8)), seconds: Number(seconds) };
}

/** The text of a checkpoint: origin, size, root, each with its newline (C2SP tlog-checkpoint). */
export const checkpointText = ({ origin, size, root }: Checkpoint): string => `${origin}\n${size}\n${root.toString("base64")}\n`;

/** Reads a checkpoint's text; extension lines are allowed. Throws an Error. */
export function parseCheckpoint(text: string): Checkpoint {
	const [origin = "", size = "", hash = ""] = text.split("\n");
	const root = strictBase64(hash);
	if (origin === "") throw new Error("the checkpoint has no origin");
	if (!/^(0|[1-9][0-9]{0,15})$/.test(size) || !Number.isSafeInteger(Number(size))) throw new Error("the checkpoint's size is not a number");
	if (root?.length !== 32) throw new Error("the checkpoint's root is not a SHA-256 hash");
	return { origin, size: Number(size), root };
}

/** Standard base64 with padding (RFC 4648 §4), and nothing that decodes alike but isn't it. */
export function strictBase64(text: string): Buffer | null {
	const bytes = Buffer.from(text, "base64");
	return text !== "" && bytes.toString("base64") === text ? bytes : null;
}
