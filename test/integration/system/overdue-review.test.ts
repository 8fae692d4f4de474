/** A review of the audit log that nobody has signed in its time raises an alarm, which ends with the signature (AUD-3). */
import { sql } from "kysely";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { alarmSchema } from "../../../contracts/api.ts";
import { type TestDatabase, testDatabase } from "../../helpers/postgres.ts";
import { fixture, type System, system } from "../../helpers/system.ts";
import { waitFor } from "../../helpers/wait-for.ts";

let running: System | undefined;
let held: TestDatabase | undefined;
afterEach(async () => {
	await running?.stop();
	await held?.drop();
});

test("an unsigned review of the audit log alarms once it is overdue, and no more once it is signed", async () => {
	held = await testDatabase();
	const { database, url } = held;
	running = await system({ site: fixture("system.yaml"), env: { DATABASE_URL: url } });
	await running.startServer();
	await running.server?.stop();
	await sql`INSERT INTO audit_reviews (id, from_at, to_at, due_at) VALUES ('2026-01', '2026-01-01', '2026-02-01', '2026-02-15')`.execute(
		database.tables(),
	);
	await running.startServer();
	const overdue = async () =>
		z
			.array(alarmSchema)
			.parse(await running?.items("/api/v1/alarms"))
			.find(({ rule }) => rule === "audit-review-overdue");
	const alarm = await waitFor("the alarm", overdue);
	expect(alarm).toMatchObject({ point: "watchroom:2026-01", priority: "medium", active: true });
	const signed = await running.post("/api/v1/audit/reviews/2026-01/sign", { remarks: "nothing to remark" }, "auditor");
	expect(signed.status, JSON.stringify(signed.body)).toBe(200);
	await waitFor("the alarm to end", async () => (await overdue())?.active === false);
}, 120_000);
