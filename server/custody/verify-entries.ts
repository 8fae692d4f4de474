/** Part of verify-media-pack.ts: the pack's ledger entries, all proved in the tree of one checkpoint. */
import { createHash } from "node:crypto";
import { leafHash, verifyInclusion } from "../ledger/merkle.ts";
import { bytesOf, checkSigners, countOf, type Fields, fieldsOf, listOf, NotValid, parseJson, type Trusted, textOf } from "../ledger/pack-checks.ts";
import { parseCheckpoint, parseNote, parseVerifier } from "../ledger/signed-note.ts";

export interface Entry {
	index: number;
	type: string;
	/** Unix ms. */
	at: number;
	data: Fields;
}

/** SHA-256, hex. */
export const digestOf = (bytes: string | Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Nobody vouches for what the format doesn't know. */
export function onlyFields(fields: Fields, names: readonly string[], where: string): void {
	const strange = Object.keys(fields).find((name) => !names.includes(name));
	if (strange !== undefined) throw new NotValid(`${where} has a field "${strange}", for which nothing vouches.`);
}

/** The entries in the order of the ledger. Throws {@link NotValid} for one that isn't where it says. */
export function checkedEntries(pack: Fields, lines: string[]): Entry[] {
	const checkpoint = parseCheckpoint(parseNote(textOf(pack, "checkpoint")).text);
	let last = -1;
	const entries = listOf(pack, "entries").map((item, place): Entry => {
		const fields = fieldsOf(item, `entries[${place}]`);
		onlyFields(fields, ["index", "leaf", "proof"], `entries[${place}]`);
		const index = countOf(fields, "index");
		const leaf = bytesOf(fields.leaf, `entries[${place}].leaf`);
		const proof = listOf(fields, "proof").map((hash, at) => bytesOf(hash, `entries[${place}].proof[${at}]`));
		if (index <= last) throw new NotValid(`entry ${index} comes after entry ${last}: they are not in the order of the ledger.`);
		last = index;
		if (!verifyInclusion({ index, size: checkpoint.size, leaf: leafHash(leaf), root: checkpoint.root, proof }))
			throw new NotValid(`the inclusion proof of entry ${index} doesn't lead to the checkpoint's root: it is not what was recorded there.`);
		const content = fieldsOf(parseJson(leaf.toString("utf8")), `entries[${place}].leaf`);
		if (content.version !== 1) throw new Error(`entries[${place}].leaf: expected version 1`);
		return { index, type: textOf(content, "type"), at: countOf(content, "at"), data: fieldsOf(content.data, `entries[${place}].leaf`) };
	});
	lines.push(
		`${entries.length} entries of the ledger, each included (RFC 6962) in the tree of ${checkpoint.size} below the root ${checkpoint.root.toString("base64")}.`,
	);
	return entries;
}

/** Who signed the checkpoint. The pack brings the keys of all who have, and of nobody else. */
export function checkWhoSigned(pack: Fields, trusted: Trusted, lines: string[]): void {
	const note = parseNote(textOf(pack, "checkpoint"));
	const own = parseVerifier(textOf(pack, "key"));
	const brought = listOf(pack, "witnessKeys").map((key) => parseVerifier(String(key)));
	const keys = [own, ...brought];
	const texts = [textOf(pack, "key"), ...listOf(pack, "witnessKeys")];
	if (keys.some(({ text }, place) => text !== texts[place])) throw new NotValid("a key is not written as a key is.");
	const fits =
		note.signatures.length === keys.length && note.signatures.every(({ name, id }, at) => keys[at]?.name === name && keys[at]?.id.equals(id));
	if (!fits) throw new NotValid("the signatures on the checkpoint are not those of the keys that the pack brings.");
	checkSigners(note, parseCheckpoint(note.text), { own, brought, trusted }, lines);
}
