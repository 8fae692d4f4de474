import { beforeEach, describe, expect, test } from "vitest";
import type { Reading } from "../../../contracts/reading.ts";
import type { UplinkEvent } from "../../../contracts/uplink.ts";
import { DeviceDirectory } from "../../../edge-agent/devices/device-directory.ts";
import { Dialects } from "../../../edge-agent/devices/dialects.ts";
import { Intake } from "../../../edge-agent/devices/intake.ts";
import { PROFILES } from "../../../edge-agent/devices/profiles/registry.ts";
import { deviceList } from "../../helpers/device-list.ts";

const NOW = Date.UTC(2026, 10, 1);
const DAY = 86_400_000;
const access = { seq: 1, door: "d0", direction: "in", method: "card", card: null, result: "denied", reason: "denied-no-rights" };
let directory: DeviceDirectory;
let intake: Intake;
let readings: Reading[];
let events: UplinkEvent[];
let refusals: { device: string; known: boolean; reason: string; detail: string }[];
let settled: number;

beforeEach(() => {
	directory = new DeviceDirectory();
	directory.replace(deviceList());
	readings = [];
	events = [];
	refusals = [];
	settled = 0;
	intake = new Intake({
		directory,
		dialects: new Dialects(PROFILES, directory),
		store: {
			add: (newReadings, newEvents, _marks, settle) => {
				readings.push(...newReadings);
				events.push(...newEvents);
				settle();
			},
		},
		refusals: { add: (device, known, _, { reason, detail }) => refusals.push({ device, known, reason, detail }) },
	});
});

function send(topic: string, body: unknown, receivedAt = NOW, retained = false): void {
	const payload = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
	intake.take({ topic: `watchroom/${topic}`, payload, receivedAt, retained }, () => settled++);
}
const counters = (device: string) => directory.device(device)?.state;

describe("a message is refused, counted and settled", () => {
	test.each([
		["an unknown device", "ghost/temperature", { value: 1 }, "unknown-device"],
		["an unknown point", "s0/pressure", { value: 1 }, "unknown-point"],
		["a boolean for a number", "s0/temperature", { value: true }, "wrong-type"],
		["a text for a number", "s0/temperature", { value: "21" }, "wrong-type"],
		["a number for a boolean", "s0/on", { value: 1 }, "wrong-type"],
		["a number for a state", "s0/mode", { value: 1 }, "wrong-type"],
		["an unknown state", "s0/mode", { value: "turbo" }, "unknown-state"],
		["an overflow", "s0/temperature", '{"value":1e999}', "not-finite"],
		["a time in 1970", "s0/temperature", { ts: 12_345, value: 1 }, "time-too-old"],
		["a negative time", "s0/temperature", { ts: -1, value: 1 }, "time-too-old"],
		["a time before 2001", "s0/temperature", { ts: Date.UTC(2000, 0, 1, 0, 5), value: 1 }, "time-too-old"],
		["a time of 400 days ago", "s0/temperature", { ts: NOW - 400 * DAY, value: 1 }, "time-too-old"],
		["a time in 2100", "s0/temperature", { ts: Date.UTC(2100, 0, 1), value: 1 }, "time-in-future"],
		["a time 11 minutes ahead", "s0/temperature", { ts: NOW + 660_000, value: 1 }, "time-in-future"],
		["a door that the controller doesn't have", "c0/door", { seq: 1, door: "d9", state: "open" }, "unknown-door"],
		["a granted access with a reason to deny", "c0/access", { ...access, result: "granted", reason: "denied-no-rights" }, "wrong-shape"],
		["a denied access that was granted", "c0/access", { ...access, result: "denied", reason: "granted" }, "wrong-shape"],
		["a door event of a reader", "r0/door", { seq: 1, door: "d0", state: "open" }, "unknown-door"],
	])("%s", (_, topic, body, reason) => {
		send(topic, body);
		expect(refusals).toMatchObject([{ reason }]);
		expect([readings, events, settled]).toEqual([[], [], 1]);
		const device = topic.split("/")[0] ?? "";
		if (device === "ghost") expect(intake.rejectedUnknown).toBe(1);
		else expect(counters(device)).toMatchObject({ accepted: 0, rejected: 1, lastSeen: NOW });
	});

	test("as a whole, naming the wrong reading", () => {
		send("s0/temperature", [{ value: 1 }, { value: "x" }]);
		expect(refusals[0]?.detail).toMatch(/^\[1\] value/);
		expect(readings).toEqual([]);
	});

	test("without changing what is known of the point and the clock", () => {
		send("s0/temperature", { ts: NOW + 700_000, value: 1 });
		expect(directory.latest()).toEqual([]);
		expect(counters("s0")?.clock.skew).toBeNull();
	});
});

