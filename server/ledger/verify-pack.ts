/**
 * Verifies an evidence pack (`GET /api/v1/ledger/entries/{n}/evidence`) without the server: `node server/ledger/verify-pack.ts <pack.json>
 * [--key <verifier key>] [--witness <verifier key>]...`, or `npm run watchroom -- verify`. This file, merkle.ts, signed-note.ts and node: modules are all there is to it.
 * Ends with 0: everything holds; 1: something doesn't; 2: it could not be checked.
 */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { leafHash, verifyInclusion } from "./merkle.ts";
import { checkSignature, parseCheckpoint, parseNote, parseVerifier, strictBase64, type Verifier } from "./signed-note.ts";

export interface Verdict {
	ok: boolean;
	/** What was checked, in plain words, in the order of the checks. */
	lines: string[];
}

type Fields = { readonly [name: string]: unknown };
const fieldsOf = (value: unknown, name: string): Fields => {
	if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error(`${name}: expected an object`);
	return value as Fields;
};
const textOf = (fields: Fields, name: string): string => {
	const value = fields[name];
	if (typeof value !== "string") throw new Error(`${name}: expected text`);
	return value;
};
const countOf = (fields: Fields, name: string): number => {
	const value = fields[name];
	if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw new Error(`${name}: expected a whole number from 0`);
	return value;
};
const bytesOf = (text: unknown, name: string): Buffer => {
	const bytes = typeof text === "string" ? strictBase64(text) : null;
	if (bytes === null) throw new Error(`${name}: expected base64`);
	return bytes;
};
const listOf = (fields: Fields, name: string): unknown[] => {
	const value = fields[name];
	if (!Array.isArray(value)) throw new Error(`${name}: expected a list`);
	return value;
};

/**
 * Checks a pack; `trustedKey` is the log's verifier key and `trustedWitnesses` those of witnesses, got by another way than the pack.
 * Witnesses that only the pack vouches for are told of as such. Throws when the pack can't be read.
 */
export function verifyPack(pack: unknown, trustedKey?: string, trustedWitnesses: readonly string[] = []): Verdict {
	const lines: string[] = [];
	const fail = (line: string): Verdict => ({ ok: false, lines: [...lines, `NOT VALID: ${line}`] });
	const fields = fieldsOf(pack, "pack");
	if (fields.format !== "watchroom-evidence/1") throw new Error('format: expected "watchroom-evidence/1"');
	const entry = fieldsOf(fields.entry, "entry");
	const proof = fieldsOf(fields.proof, "proof");
	const leaf = bytesOf(entry.leaf, "entry.leaf");
	const index = countOf(proof, "index");
	const size = countOf(proof, "treeSize");
	const hashes = listOf(proof, "hashes").map((hash, place) => bytesOf(hash, `proof.hashes[${place}]`));
	const trusted = trustedKey === undefined ? undefined : parseVerifier(trustedKey);
	const own = parseVerifier(textOf(fields, "key"));
	const known = trustedWitnesses.map((key) => parseVerifier(key));
	const witnesses = listOf(fields, "witnessKeys").map((key) => parseVerifier(String(key)));

	const content = fieldsOf(parseJson(leaf.toString("utf8")), "entry.leaf");
	const at = typeof content.at === "number" ? new Date(content.at) : new Date(Number.NaN);
	const named = countOf(entry, "index");
	if (named !== index) return fail(`the entry says index ${named}, the proof ${index}.`);
	const type = String(content.type);
	if (entry.type !== content.type) return fail(`the pack says the entry is "${String(entry.type)}", the hashed bytes say "${type}".`);
	if (Number.isNaN(at.getTime()) || entry.at !== at.toISOString()) return fail("the pack's time is not the one in the hashed bytes.");
	lines.push(`Entry ${index}: ${type} (version ${String(content.version)}) at ${at.toISOString()}, ${leaf.length} bytes.`);

	const note = parseNote(textOf(proof, "checkpoint"));
	const checkpoint = parseCheckpoint(note.text);
	if (checkpoint.size !== size) return fail(`the proof is for a tree of ${size}, the checkpoint for one of ${checkpoint.size}.`);
	if (!verifyInclusion({ index, size, leaf: leafHash(leaf), root: checkpoint.root, proof: hashes }))
		return fail("the inclusion proof doesn't lead from the entry to the checkpoint's root: the entry is not what was recorded there.");
	lines.push(`Inclusion proof (RFC 6962): the entry is number ${index} of the ${size} below the root ${checkpoint.root.toString("base64")}.`);

	if (trusted && trusted.text !== own.text) return fail(`the pack names the key ${own.text}, not the one given.`);
	const log = trusted ?? own;
	if (log.name !== checkpoint.origin) return fail(`the key belongs to "${log.name}", the checkpoint to "${checkpoint.origin}".`);
	if (checkSignature(note, log)?.good !== true) return fail(`the checkpoint is not signed by ${log.name}.`);
	lines.push(`Checkpoint of ${checkpoint.origin}: signature of the log's key ${log.id.toString("hex")} holds.`);
	const wrong = cosignatures(note, known, witnesses, lines);
	if (wrong) return fail(wrong);
	lines.push(
		trusted
			? "VALID: signed by the key that was given."
			: `SELF-CONSISTENT: the key came with the pack. Compare it with one that you got by another way, or give it with --key:\n  ${own.text}`,
	);
	return { ok: true, lines };
}

