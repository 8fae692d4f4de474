import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditMigrations } from "../../../server/audit/audit-migrations.ts";
import { identityCommands } from "../../../server/identity/identity-commands.ts";
import { identityMigrations } from "../../../server/identity/identity-migrations.ts";
import { rightsMigrations } from "../../../server/identity/rights-migrations.ts";
import { ledgerMigrations } from "../../../server/ledger/ledger-migrations.ts";
import { readConfig } from "../../../server/platform/config.ts";
import { NODE, startChild } from "../../helpers/child-process.ts";
import { type TestDatabase, testDatabase } from "../../helpers/postgres.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../helpers/temporary-directory.ts";

let folder: TemporaryDirectory;
let records: TestDatabase;
beforeAll(async () => {
	folder = await temporaryDirectory("commands");
	records = await testDatabase({ ...auditMigrations, ...ledgerMigrations, ...rightsMigrations, ...identityMigrations });
});
afterAll(async () => {
	await records.drop();
	await folder.remove();
});

/** In this process, as `server/cli.ts` runs it. */
async function watchroom(...[first = "", second = "", ...rest]: string[]): Promise<string> {
	const said: string[] = [];
	const config = () => readConfig({ DATABASE_URL: records.url, WATCHROOM_DATA: folder.path });
	const command = identityCommands(config, (text) => said.push(text))[`${first} ${second}`];
	expect(await command?.run(rest)).toBe(0);
	return said.join("\n");
}
const names = async () =>
	(await records.database.tables<{ accounts: { username: string } }>().selectFrom("accounts").select("username").execute()).length;

describe("accounts from the console", () => {
	it("are made with their first roles and a set-up link, audited and recorded in the ledger", async () => {
		const args = ["user", "add", "eve", "--name", "Eve", "--role", "security-administrator"];
		const child = startChild(NODE, ["server/cli.ts", ...args], { env: { DATABASE_URL: records.url, WATCHROOM_DATA: folder.path } });
		const code = await new Promise<number | null>((resolve) => child.process.once("close", resolve));
		expect([code, child.output()]).toEqual([0, expect.stringMatching(/\/set-up\/[\w-]{43}/)]);
		expect(await watchroom("user", "list")).toMatch(/eve +active.*Eve +security-administrator@\*/);
		const entries = await sql<{ leaf: Buffer }>`select leaf from ledger_entries order by index`.execute(records.database.tables());
		expect(entries.rows.map(({ leaf }) => JSON.parse(leaf.toString()).type)).toEqual(["account.created", "role.granted"]);
		const lines = await sql`select from audit.lines`.execute(records.database.tables());
		expect(lines.rows).toHaveLength(2);
	});

	it.each([
		[["user", "add", "eve", "--name", "Again"], "There is an account eve already."],
		[["user", "add", "Bad Name", "--name", "X"], "username: expected"],
		[["user", "add", "gil", "--name", "Gil", "--role", "king"], "Invalid option"],
		[["user", "add", "gil"], "name: "],
		[["user", "add", "gil", "--nam", "Gil"], "--nam"],
		[["user", "grant", "eve", "--role", "audit-administrator"], "nobody holds two"],
		[["user", "close", "eve"], "another person approves"],
		[["user", "reset", "nobody"], "no account nobody"],
		[["token", "create", "eve", "--name", "t", "--days", "400"], "days: "],
		[["demo", "totp", "eve"], "no demo account eve"],
	])("%s is refused with the reason, and changes nothing", async (args, reason) => {
		await expect(watchroom(...args)).rejects.toThrow(reason);
		expect(await names()).toBe(1);
	});

	it("get tokens that are shown once", async () => {
		expect(await watchroom("token", "create", "eve", "--name", "ci", "--days", "3")).toMatch(/^wr_[\w-]{43}$/m);
	});
});
