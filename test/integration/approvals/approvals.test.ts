import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Actor } from "../../../server/platform/actor.ts";
import { type TestDatabase, testDatabase } from "../../helpers/postgres.ts";
import { settableClock } from "../../helpers/small-world.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../helpers/temporary-directory.ts";
import { twoPersons, twoPersonsMigrations } from "../../helpers/two-persons.ts";

const DAY = 86_400_000;
const reason = "as agreed";
const clock = settableClock(Date.UTC(2026, 10, 30, 12));
let db: TestDatabase;
let directory: TemporaryDirectory;
let all: Awaited<ReturnType<typeof twoPersons>>;
let sam: Actor;
let sue: Actor;
let fay: Actor;

beforeEach(async () => {
	clock.time = Date.UTC(2026, 10, 30, 12);
	db = await testDatabase(twoPersonsMigrations);
	directory = await temporaryDirectory("approvals");
	all = await twoPersons(db.database, directory.path, clock);
	sam = await all.person("sam", "security-administrator");
	sue = await all.person("sue", "security-administrator");
	fay = await all.person("fay", "facility-manager");
});
afterEach(async () => {
	await all.stop();
	await db.drop();
	await directory.remove();
});

const give = (user: string, role: "operator" | "auditor" | "system-administrator" | "audit-administrator", by = sam) =>
	all.approvals.propose({ kind: "role-grant", user, role, site: "*", reason }, by);
const take = (user: string, role: "operator" | "security-administrator" | "facility-manager", by = sam) =>
	all.approvals.propose({ kind: "role-revocation", user, role, site: "*", reason }, by);