describe("quality", () => {
	test.each([
		["good as it comes", { ts: NOW, value: 20 }, "good"],
		["as the device says", { ts: NOW, value: 20, quality: "uncertain" }, "uncertain"],
		["bad out of the sensor's range", { ts: NOW, value: 900 }, "bad"],
		["bad out of range whatever the device says", { ts: NOW, value: 900, quality: "good" }, "bad"],
		["uncertain more than a minute ahead", { ts: NOW + 61_000, value: 20 }, "uncertain"],
		["good less than a minute ahead", { ts: NOW + 59_000, value: 20 }, "good"],
		["good for a backlog", { ts: NOW - DAY, value: 20 }, "good"],
	])("is %s", (_, body, quality) => {
		send("s0/temperature", body);
		expect(readings).toMatchObject([{ quality }]);
	});

	test("is uncertain once a clock is steadily behind, good while a backlog catches up", () => {
		for (let second = 0; second < 8; second++) {
			send("s0/temperature", { ts: NOW - 300_000 + second * 1000, value: 20 }, NOW + second * 1000);
			send("s1/temperature", { ts: NOW - 300_000 + second * 30_000, value: 20 }, NOW + second * 1000);
		}
		expect(readings.filter(({ point }) => point === "s0:temperature").at(-1)?.quality).toBe("uncertain");
		expect(readings.filter(({ point }) => point === "s1:temperature").every(({ quality }) => quality === "good")).toBe(true);
		expect(counters("s0")?.clock.skew).toBeCloseTo(-300_000, -2);
	});

	test("is uncertain for an old retained value without a time", () => {
		send("s0/temperature", { value: 20 }, NOW, true);
		expect(readings).toMatchObject([{ quality: "uncertain" }]);
	});
});

describe("time", () => {
	test("of receipt counts where the device sends none, a millisecond later for the next of the point", () => {
		send("s0/temperature", { value: 1 });
		send("s0/temperature", { value: 2 });
		send("s0/temperature", [{ value: 3 }, { value: 4 }]);
		expect(readings.map(({ ts }) => ts - NOW)).toEqual([0, 1, 2, 3]);
		expect(new Set(readings.map(({ receivedAt }) => receivedAt))).toEqual(new Set([NOW]));
	});
	test("of the newest reading stands in the snapshot, not of the last to come", () => {
		send("s0/temperature", { ts: NOW, value: 2 });
		send("s0/temperature", { ts: NOW - 5000, value: 1 });
		expect(directory.latest()).toMatchObject([{ value: 2 }]);
	});
});

describe("events", () => {
	const door = (seq: number) => send("c0/door", { seq, door: "d0", state: "open" });
	test.each([
		["no gap", [1, 2, 3], 0],
		["the first number may be any", [100, 101], 0],
		["a gap counts what is missing", [1, 5], 3],
		["two gaps add up", [1, 3, 6], 3],
		["a repeated number is none", [1, 2, 2, 3], 0],
		["one that comes after all is no longer missing", [1, 4, 3], 1],
		["and is so once only", [1, 4, 3, 3, 2], 0],
	])("%s", (_, numbers, gaps) => {
		for (const number of numbers) door(number);
		expect(counters("c0")?.events.missing).toBe(gaps);
		expect(events.filter(({ type }) => type === "door")).toHaveLength(numbers.length);
	});

	test("a gap over a restart is seen", () => {
		directory.restoreMarks([{ device: "c0", last: 10, keys: [] }]);
		door(12);
		expect(counters("c0")?.events.missing).toBe(1);
	});

	test.each([
		["its controller's access", "c0/access", access, null],
		["its controller's state", "c0/door", { seq: 1, door: "d0", state: "open" }, null],
		["its reader's access", "r0/access", access, null],
		["no state from its reader", "r0/door", { seq: 1, door: "d0", state: "open" }, "unknown-door"],
		["no access from a device that stands elsewhere", "s0/access", access, "unknown-door"],
	])("of a door: %s", (_, topic, body, reason) => {
		const list = deviceList();
		const doors: Record<string, string[]> = { c0: ["d0"], r0: ["d0"] };
		const devices = list.devices.map((device) => ({ ...device, doors: doors[device.id] ?? [], controls: device.id === "c0" ? ["d0"] : [] }));
		directory.replace({ ...list, devices });
		send(topic, body);
		expect(refusals.map((refusal) => refusal.reason)).toEqual(reason === null ? [] : [reason]);
	});

	test("a reader may report any door where the list doesn't tell readers from controllers", () => {
		send("r0/access", access);
		expect(events.at(-2)).toMatchObject({ type: "access", device: "r0", door: "d0", ts: NOW, card: null, fingerprint: null });
	});

	test("a status is an event when it changes, and a device that speaks is online", () => {
		send("s0/status", "online");
		send("s0/status", "online");
		send("s0/status", "offline");
		send("s0/temperature", { value: 1 }, NOW + 1);
		expect(events).toEqual(
			[
				["online", NOW],
				["offline", NOW],
				["online", NOW + 1],
			].map(([status, ts]) => ({ type: "status", device: "s0", status, ts, receivedAt: ts })),
		);
	});
});

test("a new device list keeps what is known of devices that stay", () => {
	send("s0/temperature", { ts: NOW, value: 21 });
	directory.replace(deviceList(1, "v2"));
	expect(directory.version).toBe("v2");
	expect(counters("s0")?.accepted).toBe(1);
	expect(directory.latest()).toMatchObject([{ point: "s0:temperature", value: 21 }]);
	send("s1/temperature", { value: 1 });
	expect(refusals).toMatchObject([{ reason: "unknown-device", known: false }]);
});
