/** What an agent takes of devices that speak a dialect of their own (EDG-8): the points that the device list asks for, in their units and words. Long since one device list and one made-up dialect serve every rule. */
import { beforeEach, expect, test } from "vitest";
import type { Reading } from "../../../contracts/reading.ts";
import { fromColumns, toColumns } from "../../../contracts/reading.ts";
import type { DeviceList, SeenDevice, UplinkEvent } from "../../../contracts/uplink.ts";
import { DeviceDirectory } from "../../../edge-agent/devices/device-directory.ts";
import { Dialects } from "../../../edge-agent/devices/dialects.ts";
import type { DeviceMark } from "../../../edge-agent/devices/event-numbers.ts";
import { Intake } from "../../../edge-agent/devices/intake.ts";
import type { Decoded, Profile } from "../../../edge-agent/devices/profiles/profile.ts";
import { PROFILES } from "../../../edge-agent/devices/profiles/registry.ts";
import { sparkplugPayload } from "../../../edge-agent/devices/profiles/sparkplug.samples.ts";
import { DATATYPE } from "../../../edge-agent/devices/profiles/sparkplug-payload.ts";
import { SeenDevices } from "../../../edge-agent/devices/seen-devices.ts";

const NOW = Date.UTC(2026, 10, 1);
/** A dialect whose messages are decoded parts, so that each rule can be told. */
const plain: Profile = {
	id: "plain",
	title: "Plain",
	base: "plain",
	topics: (base) => [`${base}/#`],
	owner: (topic) => topic.split("/")[1] ?? null,
	decoder: () => (message) => JSON.parse(message.payload.toString()) as Decoded[],
};
const number = (point: string, extra: object = {}) => ({ point, type: "number" as const, states: null, range: null, ...extra });
const LIST: DeviceList = {
	version: "1",
	site: "demo",
	devices: [
		{
			id: "climate",
			kind: "temperature-sensor",
			profile: "plain",
			address: "X/1",
			doors: [],
			controls: [],
			points: [
				number("inlet", { unit: "°C", source: "t" }),
				number("pressure", { unit: "Pa", source: "p", sourceUnit: "hPa" }),
				{ point: "leak", type: "state", states: ["dry", "leak"], range: null, values: { true: "leak", false: "dry" } },
				{ point: "mode", type: "state", states: ["running", "stopped", "other"], range: null, values: { halt: "stopped", "*": "other" } },
			],
		},
		{
			id: "twin",
			kind: "temperature-sensor",
			profile: "plain",
			address: "X/1",
			doors: [],
			controls: [],
			points: [number("second", { source: "t2" })],
		},
		{
			id: "controller",
			kind: "door-controller",
			profile: "plain",
			address: "C",
			doors: ["hall", "store"],
			controls: ["hall", "store"],
			doorSources: { hall: "1", store: "contact" },
			directions: { hall: "out" },
			points: [{ point: "fire", type: "boolean", states: null, range: null }],
		},
		{
			id: "uhppote",
			kind: "door-controller",
			profile: "uhppoted",
			address: "303986753",
			doors: ["hall"],
			controls: ["hall"],
			doorSources: { hall: "1" },
			points: [{ point: "fire", type: "boolean", states: null, range: null }],
		},
		{ id: "reader", kind: "card-reader", profile: "plain", address: "R", doors: ["store"], controls: [], directions: { store: "out" }, points: [] },
	],
};
let directory: DeviceDirectory;
let intake: Intake;
let seen: SeenDevices;
let readings: Reading[];
let events: UplinkEvent[];
let refusals: string[];
let marks: Map<string, DeviceMark>;

beforeEach(() => {
	directory = new DeviceDirectory();
	directory.replace(LIST);
	readings = [];
	events = [];
	refusals = [];
	marks = new Map();
	seen = new SeenDevices((profile, address) => directory.at(profile, address).length > 0);
	intake = new Intake({
		directory,
		dialects: new Dialects([...PROFILES, plain], directory),
		store: {
			add: (newReadings, newEvents, newMarks, settle) => {
				readings.push(...newReadings);
				events.push(...newEvents);
				for (const mark of newMarks) marks.set(mark.device, mark);
				settle();
			},
		},
		refusals: { add: (device, _, __, { detail }) => refusals.push(`${device}: ${detail}`) },
		seen,
	});
});

