import { type Kysely, type SelectQueryBuilder, sql, type Transaction } from "kysely";
import type { AnyTransaction, Database } from "../platform/database/database.ts";
import { dateOf, msOf } from "../platform/database/instants.ts";
import type { KnownKey } from "./audit-keys.ts";
import { monthStart } from "./audit-months.ts";
import type { StoredLine } from "./audit-record.ts";

export interface AuditTables {
	"audit.lines": StoredLine;
	"audit.keys": { id: string; fingerprint: Buffer; first_used: Date };
	"audit.alerts": { line: string; at: Date; reported_at: Date };
}
/** Where the next page begins: after this line. */
export interface LinePosition {
	at: number;
	id: string;
}
/** What is asked for in clear columns and blind indexes; a list of indexes has one for each key. */
export interface LineFilter {
	/** Unix ms, inclusive and exclusive. */
	from?: number | undefined;
	to?: number | undefined;
	tag?: string | undefined;
	operation?: string | undefined;
	result?: string | undefined;
	highRisk?: boolean | undefined;
	/** Of the account's id or its name. */
	user?: { ids: readonly Buffer[]; names: readonly Buffer[] } | undefined;
	objects?: readonly Buffer[] | undefined;
	addresses?: readonly Buffer[] | undefined;
}

/** The audit log's tables. There is no way to change a line here, nor would the database let one. */
export class AuditStore {
	readonly #database: Database;
	/** Months that are known to have a committed partition. */
	readonly #months = new Set<number>();

	constructor(database: Database) {
		this.#database = database;
	}

