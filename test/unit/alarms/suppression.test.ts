import { expect, test } from "vitest";
import type { Quality, Value } from "../../../contracts/kinds.ts";
import type { AlarmRecord } from "../../../server/alarms/alarm.ts";
import type { AlarmEffect } from "../../../server/alarms/alarm-effect.ts";
import { AlarmEngine } from "../../../server/alarms/alarm-engine.ts";
import { stateOf } from "../../../server/alarms/alarm-life-cycle.ts";
import { smallSite, worldOf } from "../../helpers/small-world.ts";

const T0 = 1_769_000_000_000;
const on = { pointKind: "temperature" };
const rule = { id: "hot", name: "Hot", kind: "limit", level: "high", limit: 32, on, priority: "high" };
/** t1's own smoke point stands for a switch "in maintenance". */
const suppressedWhile = { on: { point: "smoke" }, states: [true] };

function engineOf(first: object, loaded: AlarmRecord[] = []) {
	const engine = new AlarmEngine(() => "id");
	const worldWith = (one: object) => worldOf({ ...smallSite(), rules: [one] });
	let newest: AlarmRecord | undefined = loaded[0];
	const note = (effects: AlarmEffect[]) =>
		effects.flatMap((effect) => {
			if (effect.type !== "transition") return [];
			newest = effect.alarm;
			return [effect.transition];
		});
	const began = note(engine.load(loaded, [], worldWith(first), T0));
	return {
		began,
		alarm: () => newest,
		state: () => newest && stateOf(newest),
		read: (point: string, seconds: number, value: Value, quality: Quality = "good") => {
			const ts = T0 + seconds * 1000;
			return note(engine.evaluate([{ point: `t1:${point}`, ts, receivedAt: ts, value, quality }], ts)).map(({ kind }) => kind);
		},
		change: (to: object) => note(engine.watch(worldWith(to), T0 + 1_000_000)).map(({ kind }) => kind),
	};
}
const design = { ...rule, suppressedWhile };

test("while the named point is in a named state the alarm is suppressed, evaluated all the same, and comes back as it is then", () => {
	const { read, state, alarm } = engineOf(design);
	expect(read("temperature", 0, 40)).toEqual(["raised"]);
	expect(read("smoke", 1, true)).toEqual(["suppressed"]);
	expect(state()).toBe("suppressed-by-design");
	expect(read("smoke", 2, true)).toEqual([]);
	expect(read("temperature", 3, 20)).toEqual(["returned"]);
	expect(read("temperature", 4, 41)).toEqual(["raised"]);
	expect(state()).toBe("suppressed-by-design");
	expect(read("smoke", 5, false)).toEqual(["unsuppressed"]);
	expect([state(), alarm()?.occurrence]).toEqual(["unacknowledged", 2]);
});

test("an alarm that is raised for the first time under suppression is suppressed from its beginning", () => {
	const { read, state } = engineOf(design);
	expect(read("smoke", 0, true)).toEqual([]);
	expect(read("temperature", 1, 40)).toEqual(["raised"]);
	expect(state()).toBe("suppressed-by-design");
});

test("bad and back-filled readings neither suppress nor end it", () => {
	const { read } = engineOf(design);
	read("temperature", 0, 40);
	expect(read("smoke", 10, true, "bad")).toEqual([]);
	expect(read("smoke", 11, true)).toEqual(["suppressed"]);
	expect(read("smoke", 5, false)).toEqual([]);
	expect(read("smoke", 12, false, "bad")).toEqual([]);
});

test("who is where counts: a point of another device suppresses with `where: room`, not without", () => {
	const controller = { on: { deviceKind: "door-controller" }, states: ["open"] };
	const near = engineOf({ ...rule, suppressedWhile: controller });
	near.read("temperature", 0, 40);
	const { alarm } = near;
	expect(alarm()?.suppressed).toBe(false);
	const engine = new AlarmEngine(() => "id");
	engine.load([], [], worldOf({ ...smallSite(), rules: [{ ...rule, suppressedWhile: { ...controller, where: "room" } }] }), T0);
	const reading = (point: string, value: Value) => ({ point, ts: T0, receivedAt: T0, value, quality: "good" as const });
	expect(engine.evaluate([reading("c1:main", "open"), reading("t1:temperature", 40)], T0)).toMatchObject([{ alarm: { suppressed: true } }]);
});

test("after a restart it stays as it was until its point is heard; without the rule's word for it, it ends", () => {
	const first = engineOf(design);
	first.read("temperature", 0, 40);
	first.read("smoke", 1, true);
	const alarm = first.alarm();
	if (!alarm) throw new Error("no alarm");
	const again = engineOf(design, [alarm]);
	expect([again.began, again.state()]).toEqual([[], "suppressed-by-design"]);
	expect(again.read("smoke", 2, false)).toEqual(["unsuppressed"]);
	const without = engineOf(rule, [alarm]);
	expect([without.began, without.state()]).toMatchObject([[{ kind: "unsuppressed" }], "unacknowledged"]);
});

test("a changed site file keeps what is known of the points", () => {
	const { read, change, state } = engineOf(rule);
	read("temperature", 0, 40);
	expect(change(design)).toEqual([]);
	expect(read("smoke", 1, true)).toEqual(["suppressed"]);
	expect(change({ ...design, limit: 35 })).toEqual([]);
	expect(state()).toBe("suppressed-by-design");
	expect(change(rule)).toEqual(["unsuppressed"]);
});
