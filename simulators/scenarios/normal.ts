import type { Scenario } from "./scenario.ts";

export const normal: Scenario = {
	name: "normal",
	sentence: "An ordinary day: load swings, cooling follows, people come and go. Ends any other scenario.",
	expects: { seen: "No alarm.", rules: [] },
	duration: 0,
	plan: () => ({}),
};
