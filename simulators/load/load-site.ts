import { stringify } from "yaml";
import { POINTS_PER_DEVICE } from "./load-points.ts";

/** A site file with exactly these points, for load tests; with `rules` also a limit that the load never crosses. */
export function loadSiteYaml(points: number, rules: boolean): string {
	const model = (id: string, count: number) => ({
		id,
		kind: "temperature-sensor",
		points: Array.from({ length: count }, (_, index) => ({ id: `p${index}`, kind: "temperature", interval: "1h" })),
	});
	const whole = Math.floor(points / POINTS_PER_DEVICE);
	const rest = points % POINTS_PER_DEVICE;
	const name = (index: number) => `load-${String(index + 1).padStart(4, "0")}`;
	const devices = Array.from({ length: whole }, (_, index) => ({ id: name(index), model: "load-sensor" }));
	if (rest > 0) devices.push({ id: name(whole), model: "load-sensor-rest" });
	return stringify({
		id: "load",
		name: "Load test",
		timeZone: "UTC",
		agents: [{ id: "agent-1", name: "Edge agent 1" }],
		models: [...(whole > 0 ? [model("load-sensor", POINTS_PER_DEVICE)] : []), ...(rest > 0 ? [model("load-sensor-rest", rest)] : [])],
		rooms: [{ id: "hall", name: "Hall", kind: "data-hall", plan: { x: 0, y: 0, width: 20, depth: 10 }, devices }],
		rules: rules
			? [
					{
						id: "load-high",
						name: "Above 90 °C",
						kind: "limit",
						on: { pointKind: "temperature" },
						level: "high",
						limit: 90,
						deadband: 1,
						priority: "high",
					},
				]
			: [],
	});
}
