import type { Scenario } from "./scenario.ts";

export const controllerLostItsList: Scenario = {
	name: "controller-lost-its-list",
	sentence: "A door controller loses its access list, with its non-volatile copy: it knows nobody any more.",
	expects: {
		seen: "At the next look the list is found lost: an alarm, and the list is put again and confirmed.",
		rules: [],
	},
	duration: 30,
	plan(world) {
		const controller = world.site.doors[0]?.controller;
		if (controller === undefined) throw new Error("The site has no door, which this scenario needs.");
		return { at: () => ({ lost: new Set([controller]) }) };
	},
};