function say(device: string, part: Partial<Decoded>, receivedAt = NOW, retained = false): void {
	const parts = [{ device, readings: [], events: [], refusal: null, ...part }];
	intake.take({ topic: "plain/x", payload: Buffer.from(JSON.stringify(parts)), receivedAt, retained }, () => undefined);
}
const reading = (channel: string, value: number | boolean | string, extra: object = {}) => ({
	channel,
	ts: NOW - 1000,
	value,
	quality: null,
	...extra,
});
const values = () => readings.map(({ point, value }) => [point, value]);
const access = {
	type: "access" as const,
	direction: null,
	method: "card" as const,
	card: null,
	fingerprint: null,
	result: "denied" as const,
	reason: "denied-no-rights",
	ts: NOW,
	seq: null,
	door: null,
};

test("a value is converted once, from the unit that the device says, or that the site file says for it", () => {
	say("X/1", { readings: [reading("t", 71.6, { unit: "F" }), reading("p", 1013.25)] });
	expect(values()).toEqual([
		["climate:inlet", 22],
		["climate:pressure", 101_325],
	]);
});

test("a unit that can't be converted is refused and keeps nothing else back", () => {
	say("X/1", { readings: [reading("t", 5, { unit: "ppm" }), reading("leak", true)] });
	expect(values()).toEqual([["climate:leak", "leak"]]);
	expect(refusals).toEqual(["climate: t: unit: expected one of °C, C, °F, F, K, got ppm"]);
	expect(directory.device("climate")?.state).toMatchObject({ accepted: 1, rejected: 1 });
});

test("a word that isn't named is what the site file says of every other one, unless it is the point's own", () => {
	for (const [index, word] of ["running", "halt", "defrost"].entries()) say("X/1", { readings: [reading("mode", word, { ts: NOW + index })] });
	expect(values()).toEqual(["running", "stopped", "other"].map((mode) => ["climate:mode", mode]));
	say("X/1", { readings: [reading("leak", "moist")] });
	expect(refusals).toEqual(["climate: leak: value: expected dry, leak, got moist"]);
});

test("what nobody asked for is passed over, and several devices may share an address", () => {
	say("X/1", { readings: [reading("rssi", -60), reading("t2", 4)] });
	expect([values(), refusals]).toEqual([[["twin:second", 4]], []]);
	expect([directory.device("climate")?.state.status, directory.device("twin")?.state.status]).toEqual(["online", "online"]);
});

test("a time that can't be true is replaced by that of receipt, and the device is marked", () => {
	say("X/1", { readings: [reading("t", 20, { ts: 12_345, unit: "C" })] });
	expect(readings).toMatchObject([{ ts: NOW, quality: "good" }]);
	expect(directory.device("climate")?.state.unusableClock).toBe("not-set");
	say("X/1", { readings: [reading("t", 21, { ts: NOW + 1, unit: "C" })] }, NOW + 1);
	expect(directory.device("climate")?.state.unusableClock).toBeNull();
});

test("a record of the past is kept as such, and is never the newest; one without a time that can be true is left out", () => {
	say("X/1", { readings: [reading("t", 20, { unit: "C" })] });
	say("X/1", { readings: [reading("t", 50, { unit: "C", historical: true, ts: NOW }), reading("t", 51, { unit: "C", historical: true, ts: null })] });
	expect(readings.map(({ value, historical = false }) => [value, historical])).toEqual([
		[20, false],
		[50, true],
	]);
	expect(directory.device("climate")?.points.get("inlet")?.latest?.value).toBe(20);
	expect(fromColumns(toColumns(readings) as NonNullable<ReturnType<typeof toColumns>>)).toEqual(readings);
});

