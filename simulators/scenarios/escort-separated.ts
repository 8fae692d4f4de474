import { passage } from "../physics/walk.ts";
import { doorWhere, type Scenario } from "./scenario.ts";

export const escortSeparated: Scenario = {
	name: "escort-separated",
	sentence: "A visitor passes a door, and nobody who accompanies them does.",
	expects: { seen: "A visitor's entry without the escort's at the same door.", rules: ["access-escort-separated"], reasons: ["granted"] },
	// The escort has a minute to follow.
	duration: 80,
	plan(world, random) {
		const door = doorWhere(world, "door from outside", (one) => one.from === "outside");
		const visitors = world.site.holders.filter((one) => one.card && one.role === "visitor");
		if (visitors.length === 0) throw new Error("The site has no visitor with a card, which this scenario needs.");
		const actions = passage(world, random.pick(visitors), { door, from: door.from, to: door.to }, 0, 3_000);
		return { sayings: actions.map(({ at, ...saying }) => ({ ...saying, after: at / 1000 })) };
	},
};
