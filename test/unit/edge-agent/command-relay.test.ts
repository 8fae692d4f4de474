import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { DeviceResult } from "../../../contracts/uplink.ts";
import { CommandRelay } from "../../../edge-agent/devices/command-relay.ts";
import { DeviceDirectory } from "../../../edge-agent/devices/device-directory.ts";
import { PROFILES } from "../../../edge-agent/devices/profiles/registry.ts";
import { deviceList } from "../../helpers/device-list.ts";

let directory: DeviceDirectory;
let sent: string[];
let answers: DeviceResult[];
const make = (limit = 10) =>
	new CommandRelay({
		directory,
		profiles: PROFILES,
		send: (topic, payload) => sent.push(`${topic} ${payload}`),
		answer: (result) => answers.push(result),
		timeout: 1000,
		limit,
	});
const command = (id: string) => ({ id, op: "identify", body: {} });
const good = (id: string) => ({ id, ok: true, error: null, body: {} });
const refusals = () => answers.map(({ refused }) => refused);

beforeEach(() => {
	vi.useFakeTimers();
	directory = new DeviceDirectory();
	directory.replace(deviceList());
	sent = [];
	answers = [];
});
afterEach(() => vi.useRealTimers());

test("a command goes to its device's topic, and the device's answer to the server, once", async () => {
	const relay = make();
	relay.command({ device: "c0", command: command("1") });
	expect(sent).toEqual(['watchroom/c0/command {"id":"1","op":"identify","body":{}}']);
	relay.result("c0", good("1"));
	relay.result("c0", good("1"));
	await vi.advanceTimersByTimeAsync(2000);
	expect(answers).toEqual([{ device: "c0", result: good("1") }]);
});

test("nothing goes to a device that is unknown, offline, or of a dialect without commands; each is said", () => {
	const offline = directory.device("c0");
	if (offline) offline.state.status = "offline";
	const relay = new CommandRelay({ directory, profiles: [], send: (topic) => sent.push(topic), answer: (result) => answers.push(result) });
	relay.command({ device: "ghost", command: command("1") });
	relay.command({ device: "r0", command: command("2") });
	make().command({ device: "c0", command: command("3") });
	expect([refusals(), sent]).toEqual([["unknown-device", "no-commands", "offline"], []]);
});

test("a device that doesn't answer in time is said to, and its later answer goes no further", async () => {
	const relay = make();
	relay.command({ device: "c0", command: command("1") });
	await vi.advanceTimersByTimeAsync(1000);
	relay.result("c0", good("1"));
	expect(refusals()).toEqual(["no-answer"]);
});

test("the same command again goes to the device again and is answered once; beyond the limit others are refused", async () => {
	const relay = make(1);
	relay.command({ device: "c0", command: command("1") });
	relay.command({ device: "c0", command: command("1") });
	relay.command({ device: "r0", command: command("2") });
	expect([sent.length, refusals()]).toEqual([2, ["busy"]]);
	relay.result("c0", good("1"));
	await vi.advanceTimersByTimeAsync(2000);
	expect(answers.length).toBe(2);
});

test("no device answers for another one", () => {
	const relay = make();
	relay.command({ device: "c0", command: command("1") });
	relay.result("r0", good("1"));
	expect(answers).toEqual([]);
	relay.stop();
});
