import type { SessionView } from "../../contracts/identity.ts";
import type { Permission } from "../../contracts/permissions.ts";
import type { Audit } from "../audit/audit.ts";
import type { Actor } from "../platform/actor.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/database.ts";
import { isoOf, msOf } from "../platform/database/instants.ts";
import { notFound } from "../platform/errors.ts";
import type { IdentityChanges } from "./identity-changes.ts";
import { accountById, deleteSessions, type IdentityTables, sessionById, sessionsOf } from "./identity-store.ts";
import type { RightsService } from "./rights-service.ts";
import { CONFIRMED_MS, hindranceOf, idleEnd, isConfirmed, isOver } from "./session.ts";
import { timesOf } from "./session-authenticator.ts";

export interface SessionEntry {
	id: string;
	createdAt: string;
	lastUsedAt: string;
	endsAt: string;
	address: string | null;
	userAgent: string | null;
	current: boolean;
}

/** Sessions as their holder and the administrators see them. */
export class SessionService {
	readonly #database: Database;
	readonly #rights: RightsService;
	readonly #audit: Audit;
	readonly #changes: IdentityChanges;
	readonly #clock: Clock;

	constructor(options: { database: Database; rights: RightsService; audit: Audit; changes: IdentityChanges; clock: Clock }) {
		this.#database = options.database;
		this.#rights = options.rights;
		this.#audit = options.audit;
		this.#changes = options.changes;
		this.#clock = options.clock;
	}

	/** Who somebody is and what they may do. Throws AppError 404 when the account is gone. */
	async view(actor: Actor): Promise<SessionView> {
		const now = this.#clock.now();
		const tables = this.#database.tables<IdentityTables>();
		const account = await accountById(tables, actor.id);
		if (!account) throw notFound("account", actor.id);
		const held = await this.#rights.rolesOf(account.id, now);
		const row = actor.method === "session" ? await sessionById(tables, actor.credential ?? "") : undefined;
		const times = row && timesOf(row);
		const secondFactor = account.totp_secret !== null;
		const permissions = [...actor.permissions].map(([permission, sites]): [Permission, string[]] => [permission, [...sites]]);
		return {
			user: { id: account.id, username: account.username, name: account.name },
			method: actor.method === "token" ? "token" : "session",
			roles: held.map(({ role, site, lapsesAt }) => ({ role, site, lapsesAt: isoOf(lapsesAt) })),
			permissions: Object.fromEntries(permissions),
			secondFactor: secondFactor ? "on" : hindranceOf({ secondFactor, mustChangePassword: false }, held) ? "must-set-up" : "off",
			mustChangePassword: account.must_change_password,
			idleEndsAt: times ? isoOf(idleEnd(times)) : null,
			endsAt: times ? isoOf(times.endsAt) : null,
			confirmedUntil: times && isConfirmed(times.confirmedAt, now) ? isoOf(times.confirmedAt + CONFIRMED_MS) : null,
		};
	}

	/** An account's sessions that are not over, newest use first. Throws AppError 404 for an unknown account. */
	async list(account: string, actor: Actor): Promise<SessionEntry[]> {
		const tables = this.#database.tables<IdentityTables>();
		if (!(await accountById(tables, account))) throw notFound("account", account);
		const now = this.#clock.now();
		return (await sessionsOf(tables, account))
			.filter((row) => !isOver(timesOf(row), now))
			.map((row) => ({
				id: row.id,
				createdAt: isoOf(msOf(row.created_at)),
				lastUsedAt: isoOf(msOf(row.last_used_at)),
				endsAt: isoOf(idleEnd(timesOf(row))),
				address: row.address,
				userAgent: row.user_agent,
				current: row.id === actor.credential,
			}));
	}

	/** Ends one session. Throws AppError 404 when the account has none of that id. */
	async end(account: string, id: string, actor: Actor): Promise<void> {
		await this.#database.transaction<IdentityTables, void>(async (transaction) => {
			const ended = await deleteSessions(transaction, account, { id });
			if (ended.length === 0) throw notFound("session", id);
			await this.#audit.record(transaction, {
				tag: "log-in",
				operation: account === actor.id ? "session.end" : "session.revoke",
				actor,
				object: { type: "account", id: account },
				result: "ok",
				detail: { session: id },
			});
		});
		this.#changes.tell(account, [id]);
	}
}
