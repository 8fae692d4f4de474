import fc from "fast-check";
import { expect, test } from "vitest";
import { createPeople, stepPeople } from "../../../simulators/physics/people.ts";
import { canPass, type DoorAction, findWay, methodOf, planVisit } from "../../../simulators/physics/walk.ts";
import { createRandom } from "../../../simulators/random.ts";
import { demoWorld } from "./demo-site.ts";

const world = demoWorld();
const { doors, holders, rooms } = world.site;

test("nobody goes through a door that doesn't lead from where they are, or that their credentials don't open; all end outside", () => {
	fc.assert(
		fc.property(fc.constantFrom(...holders), fc.constantFrom(...rooms), fc.integer(), (holder, room, seed) => {
			const visit = planVisit(world, holder, room.id, 0, new Map(), createRandom(seed));
			if (!visit) return;
			let at = "outside";
			for (const leg of visit.legs) {
				expect(leg.from).toBe(at);
				expect([leg.door.from, leg.door.to].sort()).toEqual([leg.from, leg.to].sort());
				expect(canPass(world, holder, leg)).toBe(true);
				at = leg.to;
			}
			expect(at).toBe("outside");
			expect(visit.legs.map((leg) => leg.to)).toContain(room.id);
		}),
	);
});

test("without a fingerprint there is no way into a two-factor room; with one there is", () => {
	const plain = holders.find((holder) => !holder.fingerprint) ?? expect.fail();
	const enrolled = holders.find((holder) => holder.fingerprint) ?? expect.fail();
	for (const to of ["hall-a", "hall-b", "battery-room"]) {
		expect(findWay(world, plain, "outside", to)).toBeNull();
		expect(findWay(world, enrolled, "outside", to)?.at(-1)?.to).toBe(to);
	}
	expect(findWay(world, plain, "outside", "lobby")).toHaveLength(1);
});

/** What a door may say after what. */
const AFTER: Record<string, string> = { unlocked: "locked", open: "unlocked", closed: "open", locked: "closed" };

test("at every door, over a whole day: granted badge, unlocked, open, closed, locked; never two people at once, and no visitor alone", () => {
	let people = createPeople(0);
	const random = createRandom(3);
	const said: DoorAction[] = [];
	for (let now = 0; now <= 86_400_000; now += 30_000) {
		const step = stepPeople(people, world, now, random);
		people = step.people;
		for (const action of step.actions) expect(action.at).toBeLessThanOrEqual(now);
		said.push(...step.actions);
	}
	expect(said.length).toBeGreaterThan(5_000);
	const comers = new Set(said.flatMap(({ passage }) => passage?.split("/")[0] ?? []));
	expect([...comers].map((id) => holders.find((holder) => holder.id === id)?.role)).not.toContain("visitor");
	for (let index = 1; index < said.length; index++) expect(said[index]?.at).toBeGreaterThanOrEqual(said[index - 1]?.at ?? 0);
	for (const door of doors) {
		let state = "locked";
		let granted = false;
		for (const action of said.filter((one) => one.body.door === door.id)) {
			expect(action.device).toBe(door.controller);
			if (action.topic === "access") {
				granted = action.body.result === "granted";
				expect(action.body.method).toBe(methodOf(world, door, action.body.direction));
				continue;
			}
			expect(state, `${door.id} ${action.body.state}`).toBe(AFTER[action.body.state]);
			if (action.body.state === "unlocked") expect(granted).toBe(true);
			state = action.body.state;
		}
	}
});
