import { describe, expect, test } from "vitest";
import type { Alarm } from "../../../contracts/api.ts";
import { MUTE_MS, muteOf, soundOf } from "../../../dashboard/src/live/alarm-sound.ts";
import { alarmView } from "../../helpers/alarm-view.ts";

const alarm = (over: Partial<Alarm> = {}) => alarmView(over);

describe("when alarms are heard", () => {
	test.each([
		{ rule: "quiet without alarms", alarms: [], heard: null },
		{
			rule: "the most urgent is heard",
			alarms: [alarm({ id: "a", priority: "medium" }), alarm({ id: "b", priority: "critical" })],
			heard: "critical",
		},
		{ rule: "low is only seen", alarms: [alarm({ priority: "low" })], heard: null },
		{ rule: "what is acknowledged is quiet", alarms: [alarm({ state: "acknowledged", acknowledged: true })], heard: null },
		{ rule: "what has returned unacknowledged is still heard", alarms: [alarm({ state: "returned-unacknowledged", active: false })], heard: "high" },
	])("$rule", ({ alarms, heard }) => expect(soundOf(alarms, null, 0)).toBe(heard));

	test("a mute silences what there was, for five minutes; then it is heard again", () => {
		const alarms = [alarm()];
		const mute = muteOf(alarms, 1000);
		expect(soundOf(alarms, mute, 1000)).toBeNull();
		expect(soundOf(alarms, mute, 1000 + MUTE_MS - 1)).toBeNull();
		expect(soundOf(alarms, mute, 1000 + MUTE_MS)).toBe("high");
	});

	test("what comes after the mute is heard through it: another alarm, and the same one anew", () => {
		const mute = muteOf([alarm()], 0);
		expect(soundOf([alarm(), alarm({ id: "2", priority: "medium" })], mute, 1)).toBe("medium");
		expect(soundOf([alarm({ occurrences: 2 })], mute, 1)).toBe("high");
	});
});
