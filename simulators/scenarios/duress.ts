import { badge, passage } from "../physics/walk.ts";
import { doorWhere, type Scenario } from "./scenario.ts";

export const duress: Scenario = {
	name: "duress",
	sentence: "Somebody is made to open a data hall, and gives the sign for it at the reader.",
	expects: { seen: "An access that looks granted, with the reason duress.", rules: ["access-duress"], reasons: ["duress"] },
	duration: 20,
	plan(world, random) {
		const door = doorWhere(world, "two-factor door", (one) => one.factors === "two");
		const holder = random.pick(world.site.holders.filter((one) => one.card && one.fingerprint && one.role === "employee"));
		const leg = { door, from: door.from, to: door.to };
		const actions = [badge(world, holder, leg, 0, "granted", "duress"), ...passage(world, holder, leg, 0, 4_000).slice(1)];
		return { sayings: actions.map(({ at, ...saying }) => ({ ...saying, after: at / 1000 })) };
	},
};
