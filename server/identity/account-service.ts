import { randomUUID } from "node:crypto";
import type { Page } from "../../contracts/api.ts";
import type { UserView } from "../../contracts/identity.ts";
import type { Audit } from "../audit/audit.ts";
import type { LedgerAppender, LedgerEntry } from "../ledger/ledger-entry.ts";
import { type Actor, may, type RoleGrant } from "../platform/actor.ts";
import type { Clock } from "../platform/clock.ts";
import type { AnyTransaction, Database } from "../platform/database/database.ts";
import { dateOf, isoOf, msOf } from "../platform/database/instants.ts";
import { AppError, conflict, notFound } from "../platform/errors.ts";
import { pageOfRows } from "../platform/http/paging.ts";
import { takeApprovedReset } from "./account-reset.ts";
import type { IdentityChanges } from "./identity-changes.ts";
import {
	type AccountRow,
	accountById,
	accountByName,
	accountsById,
	accountsByName,
	deleteLinksOf,
	deleteSessions,
	deleteTokens,
	type IdentityTables,
	insertAccount,
	listAccounts,
	lockAccount,
	replaceLink,
	replaceRecoveryCodes,
	updateAccount,
} from "./identity-store.ts";
import type { LogInService } from "./log-in-service.ts";
import { objectOf } from "./log-in-service.ts";
import { randomSecret, secretHash } from "./random-secret.ts";
import type { HeldRole } from "./rights.ts";
import type { InitialGrant, RightsService } from "./rights-service.ts";
import { permissionsOf } from "./session.ts";

export const LINK_MS = 72 * 3_600_000;
export const setUpPath = (secret: string): string => `/set-up/${secret}`;

export interface SetUpLink {
	user: UserView;
	setUpPath: string;
	expiresAt: string;
}

/** Accounts: made without any right, changed, closed; never deleted, since records tell of them. */
export class AccountService {
	readonly #database: Database;
	readonly #rights: RightsService;
	readonly #audit: Audit;
	readonly #ledger: LedgerAppender;
	readonly #changes: IdentityChanges;
	readonly #logIn: Pick<LogInService, "isLocked">;
	readonly #clock: Clock;

	constructor(options: {
		database: Database;
		rights: RightsService;
		audit: Audit;
		ledger: LedgerAppender;
		changes: IdentityChanges;
		logIn: Pick<LogInService, "isLocked">;
		clock: Clock;
	}) {
		this.#database = options.database;
		this.#rights = options.rights;
		this.#audit = options.audit;
		this.#ledger = options.ledger;
		this.#changes = options.changes;
		this.#logIn = options.logIn;
		this.#clock = options.clock;
	}

	/** By username. */
	async list(after: string | null, limit: number): Promise<Page<UserView>> {
		const rows = await listAccounts(this.#database.tables<IdentityTables>(), after, limit + 1);
		const roles = await this.#rights.rolesOfMany(
			rows.map(({ id }) => id),
			this.#clock.now(),
		);
		return pageOfRows(
			rows,
			limit,
			(row) => this.#view(row, roles.get(row.id) ?? []),
			(row) => row.username,
		);
	}

	/** Throws AppError 404. */
	async get(id: string): Promise<UserView> {
		return await this.#viewOf(found(await accountById(this.#database.tables<IdentityTables>(), id), id));
	}

	/** The account of a username. Throws AppError 404. */
	async byName(username: string): Promise<UserView> {
		return await this.#viewOf(found(await accountByName(this.#database.tables<IdentityTables>(), username), username));
	}

