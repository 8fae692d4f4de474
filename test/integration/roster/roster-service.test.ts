/** The duty roster on a real database: plans, swaps that take two, absences, hand-over notes, and what is recorded of them (ALM-8). */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Alarm } from "../../../contracts/api.ts";
import { dutyPlanSchema } from "../../../contracts/duty-plan.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { ContactService } from "../../../server/roster/contact-service.ts";
import { HandOverService } from "../../../server/roster/hand-over-service.ts";
import { rosterMigrations } from "../../../server/roster/roster-migrations.ts";
import { RosterService } from "../../../server/roster/roster-service.ts";
import { SwapService } from "../../../server/roster/swap-service.ts";
import { actorWith, recordedActs } from "../../helpers/actors.ts";
import { type TestDatabase, testDatabase } from "../../helpers/postgres.ts";
import { settableClock, smallSite, worldSource } from "../../helpers/small-world.ts";

const NOON = Date.parse("2026-11-24T11:00:00Z");
const HOUR = 3_600_000;
const plan = dutyPlanSchema.parse({
	shifts: [
		{ id: "day", name: "Day", from: "08:00", to: "20:00" },
		{ id: "night", name: "Night", from: "20:00", to: "08:00" },
	],
	rotations: [
		{ id: "day", shift: "day", place: "first", people: ["ann"], startsOn: "2026-01-05" },
		{ id: "night", shift: "night", place: "first", people: ["bob"], startsOn: "2026-01-05" },
	],
	cover: ["first"],
});
const lead = actorWith(["roster.manage"], { id: "l", username: "lead" });
const ann = actorWith(["roster.serve"], { id: "a", username: "ann" });
const bob = actorWith(["roster.serve"], { id: "b", username: "bob" });

let db: TestDatabase;
let acts: ReturnType<typeof recordedActs>;
let inUse: Set<string>;
const clock = settableClock(NOON);
const people = async (usernames: readonly string[]) =>
	new Map(
		usernames
			.filter((one) => inUse.has(one))
			.map((username) => [username, { id: username, username, name: `Name of ${username}`, email: `${username}@example.org` }]),
	);
const rosterOn = (site: object = { ...smallSite(), roster: plan }) =>
	new RosterService({ world: worldSource(site), database: db.database, audit: acts.audit, people, clock, logger: silentLogger() });
let roster: RosterService;

beforeEach(async () => {
	db = await testDatabase(rosterMigrations);
	acts = recordedActs();
	clock.time = NOON;
	inUse = new Set(["ann", "bob", "cid", "lead"]);
	roster = rosterOn();
	await roster.start();
});
afterEach(async () => {
	await roster.stop();
	await db.drop();
});

const onDuty = () => roster.view().onDuty.map(({ person }) => person);

test("the roster begins with the site file's plan, once: from then on what people change counts", async () => {
	expect(roster.view()).toMatchObject({ version: 1, changedBy: "system", gaps: [], gone: [] });
	expect(onDuty()).toEqual(["ann"]);
	await roster.changePlan(1, { ...plan, rotations: plan.rotations.map((one) => ({ ...one, people: ["cid"] })) }, lead);
	const again = rosterOn();
	await again.start();
	expect(again.view()).toMatchObject({ version: 2, changedBy: "lead", onDuty: [{ person: "cid", name: "Name of cid", shiftName: "Day" }] });
	await again.stop();
	expect(acts.lines.map(({ operation }) => operation)).toEqual(["roster.plan"]);
});

test("of two who change the same version the second is told so", async () => {
	await roster.changePlan(1, plan, lead);
	await expect(roster.changePlan(1, plan, lead)).rejects.toMatchObject({ code: "roster-changed" });
});

test("a plan can't name who has no account in use", async () => {
	const wrong = { ...plan, rotations: plan.rotations.map((one) => ({ ...one, people: ["ann", "zoe"] })) };
	await expect(roster.changePlan(1, wrong, lead)).rejects.toMatchObject({
		status: 400,
		errors: [{ field: "plan.rotations[0].people[1]" }, { field: "plan.rotations[1].people[1]" }],
	});
});

