import { afterEach, beforeEach, expect, test } from "vitest";
import { accessMigrations } from "../../../server/access/access-migrations.ts";
import { AccessService } from "../../../server/access/access-service.ts";
import { AccessRegister } from "../../../server/access/register/access-register.ts";
import { registerMigrations } from "../../../server/access/register/register-migrations.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { visitorsMigrations } from "../../../server/visitors/visitors-migrations.ts";
import { VisitorsService } from "../../../server/visitors/visitors-service.ts";
import { actorWith, recordedActs } from "../../helpers/actors.ts";
import { type TestDatabase, testDatabase } from "../../helpers/postgres.ts";
import { recordingRealtime, settableClock, smallSite, worldSource } from "../../helpers/small-world.ts";

const T0 = 1_769_000_000_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const card = { format: "H10301", facility: 90, number: 1 };
const site = {
	...smallSite(),
	holders: [
		{ id: "bob", name: "Bob Ray", role: "employee" },
		{ id: "ann", name: "Ann Lee", role: "employee", account: "ann" },
	],
};
const guest = actorWith(["visitors.request"], { id: "asks" });
const lead = actorWith(["visitors.approve"], { id: "approves" });
const ann = actorWith(["visitors.request"], { id: "account-ann" });

let db: TestDatabase;
let register: AccessRegister;
let visitors: VisitorsService;
let access: AccessService;
let acts: ReturnType<typeof recordedActs>;
const clock = settableClock(T0);

beforeEach(async () => {
	db = await testDatabase({ ...accessMigrations, ...registerMigrations, ...visitorsMigrations });
	clock.time = T0;
	acts = recordedActs();
	const common = { database: db.database, clock, logger: silentLogger() };
	register = new AccessRegister({ ...common, ...acts, world: worldSource(site), accounts: async () => new Map([["ann", "account-ann"]]) });
	await register.start();
	access = new AccessService({
		...common,
		world: worldSource(site),
		realtime: recordingRealtime(),
		register: () => register.current(),
	});
	visitors = new VisitorsService({ ...common, register, renameInEvents: (...asked) => access.renameInEvents(...asked), days: async () => 92 });
});
afterEach(async () => {
	await visitors.stop();
	await register.stop();
	await db.drop();
});

const iso = (ms: number) => new Date(ms).toISOString();
async function approved(): Promise<string> {
	const times = { from: iso(T0 + 2 * HOUR), until: iso(T0 + 4 * HOUR) };
	const asked = { visitor: "Vi Sitor", company: "Acme", purpose: "Repair", host: "bob", escort: "ann", zones: ["hall"], ...times };
	const { id } = await visitors.request(asked, guest);
	await visitors.approve(id, lead);
	return id;
}
async function onSite(): Promise<{ id: string; holder: string }> {
	const id = await approved();
	clock.time = T0 + 2 * HOUR;
	await visitors.checkIn(id, { document: { type: "passport", lastFour: "12AB" } }, lead);
	await visitors.acceptEscort(id, ann);
	await visitors.addBadge({ id: "V1", card }, lead);
	const { holder } = await visitors.badge(id, "V1", lead);
	return { id, holder: holder ?? "" };
}

test("nobody is received more than an hour before, and a visit that nobody came to expires", async () => {
	const id = await approved();
	const early = visitors.checkIn(id, { document: { type: "passport", lastFour: "12AB" } }, lead);
	await expect(early).rejects.toMatchObject({ code: "too-early", status: 409 });
	clock.time = T0 + 4 * HOUR;
	await visitors.look();
	expect((await visitors.get(id)).state).toBe("expired");
});

test("a visit's history says who did what and when, by the names that they had then", async () => {
	const { id } = await onSite();
	await visitors.badgeReturned(id, lead);
	const history = await visitors.history(id);
	expect(history.map(({ act, by, at }) => [act, by, Date.parse(at)])).toEqual([
		["request", guest.name, T0],
		["approve", lead.name, T0],
		["check-in", lead.name, T0 + 2 * HOUR],
		["accept-escort", ann.name, T0 + 2 * HOUR],
		["badge", lead.name, T0 + 2 * HOUR],
		["badge-returned", lead.name, T0 + 2 * HOUR],
	]);
	await expect(visitors.history("11111111-1111-4111-8111-111111111111")).rejects.toMatchObject({ status: 404 });
});

test("visits are listed by the time that they last into", async () => {
	const id = await approved();
	const found = async (from: number, to: number) => (await visitors.list({ limit: 10, from, to })).items.map((visit) => visit.id);
	expect(await found(T0, T0 + 2 * HOUR)).toEqual([]);
	expect(await found(T0, T0 + 3 * HOUR)).toEqual([id]);
	expect(await found(T0 + 3 * HOUR, T0 + DAY)).toEqual([id]);
	expect(await found(T0 + 4 * HOUR, T0 + DAY)).toEqual([]);
});

