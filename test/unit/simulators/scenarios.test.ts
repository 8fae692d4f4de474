import { describe, expect, test } from "vitest";
import { idSchema } from "../../../contracts/identifiers.ts";
import { nativeAccessSchema, nativeDoorSchema, nativeReadingSchema } from "../../../contracts/native-dialect.ts";
import { OWN_RULES } from "../../../server/alarms/own-rules.ts";
import { SCENARIOS } from "../../../simulators/scenarios/registry.ts";
import type { Scenario } from "../../../simulators/scenarios/scenario.ts";
import { type Message, Simulation } from "../../../simulators/simulation.ts";
import { brokenRules } from "./broken-rules.ts";
import { demoWorld } from "./demo-site.ts";

const world = demoWorld();
const START = Date.UTC(2026, 0, 15, 4);
const broken = brokenRules(world);
const kindOf = new Map(world.site.rules.map((rule) => [rule.id, rule.kind]));

/** What is said from the beginning of the scenario's disturbance on, by half-second steps. */
function play(scenario: Scenario, seconds = scenario.duration, seed = 1): { messages: Message[]; cut: Set<string>; simulation: Simulation } {
	const simulation = new Simulation(world, 1, START);
	simulation.advance(START);
	simulation.begin(scenario, { seed, delay: 0, duration: scenario.duration * 1000, speed: scenario.speed ?? 1 });
	const messages: Message[] = [];
	const cut = new Set<string>();
	for (let now = START + 500; now <= START + seconds * 1000; now += 500) {
		const moment = simulation.advance(now);
		messages.push(...moment.messages);
		for (const device of moment.cut) cut.add(device);
	}
	return { messages, cut, simulation };
}

describe.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))("%s", (_, scenario) => {
	test("says the same again with the same seed", () => {
		expect(play(scenario, 20).messages).toEqual(play(scenario, 20).messages);
	});

	test("breaks the limit and state rules that it announces, and no others", () => {
		const seen = new Set(play(scenario).messages.flatMap(broken));
		const announced = scenario.expects.rules.filter((rule) => kindOf.get(rule) === "limit" || kindOf.get(rule) === "state");
		for (const rule of scenario.expects.rules) expect(kindOf.has(rule) || OWN_RULES.has(rule), rule).toBe(true);
		for (const rule of announced) expect([...seen]).toContain(rule);
		if (scenario.name !== "cooling-failure") expect([...seen].filter((rule) => !announced.includes(rule))).toEqual([]);
	});

	test("access events carry the reasons that it announces, and all messages are valid native payloads", () => {
		const { messages } = play(scenario);
		const reasons = messages.flatMap((message) => (message.type === "access" ? [message.body.reason] : []));
		for (const reason of scenario.expects.reasons ?? []) expect(reasons).toContain(reason);
		for (const message of messages) {
			expect(idSchema.safeParse(message.device).success).toBe(true);
			if (message.type === "access") nativeAccessSchema.parse({ ts: message.ts, seq: 1, ...message.body });
			else if (message.type === "door") nativeDoorSchema.parse({ ts: message.ts, seq: 1, ...message.body });
			else nativeReadingSchema.parse({ ts: message.ts, value: message.value });
		}
	});
});

const scenario = (name: string) => SCENARIOS.find((one) => one.name === name) ?? expect.fail(name);
const firstTime = (messages: Message[], rule: string) =>
	((messages.find((message) => broken(message).includes(rule))?.ts ?? Number.NaN) - START) / 1000;

test("cooling-failure passes 27 °C and then 32 °C within half a minute", () => {
	const { messages } = play(scenario("cooling-failure"), 60);
	expect(firstTime(messages, "ashrae-recommended-high")).toBeLessThan(15);
	expect(firstTime(messages, "ashrae-a1-high")).toBeLessThan(30);
});

test("network-cut silences the second hall and nothing else", () => {
	const { messages, cut } = play(scenario("network-cut"), 30);
	expect(cut.size).toBeGreaterThan(50);
	for (const device of cut) expect(world.devices.get(device)?.location.room).toBe("hall-b");
	expect(messages.filter((message) => cut.has(message.device))).toEqual([]);
});

test("clock-skew moves the time stamps of its devices only", () => {
	const { messages } = play(scenario("clock-skew"), 20);
	const ahead = messages.filter((message) => message.ts > START + 60_000);
	expect(new Set(ahead.map((message) => message.device)).size).toBe(12);
});

test("a scenario ended early leaves its doors closed and lets the plant recover", () => {
	const { simulation } = play(scenario("forced-door"), 5);
	simulation.calm();
	const said = simulation.advance(START + 6_000).messages.filter((message) => message.type === "door");
	expect(said.map((message) => message.body)).toContainEqual({ door: "hall-a-door", state: "closed" });
	expect(simulation.running).toBeNull();
});
