import type { Value } from "../../contracts/kinds.ts";
import { devicesWhere, firstHall, type Scenario } from "./scenario.ts";

export const smoke: Scenario = {
	name: "smoke",
	sentence: "Smoke in the first data hall: a pre-alarm, an alarm, then a second detector and the fire panel.",
	expects: {
		seen: "One detector in pre-alarm, then alarm; after the second the fire panel's zone.",
		rules: ["smoke-pre-alarm", "smoke", "fire-alarm"],
	},
	duration: 90,
	plan(world) {
		const hall = firstHall(world);
		const points = (kind: string) => [...world.points.values()].filter((point) => point.kind === kind);
		const detectors = points("smoke").filter((point) => point.location.room === hall);
		devicesWhere(world, "smoke detector in its first hall", (one) => one.kind === "smoke-detector" && one.location.room === hall);
		const panel = points("fire-state").filter((point) => point.point === hall || point.point === "panel");
		return {
			at(seconds) {
				const values = new Map<string, Value>();
				const [first, second] = detectors;
				if (first) values.set(first.id, seconds < 8 ? "pre-alarm" : "alarm");
				if (second && seconds >= 14) values.set(second.id, "alarm");
				if (seconds >= 14) for (const point of panel) values.set(point.id, "alarm");
				return { values };
			},
		};
	},
};
