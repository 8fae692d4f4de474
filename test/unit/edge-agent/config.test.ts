import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { agentReference, readConfig } from "../../../edge-agent/config.ts";
import { matchesTopic } from "../../../edge-agent/devices/topic-filter.ts";

test("without any variable the agent runs on its defaults", () => {
	expect(readConfig({})).toEqual({
		agent: "agent-1",
		data: "./data/agent-agent-1",
		devicePort: 1884,
		deviceBind: "127.0.0.1",
		deviceTls: null,
		deviceAuth: "optional",
		insecure: false,
		uplinkCredentials: { ca: null, cert: null, key: null, token: null },
		deviceBrokerCa: null,
		deviceBrokerUrl: null,
		uplinkUrl: "mqtt://127.0.0.1:1883",
		witnessWebhookUrl: null,
		outboxBytes: 2 * 1024 ** 3,
		logLevel: "info",
	});
});
test("the uplink's port makes its address, and an empty variable counts as not set", () => {
	expect(readConfig({ WATCHROOM_UPLINK_PORT: "2883", UPLINK_URL: "" }).uplinkUrl).toBe("mqtt://127.0.0.1:2883");
});
test("the reference page in docs is as the variables are now", async () => {
	expect(await readFile("docs/agent-configuration.md", "utf8")).toBe(agentReference());
});
test("every wrong variable is named at once", () => {
	const wrong = { WATCHROOM_AGENT_ID: "a b", WATCHROOM_DEVICE_PORT: "70000", UPLINK_URL: "http://x", WATCHROOM_OUTBOX_BYTES: "many" };
	expect(() => readConfig(wrong)).toThrow(
		/4 wrong variables:[\s\S]*WATCHROOM_AGENT_ID[\s\S]*WATCHROOM_DEVICE_PORT[\s\S]*UPLINK_URL[\s\S]*WATCHROOM_OUTBOX_BYTES/,
	);
});

test.each([
	["a broker for everybody without TLS", { WATCHROOM_DEVICE_BIND: "0.0.0.0" }, /WATCHROOM_DEVICE_BIND: .*WATCHROOM_DEVICE_TLS_CERT/],
	["a certificate without its key", { UPLINK_URL: "mqtts://h", UPLINK_CERT: "c.pem" }, /UPLINK_KEY: .*together/],
	["a certificate where nobody asks for it", { UPLINK_CERT: "c.pem", UPLINK_KEY: "c.key" }, /UPLINK_CERT: .*mqtts/],
	["a token in plain text to another machine", { UPLINK_URL: "mqtt://h", UPLINK_TOKEN: "x".repeat(30) }, /UPLINK_TOKEN: expected mqtts/],
])("refused: %s", (_, environment, words) => {
	expect(() => readConfig(environment as Record<string, string>)).toThrow(words);
});
test("beyond this machine devices log in unless it is said otherwise", () => {
	const beyond = { WATCHROOM_DEVICE_BIND: "0.0.0.0", WATCHROOM_DEVICE_TLS_CERT: "c.pem", WATCHROOM_DEVICE_TLS_KEY: "c.key" };
	expect(readConfig(beyond).deviceAuth).toBe("required");
	expect(readConfig({ ...beyond, WATCHROOM_DEVICE_AUTH: "optional" }).deviceAuth).toBe("optional");
	expect(readConfig({ WATCHROOM_DEVICE_BIND: "0.0.0.0", WATCHROOM_INSECURE: "true" }).insecure).toBe(true);
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
