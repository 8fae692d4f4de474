import { describe, expect, test } from "vitest";
import type { AccessEventView, DoorEventView, DoorView } from "../../../contracts/api.ts";
import { shownSkew } from "../../../dashboard/src/features/devices/device-health.ts";
import { nextShortcut } from "../../../dashboard/src/features/shell/shortcuts.ts";
import { en } from "../../../dashboard/src/i18n/en.ts";
import { createFormat } from "../../../dashboard/src/i18n/format.ts";
import { zh } from "../../../dashboard/src/i18n/zh.ts";
import { withAccessEvents, withDoorEvents } from "../../../dashboard/src/live/feeds.ts";
import { ageOf } from "../../../dashboard/src/ui/age.ts";

test.each([
	[-500, 0, "second"],
	[34_900, 34, "second"],
	[119_999, 119, "second"],
	[120_000, 2, "minute"],
	[7_200_000, 2, "hour"],
	[172_800_000, 2, "day"],
])("an age of %d ms is %d %s", (ms, amount, unit) => expect(ageOf(ms)).toEqual({ amount, unit }));

test.each([
	["en", "34 secs"],
	["zh", "34秒"],
])("ages are written in the user's language (%s)", (language, text) => expect(createFormat(language, "UTC").age(34_000)).toBe(text));

test("times are the site's", () => expect(createFormat("en", "Asia/Shanghai").time(Date.UTC(2026, 0, 1))).toBe("08:00:00"));

describe("shortcuts", () => {
	const idle = { prefixAt: null };
	test.each([
		["g then a goes to the alarms", { prefixAt: 0 }, "a", false, { type: "go", to: "/alarms" }],
		["g is forgotten after a while", { prefixAt: -5000 }, "a", false, null],
		["? opens the list", idle, "?", false, { type: "help" }],
		["keys typed into a field are text", idle, "?", true, null],
	])("%s", (_, state, key, typing, action) => expect(nextShortcut(state, key, typing, 100).action).toEqual(action));
});

test("Chinese has every text that English has, with the same variables", () => {
	const flat = (texts: object, path = ""): [string, string][] =>
		Object.entries(texts).flatMap(([key, value]: [string, unknown]) =>
			typeof value === "object" && value !== null ? flat(value, `${path}${key}.`) : [[`${path}${key}`, String(value)]],
		);
	const variables = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] ?? "").toSorted((a, b) => a.localeCompare(b));
	const chinese = new Map(flat(zh));
	for (const [key, text] of flat(en)) expect([key, variables(chinese.get(key) ?? "")]).toEqual([key, variables(text)]);
	expect(chinese.size).toBe(flat(en).length);
});

describe("feeds", () => {
	const event = (id: string, ts: number) => ({ id, ts: new Date(ts).toISOString() }) as AccessEventView;
	test("each event once, newest first, a late one in its place", () => {
		const feed = withAccessEvents([event("c", 3), event("a", 1)], [event("c", 3), event("b", 2), event("d", 4)], 3);
		expect(feed.map(({ id }) => id)).toEqual(["d", "c", "b"]);
	});
	test("a back-filled door event doesn't change the state now", () => {
		const door = { id: "d", state: "closed", since: new Date(5).toISOString() } as DoorView;
		const doorEvent = (state: string, ts: number) => ({ door: "d", state, ts: new Date(ts).toISOString() }) as DoorEventView;
		expect(withDoorEvents([door], [doorEvent("open", 4)])[0]?.state).toBe("closed");
		expect(withDoorEvents([door], [doorEvent("held", 7), doorEvent("open", 6)])[0]?.state).toBe("held");
	});
});

test.each([
	[-49, "0"],
	[-0, "0"],
	[49, "0"],
	[-50, "-0.05"],
	[1500, "1.5"],
])("a clock skew of %d ms is shown as %s s", (ms, text) => expect(createFormat("en", "UTC").number(shownSkew(ms))).toBe(text));