const roles = async (account: string) => (await all.rights.rolesOf(account, clock.now())).map(({ role }) => role);
const entries = async (type: string) => (await leaves()).filter((leaf) => leaf.type === type);
async function leaves(): Promise<{ type: string; data: Record<string, unknown> }[]> {
	return (await all.ledger.entries(null, 500)).map(({ leaf }) => JSON.parse(leaf.toString("utf8")));
}
async function auditLines(operation: string, result = "ok"): Promise<number> {
	const { rows } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM audit.lines WHERE operation = ${operation} AND result = ${result}`.execute(
		db.database.tables(),
	);
	return rows[0]?.n ?? -1;
}
const settled = async (acts: Promise<unknown>[]) =>
	(await Promise.allSettled(acts)).map((act) => (act.status === "fulfilled" ? "done" : String(act.reason.code))).sort();

test("what one person proposes and another approves is applied, with one audit line, one ledger entry and three months to go", async () => {
	const change = await give("ann", "operator");
	expect(change).toMatchObject({ state: "pending", decidable: false, undecidableBecause: expect.stringContaining("another person") });
	expect(await all.approvals.get(change.id, sue)).toMatchObject({ decidable: true });
	expect(await all.approvals.approve(change.id, sue, "fine")).toMatchObject({ state: "applied", decidedBy: { id: "sue" }, comment: "fine" });
	expect(await all.rights.rolesOf("ann", clock.now())).toMatchObject([{ role: "operator", lapsesAt: Date.UTC(2027, 1, 28, 12) }]);
	const [entry] = await entries("change.approved");
	expect(entry?.data).toMatchObject({ change: change.id, proposedBy: "sam", decidedBy: "sue" });
	expect(JSON.stringify(entry)).not.toContain("ann");
	expect(await auditLines("change.approve")).toBe(1);
});

test("nobody approves or rejects their own proposal, or one that is about themselves, or without the permission", async () => {
	const ada = await all.person("ada", "auditor");
	const change = await give("fay", "operator");
	await expect(all.approvals.approve(change.id, sam, null)).rejects.toMatchObject({ status: 403, code: "own-proposal" });
	await expect(all.approvals.approve(change.id, fay, null)).rejects.toMatchObject({ status: 403, code: "excluded" });
	await expect(all.approvals.reject(change.id, fay, null)).rejects.toMatchObject({ status: 403, code: "excluded" });
	await expect(all.approvals.approve(change.id, ada, null)).rejects.toMatchObject({ status: 404 });
	const other = await all.person("sam+2", "security-administrator");
	await expect(all.approvals.approve(change.id, other, null), "nor with another account").rejects.toMatchObject({ status: 403, code: "same-person" });
	await expect(give("sam+2", "auditor"), "nor for another account of theirs").rejects.toMatchObject({ status: 403, code: "own-rights" });
	const about = await give("sue+2", "operator");
	await expect(all.approvals.approve(about.id, sue, null), "nor about it").rejects.toMatchObject({ status: 403, code: "excluded" });
	await expect(give("sam", "auditor")).rejects.toMatchObject({ status: 403, code: "own-rights" });
	await expect(give("ann", "operator", fay)).rejects.toMatchObject({ status: 403, code: "forbidden" });
	expect(await roles("fay")).toEqual(["facility-manager"]);
	expect(await auditLines("change.approve", "refused")).toBeGreaterThan(0);
});

test("of two approvals at once one applies, the other is refused", async () => {
	const change = await give("ann", "operator");
	expect(await settled([all.approvals.approve(change.id, sue, null), all.approvals.approve(change.id, fay, null)])).toEqual([
		"already-decided",
		"done",
	]);
	expect(await entries("change.approved")).toHaveLength(1);
});

test("two administrator roles for one account, approved at once: one of them is given", async () => {
	const one = await give("ann", "system-administrator");
	const two = await give("ann", "audit-administrator");
	expect(await settled([all.approvals.approve(one.id, sue, null), all.approvals.approve(two.id, fay, null)])).toEqual([
		"administrator-roles-apart",
		"done",
	]);
	expect(await roles("ann")).toHaveLength(1);
});

test("the database itself refuses a second administrator role, whoever writes it", async () => {
	await expect(
		sql`INSERT INTO role_grants (id, account, role, site, granted_at, lapses_at, proposed_by, approved_by)
			VALUES (gen_random_uuid(), 'sam', 'audit-administrator', '*', now(), now() + interval '1 day', 'a', 'b')`.execute(db.database.tables()),
	).rejects.toMatchObject({ constraint: "role_grants_administrators_apart" });
});

test("two people who take each other's role at once don't wait for each other for ever, and the system isn't left without them", async () => {
	const one = await take("sue", "security-administrator", sam);
	const two = await take("sam", "security-administrator", sue);
	const ends = await settled([all.approvals.approve(one.id, fay, null), all.approvals.approve(two.id, fay, null)]);
	expect(ends).toEqual(["done", "last-of-their-kind"]);
});

test("the same change is proposed once at a time, also by two requests at once, and again when it is decided", async () => {
	expect(await settled([give("ann", "operator"), give("ann", "operator", sue)])).toEqual(["already-proposed", "done"]);
	const [pending] = (await all.approvals.list({ mine: false, state: "pending" }, fay, { limit: 10, after: null })).items;
	await all.approvals.reject(pending?.id ?? "", fay, null);
	expect(await give("ann", "operator")).toMatchObject({ state: "pending" });
});

test("a proposal is refused once it has expired, swept or not, and can be made anew", async () => {
	const change = await give("ann", "operator");
	clock.time = Date.parse(change.expiresAt);
	await expect(all.approvals.approve(change.id, sue, null)).rejects.toMatchObject({ code: "change-expired" });
	expect(await all.approvals.get(change.id, sam)).toMatchObject({ state: "expired", decidedBy: null });
	const again = await give("ann", "operator");
	clock.time = Date.parse(again.expiresAt);
	expect(await all.approvals.sweep()).toBe(1);
	expect(await entries("change.expired")).toHaveLength(2);
	expect(await roles("ann")).toEqual([]);
});

test("a change whose subject has changed since is stale", async () => {
	const [one, two] = [
		await all.approvals.propose({ kind: "retention", data: "readings", days: 60, reason }, await all.person("sid", "system-administrator")),
		await all.approvals.propose({ kind: "retention", data: "readings", days: 90, reason }, await all.person("sol", "system-administrator")),
	];
	await all.approvals.approve(one.id, fay, null);
	expect(all.retention.days("readings")).toBe(60);
	expect(all.applied.at(-1)).toMatchObject({ rawMs: 60 * DAY });
	await expect(all.approvals.approve(two.id, sue, null)).rejects.toMatchObject({ status: 409, code: "change-stale" });
	expect(await all.approvals.get(two.id, sue)).toMatchObject({ state: "stale" });
	expect(await entries("change.stale")).toHaveLength(1);
	expect(all.retention.days("readings")).toBe(60);
});

test("an audit log kept for less than 180 days can't be proposed", async () => {
	const sid = await all.person("sid", "system-administrator");
	await expect(all.approvals.propose({ kind: "retention", data: "audit", days: 179, reason }, sid)).rejects.toMatchObject({ status: 400 });
	await expect(all.approvals.propose({ kind: "retention", data: "readings", days: 366, reason }, sid)).rejects.toMatchObject({ status: 400 });
});

test("an approver who has lost the role since the log-in approves nothing, and a proposer who has lost it proposed nothing", async () => {
	const change = await give("ann", "operator");
	const loss = await take("fay", "facility-manager");
	await all.approvals.approve(loss.id, sue, null);
	await expect(all.approvals.approve(change.id, fay, null)).rejects.toMatchObject({ status: 403 });
	const ben = await all.person("ben", "facility-manager");
	const other = await all.person("bea", "security-administrator");
	await all.approvals.approve((await take("sam", "security-administrator", sue)).id, other, null);
	await expect(all.approvals.approve(change.id, ben, null)).rejects.toMatchObject({ status: 409, code: "proposer-without-right" });
	expect(await roles("ann")).toEqual([]);
});

test("a role counts for nothing from the moment of its lapse, is announced once 14 days ahead, and the lapse is recorded once", async () => {
	const lapse = (await all.rights.rolesOf("sam", clock.now()))[0]?.lapsesAt ?? 0;
	clock.time = lapse - 14 * DAY;
	expect((await all.rights.rolesOf("sam", clock.now()))[0]).toMatchObject({ lapsesSoon: true });
	await Promise.all([all.rights.sweep(), all.rights.sweep()]);
	expect(await auditLines("role.lapse-announced")).toBe(3);
	const renewal = await all.approvals.propose({ kind: "role-renewal", user: "sam", role: "security-administrator", site: "*", reason }, sue);
	await all.approvals.approve(renewal.id, fay, null);
	clock.time = lapse - 1;
	expect(await roles("sue")).toHaveLength(1);
	clock.time = lapse;
	expect(await roles("sue")).toEqual([]);
	expect(await roles("sam")).toHaveLength(1);
	await Promise.all([all.rights.sweep(), all.rights.sweep()]);
	expect(await entries("role.lapsed")).toHaveLength(2);
	expect(await auditLines("role.lapse")).toBe(2);
});

test("an administrator's account is closed by two people, with all its roles", async () => {
	await expect(
		db.database.transaction((transaction) => all.rights.endAllOf(transaction, { account: "sam", actor: sue, now: clock.now() })),
	).rejects.toMatchObject({ code: "takes-two-persons" });
	const ben = await all.person("ben", "security-administrator");
	const change = await all.approvals.propose({ kind: "account-closure", user: "sam", reason }, sue);
	await expect(all.approvals.approve(change.id, sam, null)).rejects.toMatchObject({ status: 403 });
	await all.approvals.approve(change.id, ben, null);
	expect(await roles("sam")).toEqual([]);
	expect(all.closed).toContain("sam");
});

test("a token that may not propose a change takes none of its owner's back; its owner does, also without the right by now", async () => {
	const change = await give("ann", "operator");
	const narrow: Actor = { ...sam, method: "token", permissions: new Map([["site.read", new Set(["*"])]]) };
	await expect(all.approvals.withdraw(change.id, narrow, null)).rejects.toMatchObject({ status: 403, code: "forbidden" });
	expect(await auditLines("change.withdraw", "refused")).toBe(1);
	const owner: Actor = { ...narrow, method: "session" };
	expect(await all.approvals.withdraw(change.id, owner, null)).toMatchObject({ state: "withdrawn" });
});

test("everybody sees what they proposed, decided or may decide, and nothing else", async () => {
	const change = await give("ann", "operator");
	const see = async (who: Actor, mine = false) => (await all.approvals.list({ mine }, who, { limit: 10, after: null })).items.length;
	const op = await all.person("op", "operator");
	expect([await see(sam), await see(sam, true), await see(fay), await see(fay, true), await see(op)]).toEqual([1, 1, 1, 0, 0]);
	await expect(all.approvals.get(change.id, op)).rejects.toMatchObject({ status: 404 });
	await expect(all.approvals.withdraw(change.id, fay, null)).rejects.toMatchObject({ status: 403 });
	expect(await all.approvals.withdraw(change.id, sam, null)).toMatchObject({ state: "withdrawn" });
	await expect(all.approvals.approve(change.id, sue, null)).rejects.toMatchObject({ code: "already-decided" });
});
