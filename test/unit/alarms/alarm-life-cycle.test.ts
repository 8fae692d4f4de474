import fc from "fast-check";
import { expect, test } from "vitest";
import { ALARM_MOVES } from "../../../contracts/api.ts";
import {
	type AlarmState,
	FIGURE,
	type Flags,
	type LifeCycle,
	type Move,
	NORMAL,
	NORMAL_FLAGS,
	obstacle,
	onCondition,
	onDesign,
	onOperator,
	onRemoved,
	onShelfTime,
	onTick,
	type Step,
	stateOf,
	type Transition,
} from "../../../server/alarms/alarm-life-cycle.ts";

const at = (time: number, now = time) => ({ at: time, now, value: time });
const AT_ONCE = { onDelay: 0, offDelay: 0 };
const SHELF = { until: 1000, oneShot: false };

/** The states of the figure that the process and the operator move an alarm through; b and c: B and C of a latching rule. */
type Letter = "A" | "B" | "C" | "D" | "E" | "F" | "b" | "c";
const LETTERS: Record<Letter, Pick<Flags, "active" | "acknowledged" | "latched"> & { state: AlarmState }> = {
	A: { active: false, acknowledged: true, latched: false, state: "normal" },
	B: { active: true, acknowledged: false, latched: false, state: "unacknowledged" },
	C: { active: true, acknowledged: true, latched: false, state: "acknowledged" },
	D: { active: false, acknowledged: false, latched: false, state: "returned-unacknowledged" },
	E: { active: false, acknowledged: false, latched: true, state: "returned-unacknowledged" },
	F: { active: false, acknowledged: true, latched: true, state: "acknowledged" },
	b: { active: true, acknowledged: false, latched: true, state: "unacknowledged" },
	c: { active: true, acknowledged: true, latched: true, state: "acknowledged" },
};
const ASIDES = [false, true].flatMap((shelved) =>
	[false, true].flatMap((suppressed) => [false, true].map((outOfService) => ({ shelved, suppressed, outOfService }))),
);
const letters = Object.keys(LETTERS) as Letter[];
const cycleIn = (letter: Letter, aside: (typeof ASIDES)[number] = { shelved: false, suppressed: false, outOfService: false }): LifeCycle => {
	const { state: _, ...process } = LETTERS[letter];
	return { flags: { ...process, ...aside }, occurrence: 1, shelf: aside.shelved ? SHELF : null, pending: null };
};
const letterOf = ({ active, acknowledged, latched }: Flags): Letter | undefined =>
	letters.find((letter) => {
		const one = LETTERS[letter];
		return one.active === active && one.acknowledged === acknowledged && one.latched === latched;
	});

test.each(ASIDES)("ISA-18.2: out of service goes before suppressed by design, that before shelved, and those before the rest: %o", (aside) => {
	for (const letter of letters) {
		const { state } = LETTERS[letter];
		const expected = aside.outOfService ? "out-of-service" : aside.suppressed ? "suppressed-by-design" : aside.shelved ? "shelved" : state;
		expect(stateOf(cycleIn(letter, aside).flags), letter).toBe(expected);
	}
});

test("every row of the figure is some alarm's state", () => {
	const found = letters.flatMap((letter) => ASIDES.map((aside) => stateOf(cycleIn(letter, aside).flags)));
	expect(new Set(found)).toEqual(new Set(FIGURE.map(([, , state]) => state)));
});

const comes = (latching: boolean) => (cycle: LifeCycle) => onCondition(cycle, { ...AT_ONCE, latching }, true, at(10));
const EVENTS: Record<string, (cycle: LifeCycle) => Step | null> = {
	comes: comes(false),
	"comes under a latching rule": comes(true),
	goes: (cycle) => onCondition(cycle, AT_ONCE, false, at(10)),
	acknowledge: (cycle) => onOperator(cycle, "acknowledged", 10),
	reset: (cycle) => onOperator(cycle, "reset", 10),
};
/** The arrows of the figure: from each state, with each event, to which. A dot: there is none. */
const ARROWS = `
	                             A  B  C  D  E  F  b  c
	comes                        B  .  .  B  b  b  .  .
	comes under a latching rule  b  .  .  b  b  b  .  .
	goes                         .  D  A  .  .  .  E  F
	acknowledge                  .  C  .  A  F  .  c  .
	reset                        .  .  .  .  .  A  .  .`;
