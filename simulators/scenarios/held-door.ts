import { canPass, passage } from "../physics/walk.ts";
import { doorWhere, type Scenario } from "./scenario.ts";

export const heldDoor: Scenario = {
	name: "held-door",
	sentence: "Somebody enters rightfully and leaves the door wedged open.",
	expects: { seen: "A granted access, the door open, and held once its time is over.", rules: ["door-held"], reasons: ["granted"] },
	duration: 60,
	plan(world, random) {
		// The door that complains first.
		const shortest = Math.min(...world.site.doors.map((one) => one.heldOpenAfter));
		const door = doorWhere(world, "door", (one) => one.heldOpenAfter === shortest);
		const holder = random.pick(world.site.holders.filter((one) => one.card && canPass(world, one, { door, from: door.from, to: door.to })));
		const opening = passage(world, holder, { door, from: door.from, to: door.to }, 0, 0).slice(0, 3);
		return {
			sayings: [
				...opening.map(({ at, ...saying }) => ({ ...saying, after: at / 1000 })),
				{ after: 1.3 + shortest / 1000, device: door.controller, topic: "door", body: { door: door.id, state: "held" } },
				{ after: shortest / 1000 + 35, device: door.controller, topic: "door", body: { door: door.id, state: "closed" } },
			],
		};
	},
};
