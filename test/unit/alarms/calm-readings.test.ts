import fc from "fast-check";
import { expect, test } from "vitest";
import type { Quality, Value } from "../../../contracts/kinds.ts";
import { AlarmEngine } from "../../../server/alarms/alarm-engine.ts";
import { smallSite, worldOf } from "../../helpers/small-world.ts";

const T0 = 1_769_000_000_000;
const TEMPERATURE = "t1:temperature";
const SMOKE = "t1:smoke";
const on = { pointKind: "temperature" };

/** Rules of every kind on one point, with delays or without. */
const delays = fc.constantFrom({}, { onDelay: "20s" }, { offDelay: "20s" }, { onDelay: "1min", offDelay: "30s" });
const limits = (...limit: number[]) =>
	fc
		.tuple(fc.constantFrom("high-high", "high", "low", "low-low"), fc.constantFrom(...limit), fc.constantFrom(0, 1))
		.map(([level, limit, deadband]) => ({ kind: "limit", level, limit, deadband, on }));
const rates = (changes: number[], ...windows: string[]) =>
	fc
		.tuple(fc.constantFrom("rise", "fall", "either"), fc.constantFrom(...changes), fc.constantFrom(...windows))
		.map(([direction, change, within]) => ({ kind: "rate", direction, change, within, on }));
const others = fc.constantFrom(
	{ kind: "no-data", on },
	{ kind: "no-data", after: "15s", on },
	{ kind: "count", count: 3, within: "1min", on },
	{ kind: "state", states: [true], on: { point: ["smoke", "temperature"] } },
	{ kind: "combination", per: "room", measure: "max", level: "high", limit: 23, on },
);
const ruleSets = (rule: fc.Arbitrary<object>, terms: fc.Arbitrary<object> = delays) =>
	fc
		.array(fc.tuple(rule, terms), { minLength: 1, maxLength: 5 })
		.map((rules) => rules.map(([one, delay], index) => ({ id: `r${index}`, name: `R${index}`, priority: "low", ...one, ...delay })));

/** Mostly what a room's sensor says, in its time; sometimes not. */
const reading = (steps: fc.Arbitrary<number>, steady: number[], others: number[] = [19, 20, 23, 24.5, 25, 26, Number.POSITIVE_INFINITY]) =>
	fc.record({
		do: fc.constant("read" as const),
		point: fc.oneof({ weight: 12, arbitrary: fc.constant(TEMPERATURE) }, { weight: 1, arbitrary: fc.constantFrom(SMOKE, "t9:unknown") }),
		step: steps,
		delay: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(-3000, 500, 16_000, 120_000) }),
		value: fc.oneof({ weight: 10, arbitrary: fc.constantFrom(...steady) }, { weight: 2, arbitrary: fc.constantFrom<Value>(...others) }),
		quality: fc.constantFrom<Quality>("good", "good", "good", "good", "uncertain", "bad"),
	});
const disturbances = [
	{ weight: 3, arbitrary: fc.record({ do: fc.constant("tick" as const), after: fc.constantFrom(0, 1000, 10_000, 40_000) }) },
	{
		weight: 1,
		arbitrary: fc.record({
			do: fc.constant("act" as const),
			kind: fc.constantFrom("acknowledged" as const, "out-of-service" as const, "in-service" as const),
		}),
	},
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("rules" as const), without: fc.integer({ min: 0, max: 5 }) }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("restart" as const), back: fc.constantFrom(0, 60_000) }) },
] as const;
const inTime = fc.constantFrom(1, 1000, 5000, 10_000);
const outOfTurn = fc.constantFrom(-200_000, -100_000, -45_000, -10_000, -1000, 0);
const stories = {
	"readings of every kind": {
		rules: ruleSets(
			fc.oneof(
				{ weight: 3, arbitrary: limits(20, 22, 24.5) },
				{ weight: 2, arbitrary: rates([1, 2, 4], "10ms", "64s", "10min") },
				{ weight: 2, arbitrary: others },
			),
		),
		steps: fc.oneof(
			{
				weight: 20,
				arbitrary: reading(
					fc.oneof(
						{ weight: 12, arbitrary: inTime },
						{ weight: 3, arbitrary: outOfTurn },
						{ weight: 1, arbitrary: fc.constantFrom(25_000, 50_000, 900_000) },
					),
					[21, 21.5, 22, 22.25, 22.5],
				),
			},
			...disturbances,
		),
	},
	"what windows are told": {
		rules: ruleSets(rates([1, 1.25], "1s", "2s"), fc.constant({})),
		steps: fc.oneof(
			{ weight: 30, arbitrary: reading(fc.constantFrom(20, 100, 500, 500), [21, 21.25, 21.75], [20.5, 20.75, 22.25, 22.5]) },
			...disturbances.slice(0, 3),
		),
	},
	"backlogs after gaps": {
		rules: ruleSets(limits(20, 24.5), fc.constant({})),
		steps: fc.oneof(
			{ weight: 24, arbitrary: reading(fc.constantFrom(1000, 1000, 1000, 1000, 1000, 1000, 1000, 30_000), [22, 22.25], [22.5]) },
			{ weight: 4, arbitrary: reading(fc.oneof(fc.constantFrom(-30_000, -25_000), outOfTurn), [19, 26]) },
			disturbances[0],
			disturbances[3],
		),
	},
};
type Happening = (typeof stories)["readings of every kind"]["steps"] extends fc.Arbitrary<infer T> ? T : never;

