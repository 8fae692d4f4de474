import { randomUUID } from "node:crypto";
import type { Audit } from "../audit/audit.ts";
import type { Actor } from "../platform/actor.ts";
import type { Clock } from "../platform/clock.ts";
import type { AnyTransaction, Database } from "../platform/database/database.ts";
import { dateOf } from "../platform/database/instants.ts";
import { AppError } from "../platform/errors.ts";
import { HashQueue } from "./hash-queue.ts";
import type { IdentityChanges } from "./identity-changes.ts";
import {
	type AccountRow,
	accountById,
	accountByName,
	deleteLinksOf,
	deleteSessions,
	type IdentityTables,
	insertSession,
	isKnownAddress,
	lockAccount,
	rememberAddress,
	type SessionRow,
	takeRecoveryCode,
	takeTotpStep,
	updateAccount,
	updateSession,
} from "./identity-store.ts";
import { COST, hashPassword, isOutdated, isPassword, passwordProblem, refuseBadPassword } from "./password.ts";
import { randomSecret, secretHash } from "./random-secret.ts";
import { LONGEST_MS } from "./session.ts";
import { type Attempt, addressKey, LogInThrottle } from "./throttle.ts";
import { recoveryHash, totpStep } from "./totp.ts";
import type { TotpSecrets } from "./totp-secrets.ts";

/** Where a request comes from. */
export interface Origin {
	address: string | null;
	userAgent: string | null;
}
export interface OpenedSession {
	/** For the cookie; nowhere kept. */
	secret: string;
	session: SessionRow;
	account: AccountRow;
}

/** 429 with the seconds after which the next attempt is taken. */
export class TooManyAttempts extends AppError {
	readonly retryAfterS: number;

	constructor(waitMs: number) {
		const seconds = Math.ceil(waitMs / 1000);
		super("too-many-attempts", 429, `Too many failed attempts; try again in ${seconds} s.`);
		this.retryAfterS = seconds;
	}
}

const wrong = () => new AppError("invalid-credentials", 401, "The username, the password or the code is wrong.");
const USER_AGENT_LENGTH = 200;

/**
 * Proofs of who somebody is. Whether an account exists shows neither in the words of an answer nor in its time: an unknown name
 * costs one hash, too.
 */
export class LogInService {
	readonly throttle = new LogInThrottle();
	readonly #database: Database;
	readonly #audit: Audit;
	readonly #changes: IdentityChanges;
	readonly #totp: TotpSecrets;
	readonly #clock: Clock;
	readonly #queue = new HashQueue();
	#dummy: Promise<string> | undefined;

	constructor(options: { database: Database; audit: Audit; changes: IdentityChanges; totp: TotpSecrets; clock: Clock }) {
		this.#database = options.database;
		this.#audit = options.audit;
		this.#changes = options.changes;
		this.#totp = options.totp;
		this.#clock = options.clock;
	}

