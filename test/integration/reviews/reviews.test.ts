/** The whole life of a review on a real PostgreSQL; long since every rule needs a review that has come so far. */
import { createHash } from "node:crypto";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DecideItem, ReviewItem } from "../../../contracts/reviews.ts";
import { accessMigrations } from "../../../server/access/access-migrations.ts";
import { AccessService } from "../../../server/access/access-service.ts";
import type { Removals } from "../../../server/access/controllers/removal.ts";
import type { FindingRecord } from "../../../server/access/monitor/finding.ts";
import { monitorMigrations } from "../../../server/access/monitor/monitor-migrations.ts";
import { AccessRegister } from "../../../server/access/register/access-register.ts";
import { registerMigrations } from "../../../server/access/register/register-migrations.ts";
import type { OwnReport } from "../../../server/alarms/own-alarm.ts";
import { CONSOLE } from "../../../server/identity/console-actor.ts";
import type { Actor } from "../../../server/platform/actor.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { bulkRevocations } from "../../../server/reviews/bulk-kind.ts";
import { ReviewCampaigns } from "../../../server/reviews/review-campaigns.ts";
import { ReviewClosing } from "../../../server/reviews/review-closing.ts";
import { reportSchema } from "../../../server/reviews/review-report.ts";
import { ReviewReports } from "../../../server/reviews/review-reports.ts";
import { ReviewService } from "../../../server/reviews/review-service.ts";
import { reviewsMigrations } from "../../../server/reviews/reviews-migrations.ts";
import { actorWith, recordedActs } from "../../helpers/actors.ts";
import { type TestDatabase, testDatabase } from "../../helpers/postgres.ts";
import { recordingRealtime, settableClock, smallSite, worldSource } from "../../helpers/small-world.ts";

const DAY = 86_400_000;
/** The change by which a second person approved. */
const CHANGE = "7b0f1c1e-3d0a-4c39-9a53-0f5d4f0c1a11";
/** In Berlin it is December already. */
const T0 = Date.parse("2026-11-30T23:30:00Z");
const card = (number: number) => ({ format: "H10301", facility: 12, number });
const people = ["ann", "bob", "cyd", "dan", "eve"].map((id, number) => ({
	id,
	name: `Name of ${id}`,
	role: "employee",
	card: card(number + 1),
	account: id,
	sponsor: id === "ann" ? "bob" : "ann",
	zones: ["hall"],
}));
const site = {
	...smallSite(),
	zones: [{ id: "hall", name: "Hall", rooms: ["hall"], reviewers: ["rita"] }],
	reviews: { dueAfterDays: 10, reviewers: ["ralf"], undecided: "escalate", secondPersonAbove: 0.4 },
	holders: people,
};
const reviewer = (id: string): Actor => actorWith(["reviews.decide", "reviews.read"], { id });
const [rita, ralf, ann] = [reviewer("rita"), reviewer("ralf"), reviewer("ann")];
const manager = actorWith(["reviews.sign-off", "reviews.manage", "reviews.read", "access.personal", "access.card-numbers"], { id: "manager" });

let db: TestDatabase;
const clock = settableClock(T0);
const world = worldSource(site);
let acts: ReturnType<typeof recordedActs>;
let register: AccessRegister;
let access: AccessService;
let reviews: ReviewService;
let campaigns: ReviewCampaigns;
let closing: ReviewClosing;
let able: { account: string; username: string }[];
let confirmed: number | null;
let found: FindingRecord[];
let reports: OwnReport[];