test("what was before a change of the plan is told by the plan of that time", async () => {
	clock.time += HOUR;
	await roster.changePlan(1, { ...plan, rotations: plan.rotations.map((one) => ({ ...one, people: ["cid"] })) }, lead);
	expect((await roster.onDutyAt(NOON)).map(({ person }) => person)).toEqual(["ann"]);
	expect((await roster.onDutyAt(clock.time)).map(({ person }) => person)).toEqual(["cid"]);
});

test("a list of duties is by each time's plan: what is over by the old one, from the change on by the new one, none of them twice", async () => {
	clock.time += HOUR;
	await roster.changePlan(1, { ...plan, rotations: plan.rotations.map((one) => ({ ...one, people: ["cid"] })) }, lead);
	const listed = await roster.duties(NOON - 24 * HOUR, NOON + 24 * HOUR);
	expect(listed.map(({ day, shift, person }) => `${day} ${shift} ${person}`)).toEqual([
		// Nobody had made a plan by then.
		"2026-11-24 day cid",
		"2026-11-24 night cid",
		"2026-11-25 day cid",
	]);
	clock.time += 24 * HOUR;
	await roster.changePlan(2, plan, lead);
	const later = await roster.duties(NOON + HOUR, NOON + 36 * HOUR);
	expect(later.map(({ day, shift, person }) => `${day} ${shift} ${person}`)).toEqual([
		"2026-11-24 day cid",
		"2026-11-24 night cid",
		"2026-11-25 day ann",
		"2026-11-25 night bob",
	]);
});

test("the shifts of a time are listed once each, whoever takes them", async () => {
	expect(await roster.shifts({ from: NOON, to: NOON + 24 * HOUR })).toEqual([
		{ label: "2026-11-24 Night", from: NOON + 8 * HOUR, to: NOON + 20 * HOUR },
		{ label: "2026-11-25 Day", from: NOON + 20 * HOUR, to: NOON + 32 * HOUR },
	]);
});

test("a closed account leaves a gap, which is an alarm", async () => {
	expect(roster.troubles(clock.time)).toMatchObject({ gaps: [], nobody: false });
	inUse.delete("ann");
	await roster.refresh();
	expect(roster.view().gone).toEqual(["ann"]);
	expect(roster.troubles(clock.time)).toMatchObject({ nobody: true, gaps: expect.arrayContaining([expect.objectContaining({ place: "first" })]) });
});

test("where nobody has made a plan there is nothing to alarm of", async () => {
	const other = await testDatabase(rosterMigrations);
	const none = new RosterService({ world: worldSource(), database: other.database, audit: acts.audit, people, clock, logger: silentLogger() });
	await none.start();
	expect(none.troubles(clock.time)).toBeNull();
	expect(none.view()).toMatchObject({ version: 0, changedAt: null });
	await none.stop();
	await other.drop();
});

test("an absence takes its person off duty and its end brings them back; another's takes the right to plan", async () => {
	const away = { kind: "sick" as const, from: new Date(NOON).toISOString(), until: new Date(NOON + 2 * HOUR).toISOString(), note: null };
	const id = await roster.addAbsence(away, ann, false);
	expect(onDuty()).toEqual([]);
	await expect(roster.addAbsence({ ...away, person: "ann" }, bob, false)).rejects.toMatchObject({ status: 403 });
	await expect(roster.removeAbsence(id, bob, false)).rejects.toMatchObject({ status: 403 });
	await roster.removeAbsence(id, lead, true);
	expect(onDuty()).toEqual(["ann"]);
});

test("an assigned duty goes to whom it was given, and back", async () => {
	const night = { rotation: "night", day: "2026-11-24" };
	expect(await roster.assign(night, "cid", lead)).toMatchObject({ person: "cid", planned: "bob" });
	await expect(roster.assign(night, "ann", lead)).resolves.toMatchObject({ person: "ann" });
	expect(await roster.assign(night, null, lead)).toMatchObject({ person: "bob" });
	await expect(roster.assign({ rotation: "day", day: "2026-11-24" }, "cid", lead)).rejects.toMatchObject({ code: "duty-over" });
	await expect(roster.assign({ rotation: "none", day: "2026-11-24" }, "cid", lead)).rejects.toMatchObject({ status: 404 });
});

