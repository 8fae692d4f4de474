import fc from "fast-check";
import { expect, test } from "vitest";
import type { Quality, Value } from "../../../../contracts/kinds.ts";
import { type Rule, ruleSchema } from "../../../../contracts/rules.ts";
import { AlarmEngine } from "../../../../server/alarms/alarm-engine.ts";
import { HistoryReplay } from "../../../../server/alarms/rules/history-replay.ts";
import { isBounded, SpanFinder } from "../../../../server/alarms/rules/replay-spans.ts";
import { RuleReplay } from "../../../../server/alarms/rules/rule-replay.ts";
import type { HourExtremes, RawRow } from "../../../../server/history/history.ts";
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
	"no-data": delays.map((terms) => rule({ kind: "no-data", after: "20min", ...terms })),
};
/** Hours of readings that are mostly quiet: what a filter by the hour must get right. */
const readings = fc
	.array(
		fc.tuple(
			fc.constantFrom(TICK, 60_000, 600_000, HOUR, 5 * HOUR),
			fc.oneof({ weight: 4, arbitrary: fc.constant(24) }, { weight: 2, arbitrary: fc.integer({ min: 18, max: 32 }) }),
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
		query: async ({ from, to, maxRows }: { from: number; to: number; maxRows: number }) => {
			const found = rows.filter(({ ts }) => ts >= from && ts < to);
			asked += found.length;
			return { step: "raw" as const, truncated: found.length > maxRows, rows: found.slice(0, maxRows) };
		},
	};
}
const bounds = { readings: 1e9, deadline: 1, now: () => 0 };
const world = worldOf(smallSite());

test.each(["limit", "rate"])("a %s rule replayed by the hours in which it may do something finds what it finds in all of them", async (kind) => {
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
});

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

test("a replay stops at its bounds", async () => {
	const rows = Array.from({ length: 1000 }, (_, index): RawRow => ({ ts: T0 + index * 60_000, value: 22, quality: "good" }));
	const run = (bound: object) =>
		new HistoryReplay(stored(rows, new Set()), { ...bounds, ...bound }).run(
			[rule({ kind: "no-data", after: "1h" })],
			worldOf({
				...smallSite(),
				racks: [...smallSite().racks, { ...smallSite().racks[0], id: "R2", devices: [{ ...smallSite().racks[0]?.devices[0], id: "t2" }] }],
			}),
			T0,
			T0 + 24 * HOUR,
		);
	await expect(run({ readings: 500 })).rejects.toMatchObject({ status: 422, code: "replay-too-large" });
	await expect(run({ deadline: -1 })).rejects.toMatchObject({ code: "replay-too-large" });
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

test("only limits and rates can be ruled out by the extremes of an hour", () => {
	expect(["limit", "rate", "state", "count", "no-data"].map((kind) => isBounded({ kind } as Rule))).toEqual([true, true, false, false, false]);
	expect(new SpanFinder(rule({ kind: "limit", level: "high", limit: 1 }) as never, { hours: [], unknown: [] }).next(T0, T0 + HOUR)).toBeNull();
});
