/** Only who may be on duty is planned and called: whoever can't acknowledge an alarm answers none (ALM-8). */
import { afterEach, beforeEach, expect, test } from "vitest";
import { dutyPlanSchema } from "../../../contracts/duty-plan.ts";
import { silentLogger } from "../../../server/platform/logger.ts";
import { rosterMigrations } from "../../../server/roster/roster-migrations.ts";
import { type RosterPart, rosterPart } from "../../../server/roster/roster-part.ts";
import { actorWith, recordedActs } from "../../helpers/actors.ts";
import { type TestDatabase, testDatabase } from "../../helpers/postgres.ts";
import { settableClock, smallSite, worldSource } from "../../helpers/small-world.ts";

const plan = (person: string) =>
	dutyPlanSchema.parse({
		shifts: [{ id: "all", name: "All day", from: "00:00", to: "00:00" }],
		rotations: [{ id: "r", shift: "all", place: "first", people: [person], startsOn: "2026-01-05" }],
		cover: ["first"],
	});
const lead = actorWith(["roster.manage"], { id: "l", username: "lead" });

let db: TestDatabase;
let duty: RosterPart;
let serving: Set<string>;
beforeEach(async () => {
	db = await testDatabase(rosterMigrations);
	serving = new Set(["ann"]);
	duty = rosterPart({
		world: worldSource({ ...smallSite(), roster: plan("ann") }),
		database: db.database,
		audit: recordedActs().audit,
		accounts: {
			inUse: async (usernames) => new Map(usernames.map((username) => [username, { id: username, username, name: username, email: null }])),
		},
		serving: async () => [...serving],
		alarms: { list: async () => ({ items: [], nextCursor: null }) },
		clock: settableClock(Date.parse("2026-11-27T10:00:00Z")),
		logger: silentLogger(),
	});
	await duty.roster.start();
});
afterEach(async () => {
	await duty.roster.stop();
	await db.drop();
});

test("somebody without the right to be on duty can't be planned, which is said of the field", async () => {
	await expect(duty.roster.changePlan(1, plan("auditor"), lead)).rejects.toMatchObject({
		code: "invalid-request",
		errors: [{ field: "plan.rotations[0].people[0]", message: "auditor is no account in use that may be on duty" }],
	});
	expect(duty.roster.view()).toMatchObject({ version: 1, onDuty: [{ person: "ann" }] });
});

test("whose right has lapsed covers nothing, is named, and is reached all the same as a rule's receiver", async () => {
	serving.clear();
	await duty.roster.refresh();
	expect(duty.roster.view()).toMatchObject({ onDuty: [], gone: ["ann"] });
	expect([...(await duty.contacts.of(["ann"])).keys()]).toEqual(["ann"]);
});
