import { afterAll, beforeAll, expect, test } from "vitest";
import { actorWith } from "../../helpers/actors.ts";
import { identitySystem } from "../../helpers/identity.ts";

let system: Awaited<ReturnType<typeof identitySystem>>;
beforeAll(async () => {
	system = await identitySystem();
});
afterAll(() => system?.stop());

test("the account of a leaver is closed at once though it is the last that can change rights; a second time changes nothing", async () => {
	const { id, cookie } = await system.user("sec", "security-administrator");
	expect((await system.ask("GET", "/session", { cookie })).status).toBe(200);
	const hr = actorWith(["personnel.provision"], { id: "hr" });
	const end = () =>
		system.database.transaction(async (transaction) => {
			const closed = await system.accounts.endLeaver(transaction, id, hr, system.clock.time);
			for (const entry of closed?.entries ?? []) await system.ledger.append(transaction, entry);
			return closed;
		});
	const closed = await end();
	system.accounts.told(id, closed?.ended);
	expect(closed?.entries.map(({ type }) => type)).toEqual(["role.revoked", "account.closed"]);
	expect((await system.ask("GET", "/session", { cookie })).status).toBe(401);
	expect(await system.accounts.get(id)).toMatchObject({ status: "closed", roles: [] });
	expect(await end()).toBeNull();
});