	/**
	 * Opens a session. Throws AppError 401 `invalid-credentials`, 401 `second-factor-required` (only after the right password), 429
	 * `too-many-attempts`, 503 `busy`.
	 */
	async logIn(given: { username: string; password: string; totp?: string | undefined }, origin: Origin): Promise<OpenedSession> {
		const username = given.username.trim().toLowerCase();
		const { account, attempt } = await this.#checkPassword(username, given.password, origin, "session.create");
		const who = { address: origin.address, typedName: username };
		if (account.totp_secret !== null && given.totp === undefined) {
			this.throttle.forgive(attempt, false);
			await this.#audit.note({ tag: "log-in", operation: "session.password-accepted", actor: who, object: objectOf(account), result: "ok" });
			throw new AppError("second-factor-required", 401, "The account has a second factor: send its code, or a recovery code, as totp.");
		}
		const mustChange = account.must_change_password || passwordProblem(given.password, account.username) !== null;
		const rehashed = isOutdated(account.password_hash ?? "") ? await this.hash(given.password) : null;
		const opened = await this.#database.transaction<IdentityTables, OpenedSession | null>(async (transaction) => {
			// Once more under the lock: nobody comes in with a password that was changed, or to an account that was closed, meanwhile.
			const current = await lockAccount(transaction, account.id);
			if (!current || current.closed_at !== null || current.password_hash !== account.password_hash) return null;
			const method = await this.#takeSecondFactor(transaction, current, given.totp);
			if (method === null) return null;
			if (rehashed !== null) await updateAccount(transaction, account.id, { password_hash: rehashed });
			if (mustChange !== current.must_change_password) await updateAccount(transaction, account.id, { must_change_password: mustChange });
			const opened = await this.open(transaction, { ...current, must_change_password: mustChange }, origin);
			await this.#audit.record(transaction, {
				tag: "log-in",
				operation: "session.create",
				actor: who,
				object: objectOf(account),
				result: "ok",
				detail: { session: opened.session.id, secondFactor: method, username },
			});
			return opened;
		});
		if (opened === null) throw await this.#failed("session.create", username, origin, "second-factor");
		this.throttle.forgive(attempt, true);
		return opened;
	}

	/** Makes a session of an account that proved who it is, in the caller's transaction. */
	async open(transaction: AnyTransaction, account: AccountRow, origin: Origin): Promise<OpenedSession> {
		const now = this.#clock.now();
		const secret = randomSecret();
		const session: SessionRow = {
			id: randomUUID(),
			secret_hash: secretHash(secret),
			account: account.id,
			created_at: dateOf(now),
			last_used_at: dateOf(now),
			ends_at: dateOf(now + LONGEST_MS),
			confirmed_at: dateOf(now),
			address: origin.address,
			user_agent: origin.userAgent?.slice(0, USER_AGENT_LENGTH) ?? null,
		};
		await insertSession(transaction, session);
		await updateAccount(transaction, account.id, { last_log_in_at: dateOf(now) });
		await rememberAddress(transaction, account.id, addressKey(origin.address), now);
		return { secret, session, account };
	}

	/** Proves again who one is; good for five minutes. Throws as {@link logIn}. */
	async confirm(actor: Actor, given: { password: string; totp?: string | undefined }, origin: Origin): Promise<void> {
		const { account, attempt } = await this.#checkPassword(actor.username, given.password, origin, "session.confirm");
		if (account.totp_secret !== null && given.totp === undefined) {
			this.throttle.forgive(attempt, false);
			throw new AppError("second-factor-required", 401, "The account has a second factor: send its code, or a recovery code, as totp.");
		}
		const done = await this.#database.transaction<IdentityTables, boolean>(async (transaction) => {
			const current = await lockAccount(transaction, account.id);
			if (!current || current.password_hash !== account.password_hash) return false;
			if ((await this.#takeSecondFactor(transaction, current, given.totp)) === null) return false;
			await updateSession(transaction, actor.credential ?? "", { confirmed_at: dateOf(this.#clock.now()) });
			await this.#audit.record(transaction, { tag: "log-in", operation: "session.confirm", actor, object: objectOf(account), result: "ok" });
			return true;
		});
		if (!done) throw await this.#failed("session.confirm", actor.username, origin, "second-factor");
		this.throttle.forgive(attempt, true);
	}

	/** Sets a new password and ends the account's other sessions. Throws AppError 400 for one that can't be used, else as {@link logIn}. */
	async changePassword(actor: Actor, given: { current: string; password: string }, origin: Origin): Promise<void> {
		refuseBadPassword(given.password, actor.username);
		const { account, attempt } = await this.#checkPassword(actor.username, given.current, origin, "account.password");
		const hash = await this.hash(given.password);
		const ended = await this.#database.transaction<IdentityTables, string[] | null>(async (transaction) => {
			const current = await lockAccount(transaction, account.id);
			if (!current || current.closed_at !== null || current.password_hash !== account.password_hash) return null;
			await updateAccount(transaction, account.id, { password_hash: hash, must_change_password: false });
			await deleteLinksOf(transaction, account.id);
			const sessions = await deleteSessions(transaction, account.id, { butNot: actor.credential ?? "" });
			await this.#audit.record(transaction, {
				tag: "change",
				operation: "account.password",
				actor,
				object: objectOf(account),
				result: "ok",
				detail: { endedSessions: sessions.length },
			});
			return sessions;
		});
		if (ended === null) throw await this.#failed("account.password", actor.username, origin, "changed-meanwhile");
		this.throttle.forgive(attempt, true);
		this.#changes.tell(account.id, [...ended, null]);
	}

	/** Hashes a password when its turn comes. Throws AppError 503 `busy`. */
	hash(password: string): Promise<string> {
		return this.#queue.run(() => hashPassword(password, COST));
	}

	/** Log-ins of the account from addresses that it doesn't know have to wait. */
	isLocked(username: string): boolean {
		return this.throttle.isLocked(username, this.#clock.now());
	}

	async #checkPassword(username: string, password: string, origin: Origin, operation: string): Promise<{ account: AccountRow; attempt: Attempt }> {
		const tables = this.#database.tables<IdentityTables>();
		const address = addressKey(origin.address);
		const attempt = { username, address, known: await isKnownAddress(tables, username, address) };
		const wait = this.throttle.begin(attempt, this.#clock.now());
		if (wait > 0) {
			await this.#note(operation, username, origin, "too-many-attempts");
			throw new TooManyAttempts(wait);
		}
		const account = await accountByName(tables, username);
		let right: boolean;
		try {
			this.#dummy ??= hashPassword(randomSecret(), COST);
			const hash = account?.password_hash ?? (await this.#dummy);
			right = await this.#queue.run(() => isPassword(password, hash));
		} catch (error) {
			this.throttle.forgive(attempt, false);
			throw error;
		}
		if (!right || !account || account.password_hash === null || account.closed_at !== null)
			throw await this.#failed(operation, username, origin, "password", account !== undefined);
		return { account, attempt };
	}

	/** Uses the code up. Which factor it was; `null` for a wrong or used one. */
	async #takeSecondFactor(transaction: AnyTransaction, account: AccountRow, code: string | undefined): Promise<string | null> {
		if (account.totp_secret === null) return "none";
		if (code === undefined) return null;
		const digits = code.replaceAll(" ", "");
		const secret = this.#totp.open(account.id, account.totp_secret);
		const step = secret === null ? null : totpStep(secret, digits, this.#clock.now(), account.totp_step);
		if (step !== null) return (await takeTotpStep(transaction, account.id, account.totp_secret, step)) ? "totp" : null;
		return (await takeRecoveryCode(transaction, account.id, recoveryHash(code))) ? "recovery-code" : null;
	}

	async #failed(operation: string, username: string, origin: Origin, reason: string, knownAccount = true): Promise<AppError> {
		await this.#note(operation, username, origin, reason, knownAccount);
		return wrong();
	}

	async #note(operation: string, username: string, origin: Origin, reason: string, knownAccount = true): Promise<void> {
		const actor = { address: origin.address, typedName: username };
		const detail = { reason, ...(!knownAccount && { knownAccount }) };
		await this.#audit.note({ tag: "log-in", operation, actor, object: null, result: "refused", detail });
	}

	/** The account of an actor. Throws AppError 401 where it is gone. */
	async accountOf(actor: Actor): Promise<AccountRow> {
		const account = await accountById(this.#database.tables<IdentityTables>(), actor.id);
		if (!account || account.closed_at !== null) throw new AppError("session-ended", 401, "The session is over; log in again.");
		return account;
	}
}

export const objectOf = (account: { id: string }) => ({ type: "account", id: account.id });
