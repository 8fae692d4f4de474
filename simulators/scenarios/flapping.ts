import { devicesWhere, type Scenario } from "./scenario.ts";

export const flapping: Scenario = {
	name: "flapping",
	sentence: "A cooling unit's fault contact chatters: fault and running in turns, every two seconds.",
	expects: { seen: "One alarm with a growing number of occurrences, not many alarms.", rules: ["crac-fault"] },
	duration: 60,
	plan(world) {
		const [unit] = devicesWhere(world, "cooling unit with a unit-state", (one) => one.points.some((point) => point.kind === "unit-state"));
		const point = unit?.points.find((one) => one.kind === "unit-state");
		return { at: (seconds) => (point && Math.floor(seconds / 2) % 2 === 0 ? { values: new Map([[point.id, "fault"]]) } : {}) };
	},
};
