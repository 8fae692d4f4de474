import type { Scenario } from "./scenario.ts";

export const networkCut: Scenario = {
	name: "network-cut",
	sentence: "The switch of the second data hall dies: every device there loses its connection without a good-bye.",
	expects: {
		seen: "All devices of the hall offline by their last will, their values stale, and no-data alarms after three intervals.",
		rules: ["environment-no-data", "power-no-data", "smoke-no-data", "security-no-data"],
	},
	duration: 120,
	plan(world) {
		const halls = world.site.rooms.filter((room) => room.kind === "data-hall");
		const hall = (halls[1] ?? halls[0])?.id;
		const cut = new Set([...world.devices.values()].filter((device) => device.location.room === hall).map((device) => device.id));
		if (cut.size === 0) throw new Error("The site has no data hall with devices, which this scenario needs.");
		return { at: () => ({ cut }) };
	},
};
