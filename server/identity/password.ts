/** Passwords: argon2id hashes in the PHC string form, and the rules of NIST SP 800-63B. */
import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { type FieldError, invalid } from "../platform/errors.ts";
import { COMMON_PASSWORDS } from "./common-passwords.ts";

/** Memory in KiB. */
export interface Argon2Cost {
	memory: number;
	passes: number;
	parallelism: number;
}

/** OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane. */
export const COST: Argon2Cost = { memory: 19_456, passes: 2, parallelism: 1 };
const SALT_BYTES = 16;
const TAG_BYTES = 32;
/** SP 800-63B-4, 3.1.1.2: at least 15 characters for a password alone; 12 here, since roles that can do harm have a second factor. */
export const LEAST_LENGTH = 12;

const derive = promisify(argon2);
const text = (bytes: Buffer) => bytes.toString("base64").replace(/=+$/, "");

/** Hash of a password with a new salt: `$argon2id$v=19$m=…,t=…,p=…$salt$tag`. */
export async function hashPassword(password: string, cost: Argon2Cost = COST): Promise<string> {
	const nonce = randomBytes(SALT_BYTES);
	const tag = await derive("argon2id", { message: normal(password), nonce, tagLength: TAG_BYTES, ...cost });
	return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${text(nonce)}$${text(tag)}`;
}

/** Whether it is the password of that hash. Throws for a hash that is none: a damaged record is no wrong password. */
export async function isPassword(password: string, hash: string): Promise<boolean> {
	const { cost, nonce, tag } = parseHash(hash);
	return timingSafeEqual(await derive("argon2id", { message: normal(password), nonce, tagLength: tag.length, ...cost }), tag);
}

/** Whether the hash was made with less than what is asked for today. */
export function isOutdated(hash: string, cost: Argon2Cost = COST): boolean {
	const made = parseHash(hash).cost;
	return made.memory < cost.memory || made.passes < cost.passes;
}

function parseHash(hash: string): { cost: Argon2Cost; nonce: Buffer; tag: Buffer } {
	const parts = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(hash);
	if (!parts) throw new Error("expected a hash of the form $argon2id$v=19$m=,t=,p=$salt$tag");
	const [, memory, passes, parallelism, nonce = "", tag = ""] = parts;
	const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
	return { cost, nonce: Buffer.from(nonce, "base64"), tag: Buffer.from(tag, "base64") };
}

/** SP 800-63B: normalised before hashing, so that the same characters from another keyboard are the same password. */
const normal = (password: string) => Buffer.from(password.normalize("NFKC"), "utf8");

/** What is wrong with a password, in words for whoever chose it; `null` for a good one. No rules of composition (SP 800-63B). */
export function passwordProblem(password: string, username: string): string | null {
	const plain = password.normalize("NFKC").toLowerCase();
	if (Array.from(plain).length < LEAST_LENGTH) return `expected at least ${LEAST_LENGTH} characters`;
	if (username.length >= 4 ? plain.includes(username) : plain === username) return "expected a password that does not contain the username";
	if (isCommon(plain)) return "expected a password that is not among those that are tried first";
	return null;
}

/** Common words, repeated or with digits and signs around them, and runs of one or a few characters. */
function isCommon(plain: string): boolean {
	if (new Set(plain).size < 5 || isRun(plain)) return true;
	const core = plain.replace(/^[^a-z]+|[^a-z]+$/g, "");
	const repeated = /^(.{3,}?)\1+$/.exec(plain)?.[1] ?? plain;
	return [plain, core, repeated, repeated.replace(/^[^a-z]+|[^a-z]+$/g, "")].some((word) => COMMON_PASSWORDS.has(word));
}

/** Each character follows the one before it: `abcdefghijkl`, `987654321098`. */
function isRun(plain: string): boolean {
	const steps = Array.from(plain, (character) => character.charCodeAt(0));
	return [1, -1].some((step) =>
		steps.every((code, index) => index === 0 || code - (steps[index - 1] ?? 0) === step || Math.abs(code - (steps[index - 1] ?? 0)) === 9),
	);
}

/** Throws AppError 400 that names the field and what was expected. */
export function refuseBadPassword(password: string, username: string, field = "password"): void {
	const message = passwordProblem(password, username);
	const errors: FieldError[] = message === null ? [] : [{ field, message }];
	if (message !== null) throw invalid(`The password can't be used: ${message}.`, errors);
}
