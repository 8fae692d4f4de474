import type { SecretBox } from "../audit/secret-box.ts";
import type { Database } from "../platform/database/database.ts";
import type { Logger } from "../platform/logger.ts";
import { type IdentityTables, replaceSealed, sealedWithOtherKeys } from "./identity-store.ts";

const UPKEEP_MS = 30_000;

/**
 * The second factors' secrets as they are kept: sealed with the audit log's keys and bound to their account, so that neither the
 * table nor a copy of it gives one away, and none of them works in another account's row.
 */
export class TotpSecrets {
	readonly #database: Database;
	readonly #box: SecretBox;
	readonly #logger: Logger;
	/** Accounts whose secret doesn't open, and that were told of. */
	readonly #lost = new Set<string>();
	#timer: NodeJS.Timeout | undefined;

	constructor(options: { database: Database; secrets: SecretBox; logger: Logger }) {
		this.#database = options.database;
		this.#box = options.secrets;
		this.#logger = options.logger;
	}

	/** After the audit log's start, before the first log-in. */
	async start(): Promise<void> {
		await this.sealAnew();
		this.#timer = setInterval(() => {
			this.sealAnew().catch((error: unknown) => this.#logger.warn({ err: error }, "second factors could not be sealed anew; it is tried again"));
		}, UPKEEP_MS);
		this.#timer.unref();
	}

	/** Idempotent. */
	stop(): void {
		clearInterval(this.#timer);
	}

	seal(account: string, secret: string): string {
		return this.#box.seal(["totp", account], secret);
	}

	/** `null` for what isn't this account's: then no code is right. */
	open(account: string, sealed: string): string | null {
		return this.#box.open(["totp", account], sealed);
	}

	/** Seals with the newest key what is sealed with an older one, or stands in clear since before secrets were sealed. */
	async sealAnew(): Promise<void> {
		const tables = this.#database.tables<IdentityTables>();
		for (const { id, ...before } of await sealedWithOtherKeys(tables, this.#box.keyId)) {
			const after = { totp_secret: this.#anew(id, before.totp_secret), totp_pending: this.#anew(id, before.totp_pending) };
			await replaceSealed(tables, id, before, after);
		}
	}

	/** What doesn't open stays as it is. */
	#anew(account: string, kept: string | null): string | null {
		if (kept === null) return null;
		const secret = kept.includes(":") ? this.open(account, kept) : kept;
		if (secret !== null) return this.seal(account, secret);
		this.#tellLost(account);
		return kept;
	}

	#tellLost(account: string): void {
		if (this.#lost.has(account)) return;
		this.#lost.add(account);
		this.#logger.error({ account }, "the account's second factor can't be opened: its key is missing, or its row was changed; reset the account");
	}
}