	/** Names for ids, read in the caller's transaction where there is one; who isn't an account is left out. */
	async people(ids: readonly string[], transaction?: AnyTransaction): Promise<Map<string, { id: string; username: string; name: string }>> {
		const rows = await accountsById(transaction ?? this.#database.tables<IdentityTables>(), ids);
		return new Map(rows.map(({ id, username, name }) => [id, { id, username, name }]));
	}

	/** Accounts in use with these usernames, by username; read in the caller's transaction where there is one. */
	async inUse(
		usernames: readonly string[],
		transaction?: AnyTransaction,
	): Promise<Map<string, { id: string; username: string; name: string; email: string | null }>> {
		const rows = await accountsByName(transaction ?? this.#database.tables<IdentityTables>(), usernames);
		return new Map(
			rows.filter(({ closed_at }) => closed_at === null).map(({ id, username, name, email }) => [username, { id, username, name, email }]),
		);
	}

	/** Ids of the accounts with these usernames, by username. */
	async idsOf(usernames: readonly string[]): Promise<Map<string, string>> {
		const rows = await accountsByName(this.#database.tables<IdentityTables>(), usernames);
		return new Map(rows.map(({ id, username }) => [username, id]));
	}

	/**
	 * Makes an account, and the link with which its holder sets a password; without any right but `first`, which the console alone
	 * gives. Throws AppError 409 `username-taken`,
	 * also for a closed account's: records name it.
	 */
	async create(
		given: { username: string; name: string; email: string | null },
		actor: Actor,
		first: { roles: readonly RoleGrant[]; how: InitialGrant } | null = null,
	): Promise<SetUpLink> {
		const id = randomUUID();
		const link = await this.#database.transaction<IdentityTables, { secret: string; expiresAt: number }>(async (transaction) => {
			await this.insert(transaction, { id, ...given }, actor);
			const link = await this.#link(transaction, id);
			await this.#appendCreated(transaction, id, actor.id);
			if (first !== null) await this.#rights.grantInitially(transaction, { account: id, ...first, now: this.#clock.now() });
			return link;
		});
		return { user: await this.get(id), setUpPath: setUpPath(link.secret), expiresAt: isoOf(link.expiresAt) };
	}

	/** The account's row and its audit line, in the caller's transaction. Throws AppError 409 `username-taken`. */
	async insert(
		transaction: AnyTransaction,
		given: { id: string; username: string; name: string; email: string | null },
		actor: Actor,
	): Promise<void> {
		if (!(await insertAccount(transaction, { ...given, createdAt: this.#clock.now() })))
			throw conflict("username-taken", `There is an account ${given.username} already.`);
		await this.#audit.record(transaction, {
			tag: "change",
			operation: "account.create",
			actor,
			object: objectOf(given),
			result: "ok",
			detail: { username: given.username },
		});
	}

	/** LAST in the transaction that made the account. */
	async #appendCreated(transaction: AnyTransaction, id: string, by: string): Promise<void> {
		await this.#ledger.append(transaction, { type: "account.created", version: 1, at: this.#clock.now(), data: { account: id, by } });
	}

	/** Gives roles from the console. Throws AppError 404, 409 `account-closed`, 409 `administrator-roles-apart`. */
	async grant(id: string, roles: readonly RoleGrant[], actor: Actor): Promise<void> {
		if (actor.method !== "console") throw new AppError("takes-two-persons", 403, "Rights are proposed by one person and approved by another.");
		await this.#database.transaction<IdentityTables, void>(async (transaction) => {
			await this.#rights.lock(transaction);
			open(found(await lockAccount(transaction, id), id));
			await this.#rights.grantInitially(transaction, { account: id, roles, how: "console", now: this.#clock.now() });
		});
		this.#rights.changed(id);
	}

