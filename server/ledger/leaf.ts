import canonicalize from "canonicalize";
import type { Json, LedgerEntry } from "./ledger-entry.ts";

/** Largest leaf, bytes: an entry names what was done, it doesn't carry documents. */
export const LEAF_LIMIT = 64 * 1024;

/**
 * The exact bytes that are hashed: `{type, version, at, data}` as canonical JSON (RFC 8785). Throws a RangeError that names what is
 * wrong with an entry; that is a mistake of the feature that appends it.
 */
export function leafOf({ type, version, at, data }: LedgerEntry): Buffer {
	if (!/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(type) || type.length > 100)
		throw new RangeError(`ledger: type is {feature}.{act}, not ${JSON.stringify(type)}`);
	if (!Number.isSafeInteger(version) || version < 1) throw new RangeError(`ledger: version of ${type} is a whole number from 1, not ${version}`);
	if (!Number.isSafeInteger(at)) throw new RangeError(`ledger: at of ${type} is Unix milliseconds, not ${at}`);
	const text = canonicalize({ type, version, at, data });
	if (text === undefined) throw new RangeError(`ledger: data of ${type} is not JSON`);
	const leaf = Buffer.from(text, "utf8");
	if (leaf.length > LEAF_LIMIT) throw new RangeError(`ledger: ${type} has ${leaf.length} bytes, the limit is ${LEAF_LIMIT}`);
	return leaf;
}

/** Reads a leaf for people. Throws when it is not one that {@link leafOf} made. */
export function entryOf(leaf: Buffer): LedgerEntry {
	const read: unknown = JSON.parse(leaf.toString("utf8"));
	if (!isEntry(read)) throw new TypeError("ledger: the leaf is not an entry");
	return read;
}

function isEntry(value: unknown): value is LedgerEntry {
	if (typeof value !== "object" || value === null) return false;
	const { type, version, at, data } = value as { [key: string]: Json };
	return typeof type === "string" && typeof version === "number" && typeof at === "number" && typeof data === "object" && data !== null;
}
