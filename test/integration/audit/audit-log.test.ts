import { randomBytes } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rotateKeyFile } from "../../../server/audit/audit-key-file.ts";
import type { AuditLog, OpenedLine } from "../../../server/audit/audit-log.ts";
import { auditMigrations } from "../../../server/audit/audit-migrations.ts";
import { blindIndex } from "../../../server/audit/sealed-line.ts";
import { EmbeddedPostgres } from "../../../server/platform/database/embedded-postgres.ts";
import { PostgresDatabase } from "../../../server/platform/database/postgres-database.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { auditLine, auditLogIn, person } from "../../helpers/audit.ts";
import { filesHolding } from "../../helpers/database-files.ts";
import { type TestDatabase, testDatabase } from "../../helpers/postgres.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../helpers/temporary-directory.ts";
import { waitFor } from "../../helpers/wait-for.ts";

let db: TestDatabase;
let directory: TemporaryDirectory;
const logs: AuditLog[] = [];

beforeEach(async () => {
	[db, directory] = [await testDatabase(auditMigrations), await temporaryDirectory("audit")];
});
afterEach(async () => {
	for (const log of logs.splice(0)) await log.stop();
	await db.drop();
	await directory.remove();
});

async function started(more: Parameters<typeof auditLogIn>[2] = {}): Promise<AuditLog> {
	const log = auditLogIn(directory.path, db.database, more);
	logs.push(log);
	await log.start();
	return log;
}
const all = async (log: AuditLog): Promise<OpenedLine[]> => (await log.store.list({}, null, 500)).map((row) => log.open(row));
const run = (text: string) => sql.raw(text).execute(db.database.tables());

describe("writing", () => {
	it("commits a recorded line with its act, and takes it back with it", async () => {
		const log = await started();
		const fails = db.database.transaction(async (transaction) => {
			await log.record(transaction, auditLine({ operation: "user.lost" }));
			throw new Error("no");
		});
		await expect(fails).rejects.toThrow("no");
		await db.database.transaction((transaction) => log.record(transaction, auditLine({ detail: { before: 1, after: "x" } })));
		expect(await all(log)).toEqual([
			{
				head: expect.objectContaining({ tag: "change", operation: "user.update", result: "ok", highRisk: false }),
				secret: {
					userId: "id-mallory",
					username: "mallory",
					name: "mallory",
					groups: [],
					address: "192.0.2.7",
					method: "session",
					object: { type: "user", id: "u-77" },
					detail: { before: 1, after: "x" },
				},
			},
		]);
	});

	it("writes concurrent notes in few commits, each once and in order", async () => {
		const log = await started();
		await Promise.all(Array.from({ length: 300 }, (_, n) => log.note(auditLine({ tag: "read", operation: "user.read", detail: { n } }))));
		const lines = await all(log);
		expect(lines.map((line) => line.secret?.detail.n)).toEqual(Array.from({ length: 300 }, (_, n) => 299 - n));
		const { rows } = await sql<{ commits: number }>`select count(distinct xmin::text) as commits from audit.lines`.execute(db.database.tables());
		expect(rows[0]?.commits).toBeLessThan(30);
	});

	it("makes the act fail when the line can't be written", async () => {
		const log = await started();
		await run("alter table audit.lines add constraint nothing check (false) not valid");
		await expect(log.note(auditLine())).rejects.toMatchObject({ code: "audit-unavailable", status: 503 });
		const act = db.database.transaction((transaction) => log.record(transaction, auditLine()));
		await expect(act).rejects.toMatchObject({ code: "audit-unavailable" });
	});

	it("never lacks a partition: many writers at once over the end of a year, with none made ahead", async () => {
		let now = Date.UTC(2024, 5, 1);
		const log = await started({ clock: { now: () => now } });
		const writes = Array.from({ length: 60 }, (_, n) => {
			now = Date.UTC(2031, 11, 31, 23, 59, 59, 990) + Math.floor(n / 3);
			const line = auditLine({ detail: { n } });
			return n % 2 ? log.note(line) : db.database.transaction((transaction) => log.record(transaction, line));
		});
		await Promise.all(writes);
		// The upkeep may have made months ahead of the new year meanwhile.
		expect(await log.store.partitions()).toEqual(expect.arrayContaining(["lines_2024_06", "lines_2031_12", "lines_2032_01"]));
		expect(await all(log)).toHaveLength(60);
	});

	it("folds what one address is refused again and again into one line with the exact count", async () => {
		let now = Date.UTC(2031, 0, 1);
		const log = await started({ clock: { now: () => now } });
		const refusal = auditLine({
			tag: "authorisation",
			operation: "session.required",
			actor: { address: "198.51.100.9", typedName: null },
			result: "refused",
		});
		for (let n = 0; n < 250; n++) await log.note({ ...refusal, object: { type: "route", id: `/api/${n}` } });
		expect(await all(log)).toHaveLength(1);
		now += 60_000;
		const counted = async () => (await all(log)).filter((line) => line.secret?.detail.folded);
		await waitFor("the line with the count", async () => (await counted()).length > 0);
		expect((await counted()).map((line) => line.secret?.detail.count)).toEqual([249]);
		expect(await all(log)).toHaveLength(2);
	});
});

