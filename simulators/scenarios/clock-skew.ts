import { devicesWhere, firstHall, type Scenario } from "./scenario.ts";

/** Beyond what an agent takes for a right time, within what it takes at all. */
const AHEAD = 150_000;

export const clockSkew: Scenario = {
	name: "clock-skew",
	sentence: "The rack sensors of the first data hall have clocks that are two and a half minutes ahead.",
	expects: { seen: "Their readings uncertain, and the skew on their device pages.", rules: [] },
	duration: 90,
	plan(world) {
		const hall = firstHall(world);
		const devices = devicesWhere(world, "rack sensor in its first hall", (one) => one.location.room === hall && one.kind === "temperature-sensor");
		const clockAhead = new Map(devices.map((device) => [device.id, AHEAD]));
		return { at: () => ({ clockAhead }) };
	},
};
