import { randomUUID } from "node:crypto";
import type { Audit } from "../audit/audit.ts";
import { SYSTEM } from "../platform/actor.ts";
import type { Clock } from "../platform/clock.ts";
import type { AnyTransaction, Database } from "../platform/database/database.ts";
import { dateOf, isoOf, msOf } from "../platform/database/instants.ts";
import { AppError, conflict, invalid } from "../platform/errors.ts";
import { type AccountService, LINK_MS, setUpPath } from "./account-service.ts";
import {
	type AccountRow,
	accountById,
	hasAccounts,
	type IdentityTables,
	type LinkRow,
	linkByHash,
	lockAccount,
	replaceLink,
	takeLink,
	updateAccount,
} from "./identity-store.ts";
import type { LogInService, OpenedSession, Origin } from "./log-in-service.ts";
import { refuseBadPassword } from "./password.ts";
import { randomSecret, secretHash } from "./random-secret.ts";
import type { RightsService } from "./rights-service.ts";

const gone = () => new AppError("link-used", 404, "The link was used already, has expired, or was never given out. Ask for a new one.");

/** One-time links: for the first administrator of an installation, and for every new or reset account. */
export class SetUpService {
	readonly #database: Database;
	readonly #accounts: AccountService;
	readonly #logIn: LogInService;
	readonly #rights: RightsService;
	readonly #audit: Audit;
	readonly #clock: Clock;

	constructor(options: {
		database: Database;
		accounts: AccountService;
		logIn: LogInService;
		rights: RightsService;
		audit: Audit;
		clock: Clock;
	}) {
		this.#database = options.database;
		this.#accounts = options.accounts;
		this.#logIn = options.logIn;
		this.#rights = options.rights;
		this.#audit = options.audit;
		this.#clock = options.clock;
	}

	/** The path of a new link for the first administrator; `null` where there are accounts already. The link before it ends. */
	async firstAdministratorLink(): Promise<string | null> {
		const now = this.#clock.now();
		return await this.#database.transaction<IdentityTables, string | null>(async (transaction) => {
			if (await hasAccounts(transaction)) return null;
			const secret = randomSecret();
			await replaceLink(transaction, {
				secret_hash: secretHash(secret),
				purpose: "first-administrator",
				account: null,
				created_at: dateOf(now),
				expires_at: dateOf(now + LINK_MS),
			});
			return setUpPath(secret);
		});
	}

	/** Whose link it is. Throws AppError 404 `link-used`. */
	async view(secret: string): Promise<{ purpose: LinkRow["purpose"]; username: string | null; expiresAt: string }> {
		const tables = this.#database.tables<IdentityTables>();
		const link = await linkByHash(tables, secretHash(secret));
		if (!link || !this.#isGood(link)) throw gone();
		const account = link.account === null ? undefined : await accountById(tables, link.account);
		if (link.account === null ? await hasAccounts(tables) : !account || account.closed_at !== null) throw gone();
		return { purpose: link.purpose, username: account?.username ?? null, expiresAt: isoOf(msOf(link.expires_at)) };
	}

	/**
	 * Uses the link up: sets the password and opens a session; the first administrator's makes the account, as security administrator.
	 * Of two at once one gets 404 `link-used`. Throws AppError 400 for fields that are missing or a password that can't be used.
	 */
	async use(
		secret: string,
		given: { username?: string | undefined; name?: string | undefined; password: string },
		origin: Origin,
	): Promise<OpenedSession> {
		const { purpose, username } = await this.view(secret);
		const name = username ?? given.username;
		if (purpose === "first-administrator" && (given.username === undefined || given.name === undefined))
			throw invalid("The first administrator needs a username and a name.", [
				...(given.username === undefined ? [{ field: "username", message: "expected a username" }] : []),
				...(given.name === undefined ? [{ field: "name", message: "expected a name" }] : []),
			]);
		refuseBadPassword(given.password, name ?? "");
		const password_hash = await this.#logIn.hash(given.password);
		const opened = await this.#database.transaction<IdentityTables, OpenedSession>(async (transaction) => {
			const link = await takeLink(transaction, secretHash(secret));
			if (!link || !this.#isGood(link)) throw gone();
			const id = link.account ?? (await this.#firstAccount(transaction, { username: given.username ?? "", name: given.name ?? "" }));
			const account = await lockAccount(transaction, id);
			if (!account || account.closed_at !== null) throw gone();
			await updateAccount(transaction, id, { password_hash, must_change_password: false });
			await this.#audit.record(transaction, {
				tag: "change",
				operation: "account.set-up",
				actor: { address: origin.address, typedName: account.username },
				object: { type: "account", id },
				result: "ok",
				detail: { purpose: link.purpose },
				highRisk: link.purpose === "first-administrator",
			});
			const opened = await this.#logIn.open(transaction, { ...account, password_hash } satisfies AccountRow, origin);
			if (link.account === null)
				await this.#rights.grantInitially(transaction, {
					account: id,
					how: "set-up",
					now: this.#clock.now(),
					roles: [
						{
							role: "security-administrator",
							site: "*",
						},
					],
				});
			return opened;
		});
		this.#rights.changed(opened.account.id);
		return opened;
	}

	async #firstAccount(transaction: AnyTransaction, given: { username: string; name: string }): Promise<string> {
		if (await hasAccounts(transaction)) throw conflict("already-set-up", "There are accounts already.");
		const id = randomUUID();
		await this.#accounts.insert(transaction, { id, ...given, email: null }, SYSTEM);
		return id;
	}

	#isGood(link: LinkRow): boolean {
		return msOf(link.expires_at) > this.#clock.now();
	}
}