/** A witness that was asked for must have signed; one that the pack brings may be anybody's invention. */
function cosignatures(
	note: ReturnType<typeof parseNote>,
	trusted: readonly Verifier[],
	brought: readonly Verifier[],
	lines: string[],
): string | null {
	for (const witness of trusted) {
		const checked = checkSignature(note, witness);
		if (checked?.good !== true) return `the witness ${witness.name} whose key was given has not signed the checkpoint.`;
		lines.push(`Witness ${witness.name} (${witness.id.toString("hex")}) has seen this tree at ${signedAt(checked.seconds)}.`);
	}
	for (const witness of brought) {
		if (trusted.some(({ text }) => text === witness.text)) continue;
		const checked = checkSignature(note, witness);
		if (checked === null) continue;
		if (!checked.good) return `the cosignature of the witness ${witness.name} doesn't hold.`;
		lines.push(
			`NOT COUNTED: a cosignature named ${witness.name} of ${signedAt(checked.seconds)}, whose key only the pack vouches for. Compare it with one that you got by another way, or give it with --witness:\n  ${witness.text}`,
		);
	}
	if (trusted.length === 0) lines.push("No witness that you named has been checked.");
	return null;
}

const signedAt = (seconds: number | null) => new Date((seconds ?? 0) * 1000).toISOString();

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		throw new Error("this is not JSON");
	}
}

function optionsOf(args: readonly string[]) {
	try {
		const options = { key: { type: "string" }, witness: { type: "string", multiple: true } } as const;
		return { ...parseArgs({ args: [...args], options, allowPositionals: true }), wrong: false };
	} catch {
		return { values: {}, positionals: [], wrong: true };
	}
}

/** The command; resolves to the exit code. */
export async function verifyCommand(args: readonly string[]): Promise<number> {
	const { values, positionals, wrong } = optionsOf(args);
	const [file, ...more] = positionals;
	if (wrong || file === undefined || more.length > 0) {
		process.stderr.write("verify <pack.json> [--key <verifier key>] [--witness <verifier key>]...\n");
		return 2;
	}
	try {
		const { ok, lines } = verifyPack(parseJson(await readFile(file, "utf8")), values.key, values.witness);
		process.stdout.write(`${lines.join("\n")}\n`);
		return ok ? 0 : 1;
	} catch (error) {
		process.stderr.write(`${file} can't be verified: ${error instanceof Error ? error.message : String(error)}\n`);
		return 2;
	}
}

if (import.meta.main) process.exitCode = await verifyCommand(process.argv.slice(2));
