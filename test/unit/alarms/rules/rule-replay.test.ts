import fc from "fast-check";
import { expect, test } from "vitest";
import type { Quality, Value } from "../../../../contracts/kinds.ts";
import { type LimitRule, type Rule, ruleSchema } from "../../../../contracts/rules.ts";
import { AlarmEngine } from "../../../../server/alarms/alarm-engine.ts";
import { HistoryReplay } from "../../../../server/alarms/rules/history-replay.ts";
import { hoursOfLimit, nextSpan } from "../../../../server/alarms/rules/replay-spans.ts";
import { RuleReplay } from "../../../../server/alarms/rules/rule-replay.ts";
import type { HourExtremes, RawRow } from "../../../../server/history/history.ts";
import { silencesOf } from "../../../../server/history/silences.ts";
import { smallSite, worldOf } from "../../../helpers/small-world.ts";

const HOUR = 3_600_000;
const T0 = Math.floor(1_769_000_000_000 / HOUR) * HOUR;
/** All times are on whole ticks: between two of them live evaluation can't tell what came first. */
const TICK = 10_000;
const POINT = "t1:temperature";
const rule = (rest: object): Rule => ruleSchema.parse({ id: "r", name: "R", on: { point: "temperature" }, priority: "low", ...rest });
const delay = fc.constantFrom("0s", "30s", "10min", "2h");
const delays = fc.record({ onDelay: delay, offDelay: delay });
const rules: Record<string, fc.Arbitrary<Rule>> = {
	limit: fc
		.tuple(delays, fc.constantFrom("high", "low-low"), fc.constantFrom(0, 2), fc.integer({ min: 20, max: 30 }))
		.map(([terms, level, deadband, limit]) => rule({ kind: "limit", level, deadband, limit, ...terms })),
	rate: fc
		.tuple(delays, fc.constantFrom("rise", "fall", "either"), fc.constantFrom("5min", "1h", "150min"), fc.integer({ min: 2, max: 8 }))
		.map(([terms, direction, within, change]) => rule({ kind: "rate", direction, within, change, ...terms })),
	count: fc.tuple(delays, fc.integer({ min: 2, max: 4 })).map(([terms, count]) => rule({ kind: "count", count, within: "10min", ...terms })),
	"no-data": fc.tuple(delays, fc.constantFrom("30s", "20min", "6h")).map(([terms, after]) => rule({ kind: "no-data", after, ...terms })),
	state: delays.map((terms) => rule({ kind: "state", states: [true, "fault"], ...terms })),
};
/** Hours of readings that are mostly quiet: what a filter by the hour must get right. */
const readings = fc
	.array(
		fc.tuple(
			fc.constantFrom(TICK, 60_000, 600_000, HOUR, 5 * HOUR),
			fc.oneof<fc.WeightedArbitrary<Value>[]>(
				{ weight: 8, arbitrary: fc.constant(24) },
				{ weight: 4, arbitrary: fc.integer({ min: 18, max: 32 }) },
				{ weight: 1, arbitrary: fc.constantFrom(true, false, "fault", "running") },
			),
			fc.constantFrom<Quality>("good", "good", "good", "uncertain", "bad"),
		),
		{ maxLength: 60 },
	)
	.map((steps) => {
		let ts = T0;
		return steps.map(([step, value, quality]): RawRow => {
			ts += step;
			return { ts, value, quality };
		});
	});
const endOf = (rows: readonly RawRow[]) => Math.ceil(((rows.at(-1)?.ts ?? T0) + 3 * HOUR) / HOUR) * HOUR;

/** What is raised and returned live. */
function live(of: Rule, rows: readonly RawRow[], to: number) {
	const empty = worldOf(smallSite());
	const world = { ...empty, site: { ...empty.site, rules: [of] } };
	const engine = new AlarmEngine(() => "id");
	const effects = engine.load([], [], world, T0);
	let now = T0;
	const tickUntil = (end: number) => {
		for (; now < end; now += TICK) effects.push(...engine.tick(now + TICK));
	};
	for (const { ts, value, quality } of rows) {
		tickUntil(ts);
		effects.push(...engine.evaluate([{ point: POINT, ts, receivedAt: ts, value: value as Value, quality }], ts));
	}
	tickUntil(to);
	return effects.flatMap((effect) => (effect.type === "transition" ? [[effect.transition.kind, effect.transition.at]] : []));
}
function replayed(of: Rule, rows: readonly RawRow[], to: number) {
	const replay = new RuleReplay(of, POINT, 10_000, T0);
	for (const row of rows) replay.take(row);
	replay.finish(to);
	return replay.firings;
}

