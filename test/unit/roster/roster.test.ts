/** Who is on duty when: the plan's weeks, its time zone, what was agreed beside it, and where nobody is (ALM-8). */
import fc from "fast-check";
import { expect, test } from "vitest";
import { dutyPlanSchema } from "../../../contracts/duty-plan.ts";
import { duties, dutyKey, gaps, onDuty, type Roster } from "../../../server/roster/roster.ts";

const HOUR = 3_600_000;
const at = (iso: string) => Date.parse(iso);
const plan = dutyPlanSchema.parse({
	shifts: [
		{ id: "day", name: "Day", from: "08:00", to: "20:00" },
		{ id: "night", name: "Night", from: "20:00", to: "08:00" },
		{ id: "office", name: "Office hours", days: ["mon", "tue", "wed", "thu", "fri"], from: "09:00", to: "17:00" },
		{ id: "round", name: "Round the clock", from: "06:00", to: "06:00" },
	],
	rotations: [
		{ id: "day-1", shift: "day", place: "first", people: ["ann", "bob"], startsOn: "2026-01-05" },
		{ id: "night-1", shift: "night", place: "first", people: ["cid", "dee", "eve"], weeks: 2, startsOn: "2026-01-05" },
		{ id: "second", shift: "office", place: "second", people: ["fay"], startsOn: "2026-01-05" },
		{ id: "lead", shift: "round", place: "shift-lead", people: ["gus"], startsOn: "2026-01-01", endsOn: "2026-12-31" },
	],
	cover: ["first"],
});
const roster = (more: Partial<Roster> = {}): Roster => ({
	timeZone: "Europe/Berlin",
	plan,
	assigned: new Map(),
	absences: [],
	gone: new Set(),
	...more,
});
const who = (given: Roster, iso: string) => onDuty(given, at(iso)).map(({ place, person }) => `${place} ${person}`);

test.each([
	["Monday of the first week, by day", "2026-01-05T10:00:00Z", ["first ann", "second fay", "shift-lead gus"]],
	["a shift ends when its time is up", "2026-01-05T19:00:00Z", ["first cid", "shift-lead gus"]],
	["a night lasts into the next day", "2026-01-06T06:59:59Z", ["first cid", "shift-lead gus"]],
	["and is over at its end", "2026-01-06T07:00:00Z", ["first ann", "shift-lead gus"]],
	["the second week is the second person's", "2026-01-12T10:00:00Z", ["first bob", "second fay", "shift-lead gus"]],
	["turns of two weeks last two weeks", "2026-01-18T22:00:00Z", ["first cid", "shift-lead gus"]],
	["and then change", "2026-01-19T22:00:00Z", ["first dee", "shift-lead gus"]],
	["turns begin again after the last", "2026-02-16T22:00:00Z", ["first cid", "shift-lead gus"]],
	["no office hours on Saturday", "2026-01-10T10:00:00Z", ["first ann", "shift-lead gus"]],
	["nobody before the plan begins", "2026-01-04T10:00:00Z", ["shift-lead gus"]],
	["the last shift begins on the last day", "2027-01-01T04:59:00Z", ["first dee", "shift-lead gus"]],
	["and after it there is none", "2027-01-01T05:00:00Z", ["first dee"]],
	["by the clocks of summer, still by day", "2026-07-06T17:59:59Z", ["first ann", "shift-lead gus"]],
	["by the clocks of summer, by night", "2026-07-06T18:00:00Z", ["first dee", "shift-lead gus"]],
])("%s", (_, iso, expected) => {
	expect(who(roster(), iso)).toEqual(expected);
});

test.each([
	["a night loses an hour when the clocks are put forward", "2026-03-28", 11],
	["and gains one when they are put back", "2026-10-24", 13],
	["other nights have twelve", "2026-06-01", 12],
])("%s", (_, day, hours) => {
	const night = duties(roster(), at(`${day}T12:00:00Z`), at(`${day}T23:00:00Z`)).find(({ rotation }) => rotation === "night-1");
	expect(((night?.until ?? 0) - (night?.from ?? 0)) / HOUR).toBe(hours);
});

