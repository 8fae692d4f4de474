import { expect, test } from "vitest";
import type { Quality, Value } from "../../../contracts/kinds.ts";
import { AlarmEngine } from "../../../server/alarms/alarm-engine.ts";
import { smallSite, worldOf } from "../../helpers/small-world.ts";

const T0 = 1_769_000_000_000;
const on = { pointKind: "temperature" };
const noData = { id: "silent", name: "Silent", kind: "no-data", on, priority: "low" };
const hot = { id: "hot", name: "Hot", kind: "limit", level: "high", limit: 32, on, priority: "high", onDelay: "30s" };

function engineOf(...rules: object[]) {
	const engine = new AlarmEngine(() => "id");
	engine.load([], [], worldOf({ ...smallSite(), rules }), T0);
	const story = (effects: ReturnType<AlarmEngine["tick"]>) =>
		effects.map((effect) =>
			effect.type === "transition" ? `${effect.transition.kind} ${(effect.transition.at - T0) / 1000} ${effect.alarm.message}` : effect.type,
		);
	return {
		engine,
		tick: (seconds: number) => story(engine.tick(T0 + seconds * 1000)),
		read: (seconds: number, value: Value, quality: Quality = "good", now = seconds) => {
			const ts = T0 + seconds * 1000;
			return story(engine.evaluate([{ point: "t1:temperature", ts, receivedAt: ts, value, quality }], T0 + now * 1000));
		},
	};
}

test("a point that was never heard of is silent three intervals after the watch began; a good reading ends it, a bad one doesn't", () => {
	const { tick, read } = engineOf(noData);
	expect(tick(29)).toEqual([]);
	expect(tick(31)).toEqual(["raised 30 t1 temperature: no good reading for 30 s"]);
	expect(tick(32)).toEqual([]);
	expect(read(40, 20, "bad")).toEqual([]);
	expect(read(41, 20)).toEqual(["returned 41 t1 temperature: no good reading for 30 s"]);
	expect([...tick(70), ...tick(72)]).toEqual(["raised 71 t1 temperature: no good reading for 30 s"]);
});

test.each<[what: string, heardAt: number | null, raisedAt: number]>([
	["what hasn't been heard yet gets a minute", null, 60],
	["what has been heard gets no more time than ever", 5, 35],
])("after a start %s", (_, heardAt, raisedAt) => {
	const engine = new AlarmEngine(() => "id");
	engine.load([], [], worldOf({ ...smallSite(), rules: [noData] }), T0, 60_000);
	const ts = T0 + (heardAt ?? 0) * 1000;
	if (heardAt !== null) engine.evaluate([{ point: "t1:temperature", ts, receivedAt: ts, value: 20, quality: "good" }], ts);
	expect(engine.tick(T0 + raisedAt * 1000 - 1)).toEqual([]);
	expect(engine.tick(T0 + raisedAt * 1000)).toMatchObject([{ type: "transition", alarm: { point: "t1:temperature" } }]);
});

test("back-filled readings are no sign of life now", () => {
	const { tick, read } = engineOf(noData);
	tick(100);
	expect(read(50, 20, "good", 101)).toEqual([]);
});

test("a delay runs out by a tick without further readings, and only once", () => {
	const { tick, read } = engineOf(hot);
	expect(read(0, 33)).toEqual([]);
	expect(tick(29)).toEqual([]);
	expect(tick(30)).toEqual(["raised 30 t1 temperature 33 °C above 32 °C"]);
	expect(tick(60)).toEqual([]);
	expect(read(61, 34)).toEqual([]);
});

test("bad quality neither raises nor clears a limit alarm", () => {
	const { read } = engineOf({ ...hot, onDelay: "0s" });
	expect(read(0, 40, "bad")).toEqual([]);
	expect(read(1, 40)).toHaveLength(1);
	expect(read(2, 0, "bad")).toEqual([]);
	expect(read(3, 0)).toHaveLength(1);
});

test("readings of points without rules and unknown points cost nothing and raise nothing", () => {
	const { engine } = engineOf(hot);
	const unknown = { ts: T0, receivedAt: T0, value: 99, quality: "good" as const };
	expect(
		engine.evaluate(
			[
				{ point: "t1:smoke", ...unknown },
				{ point: "gone:x", ...unknown },
			],
			T0,
		),
	).toEqual([]);
	expect(engine.stats()).toMatchObject({ evaluations: 0, points: 1, tracks: 1 });
});

test("a point whose rules are gone is still part of its combination, and of nothing else", () => {
	const above = { id: "above", name: "Above", priority: "low", kind: "limit", level: "high", limit: 30, on };
	const all = { id: "all", name: "All", priority: "low", kind: "combination", per: "room", measure: "max", level: "high", limit: 30, on };
	const engine = new AlarmEngine(() => "id");
	engine.load([], [], worldOf({ ...smallSite(), rules: [above, all] }), T0);
	engine.watch(worldOf({ ...smallSite(), rules: [all] }), T0);
	const effects = engine.evaluate([{ point: "t1:temperature", ts: T0, receivedAt: T0, value: 31, quality: "good" }], T0);
	expect(effects.map((effect) => effect.type === "transition" && effect.alarm.rule)).toEqual(["all"]);
});

test("a rule on a point that none has watched before begins with its newest reading", () => {
	const engine = new AlarmEngine(() => "id");
	const of = (...rules: object[]) => worldOf({ ...smallSite(), rules });
	engine.load([], [], of(), T0);
	const newest = (point: string) =>
		point === "t1:temperature" ? { point, ts: T0 - 60_000, receivedAt: T0 - 60_000, value: 40, quality: "good" as const } : null;
	const found = engine.watch(of({ ...hot, onDelay: "0s" }), T0, { newest });
	expect(found).toMatchObject([{ type: "transition", transition: { kind: "raised", point: "t1:temperature", at: T0 - 60_000, value: 40 } }]);
});

test("an alarm that goes on says what its rule says now; one that is over says what it was raised for", () => {
	const { engine, read } = engineOf({ ...hot, onDelay: "0s" });
	const changed = (more: object) => engine.watch(worldOf({ ...smallSite(), rules: [{ ...hot, onDelay: "0s", ...more }] }), T0);
	read(0, 40);
	const critical = { priority: "critical", action: "Leave", limit: 35, responseTime: "1min" };
	expect(changed(critical)).toMatchObject([
		{
			type: "reworded",
			alarm: { priority: "critical", action: "Leave", responseTimeMs: 60_000, message: "t1 temperature 40 °C above 35 °C", active: true, version: 2 },
		},
	]);
	expect(changed(critical), "said once").toEqual([]);
	expect(changed({ ...critical, priority: "low", limit: 45 })).toMatchObject([{ type: "transition", transition: { kind: "returned" } }]);
	expect(engine.alarms.byId("id")).toMatchObject({ priority: "critical", active: false });
});
