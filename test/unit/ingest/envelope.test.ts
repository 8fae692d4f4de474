import fc from "fast-check";
import { expect, test } from "vitest";
import { fromColumns, type Reading, toColumns } from "../../../contracts/reading.ts";
import { readingColumnsSchema } from "../../../contracts/uplink.ts";
import { readColumns, readEnvelope } from "../../../server/ingest/envelope.ts";

const readingArbitrary: fc.Arbitrary<Reading> = fc.record({
	point: fc.constantFrom("t1:temperature", "t2:x", "c1:main"),
	ts: fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 }),
	receivedAt: fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 }),
	value: fc.oneof(
		fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
		fc.boolean(),
		fc.string({ maxLength: 64 }),
	),
	quality: fc.constantFrom("good", "uncertain", "bad"),
});

test("what an agent packs is unpacked unchanged, over JSON", () => {
	fc.assert(
		fc.property(fc.array(readingArbitrary, { minLength: 1, maxLength: 50 }), (readings) => {
			expect(readColumns(JSON.parse(JSON.stringify(toColumns(readings))))).toEqual(readings);
		}),
	);
});

const good = () => ({ points: ["t1:temperature"], base: 1000, p: [0, 0], t: [0, 5], r: [1, 6], v: [20, 21], q: [] as unknown[] });
const wrong: [string, object][] = [
	["no base", { base: undefined }],
	["a base that is no integer", { base: 1.5 }],
	["columns of different lengths", { t: [0] }],
	["a missing column", { r: undefined }],
	["an index beyond the points", { p: [0, 1] }],
	["a negative index", { p: [0, -1] }],
	["an index that is text", { p: [0, "0"] }],
	["a time that is no integer", { t: [0, 0.5] }],
	["an infinite value", { v: [20, Number.POSITIVE_INFINITY] }],
	["a value that is null", { v: [20, null] }],
	["a value that is an object", { v: [20, {}] }],
	["a state that is too long", { v: [20, "x".repeat(65)] }],
	["a point that is no name", { points: ["a b"] }],
	["an unknown quality", { q: [[0, "fine"]] }],
	["the quality of a row beyond the end", { q: [[2, "bad"]] }],
];

test.each(wrong)("columns with %s are refused, as the schema refuses them", (_what, change) => {
	const input = { ...good(), ...change };
	expect(() => readColumns(input)).toThrow();
	expect(() => fromColumns(readingColumnsSchema.parse(input))).toThrow();
});

const envelope = (batches: unknown[], more: object = {}) => Buffer.from(JSON.stringify({ outbox: "o", late: false, batches, ...more }));

test("a wrong batch is refused with its reason, the good ones beside it are taken", () => {
	const result = readEnvelope(
		envelope([
			{ seq: 1, readings: good(), events: [] },
			{ seq: 2, readings: { ...good(), t: [0] }, events: [] },
			{ seq: 3, readings: null, events: [{ type: "door", device: "c1", ts: 1, receivedAt: 2, seq: 1, door: "main", state: "ajar" }] },
			{ seq: 4, readings: null, events: [{ type: "status", device: "c1", ts: 1, receivedAt: 2, status: "online" }] },
		]),
	);
	expect(result.batches.map(({ seq }) => seq)).toEqual([1, 4]);
	expect(result.refused).toEqual([
		{ seq: 2, reason: expect.stringContaining("differ in length") },
		{ seq: 3, reason: expect.stringContaining("state") },
	]);
});

test.each([
	["no JSON", Buffer.from("{")],
	["no outbox", envelope([{ seq: 1, readings: null, events: [] }], { outbox: undefined })],
	["no batches", envelope([])],
	["a batch without a number", envelope([{ readings: null, events: [] }])],
])("an envelope with %s can't be answered and throws", (_what, payload) => {
	expect(() => readEnvelope(payload)).toThrow();
});
