import { expect, test } from "vitest";
import { DirtyHours } from "../../../server/history/dirty-hours.ts";
import { HOUR } from "../../../server/history/rollup.ts";

test("a mark is new once, and counts as dirty until it is done", () => {
	const dirty = new DirtyHours();
	expect(dirty.add("p", HOUR + 5)).toEqual({ point: "p", hour: HOUR });
	expect(dirty.add("p", HOUR + 6)).toBeNull();
	expect(dirty.take(10)).toEqual([{ point: "p", hour: HOUR }]);
	expect(dirty.has("p", HOUR)).toBe(true);
	expect(dirty.has("q", HOUR)).toBe(false);
	dirty.done();
	expect(dirty.has("p", HOUR)).toBe(false);
	expect(dirty.size).toBe(0);
});

test("a mark that is set again while it is under work stays", () => {
	const dirty = new DirtyHours();
	dirty.add("p", 0);
	dirty.take(10);
	expect(dirty.add("p", 0)).not.toBeNull();
	dirty.done();
	expect(dirty.all()).toEqual([{ point: "p", hour: 0 }]);
});

test("what is marked while it is under work is new each time, and once more after it: the work may have wiped what was stored of it", () => {
	for (const whole of [false, true]) {
		const dirty = new DirtyHours();
		if (whole) dirty.add(null, 0);
		else for (const point of ["p", "q"]) dirty.add(point, 0);
		dirty.take(10);
		const mark = { point: "p", hour: 0 };
		expect([dirty.add("p", 0), dirty.add("p", 1)]).toEqual([mark, mark]);
		expect(dirty.add("p", HOUR), "another hour").toEqual({ point: "p", hour: HOUR });
		expect(dirty.add("p", HOUR)).toBeNull();
		dirty.done();
		expect([dirty.add("p", 2), dirty.add("p", 3)]).toEqual([mark, null]);
		expect([dirty.add("q", 2), dirty.add("q", 3)]).toEqual([{ point: "q", hour: 0 }, null]);
	}
});

test("what could not be done is put back", () => {
	const dirty = new DirtyHours();
	dirty.add("p", 0);
	dirty.add("q", 0);
	dirty.take(1);
	dirty.putBack();
	expect(dirty.size).toBe(2);
	expect(dirty.take(10)).toHaveLength(2);
});

test("the newest hour is taken first, no more points than asked for", () => {
	const dirty = new DirtyHours();
	for (const point of ["a", "b", "c"]) dirty.add(point, 0);
	dirty.add("z", 5 * HOUR);
	expect(dirty.take(2)).toEqual([{ point: "z", hour: 5 * HOUR }]);
	dirty.done();
	expect(dirty.take(2)).toHaveLength(2);
	dirty.done();
	expect(dirty.take(2)).toHaveLength(1);
	dirty.done();
	expect(dirty.take(2)).toEqual([]);
});

test("beyond its bound the fullest hour is marked for every point", () => {
	const dirty = new DirtyHours(10);
	for (let point = 0; point < 8; point++) dirty.add(`p${point}`, 0);
	for (let point = 0; point < 3; point++) dirty.add(`p${point}`, HOUR);
	expect(dirty.size).toBeLessThanOrEqual(10);
	expect(dirty.has("never seen", 0)).toBe(true);
	expect(dirty.has("never seen", HOUR)).toBe(false);
	expect(dirty.add("p9", 1)).toBeNull();
	expect(dirty.all()).toContainEqual({ hour: 0, point: null });
});
