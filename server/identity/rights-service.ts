import { randomUUID } from "node:crypto";
import type { Permission, Role } from "../../contracts/permissions.ts";
import type { Audit } from "../audit/audit.ts";
import type { LedgerAppender, LedgerEntry } from "../ledger/ledger-entry.ts";
import { type Actor, type RoleGrant, SYSTEM } from "../platform/actor.ts";
import type { Clock } from "../platform/clock.ts";
import type { AnyTransaction, Database } from "../platform/database/database.ts";
import { AppError, conflict } from "../platform/errors.ts";
import type { Logger } from "../platform/logger.ts";
import { administratorConflict, type HeldRole, isAdministratorRole, lapseOf, lockedOut, rolesAllow } from "./rights.ts";
import {
	announceLapses,
	type EndReason,
	endGrant,
	heldGrants,
	insertGrant,
	lapsedGrants,
	lockRights,
	nextLapse,
	type RightsTables,
	type StoredGrant,
} from "./rights-store.ts";

/** How the first roles of an installation come about, before there are two people who could approve. */
export type InitialGrant = "set-up" | "demo" | "console";
/** By whose word something happens: account ids, `null` where it is the server's own act. */
export interface TwoPersons {
	proposedBy: string | null;
	approvedBy: string | null;
}

/** Sweeps look at least this often, ms; a lapse itself is looked for at its time. */
const SWEEP_EVERY = 60_000;

/** Who holds which role, from when to when. What is past its time counts for nothing, swept or not. */
export class RightsService {
	readonly #database: Database;
	readonly #audit: Audit;
	readonly #ledger: LedgerAppender;
	readonly #clock: Clock;
	readonly #logger: Logger;
	readonly #listeners: ((account: string) => void)[] = [];
	#timer: NodeJS.Timeout | undefined;
	#sweeping: Promise<void> = Promise.resolve();
	#running = false;

	constructor(options: { database: Database; audit: Audit; ledger: LedgerAppender; clock: Clock; logger: Logger }) {
		this.#database = options.database;
		this.#audit = options.audit;
		this.#ledger = options.ledger;
		this.#clock = options.clock;
		this.#logger = options.logger;
	}

	/** Begins to look for lapses. */
	start(): void {
		this.#running = true;
		this.#schedule(0);
	}

