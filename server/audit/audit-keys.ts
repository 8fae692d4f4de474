/** The audit log's keys: one to write with, all to read with. */
import { createHash, hkdfSync, timingSafeEqual } from "node:crypto";
import { AppError } from "../platform/errors.ts";

/** One key as it is kept: 32 random bytes with a name. */
export interface AuditKey {
	/** `[a-z0-9-]{1,32}`; stands beside each line in clear. */
	id: string;
	secret: Buffer;
}

/** What is used of a key, each derived from it (HKDF-SHA-256, RFC 5869): a key is for one purpose only. */
export interface DerivedKey {
	id: string;
	seal: Buffer;
	blind: Buffer;
	/** For the secret box. */
	secrets: Buffer;
	/** Tells two keys of the same name apart; gives neither away. */
	fingerprint: Buffer;
}

const KEY_BYTES = 32;
const ID = /^[a-z0-9-]{1,32}$/;

/**
 * Reads `WATCHROOM_AUDIT_KEY`: `key` or `id:key,id:key`, keys in base64, the first one is written with. Throws AppError
 * `invalid-config` that never repeats the value.
 */
export function parseAuditKeys(text: string): AuditKey[] {
	const keys = text.split(",").map((part) => {
		const [first = "", second] = part.trim().split(":");
		const secret = Buffer.from(second ?? first, "base64");
		return { id: second === undefined ? nameOf(secret) : first, secret };
	});
	return checkedKeys(keys, "WATCHROOM_AUDIT_KEY");
}

/** The keys, checked; `place` is named in the error (AppError `invalid-config`). */
export function checkedKeys(keys: readonly AuditKey[], place: string): AuditKey[] {
	const refuse = (message: string) => new AppError("invalid-config", 500, `${place}: ${message}`, { errors: [{ field: place, message }] });
	if (keys.length === 0) throw refuse("expected at least one key");
	if (keys.some((key) => key.secret.length !== KEY_BYTES)) throw refuse("expected keys of 32 bytes in base64, several as id:key,id:key");
	if (keys.some((key) => !ID.test(key.id))) throw refuse("expected ids of 1 to 32 of a-z 0-9 -");
	if (new Set(keys.map((key) => key.id)).size < keys.length) throw refuse("expected each id once");
	return [...keys];
}

const nameOf = (secret: Buffer) => `k${createHash("sha256").update("watchroom audit key name").update(secret).digest("hex").slice(0, 8)}`;

/** Keys that lines were written with so far, as the database knows them. */
export interface KnownKey {
	id: string;
	fingerprint: Buffer;
}

/** The derived keys in use. */
export class KeyRing {
	readonly all: readonly DerivedKey[];
	/** The one that new lines are sealed with. */
	readonly current: DerivedKey;

	/** `keys`: checked, the first one is written with. */
	constructor(keys: readonly AuditKey[]) {
		this.all = keys.map(derive);
		const [first] = this.all;
		if (!first) throw new AppError("invalid-config", 500, "There is no audit key.");
		this.current = first;
	}

	find(id: string): DerivedKey | undefined {
		return this.all.find((key) => key.id === id);
	}

	/** Throws AppError `audit-key-missing` or `audit-key-wrong` when lines were written with a key that isn't here. */
	assertKnows(known: readonly KnownKey[]): void {
		for (const { id, fingerprint } of known) {
			const key = this.find(id);
			if (!key) throw new AppError("audit-key-missing", 500, `The audit log has lines sealed with the key ${id}, which is missing. ${BRING_IT_BACK}`);
			if (!timingSafeEqual(key.fingerprint, fingerprint))
				throw new AppError("audit-key-wrong", 500, `The audit key ${id} is not the one that the audit log was written with. ${BRING_IT_BACK}`);
		}
	}
}

export const BRING_IT_BACK =
	"Nothing was changed. Bring the key back from its backup (WATCHROOM_AUDIT_KEY, or the file of WATCHROOM_AUDIT_KEY_FILE) and start again.";

function derive({ id, secret }: AuditKey): DerivedKey {
	const part = (purpose: string) => Buffer.from(hkdfSync("sha256", secret, "", `watchroom audit ${purpose}`, KEY_BYTES));
	return { id, seal: part("seal"), blind: part("blind index"), secrets: part("secret box"), fingerprint: part("fingerprint") };
}