beforeEach(async () => {
	db = await testDatabase({ ...accessMigrations, ...registerMigrations, ...monitorMigrations, ...reviewsMigrations });
	clock.time = T0 - 40 * DAY;
	world.change(site);
	acts = recordedActs();
	[able, confirmed, found, reports] = [
		[
			{ account: "rita", username: "rita" },
			{ account: "ralf", username: "ralf" },
		],
		null,
		[],
		[],
	];
	const logger = silentLogger();
	const database = db.database;
	register = new AccessRegister({ world, database, ...acts, clock, logger, accounts: async (names) => new Map(names.map((name) => [name, name])) });
	await register.start();
	access = new AccessService({ world, database, realtime: recordingRealtime(), clock, register: () => register.current() });
	const reviewers = async () => able;
	const named = async (ids: readonly string[]) => new Map(ids.map((id) => [id, { id, username: id, name: id }]));
	reviews = new ReviewService({
		database,
		register,
		roles: { revoke: async () => [], revoked: () => undefined },
		people: named,
		reviewers,
		...acts,
		clock,
	});
	campaigns = new ReviewCampaigns({
		database,
		world,
		register,
		access,
		reviewers,
		heldRoles: async () => [],
		isAdministrator: () => false,
		reviews,
		...acts,
		clock,
		logger,
	});
	const removals: Removals = { progress: async () => ({ confirmedAt: confirmed, records: [] }), onConfirmed: () => undefined };
	closing = new ReviewClosing({
		database,
		reviews,
		register: () => register.current(),
		removals,
		findings: { after: async (id) => found.filter((one) => one.id > id), onNew: () => undefined },
		report: async (report) => void reports.push(report),
		...acts,
		clock,
		logger,
		every: null,
	});
	clock.time = T0;
});
afterEach(async () => {
	await register.stop();
	await db.drop();
});

async function started(): Promise<{ id: string; items: ReviewItem[] }> {
	await campaigns.look();
	const review = (await reviews.list(rita)).find(({ subject }) => subject === "access");
	if (!review) throw new Error("not started");
	return { id: review.id, items: await itemsOf(review.id) };
}
const itemsOf = async (id: string, by = rita) => (await reviews.items(id, {}, { limit: 500, after: 0 }, by)).items;
const decision = (item: ReviewItem, values: Partial<DecideItem>): DecideItem => ({
	decision: "keep",
	reason: "still needed",
	version: item.version,
	...values,
});
async function decideAll(id: string, of: (item: ReviewItem) => Partial<DecideItem> = () => ({}), which: (item: ReviewItem) => boolean = () => true) {
	for (const item of (await itemsOf(id)).filter(which))
		await reviews.decide(id, item.id, decision(item, of(item)), item.assignee?.id === "ralf" ? ralf : rita);
}

test("the month's review starts by itself, by the site's calendar, once, and is caught up after a downtime (REV-1)", async () => {
	await Promise.all([campaigns.look(), campaigns.look()]);
	await campaigns.look();
	const all = await reviews.list(rita);
	expect(all.map(({ subject, period }) => `${subject} ${period}`).sort()).toEqual(["access 2026-12", "rights 2026-12"]);
	expect(all.find(({ subject }) => subject === "access")).toMatchObject({ state: "open", figures: { items: 5, decided: 0 }, revocationsAllowed: 2 });
	clock.time += 33 * DAY;
	await campaigns.look();
	expect((await reviews.list(rita)).map(({ period }) => period)).toContain("2027-01");
	await expect(campaigns.begin("access", manager)).rejects.toMatchObject({ code: "review-exists" });
});

test("the snapshot is frozen, and its hash stands in the ledger", async () => {
	const { id, items } = await started();
	const review = await reviews.get(id, rita);
	const entry = acts.entries.find(({ type, data }) => type === "review.started" && data.review === id);
	expect(entry?.data).toMatchObject({ snapshot: review.snapshotHash, items: 5 });
	expect(JSON.stringify(entry)).not.toContain("Name of");
	const { rows } = await sql<{
		frozen: string;
		snapshot_salt: string;
	}>`SELECT frozen, snapshot_salt FROM review_items JOIN reviews r ON r.id = review WHERE review = ${id} ORDER BY number`.execute(
		db.database.tables(),
	);
	const hash = createHash("sha256").update(`${rows[0]?.snapshot_salt}\n`);
	for (const { frozen } of rows) hash.update(`${frozen}\n`);
	expect(hash.digest("hex")).toBe(review.snapshotHash);
	await register.change(manager, (edit) => edit.updateHolder("eve", { name: "Somebody Else" }));
	expect((await itemsOf(id)).map(({ holder }) => holder?.name)).toEqual(items.map(({ holder }) => holder?.name));
});

