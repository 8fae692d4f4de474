import { join } from "node:path";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { NODE, startChild } from "../helpers/child-process.ts";
import { testDatabase } from "../helpers/postgres.ts";
import { temporaryDirectory } from "../helpers/temporary-directory.ts";
import { twoPersons, twoPersonsMigrations } from "../helpers/two-persons.ts";

const WORKER = join(import.meta.dirname, "workers", "approver.ts");
const APPROVED = /approved (\S+)\n/g;

test("kill -9 amid a thousand approvals, each by two people at once: an act, its audit line and its ledger entry are all there or none", {
	timeout: 300_000,
}, async () => {
	const db = await testDatabase(twoPersonsMigrations);
	const directory = await temporaryDirectory("approvals-kill");
	const start = (act: string) => startChild(NODE, [WORKER, directory.path, act], { env: { DATABASE_URL: db.url } });
	try {
		const proposing = start("propose");
		await proposing.says(/done\n/, 120_000);
		await proposing.stop();
		const told = new Set<string>();
		let kills = 0;
		for (const many of [60, 150, 1, 200]) {
			const worker = start("approve");
			await worker.says(new RegExp(`count ${many}\\n`), 120_000);
			await worker.stop("SIGKILL");
			kills++;
			for (const [, id = ""] of worker.output().matchAll(APPROVED)) told.add(id);
			expect(await mismatches(db.database, directory.path)).toEqual({ withoutEntry: [], withoutLine: [], withoutAct: [] });
		}
		expect(kills).toBe(4);
		const applied = await appliedChanges(db.database);
		expect([...told].filter((id) => !applied.has(id))).toEqual([]);
		expect(applied.size).toBeLessThan(1000);

		const last = start("approve");
		await last.says(/done\n/, 180_000);
		await last.stop();
		expect((await appliedChanges(db.database)).size).toBe(1000);
		expect(await mismatches(db.database, directory.path)).toEqual({ withoutEntry: [], withoutLine: [], withoutAct: [] });
	} finally {
		await db.drop();
		await directory.remove();
	}
});

type TestPool = Awaited<ReturnType<typeof testDatabase>>["database"];

async function appliedChanges(database: TestPool): Promise<Set<string>> {
	const { rows } = await sql<{ id: string }>`SELECT id FROM changes WHERE state = 'applied'`.execute(database.tables());
	return new Set(rows.map(({ id }) => id));
}

/** Holds applied changes, given roles, ledger entries and audit lines against each other, by the change's id. */
async function mismatches(database: TestPool, directory: string) {
	// What the killed process had begun ends with its connections.
	await expect
		.poll(
			async () =>
				(
					await sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'watchroom' AND state <> 'idle' AND pid <> pg_backend_pid()`.execute(
						database.tables(),
					)
				).rows.length,
			{ timeout: 60_000 },
		)
		.toBe(0);
	const all = await twoPersons(database, directory);
	try {
		const applied = [...(await appliedChanges(database))].sort();
		const entries = await ledgerChanges(all.ledger, "change.approved");
		const grants = await ledgerChanges(all.ledger, "role.granted");
		const { rows } = await sql<
			Parameters<typeof all.audit.open>[0]
		>`SELECT * FROM audit.lines WHERE operation = 'change.approve' AND result = 'ok'`.execute(database.tables());
		const lines = rows
			.map((row) => JSON.stringify(all.audit.open(row).secret))
			.map((text) => /"type":"change","id":"([^"]+)"/.exec(text)?.[1] ?? text);
		const { rows: held } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM role_grants WHERE role = 'operator'`.execute(database.tables());
		expect(held[0]?.n).toBe(applied.length);
		expect([entries.length, grants.length, lines.length]).toEqual([applied.length, applied.length, applied.length]);
		expect(new Set(entries).size).toBe(entries.length);
		const without = (some: readonly string[]) => applied.filter((id) => !some.includes(id));
		return {
			withoutEntry: without(entries),
			withoutLine: without(lines),
			withoutAct: [...entries, ...grants, ...lines].filter((id) => !applied.includes(id)),
		};
	} finally {
		await all.stop();
	}
}

async function ledgerChanges(ledger: Awaited<ReturnType<typeof twoPersons>>["ledger"], type: string): Promise<string[]> {
	const found: string[] = [];
	for (let before: number | null = null; ; ) {
		const page = await ledger.entries(before, 500);
		for (const { leaf } of page) {
			const entry = JSON.parse(leaf.toString("utf8"));
			if (entry.type === type && entry.data.change !== null) found.push(entry.data.change);
		}
		if (page.length < 500) return found;
		before = page.at(-1)?.index ?? 0;
	}
}
