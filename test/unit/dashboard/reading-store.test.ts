import { describe, expect, test, vi } from "vitest";
import type { Point } from "../../../contracts/api.ts";
import type { LiveReading } from "../../../contracts/realtime.ts";
import { ReadingStore } from "../../../dashboard/src/live/reading-store.ts";

const point = (over: Partial<Point>): Point => ({
	id: "d:p",
	device: "d",
	point: "p",
	name: "P",
	kind: "temperature",
	type: "number",
	unit: "°C",
	location: "s/r",
	room: "r",
	rack: null,
	normal: null,
	interval: 5000,
	value: 20,
	quality: "good",
	ts: new Date(10_000).toISOString(),
	receivedAt: new Date(10_000).toISOString(),
	...over,
});
const reading = (value: number, ts: number): LiveReading => ["d:p", value, "good", ts, ts];

describe("the reading store", () => {
	test.each<[rule: string, apply: (store: ReadingStore) => unknown, value: number]>([
		["a newer reading replaces an older one", (store) => store.apply([reading(1, 1), reading(2, 2)]), 2],
		["a reading that comes late changes nothing", (store) => store.apply([reading(2, 2), reading(1, 1)]), 2],
		["a fetched list doesn't overwrite what was pushed meanwhile", (store) => [store.apply([reading(30, 11_000)]), store.load([point({})])], 30],
		["a fetched list replaces what is older", (store) => [store.apply([reading(30, 9000)]), store.load([point({})])], 20],
	])("%s", (_, apply, value) => {
		const store = new ReadingStore();
		apply(store);
		expect(store.get("d:p").value).toBe(value);
	});

	test("a point without a reading is stale and has no value", () => {
		expect(new ReadingStore().get("x:y")).toEqual({ value: null, quality: "stale", ts: null, receivedAt: null });
	});
	test("three silent intervals make a point stale, a new reading makes it good again", () => {
		const store = new ReadingStore();
		store.load([point({})]);
		store.sweep(25_000);
		expect(store.get("d:p").quality).toBe("good");
		store.sweep(25_001);
		expect(store.get("d:p").quality).toBe("stale");
		store.apply([reading(21, 26_000)]);
		expect(store.get("d:p").quality).toBe("good");
	});
	test("a point without an expected interval never goes stale by itself", () => {
		const store = new ReadingStore();
		store.load([point({ interval: null })]);
		store.sweep(10_000_000);
		expect(store.get("d:p").quality).toBe("good");
	});
	test("only subscribers of changed points are told, each once a flush, and none after leaving", () => {
		const store = new ReadingStore();
		const [mine, other] = [vi.fn(), vi.fn()];
		const leave = store.subscribe(["d:p", "d:q"], mine);
		store.subscribe(["d:z"], other);
		store.apply([reading(1, 1), reading(2, 2), ["d:q", 5, "good", 1, 1]]);
		expect(mine).not.toHaveBeenCalled();
		store.flush();
		store.flush();
		expect(mine).toHaveBeenCalledTimes(1);
		expect(other).not.toHaveBeenCalled();
		leave();
		store.apply([reading(3, 3)]);
		store.flush();
		expect(mine).toHaveBeenCalledTimes(1);
	});
	test("an unchanged reading keeps its object, so that nothing is drawn anew", () => {
		const store = new ReadingStore();
		store.apply([reading(1, 1)]);
		const before = store.get("d:p");
		store.apply([reading(1, 1)]);
		expect(store.get("d:p")).toBe(before);
	});
});
