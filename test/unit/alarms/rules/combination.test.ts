import { expect, test } from "vitest";
import type { Quality, Value } from "../../../../contracts/kinds.ts";
import { AlarmEngine } from "../../../../server/alarms/alarm-engine.ts";
import { smallSite, worldOf } from "../../../helpers/small-world.ts";

const T0 = 1_769_000_000_000;
const pdu = (id: string, feed: string) => ({ id, kind: "pdu", feed, points: [{ id: "power", kind: "power", interval: "10s" }] });
const rack = { ...smallSite().racks[0], feedPower: 5000, devices: [pdu("pdu-a", "A"), pdu("pdu-b", "B")] };
const overload = { id: "overload", name: "Overload", kind: "combination", per: "rack", measure: "failover-load", level: "high", limit: 80 };
const common = { on: { pointKind: "power" }, priority: "high", deadband: 5 };

function engineOf(...rules: object[]) {
	const world = (next: readonly object[]) => worldOf({ ...smallSite(), racks: [rack], rules: next });
	const engine = new AlarmEngine(() => crypto.randomUUID());
	engine.load([], [], world(rules), T0);
	const story = (effects: ReturnType<AlarmEngine["tick"]>) =>
		effects.map((effect) =>
			effect.type === "transition" ? `${effect.transition.kind} ${(effect.transition.at - T0) / 1000} ${effect.alarm.message}` : effect.type,
		);
	/** `point seconds value [quality]` of readings that come together. */
	const read = (now: number, ...readings: [point: string, seconds: number, value: Value, quality?: Quality][]) =>
		story(
			engine.evaluate(
				readings.map(([point, seconds, value, quality = "good"]) => {
					const ts = T0 + seconds * 1000;
					return { point, ts, receivedAt: ts, value, quality };
				}),
				T0 + now * 1000,
			),
		);
	return { engine, read, watch: (...next: object[]) => story(engine.watch(world(next), T0)) };
}

test("the alarm is the rack's: raised above the limit, back below it by the deadband", () => {
	const { engine, read } = engineOf({ ...overload, ...common });
	expect(read(0, ["pdu-a:power", 0, 2000], ["pdu-b:power", 0, 1900])).toEqual([]);
	expect(read(10, ["pdu-a:power", 10, 2000], ["pdu-b:power", 10, 2200])).toEqual([
		"raised 10 R1: load on one feed if the other fails 84 % above 80 %",
	]);
	expect(read(20, ["pdu-a:power", 20, 2000], ["pdu-b:power", 20, 1900])).toEqual([]);
	expect(read(30, ["pdu-b:power", 30, 1700])).toHaveLength(1);
	const [alarm] = engine.alarms.open();
	expect(alarm).toMatchObject({
		point: "rack.R1:failover-load",
		room: "hall",
		rack: "R1",
		unit: "%",
		occurrence: 1,
		active: false,
		acknowledged: false,
	});
	expect(engine.pointsByRule()).toEqual(new Map([["overload", 1]]));
});

test("load that moves from one feed to the other within one instant raises nothing in between", () => {
	const { read } = engineOf({ ...overload, ...common });
	read(0, ["pdu-a:power", 0, 3000], ["pdu-b:power", 0, 500]);
	expect(read(10, ["pdu-b:power", 10, 3000], ["pdu-a:power", 10, 500])).toEqual([]);
});

test("a value that is missing, bad or older than three intervals makes the whole unknown: what was, stays", () => {
	const { read } = engineOf({ ...overload, ...common });
	expect(read(0, ["pdu-a:power", 0, 9000])).toEqual([]);
	expect(read(1, ["pdu-b:power", 1, 0, "bad"])).toEqual([]);
	expect(read(2, ["pdu-b:power", 2, 0])).toHaveLength(1);
	expect(read(40, ["pdu-b:power", 40, 0])).toEqual([]);
	expect(read(41, ["pdu-a:power", 41, 100])).toHaveLength(1);
});

test("several instants that come in one batch are each judged", () => {
	const { read } = engineOf({ ...overload, ...common, deadband: 0 });
	const both = (seconds: number, value: number): [string, number, number][] => [
		["pdu-a:power", seconds, value],
		["pdu-b:power", seconds, value],
	];
	expect(read(30, ...both(0, 1000), ...both(10, 3000), ...both(20, 1000))).toEqual([
		"raised 10 R1: load on one feed if the other fails 120 % above 80 %",
		"returned 20 R1: load on one feed if the other fails 120 % above 80 %",
	]);
});

test("back-filled readings are combined with each other, not with newer ones, and page nobody", () => {
	const { engine, read } = engineOf({ ...overload, ...common });
	read(0, ["pdu-a:power", 0, 1000], ["pdu-b:power", 0, 1000]);
	read(1000, ["pdu-a:power", 1000, 1000], ["pdu-b:power", 1000, 1000]);
	expect(read(1001, ["pdu-a:power", 500, 3900])).toEqual([]);
	expect(read(1002, ["pdu-b:power", 500, 3000], ["pdu-a:power", 510, 1000], ["pdu-b:power", 510, 1000])).toEqual(["late-began", "late-over"]);
	expect([...engine.alarms.open()]).toEqual([]);
});

test("a changed rule begins with what its points said last; one that is the same goes on", () => {
	const { read, watch } = engineOf({ ...overload, ...common });
	read(0, ["pdu-a:power", 0, 1500], ["pdu-b:power", 0, 1500]);
	expect(watch({ ...overload, ...common })).toEqual([]);
	expect(watch({ ...overload, ...common, limit: 50 })).toEqual(["raised 0 R1: load on one feed if the other fails 60 % above 50 %"]);
	expect(watch()).toEqual(["returned 0 R1: load on one feed if the other fails 60 % above 50 %"]);
});

test("a count returns by a tick when nothing more comes, and at the same time without one", () => {
	const flapping = { id: "flapping", name: "Flapping", kind: "count", count: 2, within: "60s", on: { point: "smoke" }, priority: "low" };
	const [ticked, unticked] = [engineOf(flapping), engineOf(flapping)].map(({ engine }) => engine) as [AlarmEngine, AlarmEngine];
	for (const engine of [ticked, unticked]) engine.watch(worldOf({ ...smallSite(), rules: [flapping] }), T0);
	const kinds = (effects: ReturnType<AlarmEngine["tick"]>) =>
		effects.map((effect) => (effect.type === "transition" ? [effect.transition.kind, (effect.transition.at - T0) / 1000] : []));
	const read = (engine: AlarmEngine, seconds: number, value: boolean) => {
		const ts = T0 + seconds * 1000;
		return kinds(engine.evaluate([{ point: "t1:smoke", ts, receivedAt: ts, value, quality: "good" }], ts));
	};
	for (const engine of [ticked, unticked])
		expect(
			[
				[0, false],
				[10, true],
				[20, false],
			].flatMap(([s, v]) => read(engine, s as number, v as boolean)),
		).toEqual([["raised", 20]]);
	expect([kinds(ticked.tick(T0 + 69_000)), kinds(ticked.tick(T0 + 70_000)), read(ticked, 300, false)]).toEqual([[], [["returned", 70]], []]);
	expect(read(unticked, 300, false)).toEqual([["returned", 70]]);
});