test.each(Object.entries(rules))("replaying a stretch with a %s rule finds what evaluating it live has found", (_, of) => {
	fc.assert(
		fc.property(of, readings, (one, rows) => {
			const to = endOf(rows);
			const found = replayed(one, rows, to).flatMap(({ from, to: end }) => [["raised", from], ...(end === null ? [] : [["returned", end]])]);
			expect(found).toEqual(live(one, rows, to));
		}),
		{ numRuns: 100 },
	);
});

/** A store of these rows, with what it knows of the hours: some it doesn't. */
function stored(rows: readonly RawRow[], unknown: ReadonlySet<number>) {
	let asked = 0;
	const hours = [...Map.groupBy(rows, ({ ts }) => Math.floor(ts / HOUR) * HOUR)].map(([ts, some]): HourExtremes => {
		const numbers = some.flatMap(({ value, quality }) => (typeof value === "number" && quality !== "bad" ? value : []));
		return { ts, min: numbers.length ? Math.min(...numbers) : null, max: numbers.length ? Math.max(...numbers) : null };
	});
	return {
		asked: () => asked,
		extremes: async (points: readonly string[]) =>
			new Map(points.map((point) => [point, { hours: hours.filter(({ ts }) => !unknown.has(ts)), unknown: [...unknown] }])),
		silences: async (points: readonly string[], from: number, to: number, longer: number, most: number) => {
			const found = silencesOf(
				rows.filter(({ ts }) => ts >= from && ts < to),
				from,
				to,
				longer,
			);
			return found.length > most ? null : new Map(points.map((point) => [point, found]));
		},
		hoursOfStates: async (points: readonly string[], from: number, to: number, states: readonly Value[]) => {
			const of = rows.filter(({ ts, value }) => ts >= from && ts < to && states.includes(value));
			return new Map(points.map((point) => [point, [...new Set(of.map(({ ts }) => Math.floor(ts / HOUR) * HOUR))]]));
		},
		readings: async (points: readonly string[], from: number, to: number) => {
			const found = rows.filter(({ ts }) => ts >= from && ts < to);
			asked += found.length;
			return new Map(points.map((point) => [point, found]));
		},
	};
}
const bounds = { deadline: 1, now: () => 0 };
const world = worldOf(smallSite());

test.each(["limit", "rate", "state", "no-data"])(
	"a %s rule replayed by what is known of hours and silences finds what it finds reading by reading",
	async (kind) => {
		await fc.assert(
			fc.asyncProperty(rules[kind] as fc.Arbitrary<Rule>, readings, fc.array(fc.nat(40)), async (of, rows, gaps) => {
				const to = endOf(rows);
				const store = stored(rows, new Set(gaps.map((hour) => T0 + hour * HOUR)));
				const [side] = await new HistoryReplay(store, bounds).run([of], world, T0, to);
				const firings = replayed(of, rows, to);
				const activeMs = firings.reduce((sum, { from, to: end }) => sum + (end ?? to) - from, 0);
				expect([side?.fired, side?.activeMs, side?.worst[0]?.active ?? false]).toEqual([firings.length, activeMs, firings.at(-1)?.to === null]);
			}),
			{ numRuns: 500 },
		);
	},
);

test("hours in which nothing can happen are not read", async () => {
	const rows = Array.from({ length: 720 * 6 }, (_, index): RawRow => {
		const ts = T0 + index * 600_000;
		return { ts, value: index === 3000 ? 40 : 22, quality: "good" };
	});
	const store = stored(rows, new Set());
	const [side] = await new HistoryReplay(store, bounds).run([rule({ kind: "limit", level: "high", limit: 32 })], world, T0, T0 + 720 * HOUR);
	expect(side).toMatchObject({
		watched: 1,
		points: 1,
		fired: 1,
		activeMs: 600_000,
		worst: [{ point: POINT, name: "t1 temperature", longestMs: 600_000 }],
	});
	expect(store.asked()).toBe(12);
});

test("a replay ends where time has got to: in the rest of the last hour nothing is missing yet, and what is active is so until then", async () => {
	const rows = Array.from({ length: 65 }, (_, index): RawRow => ({ ts: T0 + index * 60_000, value: 30, quality: "good" }));
	const rest = [rule({ kind: "no-data", after: "20min" }), rule({ kind: "limit", level: "high", limit: 25 })];
	const until = async (end: number) => {
		const sides = await new HistoryReplay(stored(rows, new Set()), bounds).run(rest, world, T0, T0 + 2 * HOUR, end);
		return sides.map(({ fired, activeMs }) => [fired, activeMs]);
	};
	expect(await until(T0 + 65 * 60_000)).toEqual([
		[0, 0],
		[1, 65 * 60_000],
	]);
	expect((await until(T0 + 2 * HOUR))[0]?.[0], "the hour is over").toBe(1);
});