describe("append-only", () => {
	it.each(["update audit.lines set result = 'ok'", "delete from audit.lines", "truncate audit.lines", "delete from audit.keys"])(
		"refuses the owner: %s",
		async (text) => {
			const log = await started();
			await log.note(auditLine());
			await expect(run(text)).rejects.toThrow("the audit log is append-only");
			const [partition] = await log.store.partitions();
			await expect(run(text.replace("audit.lines", `audit.${partition}`))).rejects.toThrow("append-only");
			expect(await all(log)).toHaveLength(1);
		},
	);

	it("the server's own connection may neither change lines nor drop, disable or become what guards them", async () => {
		const data = await temporaryDirectory("audit-role");
		const database = new PostgresDatabase({
			server: new EmbeddedPostgres({ directory: data.path, logger: silentLogger(), settings: { fsync: "off" } }),
			logger: silentLogger(),
		});
		try {
			await database.start();
			await database.migrate(auditMigrations);
			const log = auditLogIn(data.path, database);
			await log.start();
			await log.note(auditLine());
			expect(await log.store.mayChangeLines()).toBe(false);
			const [partition] = await log.store.partitions();
			for (const text of [
				"update audit.lines set result = 'ok'",
				"delete from audit.lines",
				"truncate audit.lines",
				`update audit.${partition} set result = 'ok'`,
				`delete from audit.${partition}`,
				`drop table audit.${partition}`,
				"drop table audit.lines",
				"alter table audit.lines disable trigger all",
				"create or replace function audit.refuse() returns trigger language plpgsql as 'begin return null; end'",
				"set role watchroom_audit",
				"set role watchroom",
				"set session_replication_role = replica",
				`select audit.drop_partition('${partition}')`,
			])
				await expect(sql.raw(text).execute(database.tables()), text).rejects.toMatchObject({ code: "42501" });
			expect(await log.store.list({}, null, 10)).toHaveLength(1);
			await log.stop();
		} finally {
			await database.stop();
			await data.remove();
		}
	}, 60_000);
});

describe("sealed at rest", () => {
	it("leaves no clear text of names, card numbers and addresses in any file of the database, nor in its write-ahead log", async () => {
		const log = await started();
		// Other tests write into the same log.
		const mark = randomBytes(6).toString("hex");
		const secrets = {
			username: `zaphod-${mark}`,
			name: `Zaphod ${mark}`,
			address: `2001:db8::${mark}`,
			card: `H10301-${mark}`,
			detail: `"holder":"${mark}`,
		};
		const operation = `user.update-${mark}`;
		const line = auditLine({
			operation,
			actor: person(secrets.username, { name: secrets.name, address: secrets.address }),
			object: { type: "credential", id: secrets.card },
			detail: { holder: mark, long: secrets.name.repeat(1000) },
		});
		const typed = {
			...line,
			operation: "session.create",
			actor: { address: secrets.address, typedName: secrets.username },
			result: "refused" as const,
		};
		// Several times: what lies across two pages isn't found in one piece.
		for (let n = 0; n < 5; n++) {
			await log.note(line);
			await db.database.transaction((transaction) => log.record(transaction, line));
			await log.note({ ...typed, tag: "log-in" });
		}
		const found = await filesHolding(db.database, [operation, ...Object.values(secrets)]);
		for (const secret of Object.values(secrets)) expect(found[secret], secret).toEqual([]);
		const readable = found[operation]?.map((file) => file.split("/")[0]);
		expect(new Set(readable), "where the lines' clear columns are found").toEqual(new Set(["base", "pg_wal"]));
	});

	it("shows a line whose clear or sealed part was changed as tampered with", async () => {
		const log = await started();
		await log.note(auditLine({ operation: "one" }));
		await log.note(auditLine({ operation: "two" }));
		const [partition] = await log.store.partitions();
		await run(`alter table audit.${partition} disable trigger all`);
		await run(`update audit.${partition} set result = 'refused' where operation = 'one'`);
		await run(`update audit.${partition} set sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1) where operation = 'two'`);
		expect((await all(log)).map((line) => line.secret)).toEqual([null, null]);
	});

	it("refuses to start with a lost or a foreign key, and overwrites nothing", async () => {
		const log = await started();
		await log.note(auditLine());
		await log.stop();
		const file = join(directory.path, "keys", "audit-keys.json");
		const kept = await readFile(file, "utf8");
		await rm(file);
		await expect(started()).rejects.toMatchObject({ code: "audit-key-missing" });
		await expect(readFile(file)).rejects.toThrow("ENOENT");
		const foreign = kept.replace(/"key": "[^"]*"/, `"key": "${Buffer.alloc(32, 7).toString("base64")}"`);
		await writeFile(file, foreign, { mode: 0o600 });
		await expect(started()).rejects.toMatchObject({ code: "audit-key-wrong" });
		expect(await readFile(file, "utf8")).toBe(foreign);
		await writeFile(file, kept);
		expect((await all(await started()))[0]?.secret?.username).toBe("mallory");
	});

	it("takes a rotated key without a restart; old lines stay readable and are found by the blind indexes of every key", async () => {
		const log = await started();
		await log.note(auditLine({ detail: { n: 1 } }));
		const before = log.ring.current.id;
		const fresh = await rotateKeyFile(join(directory.path, "keys", "audit-keys.json"), Date.now());
		await waitFor("the new key", () => log.ring.current.id === fresh);
		await log.note(auditLine({ detail: { n: 2 } }));
		const names = log.ring.all.map((key) => blindIndex(key, "name", "mallory"));
		const found = await log.store.list({ user: { ids: names, names } }, null, 10);
		expect(found.map((row) => row.key_id)).toEqual([fresh, before]);
		expect(found.map((row) => log.open(row).secret?.detail.n)).toEqual([2, 1]);
		await log.stop();
		expect((await all(await started())).every((line) => line.secret !== null)).toBe(true);
	});
});

