import { sql } from "kysely";
import type { AnyTransaction, Database } from "../platform/database/database.ts";
import type { TreeNode } from "./merkle.ts";

/** What the ledger's tables hold; see ledger-migrations.ts. */
export interface LedgerTables {
	ledger_head: { single: boolean; size: number };
	ledger_entries: { index: number; leaf: Buffer; hash: Buffer };
	ledger_nodes: { level: number; index: number; hash: Buffer };
	ledger_checkpoints: { size: number; number: number; root: Buffer; note: string };
	ledger_witnesses: { agent: string; key: string };
	ledger_cosignatures: { size: number; agent: string; key: string; line: string };
	ledger_counts: { counted: string; rows: number };
}

/** A tree head that was signed. */
export interface StoredCheckpoint {
	size: number;
	root: Buffer;
	/** The note with the log's own signature. */
	note: string;
}

/** The log's rows: entries, inner nodes, checkpoints. */
export class LedgerStore {
	readonly #database: Database;

	constructor(database: Database) {
		this.#database = database;
	}

	/** Resolves to the index of the new leaf. */
	async append(transaction: AnyTransaction, leaf: Buffer): Promise<number> {
		const { rows } = await sql<{ index: number }>`SELECT ledger_append(${leaf}) AS index`.execute(transaction);
		const [row] = rows;
		if (!row) throw new Error("ledger_append answered nothing");
		return row.index;
	}

	/** Committed leaves. */
	async size(): Promise<number> {
		return (await this.#tables().selectFrom("ledger_head").select("size").executeTakeFirstOrThrow()).size;
	}

	async entry(index: number): Promise<{ index: number; leaf: Buffer } | undefined> {
		return await this.#tables().selectFrom("ledger_entries").select(["index", "leaf"]).where("index", "=", index).executeTakeFirst();
	}

	/** The entries with these indexes; those that aren't there are left out. */
	async entriesAt(indexes: readonly number[]): Promise<{ index: number; leaf: Buffer }[]> {
		return await this.#tables()
			.selectFrom("ledger_entries")
			.select(["index", "leaf"])
			.where("index", "in", [...indexes])
			.execute();
	}

	/** Entries below `before`, newest first. */
	async entries(before: number | null, limit: number): Promise<{ index: number; leaf: Buffer }[]> {
		let query = this.#tables().selectFrom("ledger_entries").select(["index", "leaf"]).orderBy("index", "desc").limit(limit);
		if (before !== null) query = query.where("index", "<", before);
		return await query.execute();
	}

	/** The hashes of nodes, in the order asked for. Throws when one isn't there: the tables were tampered with. */
	async hashes(nodes: readonly TreeNode[]): Promise<Buffer[]> {
		if (nodes.length === 0) return [];
		const levels = nodes.map(({ level }) => level);
		const indexes = nodes.map(({ index }) => index);
		const { rows } = await sql<{ hash: Buffer | null }>`
			SELECT CASE WHEN want.level = 0
				THEN (SELECT hash FROM ledger_entries WHERE ledger_entries.index = want.index)
				ELSE (SELECT hash FROM ledger_nodes WHERE ledger_nodes.level = want.level AND ledger_nodes.index = want.index)
			END AS hash
			FROM unnest(${levels}::smallint[], ${indexes}::bigint[]) WITH ORDINALITY AS want (level, index, place) ORDER BY place`.execute(this.#tables());
		return rows.map(({ hash }, place) => {
			if (hash === null) throw new Error(`ledger: node ${levels[place]}/${indexes[place]} is missing; run "npm run watchroom -- ledger check"`);
			return hash;
		});
	}

	/** The newest checkpoint, or that of a size. */
	async checkpoint(size?: number): Promise<StoredCheckpoint | undefined> {
		let query = this.#tables().selectFrom("ledger_checkpoints").selectAll().orderBy("size", "desc").limit(1);
		if (size !== undefined) query = query.where("size", "=", size);
		const row = await query.executeTakeFirst();
		return row && { size: row.size, root: row.root, note: row.note };
	}

	/** Stores a checkpoint unless there is one of that size. They are numbered from 0 without a gap. */
	async addCheckpoint({ size, root, note }: StoredCheckpoint): Promise<void> {
		await sql`INSERT INTO ledger_checkpoints (size, number, root, note)
			SELECT ${size}::bigint, coalesce(max(number) + 1, 0), ${root}::bytea, ${note}::text FROM ledger_checkpoints
			ON CONFLICT DO NOTHING`.execute(this.#tables());
	}

	#tables() {
		return this.#database.tables<LedgerTables>();
	}
}
