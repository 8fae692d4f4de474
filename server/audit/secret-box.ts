import type { KeyRing } from "./audit-keys.ts";
import { openBytes, sealBytes } from "./sealed-line.ts";

/**
 * Seals short secrets of other features with the audit log's keys, as text `key id:base64` (AES-256-GCM under a key derived for this
 * alone). `bound` says whose and what for: a sealed text opens there and nowhere else. Throws AppError `audit-unavailable` before the
 * audit log's start.
 */
export class SecretBox {
	readonly #ring: () => KeyRing;

	constructor(ring: () => KeyRing) {
		this.#ring = ring;
	}

	/** Id of the key that is sealed with now. */
	get keyId(): string {
		return this.#ring().current.id;
	}

	seal(bound: readonly string[], clear: string): string {
		const { id, secrets } = this.#ring().current;
		return `${id}:${sealBytes(secrets, boundTo(id, bound), Buffer.from(clear)).toString("base64")}`;
	}

	/** `null` for a text that was changed, that was sealed for something else, or whose key is not here any more. */
	open(bound: readonly string[], sealed: string): string | null {
		const [id = "", text] = sealed.split(":");
		const key = this.#ring().find(id);
		if (!key || text === undefined) return null;
		return openBytes(key.secrets, boundTo(id, bound), Buffer.from(text, "base64"))?.toString("utf8") ?? null;
	}
}

const boundTo = (keyId: string, bound: readonly string[]) => JSON.stringify(["watchroom-secret/1", keyId, ...bound]);
