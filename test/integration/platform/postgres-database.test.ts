import { type Generated, type Kysely, sql } from "kysely";
import { describe, expect, it } from "vitest";
import type { Migrations } from "../../../server/platform/database/database.ts";
import { dateOf, msOf } from "../../../server/platform/database/instants.ts";
import { PostgresDatabase } from "../../../server/platform/database/postgres-database.ts";
import { externalPostgres } from "../../../server/platform/database/postgres-server.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { testDatabase } from "../../helpers/postgres.ts";
import { waitFor } from "../../helpers/wait-for.ts";

interface Tables {
	note: { id: Generated<number>; text: string; at: Date; bytes: number };
}
const migrations: Migrations = {
	"2026-01-01-note": {
		up: (db: Kysely<unknown>) =>
			db.schema
				.createTable("note")
				.addColumn("id", "bigserial", (column) => column.primaryKey())
				.addColumn("text", "text", (column) => column.notNull())
				.addColumn("at", "timestamptz", (column) => column.notNull())
				.addColumn("bytes", "bigint", (column) => column.notNull())
				.execute(),
	},
};
const row = { text: "one", at: dateOf(1_769_000_000_123), bytes: 5_000_000_000 };

describe("PostgresDatabase", () => {
	it("gives bigint as a number and timestamptz as a Date to the millisecond", async () => {
		const { database, drop } = await testDatabase(migrations);
		await database.tables<Tables>().insertInto("note").values(row).execute();
		const [found] = await database.tables<Tables>().selectFrom("note").selectAll().where("at", "=", row.at).execute();
		expect(found).toEqual({ id: 1, ...row });
		expect(found && msOf(found.at)).toBe(1_769_000_000_123);
		await expect(sql`select 9007199254740993::bigint as big`.execute(database.tables())).rejects.toThrow(RangeError);
		await drop();
	});

	it("outlives a connection that is lost in a transaction, between two queries: the next query fails, and the one after has another connection", async () => {
		const { database, drop } = await testDatabase(migrations);
		const lost = database.transaction<Tables, void>(async (tables) => {
			const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tables);
			await sql`select pg_terminate_backend(${rows[0]?.pid}::int, 10000)`.execute(database.tables());
			// The end of the connection reaches this process in its own time.
			await waitFor("the connection's end", () =>
				sql`select 1`.execute(tables).then(
					() => false,
					() => true,
				),
			);
			await tables.insertInto("note").values(row).execute();
		});
		await expect(lost).rejects.toThrow();
		expect(await database.tables<Tables>().selectFrom("note").selectAll().execute()).toEqual([]);
		await drop();
	});

	it("rolls a transaction back when its work throws, and resolves to what it returns", async () => {
		const { database, drop } = await testDatabase(migrations);
		const fails = database.transaction<Tables, void>(async (tables) => {
			await tables.insertInto("note").values(row).execute();
			throw new Error("no");
		});
		await expect(fails).rejects.toThrow("no");
		const count = await database.transaction(async (tables: Kysely<Tables>) => {
			await tables.insertInto("note").values(row).execute();
			return (await tables.selectFrom("note").selectAll().execute()).length;
		});
		expect(count).toBe(1);
		await drop();
	});

	it("applies each migration once, also when several processes migrate at the same time", async () => {
		const { database, url, drop } = await testDatabase();
		const other = new PostgresDatabase({ server: externalPostgres(url), logger: silentLogger() });
		await other.start();
		const applied = await Promise.all([database.migrate(migrations), other.migrate(migrations), database.migrate(migrations)]);
		expect(applied.flat()).toEqual(["2026-01-01-note"]);
		await other.stop();
		await drop();
	});

	it("applies a migration with an earlier name that arrives later, and names one that fails without leaving half of it", async () => {
		const { database, drop } = await testDatabase(migrations);
		const earlier = { "2025-01-01-early": { up: (db: Kysely<unknown>) => db.schema.createTable("early").addColumn("id", "integer").execute() } };
		expect(await database.migrate({ ...migrations, ...earlier })).toEqual(["2025-01-01-early"]);
		const broken: Migrations = {
			"2027-01-01-broken": {
				up: async (db: Kysely<unknown>) => {
					await db.schema.createTable("half").addColumn("id", "integer").execute();
					await sql`select no_such_function()`.execute(db);
				},
			},
		};
		await expect(database.migrate({ ...migrations, ...earlier, ...broken })).rejects.toMatchObject({
			code: "migration-failed",
			message: expect.stringContaining("2027-01-01-broken"),
		});
		const { rows } = await sql`select to_regclass('half') as half`.execute(database.tables());
		expect(rows).toEqual([{ half: null }]);
		await drop();
	});

	it("says ok with the server's version while it answers, and fails its check when it is stopped", async () => {
		const { database, drop } = await testDatabase();
		expect(await database.health.check()).toMatchObject({ status: "ok", detail: expect.stringMatching(/^PostgreSQL \d+/) });
		await drop();
		await expect(database.health.check()).rejects.toMatchObject({ code: "database-unavailable" });
		await database.stop();
	});

	it("refuses a wrong password at once", async () => {
		const { url, drop } = await testDatabase();
		const wrong = new PostgresDatabase({ server: externalPostgres(url.replace(/:[^:@]+@/, ":wrong@")), logger: silentLogger() });
		await expect(wrong.start()).rejects.toMatchObject({ code: "database-unavailable" });
		await drop();
	});
});