test.each([
	["a time that is skipped is after the change", "02:30", "2026-03-29T01:30:00Z", "2026-03-29"],
	["a time that is shown twice is its first", "02:30", "2026-10-25T00:30:00Z", "2026-10-25"],
])("%s", (_, from, iso, day) => {
	const odd = dutyPlanSchema.parse({
		shifts: [{ id: "odd", name: "Odd", from, to: "12:00" }],
		rotations: [{ id: "odd", shift: "odd", place: "first", people: ["ann"], startsOn: day }],
	});
	expect(duties(roster({ plan: odd }), at(`${day}T00:00:00Z`), at(`${day}T12:00:00Z`))[0]?.from).toBe(at(iso));
});

test("who was assigned takes the duty of whose turn it is, on that day only", () => {
	const given = roster({ assigned: new Map([[dutyKey("day-1", "2026-01-06"), "dee"]]) });
	expect([who(given, "2026-01-05T10:00:00Z")[0], who(given, "2026-01-06T10:00:00Z")[0], who(given, "2026-01-07T10:00:00Z")[0]]).toEqual([
		"first ann",
		"first dee",
		"first ann",
	]);
});

test("who is absent is not on duty for just that time, and it is a gap", () => {
	const absence = { person: "ann", from: at("2026-01-06T10:00:00Z"), until: at("2026-01-06T12:00:00Z") };
	const given = roster({ absences: [absence] });
	expect(who(given, "2026-01-06T11:00:00Z")).toEqual(["second fay", "shift-lead gus"]);
	expect(who(given, "2026-01-06T12:00:00Z")).toContain("first ann");
	expect(gaps(given, at("2026-01-05T08:00:00Z"), at("2026-02-04T08:00:00Z"))).toEqual([{ place: "first", from: absence.from, until: absence.until }]);
});

test("who has no account any more covers nothing", () => {
	const given = roster({ gone: new Set(["ann"]) });
	expect(who(given, "2026-01-05T10:00:00Z")).toEqual(["second fay", "shift-lead gus"]);
	const [first] = gaps(given, at("2026-01-05T08:00:00Z"), at("2026-01-06T08:00:00Z"));
	expect(first).toEqual({ place: "first", from: at("2026-01-05T08:00:00Z"), until: at("2026-01-05T19:00:00Z") });
});

test("a plan without anybody is one gap for each place", () => {
	const empty = roster({ plan: dutyPlanSchema.parse({}) });
	expect(gaps(empty, 0, HOUR)).toEqual(["first", "second", "shift-lead"].map((place) => ({ place, from: 0, until: HOUR })));
	expect(onDuty(empty, 0)).toEqual([]);
});

test("a place is a gap exactly when nobody on duty holds it, whatever the zone, the absences and the hour", () => {
	const instant = fc.integer({ min: at("2026-01-05T12:00:00Z"), max: at("2026-12-20T00:00:00Z") });
	const absence = fc.record({
		person: fc.constantFrom("ann", "bob", "cid", "dee", "eve"),
		from: instant,
		hours: fc.integer({ min: 1, max: 400 }),
	});
	const zone = fc.constantFrom("Europe/Berlin", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "UTC");
	fc.assert(
		fc.property(zone, fc.array(absence, { maxLength: 8 }), instant, (timeZone, away, moment) => {
			const absences = away.map(({ person, from, hours }) => ({ person, from, until: from + hours * HOUR }));
			const given = roster({ timeZone, absences });
			const held = onDuty(given, moment).some(({ place }) => place === "first");
			const gap = gaps(given, moment - 6 * HOUR, moment + 6 * HOUR).some(({ from, until }) => from <= moment && moment < until);
			expect(gap).toBe(!held);
		}),
		{ numRuns: 200 },
	);
});

test.each([
	[
		"a shift that isn't there",
		{ rotations: [{ id: "r", shift: "none", place: "first", people: ["ann"], startsOn: "2026-01-05" }] },
		"rotations.0.shift",
	],
	["an id twice", { shifts: [1, 2].map(() => ({ id: "s", name: "S", from: "08:00", to: "20:00" })) }, "shifts.1.id"],
])("a plan with %s is refused", (_, wrong, path) => {
	const result = dutyPlanSchema.safeParse(wrong);
	expect(result.error?.issues.map((issue) => issue.path.join("."))).toEqual([path]);
});
