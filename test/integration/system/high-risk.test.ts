/** High-risk operations alarm at once, in a whole server (AUD-2), also after it was killed in between. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { alarmSchema } from "../../../contracts/api.ts";
import { auditLineSchema } from "../../../contracts/audit.ts";
import { changeSchema } from "../../../contracts/changes.ts";
import { userSchema } from "../../../contracts/identity.ts";
import { NODE, startChild } from "../../helpers/child-process.ts";
import { fixture, type System, system } from "../../helpers/system.ts";
import { waitFor } from "../../helpers/wait-for.ts";

let running: System;
beforeAll(async () => {
	running = await system({ site: fixture("system.yaml") });
	await running.startServer();
}, 120_000);
afterAll(() => running.stop(), 60_000);

const alarms = async () =>
	z
		.array(alarmSchema)
		.parse(await running.items("/api/v1/alarms"))
		.filter(({ rule }) => rule === "high-risk-operation");

test("the demo's own accounts alarm nobody", async () => {
	expect(await alarms()).toEqual([]);
});

test("a role that was proposed by one and approved by another raises an alarm that names the operation and who approved it", async () => {
	const users = z.array(userSchema).parse(await running.items("/api/v1/users", "security-administrator"));
	const user = users.find(({ username }) => username === "operator")?.id;
	const proposal = { kind: "role-grant", user, role: "shift-lead", reason: "leads the night shift" };
	const proposed = await running.post("/api/v1/changes", proposal, "security-administrator");
	expect(proposed.status, JSON.stringify(proposed.body)).toBe(201);
	const { id } = changeSchema.parse(proposed.body);
	expect((await running.post(`/api/v1/changes/${id}/approve`, {}, "security-administrator")).status).toBe(403);
	const approved = await running.post(`/api/v1/changes/${id}/approve`, {}, "facility-manager");
	expect(approved.status, JSON.stringify(approved.body)).toBe(200);
	// In whichever process the alarm is raised: the line waits in the database until somebody was told.
	await running.server?.stop("SIGKILL");
	await running.startServer();

	const [alarm] = await waitFor("the alarm", async () => {
		const found = await alarms();
		return found.length > 0 ? found : null;
	});
	expect(alarm).toMatchObject({ point: "watchroom:change.approve", message: "change.approve by facility-manager", acknowledged: false });
	const lines = z.array(auditLineSchema).parse(await running.items("/api/v1/audit?highRisk=true&operation=change.approve", "auditor"));
	expect(lines).toMatchObject([{ username: "facility-manager", result: "ok", object: { type: "change", id } }]);
}, 120_000);

test("the ledger that all of this went into is checked row by row, by a command beside the running server", async () => {
	const command = startChild(NODE, ["server/cli.ts", "ledger", "check"], { env: running.env });
	try {
		const [, entries] = await command.says(/Checked (\d+) entries/);
		expect(Number(entries)).toBeGreaterThan(0);
		await waitFor("the command's end", () => command.process.exitCode !== null, 30_000);
		expect(command.process.exitCode, command.output()).toBe(0);
		expect((await fetch(`${running.url}/readyz`)).status).toBe(200);
	} finally {
		await command.stop();
	}
}, 120_000);