	get #tables(): Kysely<AuditTables> {
		return this.#database.tables<AuditTables>();
	}

	/** Makes the partitions of the month of `now` and of those `ahead`. */
	async makePartitions(now: number, ahead: number): Promise<void> {
		for (let month = 0; month <= ahead; month++) {
			const start = monthStart(now, month);
			await sql`select audit.make_partition(${dateOf(start)}::timestamptz)`.execute(this.#tables);
			this.#months.add(start);
		}
	}

	/** Writes lines in one statement, which is one commit outside a transaction. Makes missing partitions first. */
	async insert(lines: readonly StoredLine[], transaction?: AnyTransaction): Promise<void> {
		const tables: Transaction<AuditTables> | Kysely<AuditTables> = transaction ? typed(transaction) : this.#tables;
		for (const month of new Set(lines.map((line) => monthStart(msOf(line.at))))) {
			if (this.#months.has(month)) continue;
			await sql`select audit.make_partition(${dateOf(month)}::timestamptz)`.execute(tables);
			// In a transaction it may yet be rolled back.
			if (!transaction) this.#months.add(month);
		}
		await tables
			.insertInto("audit.lines")
			.values([...lines])
			.execute();
	}

	/** Newest first. */
	async list(filter: LineFilter, after: LinePosition | null, limit: number): Promise<StoredLine[]> {
		let query = narrowed(this.#tables.selectFrom("audit.lines").selectAll(), filter);
		if (after) query = query.where(sql<boolean>`(at, id) < (${dateOf(after.at)}::timestamptz, ${after.id}::uuid)`);
		return await query.orderBy("at", "desc").orderBy("id", "desc").limit(limit).execute();
	}

	/** Every line of [from, to), oldest first, a few hundred at a time. */
	async *pages(filter: LineFilter, size = 500): AsyncGenerator<StoredLine[]> {
		for (let after: StoredLine | undefined; ; ) {
			let query = narrowed(this.#tables.selectFrom("audit.lines").selectAll(), filter);
			if (after) query = query.where(sql<boolean>`(at, id) > (${after.at}::timestamptz, ${after.id}::uuid)`);
			const rows = await query.orderBy("at").orderBy("id").limit(size).execute();
			if (rows.length > 0) yield rows;
			after = rows.at(-1);
			if (rows.length < size) return;
		}
	}

	/** Figures of [from, to). */
	async count(from: number, to: number): Promise<{ lines: number; highRisk: number; refused: number }> {
		const { rows } = await sql<{ lines: number; highRisk: number; refused: number }>`select count(*) as lines,
			count(*) filter (where high_risk) as "highRisk", count(*) filter (where result = 'refused') as refused
			from audit.lines where at >= ${dateOf(from)}::timestamptz and at < ${dateOf(to)}::timestamptz`.execute(this.#tables);
		return rows[0] ?? { lines: 0, highRisk: 0, refused: 0 };
	}

	/** Unix ms of the oldest line, `null` without any. */
	async oldest(): Promise<number | null> {
		const row = await this.#tables.selectFrom("audit.lines").select("at").orderBy("at").limit(1).executeTakeFirst();
		return row ? msOf(row.at) : null;
	}

	async knownKeys(): Promise<KnownKey[]> {
		return await this.#tables.selectFrom("audit.keys").select(["id", "fingerprint"]).execute();
	}

	async hasLinesOf(key: string): Promise<boolean> {
		return (await this.#tables.selectFrom("audit.lines").select("id").where("key_id", "=", key).limit(1).executeTakeFirst()) !== undefined;
	}

	/** Remembers keys; those that are known stay as they are. */
	async addKeys(keys: readonly KnownKey[], now: number): Promise<void> {
		await this.#tables
			.insertInto("audit.keys")
			.values(keys.map(({ id, fingerprint }) => ({ id, fingerprint, first_used: dateOf(now) })))
			.onConflict((conflict) => conflict.doNothing())
			.execute();
	}

	/** Committed lines of high risk since `since` that nobody was told of, oldest first. */
	async unreported(since: number): Promise<StoredLine[]> {
		return await this.#tables
			.selectFrom("audit.lines as line")
			.selectAll("line")
			.where("line.high_risk", "=", true)
			.where("line.at", ">=", dateOf(since))
			.where((where) =>
				where.not(where.exists(where.selectFrom("audit.alerts").select("audit.alerts.line").whereRef("audit.alerts.line", "=", "line.id"))),
			)
			.orderBy("line.at")
			.orderBy("line.id")
			.limit(100)
			.execute();
	}

	async reported(line: StoredLine, now: number): Promise<void> {
		await this.#tables
			.insertInto("audit.alerts")
			.values({ line: line.id, at: line.at, reported_at: dateOf(now) })
			.onConflict((conflict) => conflict.doNothing())
			.execute();
	}

	/** Number of the caller's transaction. */
	async transactionId(transaction: AnyTransaction): Promise<string> {
		const { rows } = await sql<{ id: string }>`select pg_current_xact_id()::text as id`.execute(transaction);
		return rows[0]?.id ?? "";
	}

	/** Of these transactions, those that still run. */
	async running(transactions: readonly string[]): Promise<string[]> {
		const { rows } = await sql<{ id: string }>`select id from unnest(${transactions}::text[]) as id
			where pg_xact_status(id::xid8) = 'in progress'`.execute(this.#tables);
		return rows.map((row) => row.id);
	}

	/** Names of the partitions. */
	async partitions(): Promise<string[]> {
		const { rows } = await sql<{ name: string }>`select relname as name
			from pg_inherits join pg_class on pg_class.oid = inhrelid where inhparent = 'audit.lines'::regclass order by relname`.execute(this.#tables);
		return rows.map((row) => row.name);
	}

	/** Drops a partition whole; resolves to the lines it had. The database refuses one that is younger than 180 days. */
	async dropPartition(name: string): Promise<number> {
		const { rows } = await sql<{ lines: number }>`select audit.drop_partition(${name}) as lines`.execute(this.#tables);
		this.#months.clear();
		return rows[0]?.lines ?? 0;
	}

	/** Whether the account that the server works as could change lines: it owns the tables, or is a superuser. */
	async mayChangeLines(): Promise<boolean> {
		const { rows } = await sql<{ may: boolean }>`select has_table_privilege('audit.lines', 'UPDATE') or has_table_privilege('audit.lines', 'DELETE')
			or pg_has_role((select relowner from pg_class where oid = 'audit.lines'::regclass), 'MEMBER') as may`.execute(this.#tables);
		return rows[0]?.may ?? true;
	}
}

/** The caller's transaction with our tables, which it has no types of. */
const typed = (transaction: AnyTransaction): Transaction<AuditTables> => transaction as Transaction<unknown> as Transaction<AuditTables>;

function narrowed<O>(
	query: SelectQueryBuilder<AuditTables, "audit.lines", O>,
	filter: LineFilter,
): SelectQueryBuilder<AuditTables, "audit.lines", O> {
	let narrow = query;
	if (filter.from !== undefined) narrow = narrow.where("at", ">=", dateOf(filter.from));
	if (filter.to !== undefined) narrow = narrow.where("at", "<", dateOf(filter.to));
	for (const column of ["tag", "operation", "result"] as const) {
		const value = filter[column];
		if (value !== undefined) narrow = narrow.where(column, "=", value);
	}
	if (filter.highRisk !== undefined) narrow = narrow.where("high_risk", "=", filter.highRisk);
	const { user, objects, addresses } = filter;
	if (user) narrow = narrow.where((or) => or.or([or("user_index", "in", user.ids), or("name_index", "in", user.names)]));
	if (objects) narrow = narrow.where("object_index", "in", objects);
	if (addresses) narrow = narrow.where("address_index", "in", addresses);
	return narrow;
}
