/** What counts as not planned, and what a policy makes of it. */
import { expect, test } from "vitest";
import { METHODS, type StepAct } from "../../../contracts/media.ts";
import type { Deviation } from "../../../contracts/media-orders.ts";
import { deviationsOf, refusedDeviation } from "../../../server/custody/deviations.ts";
import type { Medium } from "../../../server/custody/medium.ts";
import { FIRST_POLICY } from "../../../server/custody/policy.ts";

const DAY = "2026-11-26";
const plan = { people: ["ada", "bo"], place: "dock", day: DAY };
const withBo: Pick<Medium, "custody" | "unverified"> = {
	custody: { kind: "person", account: "bo", since: 0 },
	unverified: { method: "degauss", particleMm: null, operator: "bo" },
};
interface Said {
	actor?: string;
	place?: string;
	day?: string;
	unlinked?: string[];
}
const of = (act: StepAct, { actor = "ada", place = "dock", day = DAY, unlinked = [] }: Said = {}) =>
	deviationsOf(withBo, {
		input: { act, place },
		actor,
		plan,
		day,
		samePerson: (one, other) => one.split("+")[0] === other.split("+")[0],
		isLinked: (account) => !unlinked.includes(account),
	});

test.each<[string, StepAct, Said, Deviation[]]>([
	["a step as planned", "verify", {}, []],
	["a step by somebody else", "remove", { actor: "cy" }, ["person"]],
	["a step by another account of one of the people", "remove", { actor: "ada+2" }, []],
	["a report by anybody", "report", { actor: "cy", place: "hall", day: "2026-11-27" }, []],
	["an offer that somebody else declines", "decline", { actor: "cy" }, []],
	["a removal where the medium was", "remove", { place: "hall" }, []],
	["a hand-over on its way", "accept", { place: "hall", day: "2026-11-25" }, []],
	["a degaussing elsewhere", "degauss", { place: "hall" }, ["place"]],
	["a verification on another day", "verify", { day: "2026-11-27" }, ["day"]],
	["a verification by an account of nobody", "verify", { unlinked: ["ada"] }, ["account"]],
	["a verification of what an account of nobody did", "verify", { unlinked: ["bo"] }, ["account"]],
	["a hand-over by an account of nobody", "accept", { unlinked: ["bo"] }, ["account"]],
	["a step for which one is enough", "degauss", { unlinked: ["ada"] }, []],
	["everything at once", "verify", { actor: "cy", place: "hall", day: "2026-11-27", unlinked: ["cy"] }, ["person", "place", "day", "account"]],
])("%s", (_, act, said, kinds) => expect(of(act, said)).toEqual(kinds));

test("room and day are planned for every method and its verification, and for nothing else", () => {
	const acts: StepAct[] = ["remove", "seal", "offer", "accept", "store", "take", ...METHODS, "verify", "release"];
	const bound = acts.filter((act) => of(act, { place: "hall", day: "2026-11-27" }).join() === "place,day");
	expect(bound).toEqual([...METHODS, "verify"]);
});

test("a policy refuses what it says, in words; one from before refuses nothing", () => {
	const strict = { ...FIRST_POLICY, deviations: { person: "refuse", place: "note", day: "note", account: "refuse" } } as const;
	expect(refusedDeviation(["place", "day"], strict)).toBeNull();
	expect(refusedDeviation(["person", "place"], strict)).toMatch(/not among the people of the work order/);
	expect(refusedDeviation(["account"], strict)).toMatch(/whose account/);
	const { deviations: _, ...older } = FIRST_POLICY;
	expect(refusedDeviation(["person", "place", "day", "account"], older)).toBeNull();
});
