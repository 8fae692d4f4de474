import { expect, test } from "vitest";
import { readConfig } from "../../../edge-agent/config.ts";
import { matchesTopic } from "../../../edge-agent/devices/topic-filter.ts";

test("without any variable the agent runs on its defaults", () => {
	expect(readConfig({})).toEqual({
		agent: "agent-1",
		data: "./data/agent-agent-1",
		devicePort: 1884,
		deviceBrokerUrl: null,
		uplinkUrl: "mqtt://127.0.0.1:1883",
		outboxBytes: 2 * 1024 ** 3,
		logLevel: "info",
	});
});
test("the uplink's port makes its address, and an empty variable counts as not set", () => {
	expect(readConfig({ WATCHROOM_UPLINK_PORT: "2883", UPLINK_URL: "" }).uplinkUrl).toBe("mqtt://127.0.0.1:2883");
});
test("every wrong variable is named at once", () => {
	const wrong = { WATCHROOM_AGENT_ID: "a b", WATCHROOM_DEVICE_PORT: "70000", UPLINK_URL: "http://x", WATCHROOM_OUTBOX_BYTES: "many" };
	expect(() => readConfig(wrong)).toThrow(
		/4 wrong variables:[\s\S]*WATCHROOM_AGENT_ID[\s\S]*WATCHROOM_DEVICE_PORT[\s\S]*UPLINK_URL[\s\S]*WATCHROOM_OUTBOX_BYTES/,
	);
});

test.each([
	["watchroom/+/+", "watchroom/a/b", true],
	["watchroom/+/+", "watchroom/a", false],
	["watchroom/+/+", "watchroom/a/b/c", false],
	["a/#", "a", true],
	["a/#", "a/b/c", true],
	["#", "$SYS/x", false],
	["+/x", "$SYS/x", false],
])("filter %s and topic %s: %s", (filter, topic, matches) => {
	expect(matchesTopic(filter, topic)).toBe(matches);
});