	/** Throws AppError 404, 409 `account-closed`. */
	async update(id: string, values: { name?: string | undefined; email?: string | null | undefined }, actor: Actor): Promise<UserView> {
		const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
		await this.#database.transaction<IdentityTables, void>(async (transaction) => {
			const account = open(found(await lockAccount(transaction, id), id));
			await updateAccount(transaction, id, given);
			const before = { name: account.name, email: account.email };
			await this.#audit.record(transaction, {
				tag: "change",
				operation: "account.update",
				actor,
				object: objectOf(account),
				result: "ok",
				detail: {
					before,
					after: {
						...before,
						...given,
					},
				},
			});
		});
		this.#changes.tell(id);
		return await this.get(id);
	}

	/**
	 * Takes password, second factor, sessions and tokens away and makes a new set-up link. Whoever has the link is that person, so
	 * that an account that can change rights, settings or evidence, or may anything that who resets it may not, takes an approved proposal
	 * of the same person (account-reset.ts), or the console: 409 `takes-two-persons`.
	 */
	async reset(id: string, actor: Actor): Promise<SetUpLink> {
		const ended: string[] = [];
		const link = await this.#database.transaction<IdentityTables, { secret: string; expiresAt: number }>(async (transaction) => {
			const account = open(found(await lockAccount(transaction, id), id));
			const held = await this.#rights.rolesOf(id, this.#clock.now(), transaction);
			const alone = actor.method === "console" || !(isPowerful(held) || mayMore(held, actor));
			const change = alone ? null : await takeApprovedReset(transaction, { account: id, proposer: actor.id, now: this.#clock.now() });
			if (!alone && change === null)
				throw conflict("takes-two-persons", "The account may do what you may not: propose its reset, and another person approves it.");
			ended.push(...(await this.#takeCredentials(transaction, id)));
			await this.#audit.record(transaction, {
				tag: "change",
				operation: "account.reset",
				actor,
				object: objectOf(account),
				result: "ok",
				detail: { change },
				highRisk: isPowerful(held),
			});
			const link = await this.#link(transaction, id);
			await this.#ledger.append(transaction, {
				type: "account.reset",
				version: 1,
				at: this.#clock.now(),
				data: {
					account: id,
					by: actor.id,
					change,
				},
			});
			return link;
		});
		this.#changes.tell(id, [...ended, null]);
		return { user: await this.get(id), setUpPath: setUpPath(link.secret), expiresAt: isoOf(link.expiresAt) };
	}

	/**
	 * Closes an ordinary account; all its roles end. One with an administrator role takes two people: 409 `takes-two-persons`. Throws
	 * AppError 404, 409 `account-closed`, 409 `own-account`.
	 */
	async close(id: string, actor: Actor): Promise<UserView> {
		if (id === actor.id) throw conflict("own-account", "Nobody closes their own account.");
		const now = this.#clock.now();
		const ended = await this.#database.transaction<IdentityTables, string[]>(async (transaction) => {
			// Rights before the account, as everybody who needs both locks them.
			await this.#rights.lock(transaction);
			const account = open(found(await lockAccount(transaction, id), id));
			const ended = await this.endAccount(transaction, id, now);
			await this.#audit.record(transaction, { tag: "change", operation: "account.close", actor, object: objectOf(account), result: "ok" });
			await this.#rights.endAllOf(transaction, { account: id, actor, now });
			await this.#ledger.append(transaction, { type: "account.closed", version: 1, at: now, data: { account: id, by: actor.id } });
			return ended;
		});
		this.#changes.tell(id, [...ended, null]);
		return await this.get(id);
	}

	/**
	 * Closes an account in the caller's transaction, roles aside: password, sessions, tokens and links end. Resolves to the ids of
	 * what ended, for {@link told} after the commit. Throws AppError 404, 409 `account-closed`.
	 */
	async endAccount(transaction: AnyTransaction, id: string, now: number): Promise<string[]> {
		open(found(await lockAccount(transaction, id), id));
		const ended = await this.#takeCredentials(transaction, id);
		await updateAccount(transaction, id, { closed_at: dateOf(now) });
		return ended;
	}

	/**
	 * Closes the account of somebody who has left, an administrator's too, in the caller's transaction; audited as of high risk. Resolves
	 * to the ledger's entries, which the caller appends, and to what {@link told} takes after the commit; `null`: it was closed already.
	 */
	async endLeaver(transaction: AnyTransaction, id: string, actor: Actor, now: number): Promise<{ entries: LedgerEntry[]; ended: string[] } | null> {
		const entries = await this.#rights.beginChange(transaction, id, now);
		const account = await lockAccount(transaction, id);
		if (!account || account.closed_at !== null) return null;
		const by = { proposedBy: actor.id, approvedBy: null };
		entries.push(...(await this.#rights.endRoles(transaction, { account: id, reason: "closed", now, by, change: null, evenLast: true })));
		const ended = await this.endAccount(transaction, id, now);
		await this.#audit.record(transaction, {
			tag: "change",
			operation: "account.close",
			actor,
			object: objectOf(account),
			result: "ok",
			highRisk: true,
			detail: { why: "The holder has left." },
		});
		entries.push({ type: "account.closed", version: 1, at: now, data: { account: id, by: actor.id } });
		return { entries, ended };
	}

	/** After the commit: whoever holds an actor of the account asks again. */
	told(account: string, ended: readonly string[] = []): void {
		this.#changes.tell(account, [...ended, null]);
	}

	async #takeCredentials(transaction: AnyTransaction, id: string): Promise<string[]> {
		await updateAccount(transaction, id, {
			password_hash: null,
			totp_secret: null,
			totp_step: null,
			totp_pending: null,
			must_change_password: false,
		});
		await replaceRecoveryCodes(transaction, id, []);
		await deleteLinksOf(transaction, id);
		return [...(await deleteSessions(transaction, id)), ...(await deleteTokens(transaction, id))];
	}

	async #link(transaction: AnyTransaction, account: string): Promise<{ secret: string; expiresAt: number }> {
		const secret = randomSecret();
		const now = this.#clock.now();
		const expiresAt = now + LINK_MS;
		await replaceLink(transaction, {
			secret_hash: secretHash(secret),
			purpose: "new-account",
			account,
			created_at: dateOf(now),
			expires_at: dateOf(expiresAt),
		});
		return { secret, expiresAt };
	}

	async #viewOf(row: AccountRow): Promise<UserView> {
		return this.#view(row, await this.#rights.rolesOf(row.id, this.#clock.now()));
	}

	#view(row: AccountRow, held: readonly HeldRole[]): UserView {
		return {
			id: row.id,
			username: row.username,
			name: row.name,
			email: row.email,
			status: row.closed_at !== null ? "closed" : this.#logIn.isLocked(row.username) ? "locked" : "active",
			secondFactor: row.totp_secret !== null,
			roles: held.map(({ id, role, site, grantedAt, lapsesAt, lapsesSoon }) => ({
				id,
				role,
				site,
				lapsesSoon,
				grantedAt: isoOf(grantedAt),
				lapsesAt: isoOf(lapsesAt),
			})),
			createdAt: isoOf(msOf(row.created_at)),
			lastLogInAt: isoOf(msOf(row.last_log_in_at)),
		};
	}
}

/** Whether roles can change rights, settings or evidence, or decide about such changes. */
export function isPowerful(held: readonly HeldRole[]): boolean {
	return [...permissionsOf(held).keys()].some((permission) =>
		/\.(manage|revoke|review|propose|approve|export-propose|export-approve)$/.test(permission),
	);
}

/** Whether roles allow anything that somebody may not do. */
function mayMore(held: readonly HeldRole[], actor: Actor): boolean {
	return [...permissionsOf(held)].some(([permission, sites]) => [...sites].some((site) => !may(actor, permission, site)));
}

function found(account: AccountRow | undefined, id: string): AccountRow {
	if (!account) throw notFound("account", id);
	return account;
}

function open(account: AccountRow): AccountRow {
	if (account.closed_at !== null) throw conflict("account-closed", "The account is closed.");
	return account;
}