test("items go to the zone's reviewers, else to the fall-back, and never to the holder or who answers for them (REV-3)", async () => {
	able = [
		{ account: "ann", username: "rita" },
		{ account: "bob", username: "ralf" },
	];
	const { items } = await started();
	// Ann is the holder of one and the sponsor of all the others; Bob is the holder of one and Ann's sponsor.
	expect(items.map(({ holder, assignee }) => [holder?.id, assignee?.id ?? null])).toEqual([
		["ann", null],
		["bob", null],
		["cyd", "bob"],
		["dan", "bob"],
		["eve", "bob"],
	]);
});

test("usage and hints stand beside each item (REV-2)", async () => {
	const swipe = (number: number, seq: number, ago: number, result: "granted" | "denied" = "granted") =>
		({
			type: "access",
			device: "r1",
			ts: T0 - ago,
			receivedAt: T0 - ago,
			seq,
			door: "main",
			direction: "in",
			method: "card",
			card: card(number),
			fingerprint: null,
			result,
			reason: "granted",
		}) as const;
	await access.record([swipe(1, 1, 31 * DAY), swipe(2, 2, DAY), swipe(2, 3, 2 * DAY, "denied")], false);
	const { items } = await started();
	expect(items.map(({ holder, usage, hints, risk }) => [holder?.id, usage?.granted, usage?.denied, hints, risk])).toEqual([
		["ann", 1, 0, ["unused-30-days"], "risky"],
		["bob", 1, 1, [], "changed"],
		["cyd", 0, 0, ["never-used"], "risky"],
		["dan", 0, 0, ["never-used"], "risky"],
		["eve", 0, 0, ["never-used"], "risky"],
	]);
	expect(items[1]?.usage).toMatchObject({ lastUsedAt: new Date(T0 - DAY).toISOString(), doors: [{ door: "main", granted: 1 }] });
});

test("nobody decides on their own or sponsored access, or on what is assigned to another, also by racing (REV-3)", async () => {
	const { id, items } = await started();
	const [own, other] = [items[0], items[2]];
	if (!own || !other) throw new Error("no items");
	await expect(reviews.decide(id, own.id, decision(own, {}), ann)).rejects.toMatchObject({ status: 403, code: "own-access" });
	await expect(reviews.decide(id, other.id, decision(other, {}), ann)).rejects.toMatchObject({ status: 403, code: "own-access" });
	await expect(reviews.decide(id, other.id, decision(other, {}), ralf)).rejects.toMatchObject({ status: 403, code: "not-assigned" });
	await expect(reviews.reassign(id, own.id, { to: "ann", reason: "hers anyway" }, manager)).rejects.toMatchObject({
		status: 400,
		errors: [{ field: "to" }],
	});
	able.push({ account: "ann", username: "ann" });
	const raced = await Promise.allSettled([
		reviews.reassign(id, own.id, { to: "ann", reason: "hers anyway" }, manager),
		reviews.decide(id, own.id, decision(own, {}), ann),
	]);
	expect(raced.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
	expect((await reviews.item(id, own.id, ann)).undecidableBecause).toBe("own-access");
});

test("who becomes the sponsor after the snapshot can neither decide nor submit what they had drafted (REV-3)", async () => {
	const { id, items } = await started();
	const item = items[2];
	if (!item) throw new Error("no items");
	await reviews.decide(id, item.id, decision(item, {}), rita);
	await register.change(manager, async (edit) => {
		await edit.addHolder({ id: "rita", name: "Rita", kind: "employee", company: null, post: null, externalId: null, account: "rita", sponsor: null });
		await edit.updateHolder("cyd", { sponsor: "rita" });
	});
	await expect(reviews.submit(id, rita)).rejects.toMatchObject({ status: 403, code: "own-access" });
	const now = await reviews.item(id, item.id, rita);
	expect(now).toMatchObject({ decidable: false, undecidableBecause: "own-access", submitted: false });
	await expect(reviews.decide(id, item.id, decision(now, {}), rita)).rejects.toMatchObject({ code: "own-access" });
	await reviews.reassign(id, item.id, { to: "ralf", reason: "she sponsors him now" }, manager);
	expect(await reviews.submit(id, rita)).toMatchObject({ submitted: 0 });
});

test("two who decide the same item don't overwrite each other, and a draft can be taken back", async () => {
	const { id, items } = await started();
	const [item] = items;
	if (!item) throw new Error("no items");
	const both = await Promise.allSettled([
		reviews.decide(id, item.id, decision(item, {}), rita),
		reviews.decide(id, item.id, decision(item, { decision: "revoke" }), rita),
	]);
	expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
	expect(both.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "changed-meanwhile" } });
	const now = await reviews.item(id, item.id, rita);
	expect(await reviews.decide(id, item.id, decision(now, { decision: null, reason: null }), rita)).toMatchObject({ decision: null, decidedBy: null });
});

