import { describe, expect, test } from "vitest";
import type { ReviewItem } from "../../../contracts/reviews.ts";
import type { Draft } from "../../../dashboard/src/features/reviews/draft-box.ts";
import { endOfDay, periodOf } from "../../../dashboard/src/features/reviews/period.ts";
import { rangeOf, topsOf } from "../../../dashboard/src/features/reviews/use-window.ts";
import {
	isAttestable,
	needsReason,
	type ViewSettings,
	viewOf,
	withDrafts,
	workbenchKey,
} from "../../../dashboard/src/features/reviews/workbench-view.ts";
import { ME, reviewItem } from "./review-items.ts";

const SETTINGS: ViewSettings = { whose: "all", sort: "number", group: "none" };
const OTHER = { id: "other", username: "other", name: "Other" };
const grant = (zone: string): ReviewItem["grant"] => ({
	id: `g-${zone}`,
	post: null,
	zone,
	zoneName: `Zone ${zone}`,
	from: "2026-01-01T00:00:00.000Z",
	until: null,
	schedule: null,
	reason: "work",
	renewedAt: "2026-10-01T00:00:00.000Z",
	lapsesAt: "2027-01-01T00:00:00.000Z",
	sponsor: null,
});
const usage = (lastUsedAt: string | null) => ({ lastUsedAt, granted: 1, denied: 0, outOfHours: 0, doors: [] });
const ITEMS = [
	reviewItem({ id: "a", number: 1, grant: grant("x"), risk: "low", usage: usage("2026-11-01T00:00:00.000Z") }),
	reviewItem({ id: "b", number: 2, grant: grant("y"), risk: "risky", hints: ["never-used", "denials"], assignee: OTHER, usage: usage(null) }),
	reviewItem({ id: "c", number: 3, grant: grant("x"), risk: "changed", assignee: null, decision: "keep", usage: usage("2026-10-01T00:00:00.000Z") }),
];
const draft = (values: Partial<Draft>): Draft => ({
	id: "1",
	item: "a",
	version: 1,
	at: 0,
	tried: [],
	refused: null,
	decision: "keep",
	reason: null,
	change: null,
	...values,
});
const shown = (drafts: Draft[] = []) => withDrafts(ITEMS, new Map(drafts.map((one) => [one.item, one])), ME);
const keysOf = (settings: Partial<ViewSettings>, drafts: Draft[] = []) =>
	viewOf(shown(drafts), { ...SETTINGS, ...settings }, ME.id).map(({ key }) => key);

describe("the workbench's list", () => {
	test.each<[string, Partial<ViewSettings>, string[]]>([
		["everything, by number", {}, ["a", "b", "c"]],
		["one's own", { whose: "mine" }, ["a"]],
		["nobody's", { whose: "unassigned" }, ["c"]],
		["a zone", { zone: "x" }, ["a", "c"]],
		["a risk", { risk: "risky" }, ["b"]],
		["any of the hints, not only the first", { hint: "denials" }, ["b"]],
		["undecided", { decision: "none" }, ["a", "b"]],
		["decided", { decision: "keep" }, ["c"]],
		["a text", { search: "ZONE y" }, ["b"]],
		["the longest unused first", { sort: "used" }, ["b", "c", "a"]],
		["the riskiest first", { sort: "risk" }, ["b", "c", "a"]],
		["grouped by zone", { group: "zone" }, ["group:x", "a", "c", "group:y", "b"]],
		["grouped by hint, those without at their place", { group: "hint" }, ["group:", "a", "c", "group:never-used", "b"]],
		["nothing", { zone: "z" }, []],
	])("shows %s", (_, settings, expected) => {
		expect(keysOf(settings)).toEqual(expected);
	});

	test("a draft counts as decided at once; a refused one as open, with what stands shown", () => {
		expect(keysOf({ decision: "none" }, [draft({})])).toEqual(["b"]);
		expect(shown([draft({})])[0]).toMatchObject({ unsent: true, item: { decision: "keep", decidedBy: ME } });
		const refused = draft({ item: "c", decision: "revoke", refused: { code: "changed-meanwhile", detail: "" } });
		expect(keysOf({ decision: "none" }, [refused])).toEqual(["a", "b", "c"]);
		expect(shown([refused])[2]).toMatchObject({ unsent: false, item: { decision: "keep" }, refused: { decision: "revoke" } });
	});

	test("only what is unchanged, of low risk, undecided and one's own may be kept as a block", () => {
		expect(shown().map(isAttestable)).toEqual([true, false, false]);
		expect(shown([draft({})]).map(isAttestable)).toEqual([false, false, false]);
	});

	test("keeping what is not risky is the only decision without a reason", () => {
		const asked = ITEMS.map((item) => (["keep", "revoke", "change"] as const).map((decision) => needsReason(item, decision)));
		expect(asked).toEqual([
			[false, true, true],
			[true, true, true],
			[false, true, true],
		]);
	});

	test("single keys work everywhere, arrows and space on the list only", () => {
		expect(["j", "k", "1", "2", "3", "x", "u", "s", "e"].map((key) => workbenchKey(key, false))).toEqual([
			"next",
			"previous",
			"keep",
			"revoke",
			"change",
			"takeBack",
			"undo",
			"select",
			"details",
		]);
		expect(["ArrowDown", " ", "toString", "q"].map((key) => workbenchKey(key, false))).toEqual([null, null, null, null]);
		expect(["ArrowDown", "ArrowUp", " ", "Enter"].map((key) => workbenchKey(key, true))).toEqual(["next", "previous", "select", "details"]);
	});

	test("only rows that reach into what is seen are drawn", () => {
		const tops = topsOf([10, 10, 30, 10]);
		expect(tops).toEqual([0, 10, 20, 50, 60]);
		expect(rangeOf(tops, -100, 5)).toEqual({ from: 0, to: 1 });
		expect(rangeOf(tops, 25, 45)).toEqual({ from: 2, to: 3 });
		expect(rangeOf(tops, 55, 500)).toEqual({ from: 3, to: 4 });
		expect(rangeOf(topsOf([]), 0, 100)).toEqual({ from: 0, to: 0 });
	});
});

describe("days and months of the site", () => {
	test.each([
		["2026-12-31", "UTC", "2026-12-31T23:59:59.000Z"],
		["2026-12-31", "Asia/Singapore", "2026-12-31T15:59:59.000Z"],
		["2026-10-25", "Europe/Berlin", "2026-10-25T22:59:59.000Z"],
		["2026-03-29", "Europe/Berlin", "2026-03-29T21:59:59.000Z"],
	])("%s ends in %s at %s", (day, zone, expected) => {
		expect(new Date(endOfDay(day, zone) ?? 0).toISOString()).toBe(expected);
	});
	test("what is no day has no end", () => expect(endOfDay("", "UTC")).toBeNull());
	test("a month begins by the site's clock", () => {
		const at = Date.parse("2026-11-30T17:00:00Z");
		expect([periodOf(at, "UTC"), periodOf(at, "Asia/Singapore")]).toEqual(["2026-11", "2026-12"]);
	});
});
