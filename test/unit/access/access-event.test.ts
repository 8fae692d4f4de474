import fc from "fast-check";
import { expect, test } from "vitest";
import type { UplinkAccessEvent } from "../../../contracts/uplink.ts";
import { contentDigest, noteNumbers, recognise } from "../../../server/access/access-event.ts";
import { registerOf } from "../../helpers/register.ts";
import { smallSite, worldOf } from "../../helpers/small-world.ts";

const event: UplinkAccessEvent = {
	type: "access",
	device: "r1",
	ts: 1000,
	receivedAt: 1050,
	seq: 7,
	door: "main",
	direction: "in",
	method: "card",
	card: { format: "H10301", facility: 12, number: 3456 },
	fingerprint: null,
	result: "granted",
	reason: "granted",
};

test.each([
	{ what: "received again", other: { receivedAt: 9000 }, same: true },
	{ what: "another time by the device", other: { ts: 2000 }, same: false },
	{ what: "another card", other: { card: { format: "H10301", facility: 12, number: 3457 } }, same: false },
	{ what: "another result", other: { result: "denied" as const }, same: false },
])("an event $what has the same content: $same", ({ other, same }) => {
	expect(contentDigest({ ...event, ...other }) === contentDigest(event)).toBe(same);
});

test("a time that only the agent gave is no content: the same message delivered twice is one event", () => {
	expect(contentDigest({ ...event, ts: 1050, receivedAt: 1050 })).toBe(contentDigest({ ...event, ts: 2000, receivedAt: 2000 }));
});

test.each([
	{ highest: null, numbers: [7], gaps: [], next: 7 },
	{ highest: 7, numbers: [8, 9], gaps: [], next: 9 },
	{ highest: 7, numbers: [10], gaps: [{ from: 8, to: 9 }], next: 10 },
	{
		highest: 7,
		numbers: [12, 9],
		gaps: [
			{ from: 8, to: 8 },
			{ from: 10, to: 11 },
		],
		next: 12,
	},
	{ highest: 7, numbers: [3], gaps: [], next: 7 },
	{ highest: null, numbers: [], gaps: [], next: null },
])("after $highest the numbers $numbers open the gaps $gaps", ({ highest, numbers, gaps, next }) => {
	expect(noteNumbers({ highest, doubted: null }, numbers)).toEqual({ numbering: { highest: next, doubted: null }, gaps });
});

const FAR = Number.MAX_SAFE_INTEGER;
test.each([
	{ what: "is a gap, and the numbering goes on", before: [10, null], numbers: [11, FAR], gaps: [[12, FAR - 1]], after: [11, FAR] },
	{ what: "hides no later gap", before: [11, FAR], numbers: [12, 15], gaps: [[13, 14]], after: [15, FAR] },
	{
		what: "is believed once the device goes on from it",
		before: [10, 9_000_000],
		numbers: [9_000_003],
		gaps: [[9_000_001, 9_000_002]],
		after: [9_000_003, null],
	},
	{
		what: "is believed with its successor in one batch",
		before: [10, null],
		numbers: [9_000_000, 9_000_001],
		gaps: [[11, 8_999_999]],
		after: [9_000_001, null],
	},
	{ what: "that is the last there can be is no beginning", before: [null, null], numbers: [FAR], gaps: [], after: [null, FAR] },
	{ what: "gives way to a real beginning", before: [null, FAR], numbers: [5, 7], gaps: [[6, 6]], after: [7, FAR] },
	{ what: "is none within an outage", before: [10, null], numbers: [1_000_000], gaps: [[11, 999_999]], after: [1_000_000, null] },
])("a number too far beyond the last $what", ({ before: [highest = null, doubted = null], numbers, gaps, after }) => {
	expect(noteNumbers({ highest, doubted }, numbers)).toEqual({
		numbering: { highest: after[0], doubted: after[1] },
		gaps: gaps.map(([from, to]) => ({ from, to })),
	});
});

test("gaps are exactly the numbers between the first and the highest that never came, when they come in order", () => {
	fc.assert(
		fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 200 }), { minLength: 1 }), fc.integer({ min: 1, max: 10 }), (numbers, size) => {
			const sorted = numbers.sort((one, other) => one - other);
			let highest: number | null = null;
			const missing: number[] = [];
			for (let at = 0; at < sorted.length; at += size) {
				const noted = noteNumbers({ highest, doubted: null }, sorted.slice(at, at + size));
				highest = noted.numbering.highest;
				for (const { from, to } of noted.gaps) for (let seq = from; seq <= to; seq++) missing.push(seq);
			}
			const expected = [];
			for (let seq = sorted[0] ?? 0; seq <= (sorted.at(-1) ?? 0); seq++) if (!sorted.includes(seq)) expected.push(seq);
			expect(missing).toEqual(expected);
		}),
	);
});

test.each([
	{ what: "card", card: { format: "H10301", facility: 12, number: 3456 }, fingerprint: null, holder: "ann" },
	{ what: "fingerprint", card: null, fingerprint: "fp-bob", holder: "bob" },
	{ what: "another facility's card", card: { format: "H10301", facility: 13, number: 3456 }, fingerprint: null, holder: undefined },
	{ what: "card before fingerprint", card: { format: "H10301", facility: 12, number: 3456 }, fingerprint: "fp-bob", holder: "ann" },
	{ what: "nothing", card: null, fingerprint: null, holder: undefined },
])("the holder is found by $what", ({ card, fingerprint, holder }) => {
	const holders = [
		{ id: "ann", name: "Ann", role: "employee", card: { format: "H10301", facility: 12, number: 3456 } },
		{ id: "bob", name: "Bob", role: "contractor", fingerprint: "fp-bob" },
	];
	const register = registerOf(worldOf({ ...smallSite(), holders }).site);
	expect(recognise({ method: "card", card, fingerprint, door: "main", direction: "in", ts: 1_769_000_000_000 }, register).holder?.id).toBe(holder);
});

test.each([
	["card", "denied-unknown-credential"],
	["card+fingerprint", "denied-unknown-credential"],
	["exit-button", null],
	["pin", null],
] as const)("nothing named where the method is %s: our records say %s", (method, verdict) => {
	const shown = { ...event, method, card: null, fingerprint: null };
	expect(recognise(shown, registerOf(worldOf(smallSite()).site))).toEqual({ holder: null, credential: null, verdict, grant: null });
});
