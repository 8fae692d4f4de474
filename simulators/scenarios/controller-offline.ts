import type { Scenario } from "./scenario.ts";

export const controllerOffline: Scenario = {
	name: "controller-offline",
	sentence: "A door controller loses its network: its doors go on by the list that it has, and it hears of no revocation.",
	expects: {
		seen: "The controller offline by its last will; what is revoked meanwhile stays unconfirmed, and alarms, until it is back.",
		rules: [],
	},
	duration: 600,
	plan(world) {
		const controller = world.site.doors[0]?.controller;
		if (controller === undefined) throw new Error("The site has no door, which this scenario needs.");
		return { at: () => ({ cut: new Set([controller]) }) };
	},
};
