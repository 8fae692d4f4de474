import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Alarm } from "../../../contracts/api.ts";
import { PRIORITIES } from "../../../contracts/kinds.ts";
import { compareAlarms, emptyAlarmBook, withAlarms, withFetched } from "../../../dashboard/src/live/alarm-book.ts";
import { holdList } from "../../../dashboard/src/live/held-list.ts";
import { OWN_RULES } from "../../../server/alarms/own-rules.ts";
import { alarmView } from "../../helpers/alarm-view.ts";

const alarm = alarmView;
const ids = (alarms: readonly Alarm[]) => alarms.map(({ id }) => id).join("");

describe("the open list", () => {
	test("unacknowledged first, then by priority, newest first", () => {
		const list = [
			alarm({ id: "d", state: "acknowledged", priority: "critical" }),
			alarm({ id: "c", priority: "low" }),
			alarm({ id: "b", priority: "critical", raisedAt: "2026-01-01T00:00:00.000Z" }),
			alarm({ id: "a", priority: "critical", raisedAt: "2026-01-02T00:00:00.000Z" }),
			alarm({ id: "r", state: "returned-unacknowledged", active: false, priority: "medium" }),
		];
		expect(ids(list.sort(compareAlarms))).toBe("abrcd");
	});
	test("the order does not depend on the order of arrival", () => {
		const any = fc.record({
			id: fc.string({ minLength: 1, maxLength: 3 }),
			priority: fc.constantFrom(...PRIORITIES),
			state: fc.constantFrom("unacknowledged" as const, "acknowledged" as const),
		});
		fc.assert(
			fc.property(fc.uniqueArray(any, { selector: ({ id }) => id }), fc.nat(), (items, seed) => {
				const alarms = items.map((item) => alarm(item));
				const turned = [...alarms.slice(seed % (alarms.length + 1)), ...alarms.slice(0, seed % (alarms.length + 1))];
				expect(ids(withAlarms(emptyAlarmBook, turned).open)).toBe(ids(withAlarms(emptyAlarmBook, alarms).open));
			}),
		);
	});
	test("the higher version wins, whatever comes first", () => {
		const [old, closed] = [alarm({ version: 1 }), alarm({ version: 2, state: "normal", active: false })];
		expect(withAlarms(withAlarms(emptyAlarmBook, [closed]), [old]).open).toEqual([]);
		expect(withAlarms(withAlarms(emptyAlarmBook, [old]), [closed]).open).toEqual([]);
	});
	test("a fetched list closes what it doesn't name, but not what was pushed meanwhile", () => {
		const book = withAlarms(emptyAlarmBook, [alarm({ id: "gone" }), alarm({ id: "new" })]);
		const fetched = withFetched(book, [alarm({ id: "still" })], new Set(["new"]));
		expect(fetched.open.map(({ id }) => id).sort()).toEqual(["new", "still"]);
		expect(fetched.loaded).toBe(true);
	});
	test("counts by priority, apart for acknowledged", () => {
		const book = withAlarms(emptyAlarmBook, [alarm({ id: "a" }), alarm({ id: "b", state: "acknowledged" }), alarm({ id: "c", priority: "low" })]);
		expect(book.counts).toMatchObject({ high: { unacknowledged: 1, acknowledged: 1 }, low: { unacknowledged: 1, acknowledged: 0 } });
	});
});

describe("a held list", () => {
	test.each([
		["shows the present order when nobody points at it", null, ["b", "a"], { ids: ["b", "a"], fresh: 0 }],
		["stays as it is and counts what is new", ["a", "b"], ["c", "b", "a"], { ids: ["a", "b"], fresh: 1 }],
		["keeps the place of what has gone", ["a", "b"], ["b"], { ids: ["a", "b"], fresh: 0 }],
	])("%s", (_, shown, current, expected) => expect(holdList(shown, current)).toEqual(expected));
});

describe("cause and symptom on the list (ALM-6)", () => {
	test("an agent that is offline is no less urgent than any that it silences, so that all of them stand under it", () => {
		const cause = alarm({ id: "c", rule: "agent-offline", priority: OWN_RULES.get("agent-offline")?.priority ?? "low" });
		const silent = PRIORITIES.map((priority) => alarm({ id: priority, priority, causeId: "c" }));
		expect(withAlarms(emptyAlarmBook, [cause, ...silent]).front.map(({ id }) => id)).toEqual(["c"]);
	});
	const book = (...alarms: Partial<Alarm>[]) => withAlarms(emptyAlarmBook, alarms.map(alarm));
	const folded = ({ front, symptoms }: ReturnType<typeof book>) => [
		front.map(({ id }) => id),
		[...symptoms].map(([id, list]) => `${id}: ${list.map((one) => one.id).join(" ")}`),
	];

	test.each([
		{ rule: "a symptom stands under its open cause", alarms: [{ id: "c" }, { id: "s", causeId: "c" }], front: ["c"], symptoms: ["c: s"] },
		{ rule: "one whose cause isn't open stands for itself", alarms: [{ id: "s", causeId: "gone" }], front: ["s"], symptoms: [] },
		{
			rule: "a symptom of a symptom stands under the first cause",
			alarms: [{ id: "c" }, { id: "s", causeId: "c" }, { id: "t", causeId: "s" }],
			front: ["c"],
			symptoms: ["c: s t"],
		},
		{
			rule: "one that is more urgent than its cause is never hidden",
			alarms: [
				{ id: "c", priority: "medium" as const },
				{ id: "s", priority: "critical" as const, causeId: "c" },
			],
			front: ["s", "c"],
			symptoms: [],
		},
		{
			rule: "two that name each other are both shown",
			alarms: [
				{ id: "a", causeId: "b" },
				{ id: "b", causeId: "a" },
			],
			front: ["a", "b"],
			symptoms: [],
		},
		{
			rule: "a cause that is put aside hides nothing",
			alarms: [
				{ id: "c", shelved: true, state: "shelved" as const },
				{ id: "s", causeId: "c" },
			],
			front: ["s"],
			symptoms: [],
		},
	])("$rule", ({ alarms, front, symptoms }) => expect(folded(book(...alarms))).toEqual([front, symptoms]));

	test("the counts are those of the front; what is put aside is listed, newest first", () => {
		const { counts, aside } = book(
			{ id: "c" },
			{ id: "s", causeId: "c" },
			{ id: "x", shelved: true, state: "shelved", raisedAt: "2026-01-01T00:00:00.000Z" },
			{ id: "y", outOfService: true, state: "out-of-service", raisedAt: "2026-01-02T00:00:00.000Z" },
		);
		expect(counts.high).toEqual({ unacknowledged: 1, acknowledged: 0 });
		expect(aside.map(({ id }) => id)).toEqual(["y", "x"]);
	});
});
