import { expect, test } from "vitest";
import { AppliedBatches } from "../../../server/ingest/applied-batches.ts";
import { WorkBound } from "../../../server/ingest/work-bound.ts";

/** Work that ends when it is told to. */
function work() {
	let end = () => {};
	const promise = new Promise<void>((resolve) => (end = resolve));
	return { promise, end };
}

test("receipts are given at once within the bound, and held beyond it until enough work has ended", async () => {
	const bound = new WorkBound(100);
	const receipts: string[] = [];
	const [one, two, three] = [work(), work(), work()];
	bound.add(60, one.promise, () => receipts.push("one"));
	bound.add(60, two.promise, () => receipts.push("two"));
	bound.add(60, three.promise, () => receipts.push("three"));
	expect(receipts).toEqual(["one"]);
	expect(bound).toMatchObject({ bytes: 180, held: 2 });
	one.end();
	await one.promise;
	await Promise.resolve();
	expect(receipts).toEqual(["one"]);
	two.end();
	await new Promise(setImmediate);
	expect(receipts).toEqual(["one", "two", "three"]);
	expect(bound).toMatchObject({ bytes: 60, held: 0 });
});

test("a message larger than the bound is receipted when its own work ends", async () => {
	const bound = new WorkBound(10);
	let receipted = false;
	const one = work();
	bound.add(50, one.promise, () => {
		receipted = true;
	});
	expect(receipted).toBe(false);
	one.end();
	await new Promise(setImmediate);
	expect(receipted).toBe(true);
});

test("applied batches are remembered, failed ones are not, and the oldest are forgotten", async () => {
	const applied = new AppliedBatches();
	applied.begin("a", "o", 1, Promise.resolve(true));
	applied.begin("a", "o", 2, Promise.resolve(false));
	expect(applied.find("a", "o", 1)).toBe("in-work");
	await new Promise(setImmediate);
	expect([applied.find("a", "o", 1), applied.find("a", "o", 2), applied.find("b", "o", 1)]).toEqual(["applied", "new", "new"]);
	for (let seq = 10; seq < 4110; seq++) applied.begin("a", "o", seq, Promise.resolve(true));
	await new Promise(setImmediate);
	expect([applied.find("a", "o", 1), applied.find("a", "o", 4109)]).toEqual(["new", "applied"]);
});