const cells = ARROWS.trim()
	.split("\n")
	.slice(1)
	.flatMap((line) => {
		const [event = "", ...targets] = line.trim().split(/ {2,}/);
		return targets.map((target, column): [Letter, string, string] => ["ABCDEFbc"[column] as Letter, event, target]);
	});

test.each(cells)("ISA-18.2: in %s, when the condition or the operator %s: %s, also while the alarm is put aside", (from, event, to) => {
	for (const aside of ASIDES) {
		const cycle = cycleIn(from, aside);
		const step = EVENTS[event]?.(cycle);
		const moved = to !== ".";
		expect(letterOf(step?.next.flags ?? cycle.flags)).toBe(moved ? to : from);
		expect(step?.transitions.length ?? 0).toBe(moved ? 1 : 0);
		expect(step?.next.flags ?? cycle.flags).toMatchObject(aside);
		expect(step?.next.occurrence ?? 1).toBe(event.startsWith("comes") && moved ? 2 : 1);
	}
});

test.each<[Move, keyof Flags, boolean, (cycle: LifeCycle) => Step | null]>([
	["shelved", "shelved", true, (cycle) => onOperator(cycle, "shelved", 10, SHELF)],
	["unshelved", "shelved", false, (cycle) => onOperator(cycle, "unshelved", 10)],
	["suppressed", "suppressed", true, (cycle) => onDesign(cycle, true, 10)],
	["unsuppressed", "suppressed", false, (cycle) => onDesign(cycle, false, 10)],
	["out-of-service", "outOfService", true, (cycle) => onOperator(cycle, "out-of-service", 10)],
	["in-service", "outOfService", false, (cycle) => onOperator(cycle, "in-service", 10)],
])("%s is possible in every state that isn't so already, and changes no other flag", (kind, flag, value, event) => {
	for (const letter of letters)
		for (const aside of ASIDES) {
			const cycle = cycleIn(letter, aside);
			const step = event(cycle);
			if (cycle.flags[flag] === value) expect([step, obstacle(cycle.flags, kind)]).toEqual([null, flag]);
			else expect(step).toMatchObject({ next: { flags: { ...cycle.flags, [flag]: value } }, transitions: [{ kind, at: 10 }] });
		}
});

test("each move has a cell", () => {
	const tried = new Set<string>(["raised", "returned", "acknowledged", "reset", "shelved", "unshelved", "suppressed", "unsuppressed"]);
	expect(ALARM_MOVES.filter((move) => !tried.has(move))).toEqual(["out-of-service", "in-service"]);
});

test("a shelf ends at its time, also when that is noticed late, and not before", () => {
	const cycle = cycleIn("B", { shelved: true, suppressed: false, outOfService: false });
	expect(onShelfTime(cycle, 999)).toBeNull();
	expect(onShelfTime(cycle, 5000)).toMatchObject({
		next: { shelf: null, flags: { shelved: false } },
		transitions: [{ kind: "unshelved", at: 1000, why: "time over" }],
	});
	expect(onShelfTime(NORMAL, 5000)).toBeNull();
});

test("a one-shot shelf ends with the return of the occurrence; a timed one doesn't", () => {
	const shelved = (oneShot: boolean): LifeCycle => ({ ...NORMAL, shelf: { until: 1000, oneShot }, flags: { ...NORMAL_FLAGS, shelved: true } });
	const story = (cycle: LifeCycle) => {
		const raised = onCondition(cycle, AT_ONCE, true, at(10));
		expect(raised.next.flags.shelved).toBe(true);
		return onCondition(raised.next, AT_ONCE, false, at(20)).transitions.map(({ kind, why }) => [kind, why]);
	};
	expect(story(shelved(true))).toEqual([
		["returned", null],
		["unshelved", "returned"],
	]);
	expect(story(shelved(false))).toEqual([["returned", null]]);
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
	expect(stateOf(onRemoved(cycleIn("B"), 7).next.flags)).toBe("returned-unacknowledged");
	expect(stateOf(onRemoved(cycleIn("C"), 7).next.flags)).toBe("normal");
	expect(onRemoved(cycleIn("A"), 7).transitions).toEqual([]);
	const suppressed = onRemoved(cycleIn("C", { shelved: false, suppressed: true, outOfService: false }), 7);
	expect(suppressed.transitions.map(({ kind }) => kind)).toEqual(["returned", "unsuppressed"]);
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
	expect(cycle.flags.active).toBe(found.at(-1)?.kind === "raised");
	return found.map(({ kind, at: time }) => `${kind} ${time}`);
}
