import fc from "fast-check";
import { expect, test } from "vitest";
import { AppliedBatches } from "../../../server/history/applied-batches.ts";

test("it knows exactly the batches that were applied, whatever the order, and survives being written down", () => {
	const id = fc.record({ agent: fc.constantFrom("a", "b"), outbox: fc.constantFrom("x", "y"), seq: fc.integer({ min: 1, max: 40 }) });
	fc.assert(
		fc.property(fc.array(id, { maxLength: 80 }), (ids) => {
			const applied = new AppliedBatches();
			const model = new Set<string>();
			for (const one of ids) {
				expect(applied.has(one)).toBe(model.has(JSON.stringify(one)));
				applied.add(one);
				model.add(JSON.stringify(one));
			}
			const again = new AppliedBatches();
			for (const range of applied.ranges()) again.addRange(range);
			for (const agent of ["a", "b"])
				for (const outbox of ["x", "y"])
					for (let seq = 0; seq <= 41; seq++) expect(again.has({ agent, outbox, seq })).toBe(model.has(JSON.stringify({ agent, outbox, seq })));
		}),
	);
});

test("numbers without a gap are one range", () => {
	const applied = new AppliedBatches();
	for (const seq of [3, 1, 5, 2, 4]) applied.add({ agent: "a", outbox: "x", seq });
	expect(applied.ranges()).toEqual([{ agent: "a", outbox: "x", low: 1, high: 5 }]);
});
