import { doorWhere, type Scenario } from "./scenario.ts";

export const forcedDoor: Scenario = {
	name: "forced-door",
	sentence: "A two-factor door opens without having been unlocked.",
	expects: { seen: "The door in state forced, without an access event before it.", rules: ["door-forced"] },
	duration: 40,
	plan(world) {
		const { id: door, controller: device } = doorWhere(world, "two-factor door", (one) => one.factors === "two");
		return {
			sayings: [
				{ after: 0, device, topic: "door", body: { door, state: "forced" } },
				{ after: 35, device, topic: "door", body: { door, state: "closed" } },
			],
		};
	},
};