describe("retention", () => {
	it("drops whole partitions that are over, keeps 180 days whatever the setting says, and writes down what it dropped", async () => {
		let now = Date.UTC(2020, 0, 15);
		const log = await started({ clock: { now: () => now }, days: () => 1 });
		await log.note(auditLine());
		now = Date.UTC(2020, 6, 28);
		await log.upkeep();
		expect((await log.store.partitions())[0]).toBe("lines_2020_01");
		now = Date.UTC(2020, 6, 30);
		await log.upkeep();
		expect((await log.store.partitions())[0]).toBe("lines_2020_02");
		const [line] = await all(log);
		expect(line).toMatchObject({ head: { operation: "audit.partition-drop" }, secret: { object: { id: "lines_2020_01" } } });
		expect(line?.secret?.detail.lines).toBeGreaterThanOrEqual(1);
	});

	it("the database itself refuses to drop what is younger than 180 days", async () => {
		const log = await started();
		for (const partition of await log.store.partitions()) await expect(log.store.dropPartition(partition)).rejects.toThrow("younger than 180 days");
	});
});

describe("high risk", () => {
	it("tells of it after the commit, not before and not after a rollback, and after a restart of what nobody was told of", async () => {
		const told: string[] = [];
		const log = auditLogIn(directory.path, db.database);
		logs.push(log);
		log.onHighRisk((line) => void told.push(line.head.operation));
		await log.start();
		let release: () => void = () => undefined;
		const held = new Promise<void>((resolve) => {
			release = resolve;
		});
		const act = db.database.transaction(async (transaction) => {
			await log.record(transaction, auditLine({ operation: "role.grant" }));
			await held;
		});
		const undone = db.database.transaction(async (transaction) => {
			await log.record(transaction, auditLine({ operation: "account.close" }));
			throw new Error("no");
		});
		await expect(undone).rejects.toThrow("no");
		await log.note(auditLine({ operation: "account.second-factor-replaced" }));
		await waitFor("the note's alarm", () => told.length > 0);
		expect(told).toEqual(["account.second-factor-replaced"]);
		release();
		await act;
		await waitFor("the act's alarm", () => told.length > 1);
		expect(told).toEqual(["account.second-factor-replaced", "role.grant"]);
		await log.stop();

		const deaf = await started();
		deaf.onHighRisk(() => {
			throw new Error("nobody listens");
		});
		await deaf.note(auditLine({ operation: "agent.revoke" }));
		await deaf.stop();
		const again = auditLogIn(directory.path, db.database);
		logs.push(again);
		again.onHighRisk((line) => void told.push(line.head.operation));
		await again.start();
		await waitFor("the alarm of before", () => told.length > 2);
		expect(told.slice(2)).toEqual(["agent.revoke"]);
	});
});