test.each<[string, Partial<DecideItem>, string]>([
	["revoking without a reason", { decision: "revoke", reason: null }, "reason"],
	["keeping a risky one without a reason", { decision: "keep", reason: null }, "reason"],
	["a change without saying what", { decision: "change" }, "change"],
	["a change that changes nothing", { decision: "change", change: { until: null, schedule: null } }, "change"],
	["a change into the past", { decision: "change", change: { until: new Date(T0 - 1).toISOString(), schedule: null } }, "change.until"],
])("%s is refused, naming the field", async (_, values, field) => {
	const { id, items } = await started();
	const [item] = items;
	if (!item) throw new Error("no items");
	await expect(reviews.decide(id, item.id, decision(item, values), rita)).rejects.toMatchObject({ status: 400, errors: [{ field }] });
});

test("only what is unchanged and of low risk is attested as a block: all or none (REV-3)", async () => {
	const { id, items } = await started();
	const asked = items.map(({ id: item, version }) => ({ item, version }));
	await expect(reviews.attest(id, { items: asked }, rita)).rejects.toMatchObject({ code: "one-by-one" });
	await sql`UPDATE review_items SET risk = 'low' WHERE number <> 3`.execute(db.database.tables());
	await expect(reviews.attest(id, { items: asked }, rita)).rejects.toMatchObject({ code: "one-by-one" });
	expect((await reviews.get(id, rita)).figures.decided).toBe(0);
	await reviews.attest(id, { items: asked.filter((_, place) => place !== 2) }, rita);
	expect((await reviews.get(id, rita)).figures).toMatchObject({ decided: 4, attested: 4, kept: 4 });
});

test("what is submitted is done at once: revoked grants end, changed ones go on with other limits (REV-3)", async () => {
	const { id } = await started();
	const until = new Date(T0 + 5 * DAY).toISOString();
	await decideAll(id, ({ number }) =>
		number === 3
			? { decision: "revoke", reason: "has left the team" }
			: number === 4
				? { decision: "change", reason: "till Friday", change: { until, schedule: null } }
				: {},
	);
	expect(await reviews.submit(id, rita)).toEqual({ submitted: 5, revoked: 1, changed: 1 });
	const state = register.current();
	expect(state.decide({ card: card(3), fingerprint: null }, "main", T0).verdict).toBe("denied-no-rights");
	expect(state.decide({ card: card(4), fingerprint: null }, "main", T0).verdict).toBe("granted");
	expect(state.decide({ card: card(4), fingerprint: null }, "main", T0 + 6 * DAY).verdict).toBe("denied-no-rights");
	expect(acts.entries.filter(({ type }) => type === "review.decided")).toHaveLength(5);
	const [item] = await itemsOf(id);
	if (!item) throw new Error("no items");
	await expect(reviews.decide(id, item.id, decision(item, {}), rita)).rejects.toMatchObject({ code: "submitted" });
	expect(await reviews.submit(id, rita)).toEqual({ submitted: 0, revoked: 0, changed: 0 });
});

