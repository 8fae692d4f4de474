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