test("events without a number get one that grows, without gaps that nobody left, and a repetition is known by its key", () => {
	say("R", { events: [{ ...access, key: "a" }] });
	say("R", { events: [{ ...access, key: "a" }] }, NOW + 5);
	say("R", { events: [{ ...access, key: "b" }, access] }, NOW + 5);
	expect(events.filter(({ type }) => type === "access")).toMatchObject([
		{ seq: NOW, door: "store", direction: "out" },
		{ seq: NOW + 5, door: "store" },
		{ seq: NOW + 6, door: "store" },
	]);
	expect(directory.device("reader")?.state.events.missing).toBe(0);
});

test("after a restart what was told before it is known still: by its key, and by its number", () => {
	const fire = { readings: [reading("fire", true)], key: "5@12:00", numbers: [5] };
	const tell = () => {
		say("C", fire);
		say("R", { events: [{ ...access, key: "a" }] });
	};
	tell();
	const told = [readings.length, events.filter(({ type }) => type === "access").length];
	expect(told).toEqual([1, 1]);
	directory.replace({ ...LIST, devices: [] });
	directory.replace(LIST);
	directory.restoreMarks(marks.values());
	tell();
	expect([readings.length, events.filter(({ type }) => type === "access").length]).toEqual(told);
	say("C", { numbers: [6] });
	expect([directory.device("controller")?.state.events.missing, marks.get("controller")?.last], "a number that is nothing to us").toEqual([0, 6]);
});

test("a card that a broker has kept is no swipe of now, unless its number tells which one it was; a contact tells its state", () => {
	say("R", { events: [{ ...access, ts: null }] }, NOW, true);
	expect(events.filter(({ type }) => type === "access")).toEqual([]);
	say("C", { events: [{ ...access, seq: 7, door: "1" }], readings: [reading("contact", true)] }, NOW, true);
	expect(events.flatMap((event) => (event.type === "status" ? [] : [event.type])).sort()).toEqual(["access", "door"]);
});

test("numbers of events that are nothing to us leave no gap; those that are missing do", () => {
	say("C", { events: [{ ...access, seq: 1, door: "1" }] });
	say("C", { numbers: [2] });
	say("C", { events: [{ ...access, seq: 3, door: "1" }] });
	expect(directory.device("controller")?.state.events.missing).toBe(0);
	say("C", { events: [{ ...access, seq: 6, door: "1" }] });
	expect(directory.device("controller")?.state.events.missing).toBe(2);
});

test("a door is known by what its controller calls it; one that it doesn't have is refused", () => {
	say("C", { events: [{ type: "door", seq: 9, door: "1", state: "forced", ts: NOW }] });
	say("C", { events: [{ type: "door", seq: 10, door: "4", state: "open", ts: NOW }] });
	expect(events.filter(({ type }) => type === "door")).toMatchObject([{ door: "hall", state: "forced" }]);
	expect(refusals).toEqual(["controller: door: controller has no door 4 in the device list"]);
});

test("an event at a door that isn't of the site has come all the same: its number is not missing", () => {
	say("C", { events: [{ ...access, seq: 1, door: "1" }] });
	say("C", { events: [{ ...access, seq: 2, door: "4" }] });
	say("C", { events: [{ ...access, seq: 3, door: "1" }] });
	expect([refusals.length, directory.device("controller")?.state.events.missing]).toEqual([1, 0]);
});

test("a fire that the controller tells again, also with its status, is one fire; another one is another", () => {
	const fire = (number: number, timestamp: string) => ({
		"device-id": 303_986_753,
		"event-id": number,
		"event-type": 3,
		"event-reason": 39,
		"door-id": 1,
		timestamp,
	});
	const hear = (topic: string, message: object) =>
		intake.take({ topic, payload: Buffer.from(JSON.stringify({ message })), receivedAt: NOW, retained: false }, () => undefined);
	const first = fire(69, "2026-10-31 23:50:00 UTC");
	hear("uhppoted/gateway/events/live", { event: { event: first } });
	hear("uhppoted/gateway/events", { event: { event: first } });
	hear("uhppoted/reply/1", { reply: { response: { "device-id": 303_986_753, status: { event: first } } } });
	expect(values()).toEqual([
		["uhppote:fire", true],
		["uhppote:fire", false],
	]);
	// Numbers begin anew when a controller is replaced.
	hear("uhppoted/gateway/events", { event: { event: fire(69, "2026-10-31 23:55:00 UTC") } });
	expect(values()).toHaveLength(4);
});

