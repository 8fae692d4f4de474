/** Accounts and what proves who somebody is, in PostgreSQL. Every change that must happen once is one conditional statement. */
import { type Kysely, sql } from "kysely";
import type { Permission } from "../../contracts/permissions.ts";
import type { AnyTransaction } from "../platform/database/database.ts";
import { dateOf } from "../platform/database/instants.ts";

export interface AccountRow {
	id: string;
	username: string;
	name: string;
	email: string | null;
	password_hash: string | null;
	must_change_password: boolean;
	/** Sealed, as is the pending one; see TotpSecrets. */
	totp_secret: string | null;
	totp_step: number | null;
	totp_pending: string | null;
	created_at: Date;
	closed_at: Date | null;
	last_log_in_at: Date | null;
}
export interface SessionRow {
	id: string;
	secret_hash: string;
	account: string;
	created_at: Date;
	last_used_at: Date;
	ends_at: Date;
	confirmed_at: Date;
	address: string | null;
	user_agent: string | null;
}
export interface TokenRow {
	id: string;
	secret_hash: string;
	account: string;
	name: string;
	permissions: Permission[] | null;
	created_at: Date;
	last_used_at: Date | null;
	expires_at: Date;
}
export interface LinkRow {
	secret_hash: string;
	purpose: "first-administrator" | "new-account";
	account: string | null;
	created_at: Date;
	expires_at: Date;
}
export interface IdentityTables {
	accounts: AccountRow;
	recovery_codes: { account: string; code_hash: string };
	sessions: SessionRow;
	api_tokens: TokenRow;
	set_up_links: LinkRow;
	known_addresses: { account: string; address: string; last_log_in_at: Date };
}
/** A transaction, or the pool where one statement is enough. */
export type Tables = Kysely<IdentityTables> | AnyTransaction;
const t = (tables: Tables): Kysely<IdentityTables> => tables as unknown as Kysely<IdentityTables>;

export const accountById = (tables: Tables, id: string): Promise<AccountRow | undefined> =>
	t(tables).selectFrom("accounts").selectAll().where("id", "=", id).executeTakeFirst();
/** Nobody else changes it before the transaction is over. */
export const lockAccount = (tables: AnyTransaction, id: string): Promise<AccountRow | undefined> =>
	t(tables).selectFrom("accounts").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
export const accountByName = (tables: Tables, username: string): Promise<AccountRow | undefined> =>
	t(tables).selectFrom("accounts").selectAll().where("username", "=", username).executeTakeFirst();
export const accountsById = (tables: Tables, ids: readonly string[]): Promise<AccountRow[]> =>
	t(tables)
		.selectFrom("accounts")
		.selectAll()
		.where(sql<boolean>`id = any(${[...ids]}::text[])`)
		.execute();

export const accountsByName = (tables: Tables, usernames: readonly string[]): Promise<AccountRow[]> =>
	t(tables)
		.selectFrom("accounts")
		.selectAll()
		.where(sql<boolean>`username = any(${[...usernames]}::text[])`)
		.execute();

export async function hasAccounts(tables: Tables): Promise<boolean> {
	return (await t(tables).selectFrom("accounts").select("id").limit(1).executeTakeFirst()) !== undefined;
}

/** By username, beginning after `after`. */
export function listAccounts(tables: Tables, after: string | null, limit: number): Promise<AccountRow[]> {
	let query = t(tables).selectFrom("accounts").selectAll();
	if (after !== null) query = query.where("username", ">", after);
	return query.orderBy("username").limit(limit).execute();
}