	/** Idempotent. */
	async stop(): Promise<void> {
		this.#running = false;
		clearTimeout(this.#timer);
		await this.#sweeping;
	}

	/** Calls back with an account whose rights changed, after the commit. */
	onChange(listener: (account: string) => void): void {
		this.#listeners.push(listener);
	}

	/** Tells the listeners; whoever changes rights in a transaction of their own calls it after the commit. */
	changed(account: string): void {
		for (const listener of this.#listeners) listener(account);
	}

	/** The roles that an account holds at `now` (Unix ms), by role and site; lapsed ones are not among them. */
	async rolesOf(account: string, now: number, transaction?: AnyTransaction): Promise<HeldRole[]> {
		return await heldGrants(transaction ?? this.#database.tables<RightsTables>(), now, [account]);
	}

	/** The same for many accounts; one that holds nothing has an empty list. */
	async rolesOfMany(accounts: readonly string[], now: number, transaction?: AnyTransaction): Promise<Map<string, HeldRole[]>> {
		const roles = new Map<string, HeldRole[]>(accounts.map((account) => [account, []]));
		for (const grant of await heldGrants(transaction ?? this.#database.tables<RightsTables>(), now, accounts)) roles.get(grant.account)?.push(grant);
		return roles;
	}

	/** Whether an account has an administrator role now: closing it takes two people. */
	async isAdministrator(account: string, now: number, transaction?: AnyTransaction): Promise<boolean> {
		return (await this.rolesOf(account, now, transaction)).some(({ role }) => isAdministratorRole(role));
	}

	/** Accounts that have a permission at a site at `now` (Unix ms). */
	async holdersOf(permission: Permission, site: string, now: number, transaction?: AnyTransaction): Promise<string[]> {
		const grants = await heldGrants(transaction ?? this.#database.tables<RightsTables>(), now);
		return [...new Set(grants.filter((grant) => rolesAllow([grant], permission, site)).map(({ account }) => account))];
	}

	/** Whether somebody has a permission at a site at this moment; it stays so until the transaction is over. */
	async holds(transaction: AnyTransaction, account: string, permission: Permission, site: string, now: number): Promise<boolean> {
		return rolesAllow(await heldGrants(transaction, now, [account], true), permission, site);
	}

	/**
	 * Gives an account its first roles without a second person: set-up, demo site, console. Appends to the ledger, so call it LAST
	 * in the transaction, and {@link changed} after it. A role that is held already stays as it is. Throws AppError 409
	 * `administrator-roles-apart`.
	 */
	async grantInitially(
		transaction: AnyTransaction,
		given: { account: string; roles: readonly RoleGrant[]; how: InitialGrant; now: number },
	): Promise<void> {
		const { account, roles, how, now } = given;
		const entries = await this.beginChange(transaction, account, now);
		for (const { role, site } of roles) {
			const held = await heldGrants(transaction, now, [account]);
			if (held.some((grant) => grant.role === role && grant.site === site)) continue;
			entries.push(await this.grant(transaction, { account, role, site, now, by: { proposedBy: how, approvedBy: how }, change: null }));
			await this.#audit.record(transaction, {
				tag: "change",
				operation: "role.grant",
				actor: SYSTEM,
				object: { type: "account", id: account },
				result: "ok",
				detail: { role, site, how },
				// The demo's accounts are there for everybody on this machine: nobody is to be alarmed by them.
				highRisk: how !== "demo" && isAdministratorRole(role),
			});
		}
		for (const entry of entries) await this.#ledger.append(transaction, entry);
	}

	/**
	 * Ends all roles of an account that is being closed by one person; accounts with an administrator role take two people and are
	 * refused (409 `takes-two-persons`). Appends to the ledger: LAST in the transaction, {@link changed} after it.
	 */
	async endAllOf(transaction: AnyTransaction, ended: { account: string; actor: Actor; now: number }): Promise<void> {
		const { account, actor, now } = ended;
		const entries = await this.beginChange(transaction, account, now);
		if (await this.isAdministrator(account, now, transaction))
			throw conflict("takes-two-persons", "The account has administrator rights: propose its closing, and another person approves it.");
		entries.push(
			...(await this.endRoles(transaction, { account, reason: "closed", now, by: { proposedBy: actor.id, approvedBy: null }, change: null })),
		);
		for (const entry of entries) await this.#ledger.append(transaction, entry);
	}

	/** Takes the lock of all rights: one transaction at a time reads and changes them from here on. */
	async lock(transaction: AnyTransaction): Promise<void> {
		await lockRights(transaction);
	}

	/** Throws AppError 409 `last-of-their-kind` when nobody could change rights any more without these roles of the account. */
	async refuseLockOut(transaction: AnyTransaction, account: string, now: number, which: (grant: HeldRole) => boolean): Promise<void> {
		const all = await heldGrants(transaction, now);
		refuseLockOut(
			all,
			all.filter((grant) => grant.account === account && which(grant)),
		);
	}

	/**
	 * Takes the lock of all rights and records what has lapsed of the account meanwhile, which would stand in the way of the rules
	 * otherwise. Returns the entries for the ledger.
	 */
	async beginChange(transaction: AnyTransaction, account: string, now: number): Promise<LedgerEntry[]> {
		await lockRights(transaction);
		const entries: LedgerEntry[] = [];
		for (const grant of await lapsedGrants(transaction, now, account)) entries.push(await this.#recordLapse(transaction, grant, now));
		return entries;
	}

	/** Gives a role, under the lock. Returns the ledger's entry. Throws AppError 409 `administrator-roles-apart`, `already-granted`. */
	async grant(
		transaction: AnyTransaction,
		given: { account: string; role: Role; site: string; now: number; by: TwoPersons; change: string | null; renews?: string },
	): Promise<LedgerEntry> {
		const { account, role, site, now, by, change, renews } = given;
		refuseConflict(await heldGrants(transaction, now, [account]), role);
		const id = randomUUID();
		const lapsesAt = lapseOf(now);
		await insertGrant(transaction, {
			id,
			account,
			role,
			site,
			grantedAt: now,
			lapsesAt,
			proposedBy: by.proposedBy ?? SYSTEM.id,
			approvedBy: by.approvedBy ?? SYSTEM.id,
		}).catch(clearly);
		const type = renews === undefined ? "role.granted" : "role.renewed";
		return { type, version: 1, at: now, data: { grant: id, account, role, site, lapsesAt, ...by, change, ...(renews && { renews }) } };
	}

	/**
	 * Ends roles of an account, under the lock: those that `which` picks, all without it. Returns the ledger's entries. Throws
	 * AppError 409 `last-of-their-kind` when nobody would be left to change rights.
	 */
	async endRoles(
		transaction: AnyTransaction,
		ended: {
			account: string;
			reason: EndReason;
			now: number;
			by: TwoPersons;
			change: string | null;
			which?: (grant: HeldRole) => boolean;
			/** Also when nobody is left to change rights: somebody who has left keeps nothing, and the console gives rights anew. */
			evenLast?: boolean;
		},
	): Promise<LedgerEntry[]> {
		const { account, reason, now, by, change, which = () => true, evenLast = false } = ended;
		const all = await heldGrants(transaction, now);
		const ending = all.filter((grant) => grant.account === account && which(grant));
		if (reason !== "renewed" && !evenLast) refuseLockOut(all, ending);
		for (const grant of ending) await endGrant(transaction, grant.id, { reason, at: now, ...by });
		return ending.map(({ id, role, site }) => ({
			type: "role.revoked",
			version: 1,
			at: now,
			data: { grant: id, account, role, site, reason, ...by, change },
		}));
	}

	/** Records what has lapsed, and announces what will within 14 days. Each once, whoever else does it at the same time. */
	async sweep(): Promise<void> {
		const now = this.#clock.now();
		const tables = this.#database.tables<RightsTables>();
		if ((await lapsedGrants(tables, now)).length > 0) {
			const accounts = await this.#database.transaction<RightsTables, Set<string>>(async (transaction) => {
				await lockRights(transaction);
				const lapsed = await lapsedGrants(transaction, now);
				const entries: LedgerEntry[] = [];
				for (const grant of lapsed) entries.push(await this.#recordLapse(transaction, grant, now));
				for (const entry of entries) await this.#ledger.append(transaction, entry);
				return new Set(lapsed.map(({ account }) => account));
			});
			for (const account of accounts) this.changed(account);
		}
		await this.#database.transaction<RightsTables, void>(async (transaction) => {
			for (const grant of await announceLapses(transaction, now))
				await this.#audit.record(transaction, {
					tag: "system",
					operation: "role.lapse-announced",
					actor: SYSTEM,
					object: { type: "account", id: grant.account },
					result: "ok",
					detail: { role: grant.role, site: grant.site, lapsesAt: new Date(grant.lapsesAt).toISOString() },
				});
		});
	}

