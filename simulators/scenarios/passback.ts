import { badge, passage } from "../physics/walk.ts";
import { doorWhere, type Scenario } from "./scenario.ts";

export const passback: Scenario = {
	name: "passback",
	sentence: "A card is handed back through the door to a second person, whom the controller refuses.",
	expects: { seen: "An entry, then the same card denied by anti-passback.", rules: ["access-passback"], reasons: ["granted", "denied-passback"] },
	duration: 20,
	plan(world, random) {
		const door = doorWhere(world, "door with a reader on both sides", (one) => one.readers.some(({ direction }) => direction === "out"));
		const holder = random.pick(world.site.holders.filter((one) => one.card && one.fingerprint && one.role === "employee"));
		const leg = { door, from: door.from, to: door.to };
		const actions = [...passage(world, holder, leg, 0, 3_000), badge(world, holder, leg, 9_000, "denied", "denied-passback")];
		return { sayings: actions.map(({ at, ...saying }) => ({ ...saying, after: at / 1000 })) };
	},
};