test("a change whose time is over when it is submitted leaves nothing", async () => {
	const { id } = await started();
	const until = new Date(T0 + 60_000).toISOString();
	await decideAll(id, ({ number }) => (number === 4 ? { decision: "change", change: { until, schedule: null } } : {}));
	clock.time = T0 + 61_000;
	expect(await reviews.submit(id, rita)).toMatchObject({ changed: 1 });
	const grants = register.current().ownGrantsOf("dan");
	expect(grants.map(({ endReason }) => endReason)).toEqual(["replaced"]);
});

test("revoking more than the set share takes a second person (REV-4)", async () => {
	const { id } = await started();
	await decideAll(id, ({ number }) => (number <= 3 ? { decision: "revoke" } : {}));
	await expect(reviews.submit(id, rita)).rejects.toMatchObject({ status: 409, code: "takes-two-persons" });
	expect(register.current().decide({ card: card(1), fingerprint: null }, "main", T0).verdict).toBe("granted");
	const proposal = { kind: "review-revocations" as const, review: id, reason: "a team has left" };
	await db.database.transaction(async (transaction) => {
		expect(await bulkRevocations.describe(transaction, proposal, rita)).toMatchObject({
			before: { revocationsAllowed: 2, itemsToRevoke: "1-3" },
			after: { itemsApproved: "1-3" },
		});
		await bulkRevocations.apply(transaction, { id: CHANGE, proposal, proposer: rita, approver: CONSOLE, now: T0 });
	});
	expect(await reviews.submit(id, rita)).toMatchObject({ revoked: 3 });
});

test("what is approved are the items that were shown, and not by who decided some of them (REV-4, IAM-4)", async () => {
	const { id } = await started();
	await decideAll(id, ({ number }) => (number <= 3 ? { decision: "revoke" } : {}));
	const proposal = { kind: "review-revocations" as const, review: id, reason: "a team has left" };
	const describe = () => db.database.transaction((transaction) => bulkRevocations.describe(transaction, proposal, ralf));
	const proposed = await describe();
	expect((await describe()).before).toEqual(proposed.before);
	await decideAll(id, ({ number }) => (number >= 2 && number <= 4 ? { decision: "revoke" } : {}));
	expect((await describe()).before, "as many, but others").toMatchObject({ itemsToRevoke: "2-4" });
	const apply = (approver: Actor) =>
		db.database.transaction((transaction) =>
			bulkRevocations.apply(transaction, { id: CHANGE, proposal, proposer: { id: ralf.id }, approver, now: T0 }),
		);
	await expect(apply(rita)).rejects.toMatchObject({ status: 403, code: "own-revocations" });
	await apply(manager);
	await decideAll(
		id,
		() => ({ decision: "revoke" }),
		({ number }) => number === 1,
	);
	expect(await reviews.submit(id, rita), "the three that were approved, and one of the two that need nobody").toMatchObject({ revoked: 4 });
});

test("a revocation that was approved and is then decided anew is not approved any more (REV-4)", async () => {
	const { id } = await started();
	await decideAll(id, ({ number }) => (number <= 3 ? { decision: "revoke" } : {}));
	const proposal = { kind: "review-revocations" as const, review: id, reason: "a team has left" };
	await db.database.transaction((transaction) =>
		bulkRevocations.apply(transaction, { id: CHANGE, proposal, proposer: { id: ralf.id }, approver: manager, now: T0 }),
	);
	await decideAll(id, ({ number }) => (number >= 3 ? { decision: "revoke" } : {}));
	await expect(reviews.submit(id, rita), "three that nobody has approved").rejects.toMatchObject({ code: "takes-two-persons" });
});

