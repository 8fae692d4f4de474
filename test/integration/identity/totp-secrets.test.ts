/** Second factors' secrets at rest: sealed, bound to their account, sealed anew when the key is rotated. */
import { join } from "node:path";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import { rotateKeyFile } from "../../../server/audit/audit-key-file.ts";
import { totpCode } from "../../../server/identity/totp.ts";
import { filesHolding } from "../../helpers/database-files.ts";
import { identitySystem, PASSWORD } from "../../helpers/identity.ts";
import { waitFor } from "../../helpers/wait-for.ts";

let on: Awaited<ReturnType<typeof identitySystem>>;
beforeAll(async () => {
	on = await identitySystem();
});
afterAll(() => on.stop());

const run = async <R>(text: string) => (await sql.raw<R>(text).execute(on.database.tables())).rows;
const table = async () => JSON.stringify(await run("select * from accounts"));
const keptOf = async (id: string) =>
	(await run<{ totp_secret: string }>(`select totp_secret from accounts where id = '${id}'`))[0]?.totp_secret ?? "";

async function withSecondFactor() {
	const name = on.name();
	const { id, cookie } = await on.user(name, "operator");
	return { name, id, cookie, ...(await on.secondFactor(cookie)) };
}
/** Logs in with a code of the secret that wasn't used yet. */
async function logIn(name: string, secret: string) {
	on.clock.time += 30_000;
	return await on.logIn(name, PASSWORD, totpCode(secret, on.clock.time));
}

it("neither the accounts table nor any file of the database or its write-ahead log has a secret in clear, in use or waiting", async () => {
	const { secret, cookie } = await withSecondFactor();
	const waiting = (await on.ask("POST", "/session/second-factor", { cookie })).body.secret;
	const dump = await table();
	expect([dump.includes(secret), dump.includes(waiting), dump.includes(on.secrets.keyId)]).toEqual([false, false, true]);
	expect(await filesHolding(on.database, [secret, waiting])).toEqual({ [secret]: [], [waiting]: [] });
});

it("the database takes no secret in clear", async () => {
	const { id, secret } = await withSecondFactor();
	await expect(run(`update accounts set totp_secret = '${secret}' where id = '${id}'`)).rejects.toThrow("second_factors_are_sealed");
});

it("a secret that is copied into another account's row opens nothing there", async () => {
	const [mine, theirs] = [await withSecondFactor(), await withSecondFactor()];
	await run(`update accounts set totp_secret = '${await keptOf(mine.id)}', totp_step = null where id = '${theirs.id}'`);
	expect((await logIn(theirs.name, mine.secret)).body.code).toBe("invalid-credentials");
	expect((await logIn(mine.name, mine.secret)).status).toBe(200);
	expect((await on.logIn(theirs.name, PASSWORD, theirs.recoveryCodes[0])).status).toBe(200);
});

it("log-ins go on after the key was rotated, with the secrets sealed by the new one", async () => {
	const { id, name, secret } = await withSecondFactor();
	const fresh = await rotateKeyFile(join(on.directory, "keys", "audit-keys.json"), Date.now());
	await waitFor("the new key", () => on.secrets.keyId === fresh);
	expect((await keptOf(id)).startsWith(`${fresh}:`)).toBe(false);
	expect((await logIn(name, secret)).status).toBe(200);
	await on.totp.sealAnew();
	expect((await keptOf(id)).startsWith(`${fresh}:`)).toBe(true);
	expect((await logIn(name, secret)).status).toBe(200);
});

it("secrets that stood in clear before are sealed at the start", async () => {
	const { id, name, cookie, secret } = await withSecondFactor();
	const waiting = (await on.ask("POST", "/session/second-factor", { cookie })).body.secret;
	const check = "check (totp_secret like '%:%' and totp_pending like '%:%') not valid";
	await run("alter table accounts drop constraint second_factors_are_sealed");
	await run(`update accounts set totp_secret = '${secret}', totp_pending = '${waiting}' where id = '${id}'`);
	await run(`alter table accounts add constraint second_factors_are_sealed ${check}`);
	await on.totp.start();
	on.totp.stop();
	const dump = await table();
	expect([dump.includes(secret), dump.includes(waiting)]).toEqual([false, false]);
	expect((await logIn(name, secret)).status).toBe(200);
});
