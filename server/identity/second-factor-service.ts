import type { Audit } from "../audit/audit.ts";
import type { Actor } from "../platform/actor.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/database.ts";
import { conflict, invalid } from "../platform/errors.ts";
import type { IdentityChanges } from "./identity-changes.ts";
import { deleteSessions, type IdentityTables, lockAccount, replaceRecoveryCodes, updateAccount } from "./identity-store.ts";
import { newRecoveryCodes, newTotpSecret, recoveryHash, totpStep, totpUri } from "./totp.ts";
import type { TotpSecrets } from "./totp-secrets.ts";

/** Setting up the second factor, and replacing it. It counts only when a code of it was shown to work. */
export class SecondFactorService {
	readonly #database: Database;
	readonly #audit: Audit;
	readonly #changes: IdentityChanges;
	readonly #totp: TotpSecrets;
	readonly #clock: Clock;

	constructor(options: { database: Database; audit: Audit; changes: IdentityChanges; totp: TotpSecrets; clock: Clock }) {
		this.#database = options.database;
		this.#audit = options.audit;
		this.#changes = options.changes;
		this.#totp = options.totp;
		this.#clock = options.clock;
	}

	/** A new secret, which waits for {@link confirm}; the one in use stays until then. */
	async begin(actor: Actor): Promise<{ secret: string; uri: string }> {
		const secret = newTotpSecret();
		await updateAccount(this.#database.tables<IdentityTables>(), actor.id, { totp_pending: this.#totp.seal(actor.id, secret) });
		return { secret, uri: totpUri(secret, actor.username) };
	}

	/**
	 * Turns the waiting secret on and ends the account's other sessions. Resolves to the recovery codes, which are shown this once.
	 * Throws AppError 409 `not-begun`, 400 for a wrong code.
	 */
	async confirm(actor: Actor, code: string): Promise<string[]> {
		const codes = newRecoveryCodes();
		const ended = await this.#database.transaction<IdentityTables, string[]>(async (transaction) => {
			const account = await lockAccount(transaction, actor.id);
			const pending = account?.totp_pending;
			if (!account || !pending) throw conflict("not-begun", "Begin with POST /api/v1/session/second-factor.");
			const secret = this.#totp.open(account.id, pending);
			const step = secret === null ? null : totpStep(secret, code, this.#clock.now(), null);
			if (step === null)
				throw invalid("The code is not that of the new second factor; is the clock of the phone right?", [
					{ field: "totp", message: "expected the code that the authenticator shows now" },
				]);
			await updateAccount(transaction, account.id, { totp_secret: pending, totp_step: step, totp_pending: null });
			await replaceRecoveryCodes(transaction, account.id, codes.map(recoveryHash));
			const sessions = await deleteSessions(transaction, account.id, { butNot: actor.credential ?? "" });
			await this.#audit.record(transaction, {
				tag: "change",
				operation: account.totp_secret === null ? "account.second-factor-on" : "account.second-factor-replaced",
				actor,
				object: { type: "account", id: account.id },
				result: "ok",
				detail: { endedSessions: sessions.length },
			});
			return sessions;
		});
		this.#changes.tell(actor.id, [...ended, null]);
		return codes;
	}
}