/** An engine's life, told step by step. */
function life(ruleByRule: boolean, rules: readonly object[], steps: readonly Happening[]) {
	let ids = 0;
	const begin = () => new AlarmEngine(() => `id${++ids}`, { ruleByRule });
	const world = (without = -1) => worldOf({ ...smallSite(), rules: rules.filter((_, index) => index !== without) });
	let [engine, now, ts] = [begin(), T0, T0];
	const took: unknown[] = [engine.load([], [], world(), now)];
	for (const step of steps) {
		if (step.do === "read") {
			const at = ts + step.step;
			ts = Math.max(ts, at);
			now = Math.max(now, ts) + Math.max(0, step.delay);
			const value = step.point === SMOKE ? step.value === 23 : step.value;
			took.push(engine.evaluate([{ point: step.point, ts: at, receivedAt: now - step.delay, value, quality: step.quality }], now));
		} else if (step.do === "tick") {
			now += step.after;
			took.push(engine.tick(now));
		} else if (step.do === "act") took.push(engine.act("id1", { kind: step.kind, by: "ann", comment: null }, now));
		else if (step.do === "rules") took.push(engine.watch(world(step.without), now));
		else {
			const alarms = [...engine.alarms.open()];
			took.push(engine.stats());
			engine = begin();
			ts -= step.back;
			took.push(engine.load(alarms, [], world(), now));
		}
	}
	return { took, stats: engine.stats() };
}

test.each(Object.entries(stories))("taken calmly, %s have the effects that they have when each rule looks at each", (_, story) => {
	fc.assert(
		fc.property(story.rules, fc.array<Happening>(story.steps, { minLength: 20, maxLength: 120 }), (rules, steps) => {
			expect(life(false, rules, steps)).toEqual(life(true, rules, steps));
		}),
		{ numRuns: 200 },
	);
});

const rate = (change: number) => ({ ...smallSite(), rules: [{ id: "r", name: "R", priority: "low", kind: "rate", change, within: "1s", on }] });
function rateEngine() {
	const engine = new AlarmEngine(() => "id");
	engine.load([], [], worldOf(rate(1)), T0);
	const raised = (after: number, value: number) => {
		const ts = T0 + after;
		return engine.evaluate([{ point: TEMPERATURE, ts, receivedAt: ts, value, quality: "good" }], ts).length > 0;
	};
	return { engine, raised };
}

test("a window knows of calm readings besides the extremes of all of them, which it may have left", () => {
	const { raised } = rateEngine();
	const steady = [raised(0, 21), raised(100, 21.75), raised(500, 21), raised(1000, 21.75), raised(1500, 21.25)];
	expect([...steady, raised(2000, 22.25)]).toEqual([false, false, false, false, false, true]);
});

test("a rule that has changed begins with the newest reading, not with the calm ones before it", () => {
	const { engine, raised } = rateEngine();
	const steady = [raised(0, 21), raised(100, 21.75), raised(190, 21), raised(200, 21.75)];
	engine.watch(worldOf(rate(1.05)), T0 + 200);
	expect([...steady, raised(400, 22.125), raised(500, 23)]).toEqual([false, false, false, false, false, true]);
});