test("what a broker has kept says nothing of the device's clock, and its readings are good", () => {
	say("X/1", { readings: [reading("t", 70, { ts: NOW - 30_272_000 })] }, NOW, true);
	expect([directory.device("climate")?.state.clock.skew, readings[0]?.quality]).toEqual([null, "good"]);
	say("X/1", { readings: [reading("t", 70, { ts: NOW - 400 })] });
	say("X/1", { readings: [reading("t", 70, { ts: NOW - 300 })] }, NOW + 3_600_000, true);
	expect(directory.device("climate")?.state.clock.skew).toBe(-400);
});

test("a Sparkplug device is online from its birth on, not from data before it", () => {
	const supply = { ...LIST.devices[0], id: "supply", profile: "sparkplug", address: "G/E/D", points: [number("t", { source: "T" })] };
	directory.replace({ ...LIST, devices: [supply as DeviceList["devices"][number]] });
	const hear = (type: string, seq: number) =>
		intake.take(
			{
				topic: `spBv1.0/G/${type}/E${type.startsWith("D") ? "/D" : ""}`,
				payload: sparkplugPayload([{ name: "T", type: DATATYPE.Double, value: 20 + seq }], seq),
				receivedAt: NOW + seq,
				retained: false,
			},
			() => undefined,
		);
	hear("DDATA", 5);
	expect([readings.map(({ quality }) => quality), directory.device("supply")?.state.status, events]).toEqual([["uncertain"], "unknown", []]);
	hear("NBIRTH", 0);
	hear("DBIRTH", 1);
	expect(events).toMatchObject([{ type: "status", device: "supply", status: "online" }]);
});

test("a contact that stands for a door is the door's state", () => {
	say("C", { readings: [reading("contact", true)] });
	say("C", { readings: [reading("contact", false)] }, NOW + 1);
	expect(events.filter(({ type }) => type === "door")).toMatchObject([
		{ door: "store", state: "open", seq: NOW },
		{ door: "store", state: "closed", seq: NOW + 1 },
	]);
});

test("a device outside the list is seen, with its channels, and is no refusal; once it is in the list it is seen no more", () => {
	say("Y", { readings: [reading("t", 20, { kind: "temperature", unit: "C" })], info: { model: "T-1" } });
	say("Y", { readings: [reading("h", 40)] }, NOW + 10);
	const [device] = seen.unreported(20).devices;
	expect(device).toMatchObject({
		profile: "plain",
		address: "Y",
		firstSeen: NOW,
		lastSeen: NOW + 10,
		messages: 2,
		info: { model: "T-1" },
		channels: [
			{ channel: "t", kind: "temperature", unit: "C", value: 20 },
			{ channel: "h", kind: null, unit: null, value: 40 },
		],
	} satisfies Partial<SeenDevice>);
	expect([refusals, intake.rejectedUnknown]).toEqual([[], 0]);
	directory.replace({
		...LIST,
		devices: [{ id: "y", kind: "temperature-sensor", profile: "plain", address: "Y", doors: [], controls: [], points: [] }],
	});
	expect(seen.unreported(20).devices).toEqual([]);
});

test("what Home Assistant discovery announces is seen as what it can be added as, with what its words mean, until it is added", () => {
	const announce = () =>
		intake.take(
			{
				topic: "homeassistant/binary_sensor/rope/config",
				payload: Buffer.from('{"state_topic":"plant/rope","device_class":"moisture","payload_on":"WET","payload_off":"DRY"}'),
				receivedAt: NOW,
				retained: true,
			},
			() => undefined,
		);
	announce();
	const [device] = seen.unreported(20).devices;
	expect(device).toMatchObject({ profile: "generic", address: "plant/rope" });
	expect(device?.channels).toMatchObject([{ channel: "$", kind: "leak", value: null, words: { WET: true, DRY: false } }]);
	directory.replace({
		...LIST,
		devices: [{ id: "rope", kind: "water-leak-detector", profile: "generic", address: "plant/rope", doors: [], controls: [], points: [] }],
	});
	announce();
	expect(seen.unreported(20).devices).toEqual([]);
});

