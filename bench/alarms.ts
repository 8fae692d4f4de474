/** Alarm evaluation alone: readings of points whose conditions don't change, three rules on each point (two limits, a rate). */

import type { Reading } from "../contracts/reading.ts";
import { parseSite } from "../contracts/site-check.ts";
import { expandSite } from "../contracts/world.ts";
import { AlarmEngine } from "../server/alarms/alarm-engine.ts";

const START = 1_769_000_000_000;
const ROUNDS = 2_000_000;

/** Prints one JSON line for 1,000 and one for 10,000 points. */
export async function run(): Promise<void> {
	for (const points of [1000, 10_000]) console.log(JSON.stringify(measure(points)));
}

function measure(points: number) {
	const engine = new AlarmEngine(() => crypto.randomUUID());
	engine.load([], [], world(points), START);
	const names = Array.from({ length: points }, (_, index) => `d${index}:temperature`);
	const seconds = Math.ceil(ROUNDS / points);
	let effects = 0;
	let elapsed = 0;
	for (let second = 1; second <= seconds; second++) {
		const ts = START + second * 1000;
		const readings = names.map((point, index): Reading => {
			const value = 22 + Math.sin(second / 10 + index);
			return { point, ts, receivedAt: ts, value, quality: "good" };
		});
		const began = process.hrtime.bigint();
		effects += engine.evaluate(readings, ts).length + engine.tick(ts).length;
		elapsed += Number(process.hrtime.bigint() - began);
	}
	const readings = seconds * points;
	return {
		bench: "alarms",
		points,
		rulesPerPoint: 3,
		readings,
		readingsPerSecond: Math.round(readings / (elapsed / 1e9)),
		evaluations: engine.stats().evaluations,
		transitions: effects,
		rssMB: Math.round(process.memoryUsage.rss() / 1e6),
	};
}

function world(points: number) {
	const on = { pointKind: "temperature" };
	const result = parseSite({
		id: "bench",
		name: "Bench",
		timeZone: "UTC",
		agents: [{ id: "a", name: "A" }],
		models: [{ id: "th", kind: "temperature-sensor", points: [{ id: "temperature", kind: "temperature" }] }],
		rooms: [
			{
				id: "hall",
				name: "Hall",
				kind: "data-hall",
				plan: { x: 0, y: 0, width: 1, depth: 1 },
				devices: Array.from({ length: points }, (_, index) => ({ id: `d${index}`, model: "th" })),
			},
		],
		rules: [
			{ id: "high", name: "High", kind: "limit", level: "high", limit: 32, deadband: 1, on, priority: "high", onDelay: "30s" },
			{ id: "low", name: "Low", kind: "limit", level: "low", limit: 10, deadband: 1, on, priority: "medium" },
			{ id: "rate", name: "Rate", kind: "rate", change: 5, within: "15min", on, priority: "medium" },
		],
	});
	if (!("site" in result)) throw new Error(JSON.stringify(result.problems));
	return expandSite(result.site);
}
