import { describe, expect, test } from "vitest";
import type { Alarm } from "../../../contracts/api.ts";
import { actOfKey, actsOn } from "../../../dashboard/src/features/alarms/alarm-acts.ts";
import { alarmView } from "../../helpers/alarm-view.ts";

const all = () => true;
const cases: { rule: string; alarm: Partial<Alarm>; acts: string[] }[] = [
	{ rule: "what is unacknowledged can be acknowledged or put aside", alarm: {}, acts: ["acknowledge", "shelve", "out-of-service"] },
	{ rule: "acknowledged, it can only be put aside", alarm: { state: "acknowledged", acknowledged: true }, acts: ["shelve", "out-of-service"] },
	{
		rule: "a latched one is reset once it is over and acknowledged",
		alarm: { state: "acknowledged", acknowledged: true, active: false, latched: true },
		acts: ["reset", "shelve", "out-of-service"],
	},
	{ rule: "not before", alarm: { latched: true }, acts: ["acknowledge", "shelve", "out-of-service"] },
	{ rule: "what is shelved comes back", alarm: { state: "shelved", shelved: true }, acts: ["unshelve", "out-of-service"] },
	{ rule: "so does what is out of service", alarm: { state: "out-of-service", outOfService: true }, acts: ["shelve", "in-service"] },
	{ rule: "a normal one can only be taken out of service", alarm: { state: "normal", active: false, acknowledged: true }, acts: ["out-of-service"] },
];

describe("what is offered on an alarm", () => {
	test.each(cases)("$rule", ({ alarm, acts }) => expect(actsOn(alarmView(alarm), all)).toEqual(acts));

	test("nothing that one may not do is offered, by key neither", () => {
		const mayOnly = (permission: string) => permission === "alarms.acknowledge";
		expect(actsOn(alarmView(), mayOnly)).toEqual(["acknowledge"]);
		expect(actOfKey("a", alarmView(), mayOnly)).toBe("acknowledge");
		expect(actOfKey("s", alarmView(), mayOnly)).toBeUndefined();
	});

	test("one key puts aside and brings back", () => {
		expect([actOfKey("s", alarmView(), all), actOfKey("s", alarmView({ state: "shelved", shelved: true }), all)]).toEqual(["shelve", "unshelve"]);
	});
});