	async #recordLapse(transaction: AnyTransaction, grant: StoredGrant, now: number): Promise<LedgerEntry> {
		const { id, account, role, site, lapsesAt } = grant;
		await endGrant(transaction, id, { reason: "lapsed", at: lapsesAt, proposedBy: null, approvedBy: null });
		await this.#audit.record(transaction, {
			tag: "system",
			operation: "role.lapse",
			actor: SYSTEM,
			object: { type: "account", id: account },
			result: "ok",
			detail: { role, site, lapsedAt: new Date(lapsesAt).toISOString() },
		});
		return { type: "role.lapsed", version: 1, at: now, data: { grant: id, account, role, site, lapsedAt: lapsesAt } };
	}

	#schedule(wait: number): void {
		if (!this.#running) return;
		this.#timer = setTimeout(() => {
			this.#sweeping = this.#tick();
		}, wait);
		this.#timer.unref();
	}

	async #tick(): Promise<void> {
		let wait = SWEEP_EVERY;
		try {
			await this.sweep();
			const next = await nextLapse(this.#database.tables<RightsTables>());
			if (next !== null) wait = Math.min(Math.max(next - this.#clock.now(), 1000), SWEEP_EVERY);
		} catch (error) {
			this.#logger.warn({ err: error }, "lapses of rights could not be recorded; what has lapsed counts for nothing all the same");
		}
		this.#schedule(wait);
	}
}

/** Throws AppError 409 when an administrator role meets another one. */
export function refuseConflict(held: readonly { role: Role }[], wanted: Role): void {
	const other = administratorConflict(held, wanted);
	if (other !== null) throw rolesApart(`The account is ${other} already; nobody holds two of the three administrator roles.`);
}

/** Throws AppError 409 when nobody could change rights any more without the roles that end. */
function refuseLockOut(all: readonly StoredGrant[], ending: readonly StoredGrant[]): void {
	const ids = new Set(ending.map(({ id }) => id));
	const touches = ending.some((grant) => rolesAllow([grant], "rights.propose", grant.site) || rolesAllow([grant], "rights.approve", grant.site));
	const reason = touches ? lockedOut(all.filter(({ id }) => !ids.has(id))) : null;
	if (reason !== null) throw conflict("last-of-their-kind", `${reason} Give somebody else the role first.`);
}

const rolesApart = (detail: string) => conflict("administrator-roles-apart", detail);

/** The database's own rules (see rights-migrations.ts) as errors for people. */
function clearly(error: unknown): never {
	const constraint = typeof error === "object" && error !== null && "constraint" in error ? error.constraint : undefined;
	if (constraint === "role_grants_administrators_apart")
		throw rolesApart("The account has an administrator role already; nobody holds two of the three.");
	if (constraint === "role_grants_held_once") throw conflict("already-granted", "The account has this role already.");
	throw error instanceof AppError ? error : new Error("the role could not be given", { cause: error });
}
