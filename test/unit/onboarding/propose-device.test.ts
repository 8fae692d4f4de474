import { expect, test } from "vitest";
import { adoptionSchema } from "../../../contracts/onboarding.ts";
import { rulesOfSets } from "../../../contracts/rule-sets.ts";
import type { SeenDevice } from "../../../contracts/uplink.ts";
import { idFrom, proposeDevice } from "../../../server/onboarding/propose-device.ts";

type Channel = SeenDevice["channels"][number];
const channel = (name: string, kind: Channel["kind"], value: Channel["value"], unit: string | null = null): Channel => ({
	channel: name,
	kind,
	unit,
	value,
});
const seen = (channels: Channel[], rest: Partial<SeenDevice> = {}): SeenDevice => ({
	profile: "shelly",
	address: "shellyplus-1",
	firstSeen: 0,
	lastSeen: 100_000,
	messages: 11,
	info: {},
	channels,
	doors: [],
	topic: "t",
	payload: "{}",
	...rest,
});
const propose = (channels: Channel[], rest: Partial<SeenDevice> = {}) => proposeDevice(seen(channels, rest), new Set(["taken"]));
const limits = (channels: Channel[]) =>
	propose(channels).rules.map((rule) => [rule.id, rule.priority, rule.kind === "limit" ? rule.limit : (rule.states ?? null)]);

test.each<[string, Partial<SeenDevice>, Channel[], string | null]>([
	["a UPS by its state", {}, [channel("s", "ups-state", "online"), channel("t", "temperature", 30)], "ups"],
	["a UPS by load and charge", {}, [channel("l", "load", 9), channel("c", "charge", 100), channel("t", "temperature", 30)], "ups"],
	["a smoke detector that also measures temperature", {}, [channel("t", "temperature", 20), channel("s", "smoke", false)], "smoke-detector"],
	["a leak detector", {}, [channel("f", "leak", false), channel("b", "charge", 80)], "water-leak-detector"],
	["a sensor of the air", {}, [channel("h", "humidity", 40), channel("t", "temperature", 20)], "temperature-sensor"],
	["a metering plug", {}, [channel("switch:0.output", "switch-state", true), channel("switch:0.apower", "power", 20)], "power-meter"],
	[
		"what nobody can tell but a person, though it has a battery",
		{},
		[channel("contact", "contact", false), channel("b", "charge", 80), channel("v", "voltage", 3)],
		null,
	],
	["a controller by its doors", { doors: ["1"] }, [], "door-controller"],
	["what nobody can tell but a person", {}, [channel("x", null, 1)], null],
])("a device is taken for %s", (_, rest, channels, kind) => {
	expect(propose(channels, rest).kind).toBe(kind);
});

test.each([
	["switch:0.apower", "switch-0.apower"],
	["hall a/leak 3", "hall-a-leak-3"],
	["taken", "taken-2"],
	["温度", "device"],
	["/x/", "x"],
	["a".repeat(200), "a".repeat(64)],
])("an id is made of %s within the characters of ids, and is unique", (address, id) => {
	expect(idFrom(address, new Set(["taken"]))).toBe(id);
});

test.each([
	[1, 0, "1min"],
	[11, 100_000, "30s"],
	[11, 5_000, "1s"],
	[3, 2 * 3_600_000, "6h"],
])("of %d messages in %d ms an interval of %s is told", (messages, lastSeen, interval) => {
	expect(propose([channel("t", "temperature", 20)], { messages, lastSeen }).points[0]?.interval).toBe(interval);
});

test("points have the unit that values are converted to, a sensible range, and no kind where none is known", () => {
	const { points } = propose([
		channel("temperature:0.tC", "temperature", 21, "C"),
		channel("switch:0.temperature.tC", null, 40, "C"),
		channel("humidity", null, 40),
		channel("access", null, 1),
		channel("ups", "ups-state", "on-battery"),
		channel("odd", "temperature", true),
	]);
	expect(points.map(({ id, kind, type, unit, range }) => [id, kind, type, unit, range])).toEqual([
		["temperature-0.tC", "temperature", "number", "°C", { min: -40, max: 125 }],
		["switch-0.temperature.tC", null, "number", "C", null],
		["humidity", "humidity", "number", "%RH", { min: 0, max: 100 }],
		["access-2", null, "number", null, null],
		["ups", "ups-state", "state", null, null],
		["odd", null, "boolean", null, null],
	]);
	expect(points[4]?.states).toContain("on-battery");
});

test("what a dialect doesn't say stands in the point: the unit that is meant, and what words mean", () => {
	const wet = { ...channel("$", "leak", null), words: { WET: true, DRY: false } };
	const { points, kind, rules } = propose([channel("$.supply", "temperature", null, "°F"), channel("$.return", "temperature", null, "°C"), wet], {
		profile: "generic",
	});
	expect(points.map(({ id, type, unit, sourceUnit, values }) => [id, type, unit, sourceUnit, values])).toEqual([
		["supply", "number", "°C", "°F", undefined],
		["return", "number", "°C", undefined, undefined],
		["device", "boolean", null, undefined, wet.words],
	]);
	expect([kind, rules.some((rule) => JSON.stringify(rule.states) === "[true]")]).toEqual(["water-leak-detector", true]);
	expect(propose([channel("t", "temperature", 70, "F")]).points[0]?.sourceUnit).toBeUndefined();
});