test("a swap changes nothing before the other accepts, and then both duties", async () => {
	const swaps = new SwapService(roster);
	const asked = { give: { rotation: "day", day: "2026-11-26" }, take: { rotation: "night", day: "2026-11-28" }, to: "bob", note: null };
	const { id } = await swaps.propose(asked, ann);
	const during = async (iso: string) => (await roster.onDutyAt(Date.parse(iso)))[0]?.person;
	expect(await during("2026-11-26T12:00:00Z")).toBe("ann");
	await expect(swaps.accept(id, ann)).rejects.toMatchObject({ code: "not-your-swap" });
	expect(await swaps.accept(id, bob)).toMatchObject({ state: "accepted", fromName: "Name of ann", toName: "Name of bob" });
	expect([await during("2026-11-26T12:00:00Z"), await during("2026-11-28T22:00:00Z")]).toEqual(["bob", "ann"]);
	await expect(swaps.decline(id, bob)).rejects.toMatchObject({ code: "swap-decided" });
	await expect(swaps.propose(asked, ann)).rejects.toMatchObject({ code: "not-your-duty" });
	expect(acts.lines.map(({ operation }) => operation)).toEqual(["roster.swap-propose", "roster.swap-accepted"]);
});

test("nobody swaps themselves into two duties at a time, and no duty that has begun", async () => {
	const both = { ...plan, rotations: [...plan.rotations, { ...plan.rotations[0], id: "second", place: "second" as const, people: ["bob"] }] };
	await roster.changePlan(1, dutyPlanSchema.parse(both), lead);
	const swaps = new SwapService(roster);
	const give = { rotation: "day", day: "2026-11-26" };
	await expect(swaps.propose({ give, to: "bob", take: null, note: null }, ann)).rejects.toMatchObject({ code: "double-duty" });
	await expect(swaps.propose({ give: { ...give, day: "2026-11-24" }, to: "cid", take: null, note: null }, ann)).rejects.toMatchObject({
		code: "duty-over",
	});
	await expect(swaps.propose({ give, to: "zoe", take: null, note: null }, ann)).rejects.toMatchObject({ status: 400 });
	const { id } = await swaps.propose({ give, to: "cid", take: null, note: null }, ann);
	expect(await swaps.withdraw(id, ann)).toMatchObject({ state: "withdrawn" });
});

test("a hand-over note keeps the alarms that were open, and somebody else takes over, once", async () => {
	const alarm = {
		id: "1",
		ruleName: "Hot",
		location: "s/hall",
		priority: "high",
		state: "unacknowledged",
		raisedAt: new Date(NOON).toISOString(),
		message: "hot",
	};
	const handOvers = new HandOverService(roster, async (limit) => Array.from({ length: limit }, () => alarm as Alarm));
	const { id, alarms, more } = await handOvers.write("CRAC 2 is in repair.", ann);
	expect([alarms.length, more, alarms[0]]).toEqual([500, true, alarm]);
	await expect(handOvers.take(id, ann)).rejects.toMatchObject({ code: "own-note" });
	expect(await handOvers.take(id, bob)).toMatchObject({ fromName: "Name of ann", takenBy: "bob", takenByName: "Name of bob" });
	await expect(handOvers.take(id, lead)).rejects.toMatchObject({ code: "taken-over" });
	expect((await handOvers.list({ limit: 10 })).items).toHaveLength(1);
});

test("mail goes to the account's address unless another was given; others' contacts take the right to plan", async () => {
	const contacts = new ContactService(roster, people);
	expect(await contacts.list()).toMatchObject([{ person: "ann", email: "ann@example.org", phone: null, emailOfAccount: true }, { person: "bob" }]);
	await contacts.put("ann", { email: "ann@home.example", phone: "+4930123456" }, ann, false);
	await expect(contacts.put("ann", { email: null, phone: null }, bob, false)).rejects.toMatchObject({ code: "not-your-contact" });
	expect((await contacts.of(["ann", "zoe"])).get("ann")).toMatchObject({ id: "ann", email: "ann@home.example", phone: "+4930123456" });
});
