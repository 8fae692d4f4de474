import { badge, canPass, passage } from "../physics/walk.ts";
import { doorWhere, type Scenario } from "./scenario.ts";

export const tailgating: Scenario = {
	name: "tailgating",
	sentence: "Two people enter a data hall on one person's credentials; the second can't badge out, never having come in.",
	expects: {
		seen: "One entry with the door open for long, then an exit denied by anti-passback.",
		rules: ["access-tailgating"],
		reasons: ["granted", "denied-passback"],
	},
	duration: 30,
	plan(world, random) {
		const door = doorWhere(
			world,
			"two-factor door with a reader on both sides",
			(one) => one.factors === "two" && one.readers.some((reader) => reader.direction === "out"),
		);
		const able = world.site.holders.filter((one) => one.fingerprint && canPass(world, one, { door, from: door.from, to: door.to }));
		const first = random.pick(able);
		const second = random.pick(able.filter((one) => one !== first));
		const actions = [
			...passage(world, first, { door, from: door.from, to: door.to }, 0, 8_000),
			badge(world, second, { door, from: door.to, to: door.from }, 18_000, "denied", "denied-passback"),
		];
		return { sayings: actions.map(({ at, ...saying }) => ({ ...saying, after: at / 1000 })) };
	},
};