test.each<[of: string, rule: object]>([
	["limit", { kind: "limit", level: "high", limit: 25 }],
	["state", { kind: "state", states: ["fault"] }],
	["no-data", { kind: "no-data", after: "6min" }],
])("a reading of a clock that is ahead has no part in a replay that ends before it: %s", async (kind, of) => {
	const end = T0 + 10 * 60_000;
	const rows = [5, 19].map(
		(minute): RawRow => ({
			ts: T0 + minute * 60_000,
			value: kind === "state" ? (minute === 5 ? "running" : "fault") : minute === 5 ? 20 : 30,
			quality: "good",
		}),
	);
	const [side] = await new HistoryReplay(stored(rows, new Set()), bounds).run([rule(of)], world, T0, T0 + HOUR, end);
	expect(side).toMatchObject({ fired: 0, activeMs: 0 });
});

test("a replay stops when its time is over", async () => {
	const rows = Array.from({ length: 1000 }, (_, index): RawRow => ({ ts: T0 + index * 60_000, value: 22, quality: "good" }));
	const run = (deadline: number) =>
		new HistoryReplay(stored(rows, new Set()), { ...bounds, deadline }).run(
			[rule({ kind: "no-data", after: "1h" })],
			worldOf({
				...smallSite(),
				racks: [...smallSite().racks, { ...smallSite().racks[0], id: "R2", devices: [{ ...smallSite().racks[0]?.devices[0], id: "t2" }] }],
			}),
			T0,
			T0 + 24 * HOUR,
		);
	await expect(run(-1)).rejects.toMatchObject({ status: 422, code: "replay-too-large" });
	expect(await run(0)).toHaveLength(1);
});

test("a silence is replayed without looking at a reading, unless there are too many", async () => {
	const every = (ms: number, count: number) =>
		Array.from({ length: count }, (_, index): RawRow => ({ ts: T0 + index * ms, value: 22, quality: "good" }));
	const run = async (rows: RawRow[], after: string) => {
		const replay = new HistoryReplay(stored(rows, new Set()), bounds);
		const [side] = await replay.run([rule({ kind: "no-data", after })], world, T0, T0 + 720 * HOUR);
		return [side?.fired, replay.readings];
	};
	expect(await run(every(60_000, 720 * 60), "3min")).toEqual([0, 0]);
	expect(await run(every(600_000, 720 * 6), "10min"), "each of them").toEqual([720 * 6, 720 * 6]);
});

test("rules that look at everything are replayed together, and what is stored of a point is read once", async () => {
	const rows = Array.from({ length: 60 }, (_, index): RawRow => ({ ts: T0 + index * 60_000, value: index < 30 ? index % 2 : 0, quality: "good" }));
	const store = stored(rows, new Set());
	const of = (count: number) => rule({ kind: "count", count, within: "1h" });
	const replay = new HistoryReplay(store, bounds);
	const sides = await replay.run([of(3), of(100)], world, T0, T0 + 2 * HOUR, T0 + 65 * 60_000);
	expect(sides.map(({ fired }) => fired)).toEqual([1, 0]);
	expect(replay.readings).toBe(60);
});

test("a combination is replayed over the readings of its points, instant by instant", async () => {
	const pdu = (id: string, feed: string) => ({ id, kind: "pdu", feed, points: [{ id: "power", kind: "power", interval: "1min" }] });
	const racks = [{ ...smallSite().racks[0], feedPower: 5000, devices: [pdu("pdu-a", "A"), pdu("pdu-b", "B")] }];
	const power = (at: number) => (at >= 60 && at < 90 ? 2500 : 1500);
	const rows = Array.from({ length: 180 }, (_, index): RawRow => ({ ts: T0 + index * 60_000, value: power(index), quality: "good" }));
	const of = ruleSchema.parse({
		id: "o",
		name: "O",
		kind: "combination",
		per: "rack",
		measure: "failover-load",
		level: "high",
		limit: 80,
		on: { pointKind: "power" },
		priority: "high",
	});
	const [side] = await new HistoryReplay(stored(rows, new Set()), bounds).run([of], worldOf({ ...smallSite(), racks }), T0, T0 + 3 * HOUR);
	expect(side).toMatchObject({ watched: 1, fired: 1, activeMs: 30 * 60_000, worst: [{ point: "rack.R1:failover-load" }] });
});

test("where nothing is known of any hour there is nothing to look at", () => {
	const limit = rule({ kind: "limit", level: "high", limit: 1 }) as LimitRule;
	expect(nextSpan(hoursOfLimit(limit, { hours: [], unknown: [] }), T0, T0 + HOUR)).toBeNull();
});
