import type { IncomingHttpHeaders } from "node:http";
import type { Actor } from "../platform/actor.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/database.ts";
import { dateOf, msOf } from "../platform/database/instants.ts";
import { AppError } from "../platform/errors.ts";
import type { Authenticator } from "../platform/http/authenticator.ts";
import type { Logger } from "../platform/logger.ts";
import type { IdentityChange, IdentityChanges } from "./identity-changes.ts";
import {
	type AccountRow,
	accountById,
	deleteExpiredTokens,
	deleteOverSessions,
	type IdentityTables,
	type SessionRow,
	sessionByHash,
	tokenByHash,
	touchToken,
	updateSession,
} from "./identity-store.ts";
import { secretHash } from "./random-secret.ts";
import type { HeldRole } from "./rights.ts";
import type { RightsService } from "./rights-service.ts";
import { hindranceOf, IDLE_MS, isOver, permissionsOf, TOUCH_MS } from "./session.ts";
import { bearerToken, sessionSecret } from "./session-cookie.ts";

export const TOKEN_PREFIX = "wr_";
const SWEEP_MS = 30_000;

export const timesOf = (row: SessionRow) => ({ lastUsedAt: msOf(row.last_used_at), endsAt: msOf(row.ends_at), confirmedAt: msOf(row.confirmed_at) });

/**
 * Who asks, by cookie or bearer token. Nothing is cached: a session that was ended and a right that was lost are gone with the next
 * request, whichever process took them away. A session whose account has to set up a second factor or to change its password
 * first has no roles and no permissions.
 */
export class SessionAuthenticator implements Authenticator {
	readonly #database: Database;
	readonly #rights: RightsService;
	readonly #changes: IdentityChanges;
	readonly #clock: Clock;
	readonly #logger: Logger;
	readonly #secure: boolean;
	#timer: NodeJS.Timeout | undefined;

	/** `secure`: served over TLS. */
	constructor(options: { database: Database; rights: RightsService; changes: IdentityChanges; clock: Clock; logger: Logger; secure: boolean }) {
		this.#database = options.database;
		this.#rights = options.rights;
		this.#changes = options.changes;
		this.#clock = options.clock;
		this.#logger = options.logger;
		this.#secure = options.secure;
		options.rights.onChange((account) => options.changes.tell(account));
	}

	/** Begins to remove what is over, so that whoever holds such a session open is told. */
	start(): void {
		this.#timer = setInterval(() => {
			this.sweep().catch((error: unknown) => this.#logger.warn({ err: error }, "ended sessions could not be removed; they are refused all the same"));
		}, SWEEP_MS);
		this.#timer.unref();
	}

	/** Idempotent. */
	stop(): void {
		clearInterval(this.#timer);
	}

	onChange(listener: (change: IdentityChange) => void): void {
		this.#changes.onChange(listener);
	}

	async identify({
		headers,
		address,
		passive = false,
	}: {
		headers: IncomingHttpHeaders;
		address: string | null;
		passive?: boolean;
	}): Promise<Actor | null> {
		const token = bearerToken(headers);
		if (token !== null) return await this.#byToken(token, address, passive);
		const secret = sessionSecret(headers, this.#secure);
		return secret === null ? null : await this.#bySession(secret, address, passive);
	}

	/** Removes sessions and tokens that are over, and tells of each. */
	async sweep(): Promise<void> {
		const now = this.#clock.now();
		const tables = this.#database.tables<IdentityTables>();
		for (const { account, id } of [...(await deleteOverSessions(tables, now, IDLE_MS)), ...(await deleteExpiredTokens(tables, now))])
			this.#changes.tell(account, [id]);
	}

	async #bySession(secret: string, address: string | null, passive: boolean): Promise<Actor> {
		const tables = this.#database.tables<IdentityTables>();
		const now = this.#clock.now();
		const session = await sessionByHash(tables, secretHash(secret));
		const account = session && (await accountById(tables, session.account));
		if (!session || !account || account.closed_at !== null || isOver(timesOf(session), now))
			throw new AppError("session-ended", 401, "The session is over; log in again.");
		if (!passive && now - msOf(session.last_used_at) >= TOUCH_MS) await updateSession(tables, session.id, { last_used_at: dateOf(now) });
		return sessionActor(account, session, await this.#rights.rolesOf(account.id, now), address);
	}

	async #byToken(text: string, address: string | null, passive: boolean): Promise<Actor> {
		const tables = this.#database.tables<IdentityTables>();
		const now = this.#clock.now();
		const token = text.startsWith(TOKEN_PREFIX) ? await tokenByHash(tables, secretHash(text)) : undefined;
		const account = token && (await accountById(tables, token.account));
		if (!token || !account || account.closed_at !== null || msOf(token.expires_at) <= now)
			throw new AppError("invalid-token", 401, "The token is not one of ours, or it has expired or was revoked.");
		if (!passive && (token.last_used_at === null || now - msOf(token.last_used_at) >= TOUCH_MS)) await touchToken(tables, token.id, now);
		const held = usableRoles(account, await this.#rights.rolesOf(account.id, now));
		const { id, username, name } = account;
		return {
			id,
			username,
			name,
			roles: held,
			permissions: permissionsOf(held, token.permissions),
			method: "token",
			credential: token.id,
			address,
			confirmedAt: null,
		};
	}
}

/** Roles that may be used now: none before the second factor that they ask for is set up. */
const usableRoles = (account: AccountRow, held: readonly HeldRole[]) =>
	hindranceOf({ secondFactor: account.totp_secret !== null, mustChangePassword: account.must_change_password }, held) === null
		? held.map(({ role, site }) => ({ role, site }))
		: [];

export function sessionActor(account: AccountRow, session: SessionRow, held: readonly HeldRole[], address: string | null): Actor {
	const roles = usableRoles(account, held);
	const { id, username, name } = account;
	return {
		id,
		username,
		name,
		roles,
		permissions: permissionsOf(roles),
		method: "session",
		credential: session.id,
		address,
		confirmedAt: msOf(session.confirmed_at),
	};
}