test("who approved a visit doesn't escort it, even with an account that became the escort's afterwards", async () => {
	const times = { from: iso(T0), until: iso(T0 + 2 * HOUR) };
	const asked = { visitor: "Vi Sitor", company: null, purpose: "Repair", host: "bob", escort: "ann", zones: ["hall"], ...times };
	const { id } = await visitors.request(asked, guest);
	const link = (account: string | null) => register.change(lead, (edit) => edit.updateHolder("ann", { account }));
	await link(null);
	await visitors.approve(id, ann);
	await visitors.checkIn(id, { document: { type: "passport", lastFour: "12AB" } }, lead);
	await link(ann.id);
	await expect(visitors.acceptEscort(id, ann)).rejects.toMatchObject({ code: "own-visit", status: 403 });
});

test("a badge opens the visit's zones within its time only, its escort is known, and who overstays is told of", async () => {
	const { id, holder } = await onSite();
	const verdict = (ts: number) => register.current().decide({ card, fingerprint: null }, "main", ts).verdict;
	expect([verdict(clock.time), verdict(T0 + 4 * HOUR - 1)]).toEqual(["granted", "granted"]);
	expect(verdict(T0 + 4 * HOUR)).not.toBe("granted");
	expect(visitors.escortOf(holder, clock.time)).toBe("ann");
	expect(visitors.escortOf("bob", clock.time)).toBeNull();
	expect(visitors.overdue(T0 + 4 * HOUR - 1).overstayed).toEqual([]);
	expect(visitors.overdue(T0 + 4 * HOUR).overstayed).toMatchObject([{ id }]);
	await visitors.checkOut(id, lead);
	expect(verdict(clock.time + 1)).not.toBe("granted");
	expect(visitors.escortOf(holder, clock.time + 1)).toBeNull();
	expect(visitors.overdue(clock.time + HOUR)).toMatchObject({ overstayed: [], badges: [{ id }] });
});

test("a visit is erased once it was kept long enough, its visitor's name with it; what the ledger keeps names nobody; open ones stay", async () => {
	const { id, holder } = await onSite();
	const swipe = {
		type: "access",
		device: "r1",
		seq: 1,
		ts: clock.time,
		receivedAt: clock.time,
		door: "main",
		direction: "in",
		method: "card",
	} as const;
	await access.record([{ ...swipe, card, fingerprint: null, result: "granted", reason: "granted" }], false);
	const seen = async () => (await access.accessEvents({ holder }, { limit: 10, after: null })).items.map((event) => event.holder?.name);
	expect(await seen()).toEqual(["Vi Sitor"]);
	clock.time = T0 + 200 * DAY;
	await visitors.look();
	expect((await visitors.get(id)).state).toBe("on-site");
	await visitors.badgeReturned(id, lead);
	await visitors.look();
	expect((await visitors.get(id)).state).toBe("closed");
	clock.time += 93 * DAY;
	await visitors.look();
	await expect(visitors.get(id)).rejects.toMatchObject({ code: "not-found" });
	expect(register.current().holders.get(holder)).toMatchObject({ name: "Visitor", company: null });
	expect(await seen()).toEqual(["Visitor"]);
	const kept = JSON.stringify(acts.entries);
	expect(kept).toContain("visit.erased");
	expect(kept).not.toMatch(/Sitor|Acme|12AB/);
});

test("a badge leaves the pool unless a visitor has it, is audited, and past visits go on naming it", async () => {
	const { id } = await onSite();
	await expect(visitors.removeBadge("V1", lead)).rejects.toMatchObject({ status: 409, code: "badge-out" });
	await visitors.checkOut(id, lead);
	await expect(visitors.removeBadge("V1", lead)).rejects.toMatchObject({ status: 409, code: "badge-out" });
	await visitors.badgeReturned(id, lead);
	await visitors.removeBadge("V1", lead);
	expect(await visitors.pool()).toEqual([]);
	expect((await visitors.get(id)).badge).toBe("V1");
	expect(acts.lines).toContainEqual(expect.objectContaining({ operation: "visitor-badge.remove", object: { type: "visitor-badge", id: "V1" } }));
	await expect(visitors.removeBadge("V1", lead)).rejects.toMatchObject({ status: 404 });
	await visitors.addBadge({ id: "V1", card }, lead);
	expect(await visitors.pool()).toMatchObject([{ id: "V1", visit: null }]);
});

test("a card that is somebody's doesn't go into the pool of visitors' badges", async () => {
	const worn = { format: "H10301", facility: 12, number: 77 };
	await register.change(lead, (edit) => edit.addCredential({ holder: "bob", card: worn, fingerprint: null, until: null }));
	await expect(visitors.addBadge({ id: "V9", card: worn }, lead)).rejects.toMatchObject({ status: 409, code: "credential-taken" });
});
