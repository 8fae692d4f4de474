/**
 * What the verifiers of evidence packs have in common: reading fields, who signed a checkpoint, and the command around it. With merkle.ts and
 * signed-note.ts all that a verifier consists of beside itself; no import but those and node: modules.
 */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { type Checkpoint, checkSignature, type Note, parseVerifier, strictBase64, type Verifier } from "./signed-note.ts";

export interface Verdict {
	ok: boolean;
	/** What was checked, in plain words, in the order of the checks. */
	lines: string[];
}
/** What somebody has got by another way than the pack: the log's verifier key, and those of witnesses. */
export interface Trusted {
	key: string | undefined;
	witnesses: readonly string[];
}
/** Checks a pack of one format. Throws when the pack can't be read. */
export type PackVerifier = (pack: unknown, trustedKey?: string, trustedWitnesses?: readonly string[]) => Verdict;

/** Something in a pack that doesn't hold; the message ends a sentence of the verdict. */
export class NotValid extends Error {}

/** Runs checks, which add to the lines and throw {@link NotValid} for what doesn't hold. */
export function verdictOf(check: (lines: string[]) => void): Verdict {
	const lines: string[] = [];
	try {
		check(lines);
		return { ok: true, lines };
	} catch (error) {
		if (!(error instanceof NotValid)) throw error;
		return { ok: false, lines: [...lines, `NOT VALID: ${error.message}`] };
	}
}

export type Fields = { readonly [name: string]: unknown };
export function fieldsOf(value: unknown, name: string): Fields {
	if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error(`${name}: expected an object`);
	return Object.fromEntries(Object.entries(value));
}
export function textOf(fields: Fields, name: string): string {
	const value = fields[name];
	if (typeof value !== "string") throw new Error(`${name}: expected text`);
	return value;
}
export function countOf(fields: Fields, name: string): number {
	const value = fields[name];
	if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw new Error(`${name}: expected a whole number from 0`);
	return value;
}
export function listOf(fields: Fields, name: string): unknown[] {
	const value = fields[name];
	if (!Array.isArray(value)) throw new Error(`${name}: expected a list`);
	return value;
}
export function bytesOf(text: unknown, name: string): Buffer {
	const bytes = typeof text === "string" ? strictBase64(text) : null;
	if (bytes === null) throw new Error(`${name}: expected base64`);
	return bytes;
}
export function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		throw new Error("this is not JSON");
	}
}

/**
 * Who signed a checkpoint: the log with its key, and each witness that was asked for. `own` and `brought` are the keys that the pack itself
 * brings, which prove no more than that it is consistent.
 */
export function checkSigners(
	note: Note,
	{ origin }: Checkpoint,
	{ own, brought, trusted }: { own: Verifier; brought: readonly Verifier[]; trusted: Trusted },
	lines: string[],
): void {
	const given = trusted.key === undefined ? undefined : parseVerifier(trusted.key);
	const witnesses = trusted.witnesses.map((key) => parseVerifier(key));
	if (given && given.text !== own.text) throw new NotValid(`the pack names the key ${own.text}, not the one given.`);
	const log = given ?? own;
	if (log.name !== origin) throw new NotValid(`the key belongs to "${log.name}", the checkpoint to "${origin}".`);
	if (checkSignature(note, log)?.good !== true) throw new NotValid(`the checkpoint is not signed by ${log.name}.`);
	lines.push(`Checkpoint of ${origin}: signature of the log's key ${log.id.toString("hex")} holds.`);
	cosignatures(note, witnesses, brought, lines);
	lines.push(
		given
			? "VALID: signed by the key that was given."
			: `SELF-CONSISTENT: the key came with the pack. Compare it with one that you got by another way, or give it with --key:\n  ${own.text}`,
	);
}

/** A witness that was asked for must have signed; one that the pack brings may be anybody's invention. */
function cosignatures(note: Note, trusted: readonly Verifier[], brought: readonly Verifier[], lines: string[]): void {
	for (const witness of trusted) {
		const checked = checkSignature(note, witness);
		if (checked?.good !== true) throw new NotValid(`the witness ${witness.name} whose key was given has not signed the checkpoint.`);
		lines.push(`Witness ${witness.name} (${witness.id.toString("hex")}) has seen this tree at ${signedAt(checked.seconds)}.`);
	}
	for (const witness of brought) {
		if (trusted.some(({ text }) => text === witness.text)) continue;
		const checked = checkSignature(note, witness);
		if (checked === null) continue;
		if (!checked.good) throw new NotValid(`the cosignature of the witness ${witness.name} doesn't hold.`);
		lines.push(
			`NOT COUNTED: a cosignature named ${witness.name} of ${signedAt(checked.seconds)}, whose key only the pack vouches for. Compare it with one that you got by another way, or give it with --witness:\n  ${witness.text}`,
		);
	}
	if (trusted.length === 0) lines.push("No witness that you named has been checked.");
}

const signedAt = (seconds: number | null) => new Date((seconds ?? 0) * 1000).toISOString();

function optionsOf(args: readonly string[]) {
	try {
		const options = { key: { type: "string" }, witness: { type: "string", multiple: true } } as const;
		return { ...parseArgs({ args: [...args], options, allowPositionals: true }), wrong: false };
	} catch {
		return { values: {}, positionals: [], wrong: true };
	}
}

/**
 * The command `verify <pack.json> [--key <verifier key>] [--witness <verifier key>]...`: the pack's format says which verifier checks it.
 * Resolves to the exit code, 0: everything holds; 1: something doesn't; 2: it could not be checked.
 */
export async function verifyCommand(args: readonly string[], verifiers: Readonly<Record<string, PackVerifier>>): Promise<number> {
	const { values, positionals, wrong } = optionsOf(args);
	const [file, ...more] = positionals;
	if (wrong || file === undefined || more.length > 0) {
		process.stderr.write("verify <pack.json> [--key <verifier key>] [--witness <verifier key>]...\n");
		return 2;
	}
	try {
		const pack = parseJson(await readFile(file, "utf8"));
		const format = String(fieldsOf(pack, "pack").format);
		const verifier = Object.hasOwn(verifiers, format) ? verifiers[format] : undefined;
		if (!verifier) throw new Error(`format: expected ${Object.keys(verifiers).join(" or ")}`);
		const { ok, lines } = verifier(pack, values.key, values.witness);
		process.stdout.write(`${lines.join("\n")}\n`);
		return ok ? 0 : 1;
	} catch (error) {
		process.stderr.write(`${file} can't be verified: ${error instanceof Error ? error.message : String(error)}\n`);
		return 2;
	}
}
