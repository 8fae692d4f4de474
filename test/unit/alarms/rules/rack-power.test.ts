import { expect, test } from "vitest";
import { rackPowers } from "../../../../server/alarms/rules/rack-power.ts";
import { smallSite, worldOf } from "../../../helpers/small-world.ts";

const pdu = (id: string, feed: string) => ({ id, kind: "pdu", feed, points: [{ id: "power", kind: "power" }] });
const rack = (rest: object) => ({ ...smallSite().racks[0], ...rest });
const powers = (racks: object[], values: Record<string, number>) => rackPowers(worldOf({ ...smallSite(), racks }), (id) => values[id] ?? null);
const both = { devices: [pdu("a", "A"), pdu("b", "B")], feedPower: 5000 };

test("if either feed fails the other carries both loads, in % of what it can", () => {
	expect(powers([rack(both)], { "a:power": 2400, "b:power": 1950 })).toEqual([
		{
			id: "R1",
			name: "R1",
			room: "hall",
			feedPower: 5000,
			load: { A: 2400, B: 1950 },
			ifFails: [
				{ feed: "A", carriedBy: "B", percent: 87 },
				{ feed: "B", carriedBy: "A", percent: 87 },
			],
		},
	]);
});

test("both cords on one feed: if it fails the rack is dark", () => {
	const [found] = powers([rack({ ...both, devices: [pdu("a", "A"), pdu("b", "A")] })], { "a:power": 2000, "b:power": 1000 });
	expect(found).toMatchObject({ load: { A: 3000, B: 0 }, ifFails: [{ feed: "A", carriedBy: null, percent: null }] });
});

test.each([
	["draws nothing", 0],
	["draws less than meters can tell", 20],
])("a feed that is dead now (%s) carries nothing if the other fails", (_name, power) => {
	const [found] = powers([rack(both)], { "a:power": power, "b:power": 2800 });
	expect(found?.ifFails).toMatchObject([
		{ feed: "A", carriedBy: "B" },
		{ feed: "B", carriedBy: null, percent: null },
	]);
});

test("a meter that says nothing makes it unknown, and the load of the other feed stays known", () => {
	const [found] = powers([rack(both)], { "a:power": 2000 });
	expect(found).toMatchObject({ load: { A: 2000, B: null }, ifFails: [{ percent: null }, { percent: null }] });
});

test("without what a feed can carry the rack's rated power counts, and without that nothing is told", () => {
	const of = (rest: object) => powers([rack({ devices: both.devices, ...rest })], { "a:power": 1000, "b:power": 1000 })[0]?.ifFails[0]?.percent;
	expect([of({ ratedPower: 4000 }), of({})]).toEqual([50, null]);
});

test("a rack without meters on a feed isn't listed", () => {
	expect(powers([rack({})], {})).toEqual([]);
});
