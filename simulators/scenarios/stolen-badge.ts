import { badge, passage } from "../physics/walk.ts";
import { doorWhere, type Scenario } from "./scenario.ts";

export const stolenBadge: Scenario = {
	name: "stolen-badge",
	sentence: "A stolen card opens the doors that ask for a card alone, and fails wherever a fingerprint is asked for too.",
	expects: {
		seen: "One holder's card from door to door within seconds, denied at each two-factor door.",
		rules: ["access-guessing"],
		reasons: ["granted", "denied-incorrect-factor"],
	},
	duration: 40,
	plan(world, random) {
		const victim = random.pick(world.site.holders.filter((one) => one.card && one.fingerprint && one.role === "employee"));
		const front = doorWhere(world, "door from outside", (one) => one.from === "outside");
		const strong = world.site.doors.filter((one) => one.factors === "two");
		const actions = [
			...passage(world, victim, { door: front, from: front.from, to: front.to }, 0, 2_000),
			...strong.map((door, index) =>
				badge(
					world,
					{ ...victim, fingerprint: undefined },
					{ door, from: door.from, to: door.to },
					8_000 + 5_000 * index,
					"denied",
					"denied-incorrect-factor",
				),
			),
		];
		return { sayings: actions.map(({ at, ...saying }) => ({ ...saying, after: at / 1000 })) };
	},
};
