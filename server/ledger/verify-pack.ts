/**
 * Verifies an evidence pack (`GET /api/v1/ledger/entries/{n}/evidence`) without the server: `node server/ledger/verify-pack.ts <pack.json>
 * [--key <verifier key>] [--witness <verifier key>]...`, or `npm run watchroom -- verify`. This file, pack-checks.ts, merkle.ts, signed-note.ts
 * and node: modules are all there is to it. Ends with 0: everything holds; 1: something doesn't; 2: it could not be checked.
 */
import { leafHash, verifyInclusion } from "./merkle.ts";
import {
	bytesOf,
	checkSigners,
	countOf,
	fieldsOf,
	listOf,
	NotValid,
	type PackVerifier,
	parseJson,
	textOf,
	type Verdict,
	verdictOf,
	verifyCommand,
} from "./pack-checks.ts";
import { parseCheckpoint, parseNote, parseVerifier } from "./signed-note.ts";

/**
 * Checks a pack; `trustedKey` is the log's verifier key and `trustedWitnesses` those of witnesses, got by another way than the pack.
 * Witnesses that only the pack vouches for are told of as such. Throws when the pack can't be read.
 */
export function verifyPack(pack: unknown, trustedKey?: string, trustedWitnesses: readonly string[] = []): Verdict {
	const fields = fieldsOf(pack, "pack");
	if (fields.format !== "watchroom-evidence/1") throw new Error('format: expected "watchroom-evidence/1"');
	const entry = fieldsOf(fields.entry, "entry");
	const proof = fieldsOf(fields.proof, "proof");
	const leaf = bytesOf(entry.leaf, "entry.leaf");
	const index = countOf(proof, "index");
	const size = countOf(proof, "treeSize");
	const hashes = listOf(proof, "hashes").map((hash, place) => bytesOf(hash, `proof.hashes[${place}]`));
	const own = parseVerifier(textOf(fields, "key"));
	const brought = listOf(fields, "witnessKeys").map((key) => parseVerifier(String(key)));
	const content = fieldsOf(parseJson(leaf.toString("utf8")), "entry.leaf");
	const named = countOf(entry, "index");
	const note = parseNote(textOf(proof, "checkpoint"));
	const checkpoint = parseCheckpoint(note.text);

	return verdictOf((lines) => {
		const at = typeof content.at === "number" ? new Date(content.at) : new Date(Number.NaN);
		if (named !== index) throw new NotValid(`the entry says index ${named}, the proof ${index}.`);
		const type = String(content.type);
		if (entry.type !== content.type) throw new NotValid(`the pack says the entry is "${String(entry.type)}", the hashed bytes say "${type}".`);
		if (Number.isNaN(at.getTime()) || entry.at !== at.toISOString()) throw new NotValid("the pack's time is not the one in the hashed bytes.");
		lines.push(`Entry ${index}: ${type} (version ${String(content.version)}) at ${at.toISOString()}, ${leaf.length} bytes.`);

		if (checkpoint.size !== size) throw new NotValid(`the proof is for a tree of ${size}, the checkpoint for one of ${checkpoint.size}.`);
		if (!verifyInclusion({ index, size, leaf: leafHash(leaf), root: checkpoint.root, proof: hashes }))
			throw new NotValid("the inclusion proof doesn't lead from the entry to the checkpoint's root: the entry is not what was recorded there.");
		lines.push(`Inclusion proof (RFC 6962): the entry is number ${index} of the ${size} below the root ${checkpoint.root.toString("base64")}.`);
		checkSigners(note, checkpoint, { own, brought, trusted: { key: trustedKey, witnesses: trustedWitnesses } }, lines);
	});
}

/** The formats that this file checks. */
export const EVIDENCE: Readonly<Record<string, PackVerifier>> = { "watchroom-evidence/1": verifyPack };

if (import.meta.main) process.exitCode = await verifyCommand(process.argv.slice(2), EVIDENCE);
