import type { Scenario } from "./scenario.ts";

export const brokerRestart: Scenario = {
	name: "broker-restart",
	sentence: "Every device loses its connection at once, as when the device broker restarts, and comes back five seconds later.",
	expects: { seen: "All devices offline and back, events said meanwhile arriving afterwards, no alarm that stays.", rules: [] },
	duration: 20,
	plan(world) {
		const all = new Set(world.devices.keys());
		return { at: (seconds) => (seconds < 5 ? { cut: all } : {}) };
	},
};
