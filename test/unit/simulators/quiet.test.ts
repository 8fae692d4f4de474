import { expect, test } from "vitest";
import { AlarmEngine } from "../../../server/alarms/alarm-engine.ts";
import { Simulation } from "../../../simulators/simulation.ts";
import { demoWorld } from "./demo-site.ts";

const START = Date.UTC(2026, 0, 15, 4);
/** Longer than the longest on-delay of the demo site's rules. */
const WHILE = 16 * 60_000;
const STEP = 2000;

test("while nothing happens the demo site raises no alarm, by its own rules and those of the ready sets", () => {
	const world = demoWorld();
	const simulation = new Simulation(world, 1, START);
	const engine = new AlarmEngine(() => "alarm");
	engine.load([], [], world, START);
	const raised = new Set<string>();
	for (let now = START; now <= START + WHILE; now += STEP) {
		const readings = simulation
			.advance(now)
			.messages.flatMap((message) =>
				message.type === "reading"
					? [{ point: `${message.device}:${message.point}`, ts: message.ts, receivedAt: now, value: message.value, quality: "good" as const }]
					: [],
			);
		for (const effect of [...engine.evaluate(readings, now), ...engine.tick(now)])
			if (effect.type === "transition") raised.add(`${effect.transition.rule} ${effect.transition.point}`);
	}
	expect([...raised]).toEqual([]);
	expect(Math.max(...world.site.rules.map(({ onDelay }) => onDelay))).toBeLessThan(WHILE);
	expect(engine.stats().evaluations).toBeGreaterThan(50_000);
});
