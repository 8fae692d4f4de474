import { type Kysely, sql, type Transaction } from "kysely";
import type { DeviceAccount } from "../../contracts/uplink.ts";
import type { Database } from "../platform/database/database.ts";
import type { LinkCredential } from "./link-credential.ts";

export interface LinkTables {
	link_credentials: {
		id: string;
		agent: string;
		kind: LinkCredential["kind"];
		digest: string;
		created_at: Date;
		created_by: string;
		expires_at: Date;
		revoked_at: Date | null;
		revoked_by: string | null;
	};
	device_accounts: { name: string; salt: string; hash: string; devices: string[]; set_at: Date; set_by: string };
	link_changes: { number: number };
}
export type LinkTransaction = Transaction<LinkTables>;
export type StoredAccount = DeviceAccount & { setAt: number };

export class LinksStore {
	readonly #database: Database;

	constructor(database: Database) {
		this.#database = database;
	}

	transaction<R>(work: (tables: LinkTransaction) => Promise<R>): Promise<R> {
		return this.#database.transaction<LinkTables, R>(work);
	}

	/** Changes with every change of what `all` returns. */
	async changeNumber(): Promise<number> {
		const { number } = await this.#tables.selectFrom("link_changes").select("number").executeTakeFirstOrThrow();
		return Number(number);
	}

	async all(): Promise<{ number: number; credentials: LinkCredential[]; accounts: StoredAccount[] }> {
		return await this.#tables
			.transaction()
			.setIsolationLevel("repeatable read")
			.execute(async (tables) => {
				const { number } = await tables.selectFrom("link_changes").select("number").executeTakeFirstOrThrow();
				const credentials = await tables.selectFrom("link_credentials").selectAll().orderBy("agent").orderBy("created_at").execute();
				const accounts = await tables.selectFrom("device_accounts").selectAll().orderBy("name").execute();
				return {
					number: Number(number),
					credentials: credentials.map((row) => ({
						id: row.id,
						agent: row.agent,
						kind: row.kind,
						digest: row.digest,
						createdAt: row.created_at.getTime(),
						expiresAt: row.expires_at.getTime(),
						revokedAt: row.revoked_at?.getTime() ?? null,
					})),
					accounts: accounts.map(({ name, salt, hash, devices, set_at }) => ({ name, salt, hash, devices, setAt: set_at.getTime() })),
				};
			});
	}

	async addCredential(tables: LinkTransaction, credential: LinkCredential, by: string): Promise<void> {
		const { id, agent, kind, digest, createdAt, expiresAt } = credential;
		const times = { created_at: new Date(createdAt), expires_at: new Date(expiresAt) };
		await tables
			.insertInto("link_credentials")
			.values({ id, agent, kind, digest, ...times, created_by: by, revoked_at: null, revoked_by: null })
			.execute();
		await changed(tables);
	}

	/** Revokes all of an agent's credentials that still hold; resolves to their ids. */
	async revoke(tables: LinkTransaction, agent: string, at: number, by: string): Promise<string[]> {
		const rows = await tables
			.updateTable("link_credentials")
			.set({ revoked_at: new Date(at), revoked_by: by })
			.where("agent", "=", agent)
			.where("revoked_at", "is", null)
			.returning("id")
			.execute();
		await changed(tables);
		return rows.map(({ id }) => id);
	}

	async setAccount(tables: LinkTransaction, account: DeviceAccount, at: number, by: string): Promise<void> {
		const values = { ...account, set_at: new Date(at), set_by: by };
		const { name: _, ...update } = values;
		await tables
			.insertInto("device_accounts")
			.values(values)
			.onConflict((conflict) => conflict.column("name").doUpdateSet(update))
			.execute();
		await changed(tables);
	}

	/** True when there was one. */
	async removeAccount(tables: LinkTransaction, name: string): Promise<boolean> {
		const { numDeletedRows } = await tables.deleteFrom("device_accounts").where("name", "=", name).executeTakeFirst();
		await changed(tables);
		return numDeletedRows > 0n;
	}

	get #tables(): Kysely<LinkTables> {
		return this.#database.tables<LinkTables>();
	}
}

/** The row's lock also makes changes wait for each other. */
async function changed(tables: LinkTransaction): Promise<void> {
	await tables.updateTable("link_changes").set({ number: sql`number + 1` }).execute();
}