test("a review with open items isn't signed off, nor by who has decided everything alone; closed once controllers have confirmed (REV-5, REV-6)", async () => {
	const { id } = await started();
	await expect(closing.signOff(id, manager)).rejects.toMatchObject({ code: "items-open" });
	await decideAll(id, ({ number }) => (number === 3 ? { decision: "revoke" } : {}));
	await reviews.submit(id, rita);
	await expect(closing.signOff(id, rita)).rejects.toMatchObject({ status: 403, code: "own-review" });
	const signed = await Promise.allSettled([closing.signOff(id, manager), closing.signOff(id, manager)]);
	expect(signed.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
	expect(await reviews.get(id, manager)).toMatchObject({ state: "remediating", signedBy: { id: "manager" }, figures: { unconfirmed: 1 } });
	confirmed = T0 + 3000;
	await closing.look();
	const closed = await reviews.get(id, manager);
	expect(closed).toMatchObject({ state: "closed", figures: { confirmed: 1, unconfirmed: 0 } });
	const kept = acts.entries.filter(({ type }) => type === "review.signed-off" || type === "review.closed");
	expect(kept.map(({ type }) => type)).toEqual(["review.signed-off", "review.closed"]);
	expect(kept[1]?.data.hash).toBe(closed.report?.hash);
});

test("more sign-offs at once than there are connections to the database are answered, one of them with the signature", async () => {
	const { id } = await started();
	await decideAll(id);
	await reviews.submit(id, rita);
	// One that waits for a second connection while it holds the first would fail when that isn't there in time.
	const signed = await Promise.allSettled(Array.from({ length: 12 }, () => closing.signOff(id, manager)));
	expect(signed.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
	expect(signed.filter((one) => one.status === "rejected" && one.reason.code === "signed-off")).toHaveLength(11);
});

test("the use of a revoked badge opens the item again, alarms, and somebody must say what came of it (REV-5)", async () => {
	const { id } = await started();
	await decideAll(id, ({ number }) => (number === 3 ? { decision: "revoke" } : {}));
	await reviews.submit(id, rita);
	confirmed = T0;
	await closing.signOff(id, manager);
	expect((await reviews.get(id, manager)).state).toBe("closed");
	const finding = { kind: "revoked-badge-used" as const, door: "main", credential: null, event: "9", late: false, detail: "", rule: null };
	found = [
		{ ...finding, id: 1, holder: "cyd", at: T0 - 1 },
		{ ...finding, id: 2, holder: "bob", at: T0 + 5 },
		{ ...finding, id: 3, holder: "cyd", at: T0 + 5 },
	];
	await closing.look();
	await closing.look();
	expect(reports).toMatchObject([{ rule: "review-reopened", subject: id }]);
	expect(await reviews.get(id, manager)).toMatchObject({ state: "remediating", figures: { reopened: 1 } });
	const item = (await itemsOf(id)).find(({ reopenedAt }) => reopenedAt !== null);
	expect(item?.holder?.id).toBe("cyd");
	await closing.resolve(id, item?.id ?? "", "the badge was taken in", manager);
	expect(await reviews.get(id, manager)).toMatchObject({ state: "closed" });
	await expect(closing.resolve(id, item?.id ?? "", "again", manager)).rejects.toMatchObject({ code: "nothing-reopened" });
});

test("the use of a badge after its post's grant was revoked opens that item again (REV-5)", async () => {
	await register.change(manager, async (edit) => {
		await edit.updateHolder("cyd", { post: "cleaner" });
		await edit.addGrant({ holder: null, post: "cleaner", zone: "hall", until: null, schedule: null, sponsor: "ann", reason: "cleans" });
	});
	const { id } = await started();
	const ofPost = (await itemsOf(id)).find(({ grant }) => grant?.post === "cleaner");
	await decideAll(id, (item) => (item.id === ofPost?.id ? { decision: "revoke" } : {}));
	await reviews.submit(id, rita);
	await reviews.submit(id, ralf);
	found = [
		{
			id: 1,
			kind: "revoked-badge-used",
			at: clock.time + 5,
			door: "main",
			holder: "cyd",
			credential: null,
			event: null,
			late: false,
			detail: "",
			rule: null,
		},
	];
	await closing.look();
	expect((await itemsOf(id)).filter(({ reopenedAt }) => reopenedAt !== null).map((item) => item.id)).toEqual([ofPost?.id]);
});

test("after the due date what is undecided goes to the fall-back reviewers, once, with its history (REV-4)", async () => {
	const { id } = await started();
	clock.time = T0 + 7 * DAY + 1;
	await campaigns.look();
	expect(acts.lines.filter(({ operation }) => operation === "review.remind")).not.toHaveLength(0);
	clock.time = T0 + 10 * DAY + 1;
	await closing.look();
	expect(closing.overdueConditions(clock.time).find(({ subject }) => subject === id)).toMatchObject({ rule: "review-overdue", holds: true });
	await campaigns.look();
	await campaigns.look();
	const items = await itemsOf(id);
	expect(items.map(({ assignee }) => assignee?.id)).toEqual(["ralf", "ralf", "ralf", "ralf", "ralf"]);
	expect(await reviews.assignments(id, items[0]?.id ?? "")).toMatchObject([
		{ from: { id: "rita" }, to: { id: "ralf" }, reason: "Not decided by the due date." },
	]);
});

test("where the site has chosen so, what is undecided at the due date is revoked, unless that takes a second person (REV-4)", async () => {
	world.change({ ...site, reviews: { ...site.reviews, undecided: "revoke" } });
	const { id } = await started();
	const items = await itemsOf(id);
	for (const item of items.slice(0, 3)) await reviews.decide(id, item.id, decision(item, {}), rita);
	clock.time = T0 + 10 * DAY + 1;
	await campaigns.look();
	expect((await itemsOf(id)).map(({ decision: made, submitted }) => [made, submitted])).toEqual([
		["keep", false],
		["keep", false],
		["keep", false],
		["revoke", true],
		["revoke", true],
	]);
	expect(register.current().decide({ card: card(5), fingerprint: null }, "main", clock.time).verdict).toBe("denied-no-rights");
	await reviews.submit(id, rita);
	await expect(closing.signOff(id, rita), "nobody else has decided anything").rejects.toMatchObject({ status: 403, code: "own-review" });
});

test("the report is the same in JSON, CSV and PDF, its hash that of the ledger; who may not see names gets it masked (REV-6)", async () => {
	const { id } = await started();
	await decideAll(id, ({ number }) => (number === 3 ? { decision: "revoke", reason: "=cmd()" } : {}));
	await reviews.submit(id, rita);
	confirmed = T0;
	await closing.signOff(id, manager);
	const ledger = { checkpoint: async () => "watchroom/s\n11\nroot\n\n— watchroom/s sig\n" };
	const files = new ReviewReports({ reviews, database: db.database, ledger: ledger as never });
	const json = await files.of(id, "json", manager);
	expect(createHash("sha256").update(json.body).digest("hex")).toBe(json.hash);
	expect(json.hash).toBe((await reviews.get(id, manager)).report?.hash);
	const report = reportSchema.parse(JSON.parse(String(json.body)));
	expect(report).toMatchObject({ kind: "closed", review: { state: "closed", figures: { kept: 4, revoked: 1 } } });
	const csv = String((await files.of(id, "csv", manager)).body);
	expect(csv.split("\r\n")).toHaveLength(7);
	expect(csv).toContain("'=cmd()");
	const pdf = await files.of(id, "pdf", manager);
	expect(Buffer.from(pdf.body).subarray(0, 5).toString()).toBe("%PDF-");
	const auditor = actorWith(["reviews.read"], { id: "auditor" });
	const masked = await files.of(id, "json", auditor);
	expect(masked.hash).toBeNull();
	expect(String(masked.body)).not.toContain("Name of");
}, 60_000);
