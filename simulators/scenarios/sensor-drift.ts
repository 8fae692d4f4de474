import type { Scenario } from "./scenario.ts";

export const sensorDrift: Scenario = {
	name: "sensor-drift",
	sentence: "One rack's inlet sensor drifts upwards while its neighbours stay where they are.",
	expects: { seen: "A single rack turning hot on the heat map.", rules: ["ashrae-recommended-high", "ashrae-a1-high", "ashrae-change-15min"] },
	duration: 120,
	plan(world) {
		const inlets = [...world.points.values()].filter(
			(point) => point.kind === "temperature" && point.location.rack !== null && point.point === "inlet",
		);
		const point = inlets[Math.floor(inlets.length / 5)];
		if (!point) throw new Error("The site has no rack with an inlet temperature, which this scenario needs.");
		return { at: (seconds) => ({ offsets: new Map([[point.id, Math.min(14, 0.5 * seconds)]]) }) };
	},
};
