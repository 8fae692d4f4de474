import { randomUUID } from "node:crypto";
import type { Permission } from "../../contracts/permissions.ts";
import type { Audit } from "../audit/audit.ts";
import type { Actor } from "../platform/actor.ts";
import type { Clock } from "../platform/clock.ts";
import type { AnyTransaction, Database } from "../platform/database/database.ts";
import { dateOf, isoOf, msOf } from "../platform/database/instants.ts";
import { conflict, invalid, notFound } from "../platform/errors.ts";
import type { IdentityChanges } from "./identity-changes.ts";
import { deleteTokens, type IdentityTables, insertToken, lockAccount, type TokenRow, tokensOf } from "./identity-store.ts";
import { randomSecret, secretHash } from "./random-secret.ts";
import type { RightsService } from "./rights-service.ts";
import { permissionsOf } from "./session.ts";
import { TOKEN_PREFIX } from "./session-authenticator.ts";

const DAY_MS = 86_400_000;
/** Most tokens of one account. */
const MOST = 50;

/** API tokens: a program's way in, with no more rights than its owner has at that time. */
export class TokenService {
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

	/** Newest first. */
	async list(account: string) {
		const rows = await tokensOf(this.#database.tables<IdentityTables>(), account);
		const held = await this.#rights.rolesOf(account, this.#clock.now());
		return rows.map((row) => viewOf(row, [...permissionsOf(held, row.permissions).keys()]));
	}

	/** `token` is shown this once. Throws AppError 400 for a permission that the owner hasn't, 409 `too-many-tokens`. */
	async create(
		account: string,
		wanted: { name: string; permissions?: Permission[] | undefined; days: number },
		actor: Actor,
		inside?: AnyTransaction,
	) {
		const now = this.#clock.now();
		const work = async (transaction: AnyTransaction) => {
			await lockAccount(transaction, account);
			const allowed = permissionsOf(await this.#rights.rolesOf(account, now, transaction), wanted.permissions ?? null);
			const beyond = (wanted.permissions ?? []).filter((permission) => !allowed.has(permission));
			if (beyond.length > 0)
				throw invalid(`A token can't do more than its owner: ${beyond.join(", ")}.`, [
					{ field: "permissions", message: `expected permissions that you have, unlike ${beyond.join(", ")}` },
				]);
			if ((await tokensOf(transaction, account)).length >= MOST)
				throw conflict("too-many-tokens", `There are ${MOST} tokens already; revoke one first.`);
			const token = `${TOKEN_PREFIX}${randomSecret()}`;
			const row: TokenRow = {
				id: randomUUID(),
				secret_hash: secretHash(token),
				account,
				name: wanted.name,
				permissions: wanted.permissions ?? null,
				created_at: dateOf(now),
				last_used_at: null,
				expires_at: dateOf(now + wanted.days * DAY_MS),
			};
			await insertToken(transaction, row);
			await this.#audit.record(transaction, {
				tag: "change",
				operation: "token.create",
				actor,
				object: { type: "account", id: account },
				result: "ok",
				detail: { token: row.id, name: wanted.name, days: wanted.days, permissions: wanted.permissions ?? "all of the owner's" },
			});
			return { ...viewOf(row, [...allowed.keys()]), token };
		};
		return inside ? await work(inside) : await this.#database.transaction<IdentityTables, Awaited<ReturnType<typeof work>>>(work);
	}

	/** Throws AppError 404 when the account has none of that id. */
	async revoke(account: string, id: string, actor: Actor): Promise<void> {
		await this.#database.transaction<IdentityTables, void>(async (transaction) => {
			if ((await deleteTokens(transaction, account, id)).length === 0) throw notFound("token", id);
			await this.#audit.record(transaction, {
				tag: "change",
				operation: "token.revoke",
				actor,
				object: { type: "account", id: account },
				result: "ok",
				detail: { token: id },
			});
		});
		this.#changes.tell(account, [id]);
	}
}

const viewOf = (row: TokenRow, permissions: Permission[]) => ({
	id: row.id,
	name: row.name,
	permissions,
	createdAt: isoOf(msOf(row.created_at)),
	lastUsedAt: isoOf(msOf(row.last_used_at)),
	expiresAt: isoOf(msOf(row.expires_at)),
});