/** False when the username is taken. */
export async function insertAccount(
	tables: Tables,
	account: { id: string; username: string; name: string; email: string | null; createdAt: number },
): Promise<boolean> {
	const { numInsertedOrUpdatedRows } = await t(tables)
		.insertInto("accounts")
		.values({
			id: account.id,
			username: account.username,
			name: account.name,
			email: account.email,
			password_hash: null,
			must_change_password: false,
			totp_secret: null,
			totp_step: null,
			totp_pending: null,
			created_at: dateOf(account.createdAt),
			closed_at: null,
			last_log_in_at: null,
		})
		.onConflict((conflict) => conflict.column("username").doNothing())
		.executeTakeFirst();
	return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function updateAccount(tables: Tables, id: string, values: Partial<Omit<AccountRow, "id">>): Promise<void> {
	if (Object.keys(values).length === 0) return;
	await t(tables).updateTable("accounts").set(values).where("id", "=", id).execute();
}

/** Uses a time step up: true for one request alone, whoever else brings the same code at the same moment (RFC 6238, 5.2). */
export async function takeTotpStep(tables: Tables, id: string, sealed: string, step: number): Promise<boolean> {
	const { numUpdatedRows } = await t(tables)
		.updateTable("accounts")
		.set({ totp_step: step })
		.where("id", "=", id)
		.where("totp_secret", "=", sealed)
		.where((where) => where.or([where("totp_step", "is", null), where("totp_step", "<", step)]))
		.executeTakeFirst();
	return numUpdatedRows > 0n;
}

type TotpColumns = Pick<AccountRow, "totp_secret" | "totp_pending">;

/** Accounts with a secret that isn't sealed with the key of this id. */
export const sealedWithOtherKeys = (tables: Tables, keyId: string): Promise<(TotpColumns & { id: string })[]> =>
	t(tables)
		.selectFrom("accounts")
		.select(["id", "totp_secret", "totp_pending"])
		.where((where) => where.or([where("totp_secret", "not like", `${keyId}:%`), where("totp_pending", "not like", `${keyId}:%`)]))
		.execute();

/** Replaces an account's sealed secrets, unless they have become others meanwhile. */
export async function replaceSealed(tables: Tables, id: string, before: TotpColumns, after: TotpColumns): Promise<void> {
	await t(tables)
		.updateTable("accounts")
		.set(after)
		.where("id", "=", id)
		.where("totp_secret", "is not distinct from", before.totp_secret)
		.where("totp_pending", "is not distinct from", before.totp_pending)
		.execute();
}

/** Uses a recovery code up: true once. */
export async function takeRecoveryCode(tables: Tables, account: string, hash: string): Promise<boolean> {
	const { numDeletedRows } = await t(tables)
		.deleteFrom("recovery_codes")
		.where("account", "=", account)
		.where("code_hash", "=", hash)
		.executeTakeFirst();
	return numDeletedRows > 0n;
}

export async function replaceRecoveryCodes(tables: AnyTransaction, account: string, hashes: readonly string[]): Promise<void> {
	await t(tables).deleteFrom("recovery_codes").where("account", "=", account).execute();
	if (hashes.length > 0)
		await t(tables)
			.insertInto("recovery_codes")
			.values(hashes.map((code_hash) => ({ account, code_hash })))
			.execute();
}

export async function isKnownAddress(tables: Tables, username: string, address: string): Promise<boolean> {
	const found = await t(tables)
		.selectFrom("known_addresses")
		.innerJoin("accounts", "accounts.id", "known_addresses.account")
		.select("address")
		.where("accounts.username", "=", username)
		.where("known_addresses.address", "=", address)
		.executeTakeFirst();
	return found !== undefined;
}

export async function rememberAddress(tables: Tables, account: string, address: string, at: number): Promise<void> {
	await t(tables)
		.insertInto("known_addresses")
		.values({ account, address, last_log_in_at: dateOf(at) })
		.onConflict((conflict) => conflict.columns(["account", "address"]).doUpdateSet({ last_log_in_at: dateOf(at) }))
		.execute();
}

export async function insertSession(tables: Tables, session: SessionRow): Promise<void> {
	await t(tables).insertInto("sessions").values(session).execute();
}
export const sessionByHash = (tables: Tables, hash: string): Promise<SessionRow | undefined> =>
	t(tables).selectFrom("sessions").selectAll().where("secret_hash", "=", hash).executeTakeFirst();
export const sessionById = (tables: Tables, id: string): Promise<SessionRow | undefined> =>
	t(tables).selectFrom("sessions").selectAll().where("id", "=", id).executeTakeFirst();
export const sessionsOf = (tables: Tables, account: string): Promise<SessionRow[]> =>
	t(tables).selectFrom("sessions").selectAll().where("account", "=", account).orderBy("last_used_at", "desc").execute();
export async function updateSession(tables: Tables, id: string, values: { last_used_at?: Date; confirmed_at?: Date }): Promise<void> {
	await t(tables).updateTable("sessions").set(values).where("id", "=", id).execute();
}
/** Ends sessions of an account: one, or all but one. Resolves to the ids of those that were there. */
export async function deleteSessions(tables: Tables, account: string, which: { id?: string; butNot?: string } = {}): Promise<string[]> {
	let query = t(tables).deleteFrom("sessions").where("account", "=", account);
	if (which.id !== undefined) query = query.where("id", "=", which.id);
	if (which.butNot !== undefined) query = query.where("id", "<>", which.butNot);
	return (await query.returning("id").execute()).map(({ id }) => id);
}
/** Removes what is over by its times. */
export async function deleteOverSessions(tables: Tables, now: number, idleMs: number): Promise<{ id: string; account: string }[]> {
	return await t(tables)
		.deleteFrom("sessions")
		.where((where) => where.or([where("ends_at", "<=", dateOf(now)), where("last_used_at", "<=", dateOf(now - idleMs))]))
		.returning(["id", "account"])
		.execute();
}

export async function insertToken(tables: Tables, token: TokenRow): Promise<void> {
	await t(tables)
		.insertInto("api_tokens")
		.values({ ...token, permissions: token.permissions === null ? null : sql`${JSON.stringify(token.permissions)}::jsonb` } as never)
		.execute();
}
export const tokenByHash = (tables: Tables, hash: string): Promise<TokenRow | undefined> =>
	t(tables).selectFrom("api_tokens").selectAll().where("secret_hash", "=", hash).executeTakeFirst();
export const tokensOf = (tables: Tables, account: string): Promise<TokenRow[]> =>
	t(tables).selectFrom("api_tokens").selectAll().where("account", "=", account).orderBy("created_at", "desc").orderBy("id").execute();
export async function touchToken(tables: Tables, id: string, now: number): Promise<void> {
	await t(tables)
		.updateTable("api_tokens")
		.set({ last_used_at: dateOf(now) })
		.where("id", "=", id)
		.execute();
}
export async function deleteTokens(tables: Tables, account: string, id?: string): Promise<string[]> {
	let query = t(tables).deleteFrom("api_tokens").where("account", "=", account);
	if (id !== undefined) query = query.where("id", "=", id);
	return (await query.returning("id").execute()).map((row) => row.id);
}
export const deleteExpiredTokens = (tables: Tables, now: number): Promise<{ id: string; account: string }[]> =>
	t(tables).deleteFrom("api_tokens").where("expires_at", "<=", dateOf(now)).returning(["id", "account"]).execute();

/** The newest link alone counts: earlier ones of the same account and purpose end. */
export async function replaceLink(tables: AnyTransaction, link: LinkRow): Promise<void> {
	const old = t(tables).deleteFrom("set_up_links").where("purpose", "=", link.purpose);
	await (link.account === null ? old : old.where("account", "=", link.account)).execute();
	await t(tables).insertInto("set_up_links").values(link).execute();
}
export const linkByHash = (tables: Tables, hash: string): Promise<LinkRow | undefined> =>
	t(tables).selectFrom("set_up_links").selectAll().where("secret_hash", "=", hash).executeTakeFirst();
/** Uses a link up; `undefined` for whoever comes second, who waits for the first one's commit. */
export const takeLink = (tables: AnyTransaction, hash: string): Promise<LinkRow | undefined> =>
	t(tables).deleteFrom("set_up_links").where("secret_hash", "=", hash).returningAll().executeTakeFirst();
export async function deleteLinksOf(tables: Tables, account: string): Promise<void> {
	await t(tables).deleteFrom("set_up_links").where("account", "=", account).execute();
}
