import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { sql } from "kysely";
import { connectAsync } from "mqtt";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { alarmSchema } from "../../../contracts/api.ts";
import { ledgerStateSchema } from "../../../contracts/ledger.ts";
import { leafOf } from "../../../server/ledger/leaf.ts";
import { LedgerStore, type LedgerTables } from "../../../server/ledger/ledger-store.ts";
import { NODE, startChild } from "../../helpers/child-process.ts";
import { freePort } from "../../helpers/free-port.ts";
import { type TestDatabase, testDatabase } from "../../helpers/postgres.ts";
import { type System, system } from "../../helpers/system.ts";
import { waitFor } from "../../helpers/wait-for.ts";

let running: System | undefined;
let held: TestDatabase | undefined;
afterEach(async () => {
	await running?.stop();
	await held?.drop();
});

test("a ledger rebuilt from scratch with valid hashes and the real key is found by the edge agent, which says so without the server", async () => {
	held = await testDatabase();
	const { database, url } = held;
	const hook = await freePort();
	const received: string[] = [];
	const webhook = createServer((request, response) => {
		request.setEncoding("utf8").on("data", (text: string) => received.push(text));
		request.on("end", () => response.end());
	}).listen(hook, "127.0.0.1");
	running = await system({ env: { DATABASE_URL: url, WATCHROOM_WITNESS_WEBHOOK_URL: `http://127.0.0.1:${hook}/` } });
	await running.startServer();
	await running.startAgent();
	const store = new LedgerStore(database);
	const append = (act: string, n: number) =>
		database.transaction((transaction) => store.append(transaction, leafOf({ type: `test.${act}`, version: 1, at: n, data: {} })));
	/** Up to this size at least: the server appends as well. */
	const cosigned = async (size: number) =>
		(await database.tables<LedgerTables>().selectFrom("ledger_cosignatures").select("agent").where("size", ">=", size).execute()).length > 0;
	for (let n = 0; n < 5; n++) await append("honest", n);
	const grown = await store.size();
	await waitFor("the agent to co-sign", () => cosigned(grown), 30_000);

	await running.server?.stop();
	await database.transaction(async (transaction) => {
		await sql.raw("SET LOCAL session_replication_role = replica").execute(transaction);
		for (const table of ["ledger_counts", "ledger_cosignatures", "ledger_witnesses", "ledger_checkpoints", "ledger_nodes", "ledger_entries"])
			await sql.raw(`DELETE FROM ${table}`).execute(transaction);
		await sql.raw("UPDATE ledger_head SET size = 0").execute(transaction);
		await sql.raw("INSERT INTO ledger_counts VALUES ('ledger_checkpoints', 0), ('ledger_cosignatures', 0)").execute(transaction);
	});
	for (let n = 0; n < grown + 4; n++) await append("forged", n);
	await running.startServer();

	await running.agent?.says(/THE LEDGER WAS REWRITTEN/, 60_000);
	const data = join(running.directory, "agent-agent-1", "witness");
	expect(existsSync(join(data, "fork.json"))).toBe(true);
	const device = await connectAsync(`mqtt://127.0.0.1:${running.devicePort}`, { clientId: "listener", reconnectPeriod: 0 });
	const retained: string[] = [];
	device.on("message", (_topic, payload) => retained.push(payload.toString()));
	await device.subscribeAsync("watchroom-agent/agent-1/alarm", { qos: 1 });
	await waitFor("the retained alarm", () => retained.length > 0);
	expect(JSON.parse(retained[0] ?? "")).toMatchObject({ alarm: "ledger-fork", agent: "agent-1" });
	await device.endAsync();
	await waitFor("the webhook", () => received.join("").includes("ledger-fork"));
	const alarm = await waitFor("the server's own alarm", async () =>
		z
			.array(alarmSchema)
			.parse(await running?.items("/api/v1/alarms?active=true"))
			.find(({ rule }) => rule === "ledger-fork"),
	);
	expect(alarm).toMatchObject({ priority: "critical", point: "watchroom:agent-1", state: "unacknowledged" });
	const shown = ledgerStateSchema.parse(await running.get("/api/v1/ledger"));
	expect(shown.witnesses).toMatchObject([{ agent: "agent-1", state: "fork", size: null }]);
	expect(await database.tables<LedgerTables>().selectFrom("ledger_cosignatures").selectAll().execute()).toEqual([]);

	const clear = startChild(NODE, ["edge-agent/main.ts", "witness", "clear", "--trust-anew"], { env: running.env });
	await clear.says(/Cleared/);
	await append("after", 1);
	const after = await store.size();
	await waitFor("the agent to co-sign again", () => cosigned(after), 30_000);
	await waitFor("the server's alarm to end", async () =>
		z
			.array(alarmSchema)
			.parse(await running?.items("/api/v1/alarms"))
			.some(({ rule, active }) => rule === "ledger-fork" && !active),
	);
	webhook.close();
}, 180_000);