test("what can't be read is refused, and makes no device to configure", () => {
	say("Z", { refusal: { reason: "not-json", detail: "expected JSON" } });
	expect([refusals, seen.unreported(20).devices]).toEqual([["Z: expected JSON"], []]);
});

test("cards of unconfigured readers are not kept", () => {
	const body = {
		message: {
			event: {
				event: { "device-id": 9, "event-id": 1, "event-type": 1, "event-reason": 1, "door-id": 1, "card-number": 8165533, "access-granted": true },
			},
		},
	};
	intake.take({ topic: "uhppoted/gateway/events", payload: Buffer.from(JSON.stringify(body)), receivedAt: NOW, retained: false }, () => undefined);
	const [device] = seen.unreported(20).devices;
	expect([device?.address, device?.doors]).toEqual(["9", ["1"]]);
	expect(JSON.stringify(device)).not.toMatch(/8165533|65533/);
});

test("a controller's clock is in its own zone, else in the site's: the abbreviation that fits makes its times true", () => {
	const controller = {
		kind: "door-controller" as const,
		profile: "uhppoted",
		doors: ["hall"],
		controls: ["hall"],
		doorSources: { hall: "1" },
		points: [],
	};
	directory.replace({
		version: "1",
		site: "demo",
		timeZone: "Asia/Shanghai",
		devices: [
			{ ...controller, id: "near", address: "1" },
			{ ...controller, id: "far", address: "2", timeZone: "Europe/Berlin" },
		],
	});
	const swipe = (address: number, event: number, timestamp: string) => {
		const fields = {
			"card-number": 10058400,
			"access-granted": true,
			"event-id": event,
			"event-type": 1,
			"event-reason": 1,
			"door-id": 1,
			direction: 1,
		};
		const payload = Buffer.from(JSON.stringify({ message: { event: { event: { ...fields, "device-id": address, timestamp } } } }));
		intake.take({ topic: "uhppoted/gateway/events", payload, receivedAt: NOW, retained: false }, () => undefined);
	};
	swipe(1, 1, "2026-10-31 20:00:00 CST");
	swipe(2, 1, "2026-10-31 13:00:00 CET");
	swipe(2, 2, "2026-10-31 20:00:00 CST");
	const noon = Date.UTC(2026, 9, 31, 12);
	expect(events.flatMap((event) => (event.type === "access" ? [[event.device, event.ts]] : []))).toEqual([
		["near", noon],
		["far", noon],
		["far", NOW],
	]);
	expect(["near", "far"].map((id) => directory.device(id)?.state.unusableClock)).toEqual([null, "no-zone"]);
});

test("below several bases of a dialect a device may be called the same: the base in its address tells it apart, and without it either is meant", () => {
	const dialects = ["nut-a", "nut-b"].map((base) => ({ profile: "nut", base }));
	const ups = (id: string, address: string) => ({
		id,
		kind: "ups" as const,
		profile: "nut",
		address,
		doors: [],
		points: [number("load", { source: "ups.load" })],
	});
	const list = { version: "1", site: "demo", dialects, devices: [ups("a", "nut-a/ups"), ups("b", "nut-b/ups"), ups("c", "hall")] };
	directory.replace(list);
	const known = new Dialects(PROFILES, directory);
	known.replace(list);
	const at = (topic: string) =>
		known
			.of(topic)
			.flatMap((dialect) =>
				(known.decoderOf(dialect)({ topic, payload: Buffer.from('{"ups.load":"7"}'), receivedAt: NOW, retained: false }) ?? []).flatMap(
					({ device }) => known.devicesOf(dialect, device).map(({ id }) => id),
				),
			);
	expect([at("nut-a/ups"), at("nut-b/ups"), at("nut-a/hall"), at("nut-b/hall")]).toEqual([["a"], ["b"], ["c"], ["c"]]);
	expect(known.ownersOf("nut-b/ups")?.devices).toEqual(["b"]);
});
