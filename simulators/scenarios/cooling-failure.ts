import { devicesWhere, firstHall, type Scenario } from "./scenario.ts";

export const coolingFailure: Scenario = {
	name: "cooling-failure",
	sentence: "All cooling units of the first data hall stop; its racks pass 27 °C, then 32 °C.",
	expects: {
		seen: "The hall's cooling units in fault, the racks of the hall turning hot one after the other.",
		rules: ["crac-fault", "ashrae-recommended-high", "ashrae-a1-high", "ashrae-change-15min"],
	},
	speed: 40,
	duration: 120,
	plan(world) {
		const hall = firstHall(world);
		const failedCracs = devicesWhere(world, "cooling unit in its first hall", (one) => one.kind === "hvac-unit" && one.location.room === hall).map(
			(device) => device.id,
		);
		return { at: () => ({ failedCracs }) };
	},
};
