import { describe, expect, test } from "vitest";
import { MEDIUM_STATES } from "../../../contracts/media.ts";
import { byUrgency, isScanned, phasesOf, readAssets, readSerials } from "../../../dashboard/src/features/custody/orders.ts";

describe("the progress of a work order", () => {
	test("every state of a medium counts in exactly one phase", () => {
		for (const state of MEDIUM_STATES) expect(Object.values(phasesOf({ [state]: 3 })).filter((count) => count > 0)).toEqual([3]);
	});

	test("orders with an incident or an overdue medium come first, then those that are planned first", () => {
		const calm = { states: {}, overdue: 0 };
		const orders = [
			{ ...calm, plannedFor: "2026-11-03" },
			{ states: {}, overdue: 1, plannedFor: "2026-11-09" },
			{ ...calm, plannedFor: "2026-11-01" },
			{ states: { incident: 2 }, overdue: 0, plannedFor: "2026-11-05" },
		];
		expect(orders.sort(byUrgency).map(({ plannedFor }) => plannedFor.slice(-2))).toEqual(["05", "09", "01", "03"]);
	});
});

test.each<[string, string, ReturnType<typeof readAssets>]>([
	["ranges and single bays", "srv-1: 0-2, 7", { assets: [{ asset: "srv-1", bays: ["0", "1", "2", "7"] }], wrong: [] }],
	["a name with a colon, bays with names", "rack:3: front left", { assets: [{ asset: "rack:3", bays: ["front left"] }], wrong: [] }],
	["a range that runs backwards is a bay's name", "a: 7-2", { assets: [{ asset: "a", bays: ["7-2"] }], wrong: [] }],
	["lines that aren't so are named", "a: 1\n\nsrv-2\n: 4\nb:", { assets: [{ asset: "a", bays: ["1"] }], wrong: [3, 4, 5] }],
	["nothing", "", { assets: [], wrong: [] }],
])("servers and their bays: %s", (_, text, read) => expect(readAssets(text)).toEqual(read));

test("a list of serial numbers names each once", () => expect(readSerials(" A1 \r\nB2\n\nA1\n")).toEqual(["A1", "B2"]));

test.each<[string, string, number[], boolean]>([
	["a scanner", "WD-1234", [0, 5, 9, 14, 20, 26, 30], true],
	["a person", "WD-1234", [0, 140, 260, 400, 520, 700, 810], false],
	["a person who corrects what a scanner typed", "WD-1234", [0, 5, 9, 14, 20, 26, 900], false],
	["pasted", "WD-1234", [], false],
	["a few characters", "WD", [0, 5], false],
])("%s", (_, text, times, scanned) => expect(isScanned(text, times)).toBe(scanned));
