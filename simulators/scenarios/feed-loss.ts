import { devicesWhere, type Scenario } from "./scenario.ts";

export const feedLoss: Scenario = {
	name: "feed-loss",
	sentence: "Utility feed A fails: its UPS runs on battery until it is empty, then feed B carries every rack alone.",
	expects: {
		seen: "Feed A at 0 V, UPS A on battery with falling charge, later PDU A of every rack at 0 W and PDU B at twice its load.",
		rules: ["feed-lost", "feed-voltage-low", "ups-on-battery", "ups-charge-low", "battery-voltage-low", "ups-fault", "pdu-dead"],
	},
	speed: 12,
	duration: 120,
	plan(world) {
		devicesWhere(world, "UPS on feed A", (one) => one.kind === "ups" && one.feed === "A");
		return { at: () => ({ feedsDown: ["A"] }) };
	},
};
