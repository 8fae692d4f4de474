import fc from "fast-check";
import { expect, test } from "vitest";
import { createPlant, type Plant, type PlantInputs } from "../../../simulators/physics/plant.ts";
import { relativeHumidity, stepRoom } from "../../../simulators/physics/step-climate.ts";
import { isSettled, stepPlant } from "../../../simulators/physics/step-plant.ts";
import { shareLoad, stepUps } from "../../../simulators/physics/step-power.ts";
import { createRandom } from "../../../simulators/random.ts";
import { demoWorld } from "./demo-site.ts";

const world = demoWorld();
const inputs = (over: Partial<PlantInputs> = {}): PlantInputs => ({ time: 0, feedsDown: new Set(), failedCracs: new Set(), ...over });
const run = (plant: Plant, seconds: number, given: PlantInputs) => stepPlant(plant, seconds, given, createRandom(7));
const room = (plant: Plant, id: string) => plant.rooms.find((one) => one.id === id) ?? expect.fail(id);

test("the same seed gives the same chances, another seed others", () => {
	const draw = (seed: number) => {
		const random = createRandom(seed);
		return Array.from({ length: 20 }, () => random.next());
	};
	expect(draw(5)).toEqual(draw(5));
	expect(draw(5)).not.toEqual(draw(6));
});

test("heat balance: a room warms when more heat comes in than goes out, and cools when less", () => {
	const at = (setPoint: number) => ({ id: "r", temperature: setPoint, setPoint, dewPoint: 9, heatCapacity: 5e6, otherHeat: 0, heat: 0, cooling: 0 });
	fc.assert(
		fc.property(fc.double({ min: 0, max: 1e5, noNaN: true }), fc.double({ min: 0, max: 1e5, noNaN: true }), (heat, cooling) => {
			const change = stepRoom(at(22), 1, heat, cooling).temperature - 22;
			if (heat > cooling + 1) expect(change).toBeGreaterThan(0);
			if (heat < cooling - 1) expect(change).toBeLessThan(0);
			expect(change).toBeCloseTo((heat - cooling) / 5e6, 9);
		}),
	);
});

test("both feeds together carry the rack's load, whichever live; without a feed nothing is drawn", () => {
	fc.assert(
		fc.property(
			fc.double({ min: 0, max: 2e4, noNaN: true }),
			fc.double({ min: 0.3, max: 0.7, noNaN: true }),
			fc.boolean(),
			fc.boolean(),
			(load, share, A, B) => {
				const draw = shareLoad(load, share, { A, B });
				expect(draw.A + draw.B).toBeCloseTo(A || B ? load : 0, 6);
				if (!A) expect(draw.A).toBe(0);
				if (!B) expect(draw.B).toBe(0);
			},
		),
	);
});

test("what a UPS delivers is the sum of its PDUs", () => {
	for (const given of [inputs(), inputs({ feedsDown: new Set(["A"]) })]) {
		const plant = run(createPlant(world, 1), 1200, given);
		for (const feed of ["A", "B"] as const)
			expect(plant.ups[feed].load).toBeCloseTo(
				plant.racks.reduce((sum, rack) => sum + rack.draw[feed], 0),
				3,
			);
	}
});

test("charge only falls without the feed and only rises with it", () => {
	const ups = fc.record({
		mode: fc.constantFrom("online" as const, "on-battery" as const),
		charge: fc.double({ min: 0, max: 100, noNaN: true }),
		load: fc.constant(5e4),
		rating: fc.constant(1.5e5),
		capacity: fc.constant(8),
	});
	fc.assert(
		fc.property(ups, fc.double({ min: 0.1, max: 5, noNaN: true }), fc.boolean(), (before, seconds, up) => {
			const after = stepUps(before, seconds, up, before.load);
			expect(after.charge).toBeGreaterThanOrEqual(0);
			expect(after.charge).toBeLessThanOrEqual(100);
			if (up) expect(after.charge).toBeGreaterThanOrEqual(before.charge);
			else expect(after.charge).toBeLessThanOrEqual(before.charge);
			expect(after.mode === "online").toBe(up);
		}),
	);
});

test("a lost feed: its UPS goes on battery, after its ten minutes PDU A is dead and B carries all; the feed's return undoes it", () => {
	const lost = inputs({ feedsDown: new Set(["A"]) });
	const before = createPlant(world, 1);
	const soon = run(before, 60, lost);
	expect(soon.ups.A.mode).toBe("on-battery");
	expect(soon.racks[0]?.draw.A).toBeGreaterThan(500);
	const later = run(soon, 900, lost);
	expect(later.ups.A).toMatchObject({ mode: "off", load: 0, charge: 0 });
	for (const rack of later.racks) {
		expect(rack.draw.A).toBe(0);
		expect(rack.draw.B / rack.base).toBeGreaterThan(0.85);
	}
	expect(isSettled(run(later, 3600, inputs()))).toBe(true);
});

test("no cooling: the hall warms past 32 °C, the other hall doesn't; with one unit of three gone the others hold it", () => {
	const units = world.site.rooms[0]?.devices.filter((device) => device.model === "crac").map((device) => device.id) ?? [];
	expect(units).toHaveLength(3);
	const hot = run(createPlant(world, 1), 1800, inputs({ failedCracs: new Set(units) }));
	for (const rack of hot.racks.filter((one) => one.room === "hall-a")) expect(rack.inlet).toBeGreaterThan(32);
	for (const rack of hot.racks.filter((one) => one.room === "hall-b")) expect(rack.inlet).toBeLessThan(26);
	const held = run(createPlant(world, 1), 3600, inputs({ failedCracs: new Set(units.slice(0, 1)) }));
	expect(room(held, "hall-a").temperature).toBeLessThan(24);
	expect(isSettled(run(hot, 2 * 3600, inputs()))).toBe(true);
});

test("relative humidity is 100 % at the dew point and falls as air warms", () => {
	expect(relativeHumidity(9, 9)).toBeCloseTo(100);
	expect(relativeHumidity(22, 9)).toBeCloseTo(43.4, 0);
	expect(relativeHumidity(30, 9)).toBeLessThan(relativeHumidity(22, 9));
});