test.each([
	["shelly", 1, 0, "1min"],
	["shelly", 3, 4_000, "1min"],
	["zigbee2mqtt", 3, 4_000, "1h"],
	["chirpstack", 1, 0, "1h"],
	["chirpstack", 11, 6_000_000, "15min"],
])(
	"of a device of %s that has told a channel %d times in %d ms an interval of %s is told: few messages tell little",
	(profile, messages, lastSeen, interval) => {
		const told = { ...channel("t", "temperature", 20), messages };
		expect(propose([told], { profile, messages, lastSeen }).points[0]?.interval).toBe(interval);
	},
);

test("of a text the words that are still to come are another state, those of a UPS are known", () => {
	const { points } = propose([channel("mode", null, "running"), channel("ups", "ups-state", "online")]);
	expect(points.map(({ states, values }) => [states?.includes("other"), values])).toEqual([
		[true, { "*": "other" }],
		[false, undefined],
	]);
});

test("a contact in words is open or closed, whichever it says first", () => {
	const { points, rules } = propose([channel("ambient.contacts.1.status", "contact", "closed")]);
	expect(points[0]).toMatchObject({ type: "boolean", states: null, values: { opened: true, closed: false } });
	expect(rules.some((rule) => JSON.stringify(rule.states) === "[true]")).toBe(true);
});

test("what is measured in a unit that can't be converted has no kind: all of it would be refused", () => {
	expect(propose([channel("p", "power", 3, "BTU/h")]).points[0]).toMatchObject({ kind: null, unit: "BTU/h", range: null });
});

test("the interval of a point is that of its own channel: a device may send each value by itself, and some seldom", () => {
	const often = { ...channel("power", "power", 3), messages: 11 };
	const announced = { ...channel("announced", "power", null), messages: 0 };
	const { points } = propose([often, { ...often, channel: "seldom", messages: 2 }, { ...often, channel: "once", messages: 1 }, announced], {
		messages: 24,
		lastSeen: 300_000,
	});
	expect(points.map(({ interval }) => interval)).toEqual(["1min", "10min", "10min", "1min"]);
});

test("temperature gets the limits of the ready set, for this device alone", () => {
	const { rules } = propose([channel("t", "temperature", 20)]);
	const ready = rulesOfSets([{ set: "ashrae-a2", on: undefined }]).flatMap((rule) => (rule.kind === "limit" ? rule.limit : []));
	expect(rules.flatMap((rule) => (rule.kind === "limit" ? rule.limit : []))).toEqual(ready);
	expect(rules.every(({ on }) => JSON.stringify((on as { device: unknown }).device).includes("shellyplus-1"))).toBe(true);
});

test.each<[string, Channel[], unknown[]]>([
	[
		"smoke",
		[channel("s", "smoke", false)],
		[
			["shellyplus-1-s-smoke", "critical", [true]],
			["shellyplus-1-no-data", "medium", null],
		],
	],
	["a leak in words", [channel("l", "leak", "dry")], [["shellyplus-1-no-data", "medium", null]]],
	[
		"the battery of a sensor",
		[channel("b", "charge", 90)],
		[
			["shellyplus-1-b-battery-below-15", "low", 15],
			["shellyplus-1-no-data", "medium", null],
		],
	],
	[
		"a UPS",
		[channel("u", "ups-state", "online"), channel("b", "charge", 90), channel("t", "temperature", 31)],
		[
			["shellyplus-1-u-ups-on-battery", "critical", ["on-battery"]],
			["shellyplus-1-u-ups-battery-low", "critical", ["low-battery"]],
			["shellyplus-1-u-ups-off-bypassed-or-faulty", "critical", ["off", "bypass", "fault"]],
			["shellyplus-1-b-battery-below-30", "high", 30],
			["shellyplus-1-no-data", "medium", null],
		],
	],
	["nothing that is known", [channel("x", null, 1)], []],
])("the rules of %s", (_, channels, rules) => {
	expect(limits(channels)).toEqual(rules);
});

test("what is proposed can be proposed as it is", () => {
	const { id, name, kind, points, rules } = propose([channel("t", "temperature", 20), channel("h", "humidity", 40), channel("b", "charge", 90)]);
	const device = {
		id,
		name,
		kind,
		profile: "shelly",
		address: "shellyplus-1",
		points: points.map(({ unit, states, range, ...rest }) => ({
			...rest,
			...(unit && { unit }),
			...(states && { states }),
			...(range && { range }),
		})),
	};
	expect(adoptionSchema.safeParse({ place: { room: "hall" }, device, rules }).error).toBeUndefined();
	expect(new Set(rules.map((rule) => rule.id)).size).toBe(rules.length);
});
