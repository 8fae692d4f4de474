import fc from "fast-check";
import { expect, test } from "vitest";
import {
	FLAGS,
	type LifeCycle,
	NORMAL,
	onAcknowledge,
	onCondition,
	onRemoved,
	onTick,
	type ProcessState,
	type Transition,
} from "../../../server/alarms/alarm-life-cycle.ts";

const at = (time: number, now = time) => ({ at: time, now, value: time });
const inState = (state: ProcessState): LifeCycle => ({ state, occurrence: 1, pending: null });
const AT_ONCE = { onDelay: 0, offDelay: 0 };

test.each<[ProcessState, string, ProcessState | null]>([
	["normal", "comes", "unacknowledged"],
	["normal", "goes", null],
	["normal", "acknowledge", null],
	["unacknowledged", "comes", null],
	["unacknowledged", "goes", "returned-unacknowledged"],
	["unacknowledged", "acknowledge", "acknowledged"],
	["acknowledged", "comes", null],
	["acknowledged", "goes", "normal"],
	["acknowledged", "acknowledge", null],
	["returned-unacknowledged", "comes", "unacknowledged"],
	["returned-unacknowledged", "goes", null],
	["returned-unacknowledged", "acknowledge", "normal"],
])("ISA-18.2: in %s, when the condition %s: %s", (state, event, next) => {
	const cycle = inState(state);
	const step = event === "acknowledge" ? onAcknowledge(cycle, 10) : onCondition(cycle, AT_ONCE, event === "comes", at(10));
	expect(step?.next.state ?? state).toBe(next ?? state);
	expect(step?.transitions.length ?? 0).toBe(next === null ? 0 : 1);
	expect(step?.next.occurrence ?? 1).toBe(event === "comes" && next !== null ? 2 : 1);
});

interface Case {
	name: string;
	events: (readonly [number, boolean | null | "tick"])[];
	story: string[];
}
const DELAYS = { onDelay: 30, offDelay: 20 };
test.each<Case>([
	{
		name: "a condition shorter than the on-delay raises nothing",
		events: [
			[0, true],
			[29, false],
			[99, "tick"],
		],
		story: [],
	},
	{
		name: "a condition that holds raises when the delay is over, at that moment",
		events: [
			[0, true],
			[20, true],
			[45, true],
		],
		story: ["raised 30"],
	},
	{
		name: "a tick lets the delay run out",
		events: [
			[0, true],
			[31, "tick"],
		],
		story: ["raised 30"],
	},
	{
		name: "a value holds until the next one",
		events: [
			[0, true],
			[35, false],
		],
		story: ["raised 30"],
	},
	{
		name: "the off-delay bridges short returns",
		events: [
			[0, true],
			[40, false],
			[50, true],
			[75, false],
			[94, "tick"],
		],
		story: ["raised 30"],
	},
	{
		name: "after the off-delay it returns",
		events: [
			[0, true],
			[40, false],
			[61, "tick"],
		],
		story: ["raised 30", "returned 60"],
	},
	{
		name: "what isn't known changes nothing",
		events: [
			[0, true],
			[10, null],
			[31, null],
		],
		story: ["raised 30"],
	},
	{
		name: "a pause begins the delay anew",
		events: [
			[0, true],
			[10, false],
			[20, true],
			[49, true],
		],
		story: [],
	},
])("$name", ({ events, story }) => {
	expect(play(events)).toEqual(story);
});

test("a tick measures the delay on the server's clock, whatever time the device has", () => {
	const { next } = onCondition(NORMAL, DELAYS, true, { at: 1000, now: 500_000, value: 1 });
	expect(onTick(next, DELAYS, 500_029).transitions).toEqual([]);
	expect(onTick(next, DELAYS, 500_030).transitions).toMatchObject([{ kind: "raised", at: 1030 }]);
});

test("an alarm whose rule is gone returns without its off-delay", () => {
	expect(onRemoved(inState("unacknowledged"), 7).next.state).toBe("returned-unacknowledged");
	expect(onRemoved(inState("acknowledged"), 7).next.state).toBe("normal");
	expect(onRemoved(inState("normal"), 7).transitions).toEqual([]);
});

test("raised and returned take turns and never go back in time, and ticks in between change nothing of it", () => {
	const events = fc.array(fc.tuple(fc.integer({ min: 1, max: 25 }), fc.boolean(), fc.array(fc.integer({ min: 0, max: 24 }), { maxLength: 3 })), {
		maxLength: 30,
	});
	fc.assert(
		fc.property(events, (steps) => {
			let time = 0;
			const plain: (readonly [number, boolean | "tick"])[] = [];
			const ticked: (readonly [number, boolean | "tick"])[] = [];
			for (const [pause, condition, ticks] of steps) {
				for (const tick of ticks.filter((offset) => offset < pause).sort((one, other) => one - other)) ticked.push([time + tick, "tick"]);
				time += pause;
				plain.push([time, condition]);
				ticked.push([time, condition]);
			}
			plain.push([time + 100, "tick"]);
			ticked.push([time + 100, "tick"]);
			const story = play(plain);
			expect(play(ticked)).toEqual(story);
			const times = story.map((line) => Number(line.split(" ")[1]));
			expect(times).toEqual(times.toSorted((one, other) => one - other));
			for (const [index, line] of story.entries()) expect(line.startsWith(index % 2 === 0 ? "raised" : "returned")).toBe(true);
		}),
	);
});

function play(events: readonly (readonly [number, boolean | null | "tick"])[]): string[] {
	let cycle = NORMAL;
	const found: Transition[] = [];
	for (const [time, what] of events) {
		const { next, transitions } = what === "tick" ? onTick(cycle, DELAYS, time) : onCondition(cycle, DELAYS, what, at(time));
		cycle = next;
		found.push(...transitions);
	}
	expect(FLAGS[cycle.state].active).toBe(found.at(-1)?.kind === "raised");
	return found.map(({ kind, at: time }) => `${kind} ${time}`);
}
