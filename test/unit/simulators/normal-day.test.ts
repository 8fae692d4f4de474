import { expect, test } from "vitest";
import { Simulation } from "../../../simulators/simulation.ts";
import { brokenRules } from "./broken-rules.ts";
import { demoWorld } from "./demo-site.ts";

test("a normal day of the demo site never crosses a limit nor enters a state that a rule names", { timeout: 120_000 }, () => {
	const world = demoWorld();
	const broken = brokenRules(world);
	const start = Date.UTC(2026, 0, 15);
	const simulation = new Simulation(world, 1, start);
	const seen = new Map<string, unknown>();
	const coolest = new Map<string, number>();
	for (let now = start; now <= start + 86_400_000; now += 30_000)
		for (const message of simulation.advance(now).messages) {
			for (const rule of broken(message)) seen.set(`${rule} ${message.device}`, message);
			if (message.type !== "reading" || message.point !== "inlet" || typeof message.value !== "number") continue;
			// The rate rule, strictly: the range over the whole day stays below what it allows in a quarter of an hour.
			const low = Math.min(coolest.get(message.device) ?? message.value, message.value);
			coolest.set(message.device, low);
			if (message.value - low >= 5) expect.fail(`${message.device} rises by ${message.value - low}`);
		}
	expect([...seen]).toEqual([]);
});
